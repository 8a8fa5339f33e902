#include "engine/backend/model_file.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/checkpoint.h"
#include "engine/conv_sizes.h"
#include "engine/json_text.h"
#include "engine/likely_shape.h"
#include "engine/program/open_program.h"
#include "engine/text.h"
#include "engine/training/plan_json.h"

namespace zscape {
namespace {

using nlohmann::json;

constexpr int kFormatVersion = 1;

// The widths of a network in the file, {in, hidden…, out}; empty if its tensors are not a chain of
// linear layers.
std::vector<int> widths_in(const TensorFile& file, const std::string& network) {
  std::vector<int> widths;
  for (int place = 0;; place += 2) {
    const TensorEntry* weight = file.find(fmt::format("{}.{}.weight", network, place));
    if (weight == nullptr) return widths;
    if (weight->shape.size() != 2) return {};
    const auto in = weight->shape[1];
    const auto out = weight->shape[0];
    constexpr std::int64_t kMost = std::numeric_limits<int>::max();
    if (in < 1 || out < 1 || in > kMost || out > kMost) return {};
    if (!widths.empty() && widths.back() != in) return {};
    if (widths.empty()) widths.push_back(static_cast<int>(in));
    widths.push_back(static_cast<int>(out));
  }
}

// The spec of a file without metadata, from the widths of its layers.
Expected<ModelSpec> spec_from_widths(const TensorFile& file, const SaidOfModel& said,
                                     const std::string& name) {
  const std::vector<int> encoder = widths_in(file, "encoder");
  const std::vector<int> decoder = widths_in(file, "decoder");
  if (encoder.size() < 3 || decoder.size() < 3) {
    return fail(
        tr("{}: its layers form no autoencoder; zscape reads the tensors "
           "encoder.0.weight, encoder.0.bias, encoder.2.weight, …, decoder.0.weight, … of two "
           "nn.Sequential of Linear layers, and pca and conv networks if its metadata have the key "
           "\"zscape\"",
           name));
  }
  ModelSpec spec;
  spec.hidden.assign(encoder.begin() + 1, encoder.end() - 1);
  const int outputs = decoder.back();
  const int heads = encoder.back();
  spec.classes = encoder.front() - outputs;
  spec.latent = decoder.front() - spec.classes;
  if (spec.classes == 0 && heads == 2 * spec.latent) {
    spec.kind = ModelKind::vae;
  } else if (spec.classes == 0 && heads == spec.latent) {
    spec.kind = ModelKind::ae;
    spec.likelihood = Likelihood::mse;
  } else if (spec.classes > 0 && heads == 2 * spec.latent) {
    spec.kind = ModelKind::cvae;
  } else {
    return fail(
        tr("{}: the widths (encoder {} → {}, decoder {} → {}) fit no kind that zscape knows; "
           "name the kind in the metadata under the key \"zscape\": {}",
           name, encoder.front(), heads, decoder.front(), outputs, to_json(ModelSpec{}).dump()));
  }
  spec.shape = likely_shape(outputs);
  if (said.image_size) {
    const auto [height, width] = *said.image_size;
    const std::int64_t pixels = std::int64_t{height} * width;
    if (pixels != outputs && 3 * pixels != outputs) {
      return fail(tr("--image-size: {} has {} inputs, which are no pictures of {}x{}", name,
                     outputs, height, width));
    }
    spec.shape = {height, width, pixels == outputs ? 1 : 3};
  }
  spec.likelihood = said.likelihood.value_or(spec.likelihood);
  spec.activation = said.activation.value_or(spec.activation);
  return spec;
}

// What spec_from_widths could not read from the file.
std::string assumed_of(const ModelSpec& spec) {
  return tr("it has no metadata of zscape; taken: {} of {}, {}, likelihood {}", name_of(spec.kind),
            shape_text(spec.shape),
            spec.activation == Activation::reference
                ? tr("LeakyReLU(0.2) in the encoder and ReLU in the decoder")
                : std::string(name_of(spec.activation)),
            name_of(spec.likelihood));
}

// Copies the file's numbers into the model. Both must have the same tensors.
Expected<void> copy_tensors(const TensorFile& file, const std::string& name, Autoencoder& model) {
  const auto targets = model.named_tensors();
  for (const auto& [tensor_name, target] : targets) {
    const TensorEntry* source = file.find(tensor_name);
    if (source == nullptr) return fail(tr("{}: it lacks {}", name, tensor_name));
    const std::vector<std::int64_t> wanted = target.sizes().vec();
    if (source->shape != wanted) {
      return fail(fmt::format("{}: {} is [{}]; this {} needs [{}]", name, tensor_name,
                              fmt::join(source->shape, ", "), describe(model.spec()),
                              fmt::join(wanted, ", ")));
    }
    const std::vector<float> values = to_floats(*source);
    // What a program does not learn may be infinite, such as a mask.
    for (const float value : values) {
      if (!std::isfinite(value) && model.spec().network != Network::program) {
        return fail(tr("{}: {} holds a number that is not finite", name, tensor_name));
      }
    }
    std::copy(values.begin(), values.end(), target.data_ptr<float>());
  }
  for (const auto& [tensor_name, tensor] : model.learned()) {
    if (model.spec().network == Network::program && !at::isfinite(tensor).all().item<bool>()) {
      return fail(tr("{}: {} holds a number that is not finite", name, tensor_name));
    }
  }
  if (file.tensors.size() != targets.size()) {
    return fail(tr("{}: it holds {} tensors; {} has {}", name, file.tensors.size(),
                   describe(model.spec()), targets.size()));
  }
  return {};
}

Expected<void> check_scaling(const ModelSpec& spec, const std::string& name) {
  if (spec.range && (!(spec.range->low < spec.range->high) ||
                     !std::isfinite(spec.range->high - spec.range->low))) {
    return fail(
        tr("{}: the range of its inputs is not two finite numbers, the lower one first", name));
  }
  if (!spec.scaling) return {};
  for (std::size_t i = 0; i < spec.scaling->deviation.size(); ++i) {
    if (!(spec.scaling->deviation[i] > 0) ||
        !(std::abs(spec.scaling->mean[i]) <= std::numeric_limits<float>::max())) {
      return fail(
          tr("{}: the scaling of input {} has no finite mean or no deviation above 0", name, i));
    }
  }
  if (spec.scored_inputs() < 1) {
    return fail(tr("{}: its scaling calls all inputs constant, so that no loss scores any", name));
  }
  return {};
}

using nlohmann::json;

json number_or_null(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

double number_or_nan(const json& object, const char* key) {
  const auto entry = object.find(key);
  return entry != object.end() && entry->is_number() ? entry->get<double>()
                                                     : std::numeric_limits<double>::quiet_NaN();
}

bool shapes_model(const Parameter& parameter) {
  return parameter.effect == Parameter::Effect::new_model;
}

// The program's states must be in the file.
Expected<void> check_program_claims(const TensorFile& file, const Program& program,
                                    const std::string& name) {
  for (const auto& [prefix, graph] :
       {std::pair{"encoder.", program.encoder}, {"decoder.", program.decoder}}) {
    if (!graph) continue;
    for (const ProgramState& state : graph->states) {
      const TensorEntry* entry = file.find(prefix + state.name);
      if (entry == nullptr || entry->shape != state.shape) {
        return fail(
            tr("{}: {} is missing, or not of the program's size", name, prefix + state.name));
      }
    }
  }
  return {};
}

}  // namespace

Expected<ModelSpec> ready_program(const TensorFile& file, ModelSpec spec, const std::string& name) {
  if (spec.network != Network::program) return spec;
  if (auto fits = check_claims(file, spec, name); !fits) return tl::unexpected(fits.error());
  auto program = std::make_shared<Program>(dynamic_cast<const Program&>(*spec.program));
  if (auto runs = check_program_runs(*program, spec.classes, name); !runs) {
    return tl::unexpected(runs.error());
  }
  program->kept.clear();
  for (const auto& [prefix, graph] :
       {std::pair{"encoder.", program->encoder}, {"decoder.", program->decoder}}) {
    if (!graph) continue;
    for (const ProgramState& state : graph->states) {
      if (state.fresh != ProgramState::Fresh::kept || state.same_as >= 0) continue;
      const std::string whole_name = prefix + state.name;
      const std::vector<float> values = to_floats(*file.find(whole_name));
      at::Tensor tensor = at::empty(state.shape);
      std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
      program->kept.emplace_back(whole_name, tensor);
    }
  }
  spec.program = program;
  return spec;
}

Expected<void> check_claims(const TensorFile& file, const ModelSpec& spec,
                            const std::string& name) {
  if (spec.network == Network::program) {
    return check_program_claims(file, dynamic_cast<const Program&>(*spec.program), name);
  }
  if (spec.network == Network::conv) {
    const auto of = [&](const char* tensor) {
      const TensorEntry* entry = file.find(tensor);
      return entry == nullptr ? std::vector<std::int64_t>{} : entry->shape;
    };
    const std::int64_t inner = conv_inner_size(spec.shape);
    const std::int64_t heads = spec.latent * (spec.has_prior() ? 2 : 1);
    if (of("encoder.5.weight") != std::vector{heads, inner} ||
        of("decoder.0.weight") != std::vector{inner, std::int64_t{spec.latent}}) {
      return fail(tr("{}: encoder.5.weight and decoder.0.weight are not those of {}", name,
                     describe(spec)));
    }
    return {};
  }
  const std::vector<int> encoder = widths_in(file, "encoder");
  if (encoder.size() != spec.hidden.size() + 2 ||
      !std::equal(spec.hidden.begin(), spec.hidden.end(), encoder.begin() + 1) ||
      encoder.front() != spec.inputs() + spec.classes ||
      encoder.back() != spec.latent * (spec.has_prior() ? 2 : 1)) {
    return fail(tr("{}: the encoder's widths in the file ({}) are not those of {}", name,
                   fmt::join(encoder, "-"), describe(spec)));
  }
  return {};
}

Expected<Autoencoder> autoencoder_from(const TensorFile& file, const ModelSpec& spec,
                                       const std::string& name) {
  if (auto fits = check_claims(file, spec, name); !fits) return tl::unexpected(fits.error());
  const auto ready = ready_program(file, spec, name);
  if (!ready) return tl::unexpected(ready.error());
  Autoencoder model(*ready);
  if (auto copied = copy_tensors(file, name, model); !copied) return tl::unexpected(copied.error());
  return model;
}

TensorFile to_tensor_file(const Autoencoder& model, const RunRecord& record) {
  TensorFile file;
  for (const auto& [name, tensor] : model.named_tensors()) {
    const at::Tensor flat = tensor.detach().contiguous();
    file.tensors.push_back(
        float_tensor(name, tensor.sizes().vec(),
                     {flat.data_ptr<float>(), static_cast<std::size_t>(flat.numel())}));
  }
  json metadata = {{"format", kFormatVersion},
                   {"model", to_json(model.spec())},
                   {"data", record.data},
                   {"figures", to_json(record)}};
  if (!model.explained_variance.empty()) {
    metadata["explained_variance"] = model.explained_variance;
    if (model.total_variance > 0) metadata["total_variance"] = model.total_variance;
  }
  // A folder's name may not be UTF-8.
  file.metadata[kModelKey] = metadata.dump(-1, ' ', false, json::error_handler_t::replace);
  return file;
}

Expected<ModelFile> from_tensor_file(const TensorFile& file, const std::string& name,
                                     const SaidOfModel& said) {
  Expected<ModelSpec> spec;
  RunRecord record;
  std::string assumed;
  std::vector<double> explained_variance;
  double total_variance = 0;
  if (const auto entry = file.metadata.find(kModelKey); entry != file.metadata.end()) {
    try {
      const json metadata = json_from(entry->second);
      if (const int format = whole_from<int>(metadata.at("format")); format > kFormatVersion) {
        return fail(tr("{}: its format is version {}; this zscape reads up to {}", name, format,
                       kFormatVersion));
      }
      spec = spec_from_json(metadata.at("model"));
      record = record_from_json(metadata.value("figures", json::object()));
      record.data = metadata.value("data", "");
      explained_variance = metadata.value("explained_variance", explained_variance);
      total_variance = metadata.value("total_variance", total_variance);
    } catch (const json::exception& error) {
      return fail(tr("{}: its metadata under \"zscape\" cannot be read: {}", name, error.what()));
    }
  } else if (file.metadata.contains(kCheckpointKey)) {
    return fail(tr("{} is a checkpoint, not a model; open model.safetensors beside it", name));
  } else {
    spec = spec_from_widths(file, said, name);
    if (!spec) return tl::unexpected(spec.error());
    assumed = assumed_of(*spec);
  }
  if (assumed.empty() && (said.likelihood || said.activation)) {
    return fail(
        tr("{}: its metadata say what it is; leave --activation and --likelihood out", name));
  }
  if (const auto valid = validate(*spec); !valid) {
    return fail(fmt::format("{}: {}", name, valid.error().message));
  }
  if (auto fits = check_scaling(*spec, name); !fits) return tl::unexpected(fits.error());
  auto model = autoencoder_from(file, *spec, name);
  if (!model) return tl::unexpected(model.error());
  ModelFile result{*std::move(model), record, assumed};
  if (spec->is_linear()) {
    result.model.explained_variance = explained_variance;
    result.model.total_variance = std::max(0.0, total_variance);
  }
  return result;
}

json to_json(const ModelSpec& spec) {
  RunPlan plan;
  plan.spec = spec;
  json object = {{"shape", {spec.shape.height, spec.shape.width, spec.shape.channels}},
                 {"classes", spec.classes}};
  for (const Parameter& parameter : parameters()) {
    const std::string text = parameter.value(plan);
    if (!shapes_model(parameter) || text.empty()) continue;
    object[std::string(parameter.key)] = json_value(parameter, text);
  }
  object["sigma"] = spec.sigma;  // the present value if it is learned
  object["learned_sigma"] = spec.learned_sigma;
  if (spec.optimal_sigma) object["optimal_sigma"] = true;
  if (!spec.class_names.empty()) object["class_names"] = spec.class_names;
  if (!spec.input_names.empty()) object["input_names"] = spec.input_names;
  if (spec.activation != Activation::reference) object["activation"] = name_of(spec.activation);
  if (spec.scaling) {
    object["scaling"] = {{"mean", spec.scaling->mean}, {"deviation", spec.scaling->deviation}};
    if (!spec.scaling->constant.empty()) object["scaling"]["constant"] = spec.scaling->constant;
  }
  if (spec.range) object["range"] = {spec.range->low, spec.range->high};
  if (spec.of_bytes) object["of_bytes"] = true;
  if (spec.program) {
    object["program"] = json::parse(spec.program->text);
    object["outputs_mean"] = spec.outputs_mean;
  }
  return object;
}

ModelSpec spec_from_json(const json& object) {
  json values = json::object();
  for (const Parameter& parameter : parameters()) {
    const auto entry = object.find(parameter.key);
    if (shapes_model(parameter) && entry != object.end()) values[entry.key()] = *entry;
  }
  object.at("kind");  // both are required
  object.at("likelihood");
  if (values.value("hidden", json()).empty()) values.erase("hidden");
  if (const auto noise = values.find("noise"); noise != values.end() && noise->is_object()) {
    // zscape 0.1 wrote an object.
    *noise = noise->at("kind").get<std::string>() + ":" + noise->at("amount").dump();
  }
  const auto plan = plan_from_json(values);
  if (!plan) throw json::other_error::create(501, plan.error().message, &object);
  ModelSpec spec = plan->spec;
  spec.learned_sigma = object.value("learned_sigma", spec.learned_sigma);
  spec.optimal_sigma = object.value("optimal_sigma", spec.optimal_sigma);
  const json& shape = object.at("shape");
  spec.shape = {whole_from<int>(shape.at(0)), whole_from<int>(shape.at(1)),
                whole_from<int>(shape.at(2))};
  spec.classes = whole_from<int>(object.at("classes"));
  spec.class_names = object.value("class_names", spec.class_names);
  spec.input_names = object.value("input_names", spec.input_names);
  if (const auto entry = object.find("activation"); entry != object.end()) {
    const auto activation = activation_named(entry->get<std::string>());
    if (!activation) {
      throw json::other_error::create(501, tr("activation: {} is none", entry->dump()), &object);
    }
    spec.activation = *activation;
  }
  if (const auto scaling = object.find("scaling"); scaling != object.end()) {
    spec.scaling = std::make_shared<const Scaling>(
        Scaling{scaling->at("mean").get<std::vector<double>>(),
                scaling->at("deviation").get<std::vector<float>>(),
                scaling->value("constant", std::vector<std::uint8_t>())});
  }
  if (const auto range = object.find("range"); range != object.end()) {
    spec.range = PixelRange{range->at(0).get<double>(), range->at(1).get<double>()};
  }
  spec.of_bytes = object.value("of_bytes", false);
  if (const auto program = object.find("program"); program != object.end()) {
    auto read = program_from(*program, "program");
    if (!read) throw json::other_error::create(501, read.error().message, &object);
    spec.network = Network::program;
    spec.hidden.clear();
    spec.program = *std::move(read);
    spec.outputs_mean = object.at("outputs_mean").get<bool>();
  }
  return spec;
}

json to_json(const RunRecord& record) {
  json object = {{"seed", record.seed},
                 {"epochs", record.epochs},
                 {"steps", record.steps},
                 {"lambda", record.kl_weight},
                 {"test_loss", number_or_null(record.test.loss)},
                 {"test_reconstruction", number_or_null(record.test.reconstruction)},
                 {"test_kl", number_or_null(record.test.kl)},
                 {"mse", number_or_null(record.test.mse)}};
  if (record.test_step >= 0) object["test_step"] = record.test_step;
  if (record.limit > 0) object["limit"] = record.limit;
  if (!record.kl_schedule.empty()) {
    object["lambda_schedule"] = record.kl_schedule;
    object["final_lambda"] = record.final_kl_weight;
  }
  if (!record.codes.low.empty()) {
    object["code_range"] = {{"low", record.codes.low}, {"high", record.codes.high}};
  }
  if (record.pictures) {
    RunPlan plan;
    plan.data.fit = record.pictures->fit;
    plan.data.ground = record.pictures->ground;
    for (const char* key : {"fit", "ground"}) object["pictures"][key] = parameter(key).value(plan);
  }
  return object;
}

RunRecord record_from_json(const json& figures) {
  RunRecord record;
  record.seed = whole_from<std::uint64_t>(figures.value("seed", json(0)));
  record.epochs = count_from(figures.value("epochs", json(0)));
  record.steps = count_from(figures.value("steps", json(0)));
  record.kl_weight = figures.value("lambda", 1.0);
  record.test = {number_or_nan(figures, "test_loss"), number_or_nan(figures, "test_reconstruction"),
                 number_or_nan(figures, "test_kl"), number_or_nan(figures, "mse")};
  if (const auto step = figures.find("test_step"); step != figures.end()) {
    record.test_step = count_from(*step);
  } else if (constexpr int kTelling = 3;
             record.epochs >= kTelling && record.steps % record.epochs == 0) {
    // An older zscape did not say it. These are whole epochs, at whose end it measured.
    record.test_step = record.steps;
  }
  record.limit = count_from(figures.value("limit", json(0)));
  record.kl_schedule = figures.value("lambda_schedule", record.kl_schedule);
  record.final_kl_weight = figures.value("final_lambda", record.final_kl_weight);
  if (const auto range = figures.find("code_range"); range != figures.end()) {
    record.codes = {range->at("low").get<std::vector<float>>(),
                    range->at("high").get<std::vector<float>>()};
  }
  if (const auto pictures = figures.find("pictures"); pictures != figures.end()) {
    const auto plan = plan_from_json(*pictures);
    if (!plan) throw json::other_error::create(501, plan.error().message, &figures);
    record.pictures =
        PictureRules{plan->data.fit.value_or(Fit::crop), plan->data.ground.value_or(Ground::black)};
  }
  return record;
}

}  // namespace zscape
