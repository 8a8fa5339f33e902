#include "engine/backend/model_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/torch.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

namespace zscape {
namespace {

using nlohmann::json;

constexpr int kFormatVersion = 1;
constexpr const char* kMetadataKey = "zscape";

json number_or_null(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

double number_or_nan(const json& object, const char* key) {
  const auto entry = object.find(key);
  return entry != object.end() && entry->is_number() ? entry->get<double>()
                                                     : std::numeric_limits<double>::quiet_NaN();
}

json to_json(const ModelSpec& spec) {
  return {{"kind", name_of(spec.kind)},
          {"shape", {spec.shape.height, spec.shape.width, spec.shape.channels}},
          {"latent", spec.latent},
          {"classes", spec.classes},
          {"hidden", spec.hidden},
          {"likelihood", name_of(spec.likelihood)},
          {"sigma", spec.sigma}};
}

json to_json(const RunRecord& record) {
  return {{"seed", record.seed},
          {"epochs", record.epochs},
          {"steps", record.steps},
          {"lambda", record.kl_weight},
          {"test_loss", number_or_null(record.test.loss)},
          {"test_reconstruction", number_or_null(record.test.reconstruction)},
          {"test_kl", number_or_null(record.test.kl)},
          {"mse", number_or_null(record.test.mse)}};
}

// Throws json::exception where a field is missing or of the wrong type.
ModelSpec spec_from_json(const json& object) {
  ModelSpec spec;
  const auto kind = kind_named(object.at("kind").get<std::string>());
  const auto likelihood = likelihood_named(object.at("likelihood").get<std::string>());
  if (!kind || !likelihood) {
    throw json::other_error::create(501, "an unknown kind or likelihood", &object);
  }
  spec.kind = *kind;
  spec.likelihood = *likelihood;
  const auto shape = object.at("shape").get<std::array<int, 3>>();
  spec.shape = {shape[0], shape[1], shape[2]};
  spec.latent = object.at("latent").get<int>();
  spec.classes = object.at("classes").get<int>();
  spec.hidden = object.at("hidden").get<std::vector<int>>();
  spec.sigma = object.at("sigma").get<double>();
  return spec;
}

RunRecord record_from_json(const json& metadata) {
  RunRecord record;
  record.data = metadata.value("data", "");
  const json& figures = metadata.value("figures", json::object());
  record.seed = figures.value("seed", std::uint64_t{0});
  record.epochs = figures.value("epochs", std::int64_t{0});
  record.steps = figures.value("steps", std::int64_t{0});
  record.kl_weight = figures.value("lambda", 1.0);
  record.test = {number_or_nan(figures, "test_loss"), number_or_nan(figures, "test_reconstruction"),
                 number_or_nan(figures, "test_kl"), number_or_nan(figures, "mse")};
  return record;
}

// Widths of a network as the file has them: {in, hidden…, out}; empty where its tensors do not
// form a chain of linear layers.
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

std::optional<int> whole_root(int value) {
  const int root = static_cast<int>(std::lround(std::sqrt(static_cast<double>(value))));
  if (root * root == value) return root;
  return std::nullopt;
}

ImageShape likely_shape(int inputs) {
  if (const auto side = whole_root(inputs)) return {*side, *side, 1};
  if (inputs % 3 == 0) {
    if (const auto side = whole_root(inputs / 3)) return {*side, *side, 3};
  }
  return {1, inputs, 1};
}

// The spec of a file without metadata, from the widths of its layers.
Expected<ModelSpec> spec_from_widths(const TensorFile& file, const std::string& name) {
  const std::vector<int> encoder = widths_in(file, "encoder");
  const std::vector<int> decoder = widths_in(file, "decoder");
  if (encoder.size() < 3 || decoder.size() < 3) {
    return fail(
        fmt::format("{}: no autoencoder is in it; zscape reads the tensors "
                    "encoder.0.weight, encoder.0.bias, encoder.2.weight, …, "
                    "decoder.0.weight, … of two nn.Sequential of Linear layers",
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
    return fail(fmt::format(
        "{}: the widths (encoder {} → {}, decoder {} → {}) are of no kind that zscape knows; "
        "metadata under the key \"zscape\" would settle it: {}",
        name, encoder.front(), heads, decoder.front(), outputs, to_json(ModelSpec{}).dump()));
  }
  spec.shape = likely_shape(outputs);
  return spec;
}

// Copies the file's numbers into the model; every tensor of one must be in the other.
Expected<void> copy_tensors(const TensorFile& file, const std::string& name, Autoencoder& model) {
  const auto targets = model.named_tensors();
  for (const auto& [tensor_name, target] : targets) {
    const TensorEntry* source = file.find(tensor_name);
    if (source == nullptr) return fail(fmt::format("{}: it lacks {}", name, tensor_name));
    const std::vector<std::int64_t> wanted = target.sizes().vec();
    if (source->shape != wanted) {
      return fail(fmt::format("{}: {} is [{}]; this {} needs [{}]", name, tensor_name,
                              fmt::join(source->shape, ", "), describe(model.spec()),
                              fmt::join(wanted, ", ")));
    }
    const std::vector<float> values = to_floats(*source);
    for (const float value : values) {
      if (!std::isfinite(value)) {
        return fail(fmt::format("{}: {} holds a number that is not finite", name, tensor_name));
      }
    }
    std::copy(values.begin(), values.end(), target.data_ptr<float>());
  }
  if (file.tensors.size() != targets.size()) {
    return fail(fmt::format("{}: it holds {} tensors; {} has {}", name, file.tensors.size(),
                            describe(model.spec()), targets.size()));
  }
  return {};
}

}  // namespace

TensorFile to_tensor_file(const Autoencoder& model, const RunRecord& record) {
  TensorFile file;
  for (const auto& [name, tensor] : model.named_tensors()) {
    const at::Tensor flat = tensor.detach().contiguous();
    file.tensors.push_back(
        float_tensor(name, tensor.sizes().vec(),
                     {flat.data_ptr<float>(), static_cast<std::size_t>(flat.numel())}));
  }
  const json metadata = {{"format", kFormatVersion},
                         {"model", to_json(model.spec())},
                         {"data", record.data},
                         {"figures", to_json(record)}};
  // A folder's name may hold bytes that are no UTF-8.
  file.metadata[kMetadataKey] = metadata.dump(-1, ' ', false, json::error_handler_t::replace);
  return file;
}

Expected<ModelFile> from_tensor_file(const TensorFile& file, const std::string& name) {
  Expected<ModelSpec> spec;
  RunRecord record;
  if (const auto entry = file.metadata.find(kMetadataKey); entry != file.metadata.end()) {
    try {
      const json metadata = json::parse(entry->second);
      if (const int format = metadata.at("format").get<int>(); format > kFormatVersion) {
        return fail(fmt::format("{}: its format is version {}; this zscape reads up to {}", name,
                                format, kFormatVersion));
      }
      spec = spec_from_json(metadata.at("model"));
      record = record_from_json(metadata);
    } catch (const json::exception& error) {
      return fail(
          fmt::format("{}: its metadata under \"zscape\" cannot be read: {}", name, error.what()));
    }
  } else {
    spec = spec_from_widths(file, name);
    if (!spec) return tl::unexpected(spec.error());
  }
  if (const auto valid = validate(*spec); !valid) {
    return fail(fmt::format("{}: {}", name, valid.error().message));
  }
  // The widths that metadata claim are checked before any memory is taken for them.
  const std::vector<int> encoder = widths_in(file, "encoder");
  if (encoder.size() != spec->hidden.size() + 2 ||
      !std::equal(spec->hidden.begin(), spec->hidden.end(), encoder.begin() + 1) ||
      encoder.front() != spec->inputs() + spec->classes) {
    return fail(fmt::format("{}: the encoder's widths in the file ({}) are not those of {}", name,
                            fmt::join(encoder, "-"), describe(*spec)));
  }
  ModelFile result{Autoencoder(*spec), record};
  if (const auto copied = copy_tensors(file, name, result.model); !copied) {
    return tl::unexpected(copied.error());
  }
  return result;
}

}  // namespace zscape
