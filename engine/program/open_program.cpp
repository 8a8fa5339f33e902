#include "engine/program/open_program.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/json_text.h"
#include "engine/likely_shape.h"
#include "engine/program/archive.h"
#include "engine/program/graph_json.h"
#include "engine/text.h"
#include "engine/thrown.h"

namespace zscape {
namespace {

using nlohmann::json;
using Shape = std::vector<std::int64_t>;

constexpr std::int64_t kWidestLatent = 65536;

std::int64_t size_of(const Shape& shape) {
  std::int64_t size = 1;
  for (const std::int64_t side : shape) {
    if (side < 0 || __builtin_mul_overflow(size, side, &size)) return -1;
  }
  return size;
}

std::string text_of(const Shape& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

// What zscape.json and options say; an option has precedence.
struct Said {
  std::optional<Likelihood> likelihood;
  std::optional<PixelRange> range;
  std::optional<ProgramLayout> layout;
  std::optional<DecoderOutput> output;
  Shape shape, latent;
  int classes = 0;
  std::vector<std::string> class_names;
};

std::optional<Likelihood> likelihood_named(std::string_view name) {
  for (const auto each : {Likelihood::bernoulli, Likelihood::gaussian, Likelihood::mse}) {
    if (name_of(each) == name) return each;
  }
  return std::nullopt;
}

// The word of a field, read by a function; throws json::exception where it is none.
template <class Read>
auto word(const json& sidecar, const char* key, const Read& read) -> decltype(read("")) {
  const auto entry = sidecar.find(key);
  if (entry == sidecar.end() || entry->is_null()) return std::nullopt;
  const auto value = read(entry->get<std::string>());
  if (!value)
    throw json::other_error::create(501, tr("{}: {} is none", key, entry->dump()), &sidecar);
  return value;
}

Said said_in(const json& sidecar, const SaidOfModel& options) {
  Said said;
  if (sidecar.value("format", "zscape.program") != "zscape.program" ||
      whole_from<int>(sidecar.value("version", json(1))) != 1) {
    throw json::other_error::create(501, tr("it is of another format or version"), &sidecar);
  }
  said.likelihood = word(sidecar, "likelihood", likelihood_named);
  said.layout = word(sidecar, "layout", program_layout_named);
  said.output = word(sidecar, "output", decoder_output_named);
  if (const auto range = sidecar.find("range"); range != sidecar.end() && !range->is_null()) {
    said.range = PixelRange{range->at(0).get<double>(), range->at(1).get<double>()};
  }
  said.shape = wholes_from<std::int64_t>(sidecar.value("shape", json::array()));
  said.latent = wholes_from<std::int64_t>(sidecar.value("latent", json::array()));
  said.classes = whole_from<int>(sidecar.value("classes", json(0)));
  said.class_names = sidecar.value("class_names", said.class_names);
  if (options.likelihood) said.likelihood = options.likelihood;
  if (options.range) said.range = options.range;
  if (options.layout) said.layout = options.layout;
  if (options.output) said.output = options.output;
  return said;
}

// One of both programs while a file is opened.
struct Half {
  const ExportedArchive* archive = nullptr;
  std::string where;
  json text;
  std::vector<Shape> inputs;
  std::shared_ptr<const ProgramGraph> graph;
  std::vector<Shape> outputs;

  explicit operator bool() const { return archive != nullptr; }
};

Expected<Half> half_of(const ExportedArchive& archive, const std::string& where) {
  Half half{&archive, where, {}, {}, {}, {}};
  auto text = graph_text(archive, where);
  if (!text) return tl::unexpected(text.error());
  half.text = *std::move(text);
  auto inputs = input_shapes(half.text, where);
  if (!inputs) return tl::unexpected(inputs.error());
  half.inputs = *std::move(inputs);
  return half;
}

// The forms of the inputs in a trial; a label is one-hot there, whatever the graph reads.
std::vector<Shape> trial_inputs(std::vector<Shape> inputs, const ProgramGraph& graph, int classes) {
  if (inputs.size() == 2 && !at::isFloatingType(graph.input_types[1])) {
    inputs[1] = {std::max(classes, 1)};
  }
  return inputs;
}

Expected<void> try_half(Half& half, bool strip_sigmoid, int classes) {
  auto graph = graph_from(half.text, strip_sigmoid, half.where);
  if (!graph) return tl::unexpected(graph.error());
  half.graph = *std::move(graph);
  if (half.graph->inputs.size() != half.inputs.size()) {
    return fail(tr("{}: its inputs and its graph do not agree", half.where));
  }
  auto outputs =
      try_program(ProgramNetwork(half.graph), trial_inputs(half.inputs, *half.graph, classes));
  if (!outputs) return fail(fmt::format("{}: {}", half.where, outputs.error().message));
  half.outputs = *std::move(outputs);
  return {};
}

// Whether a lone program makes more numbers of fewer.
bool is_decoder(const Half& half) {
  return half.outputs.size() == 1 && size_of(half.inputs[0]) < size_of(half.outputs[0]);
}

Expected<bool> gives_posterior(const std::vector<Shape>& outputs, std::int64_t latent,
                               const std::string& where) {
  const bool is_pair =
      outputs.size() == 2 && size_of(outputs[0]) == latent && size_of(outputs[1]) == latent;
  if (is_pair) return true;
  if (outputs.size() == 1 && size_of(outputs[0]) == 2 * latent) return true;
  if (outputs.size() == 1 && size_of(outputs[0]) == latent) return false;
  std::vector<std::string> given;
  for (const Shape& output : outputs) given.push_back(text_of(output));
  return fail(
      tr("{}: it gives {} for each input; zscape reads a mean and a log variance of {} numbers "
         "each, as two outputs or stacked, or a mean alone",
         where, fmt::join(given, tr(" and ")), latent));
}

ProgramLayout likely_layout(const Shape& input) {
  if (input.size() != 3) return ProgramLayout::vector;
  const auto is_color = [](std::int64_t size) { return size == 1 || size == 3; };
  return is_color(input[2]) && !is_color(input[0]) ? ProgramLayout::nhwc : ProgramLayout::nchw;
}

Expected<ImageShape> shape_of(const Shape& input, ProgramLayout layout,
                              const std::optional<ImageSize>& asked, const std::string& where) {
  constexpr std::int64_t kWidest = 1 << 20;
  const std::int64_t size = size_of(input);
  if (input.empty() || input.size() > 3 || size < 1 || size > kWidest ||
      (layout != ProgramLayout::vector && input.size() != 3)) {
    return fail(
        tr("{}: its inputs are {}; zscape reads [d], [H, W], [C, H, W] or [H, W, C] of up "
           "to {} numbers",
           where, text_of(input), kWidest));
  }
  const auto side = [&](std::size_t axis) { return static_cast<int>(input[axis]); };
  if (layout == ProgramLayout::nchw) return ImageShape{side(1), side(2), side(0)};
  if (input.size() == 3) return ImageShape{side(0), side(1), side(2)};
  if (input.size() == 2) return ImageShape{side(0), side(1), 1};
  if (!asked) return likely_shape(side(0));
  const std::int64_t pixels = std::int64_t{asked->height} * asked->width;
  if (pixels != size && 3 * pixels != size) {
    return fail(tr("--image-size: {} has {} inputs, which are no pictures of {}x{}", where, size,
                   asked->height, asked->width));
  }
  return ImageShape{asked->height, asked->width, pixels == size ? 1 : 3};
}

// The number of classes that a program's label has; 0: the graph does not tell.
int classes_of(const Half& half) {
  if (half.inputs.size() < 2 || half.inputs[1].size() != 1) return 0;
  constexpr std::int64_t kMost = 65536;
  return half.inputs[1][0] <= kMost ? static_cast<int>(half.inputs[1][0]) : 0;
}

Expected<void> fill(ProgramNetwork network, const ExportedArchive& archive,
                    const std::string& where) {
  const at::NoGradGuard no_grad;
  for (const ProgramState& state : network.graph().states) {
    const at::Tensor& source = archive.weights.at(state.name);
    if (state.learns && !at::isfinite(source).all().item<bool>()) {
      return fail(tr("{}: {} holds a number that is not finite", where, state.name));
    }
    network.value_of(state.name).copy_(source);
  }
  return {};
}

void keep(Program& program, const std::string& prefix, const Half& half) {
  if (!half) return;
  for (const ProgramState& state : half.graph->states) {
    if (state.fresh != ProgramState::Fresh::kept || state.same_as >= 0) continue;
    program.kept.emplace_back(prefix + state.name,
                              half.archive->weights.at(state.name).to(at::kFloat));
  }
}

std::int64_t weights_in(const ProgramGraph& graph) {
  std::int64_t weights = 0;
  for (const ProgramState& state : graph.states) {
    if (state.learns && state.same_as < 0) weights += size_of(state.shape);
  }
  return weights;
}

json text_of(const Program& program, const Half& encoder, const Half& decoder, bool strip) {
  return {{"encoder", encoder ? encoder.text : json(nullptr)},
          {"decoder", decoder ? decoder.text : json(nullptr)},
          {"strip_sigmoid", strip},
          {"posterior", program.has_posterior},
          {"reads_label", program.reads_label},
          {"layout", name_of(program.layout)},
          {"input", program.input},
          {"latent", program.latent},
          {"range", {program.range.low, program.range.high}}};
}

// A decoder that ends in a sigmoid has told what it gives.
std::string assumed_of(const ModelSpec& spec, const Said& said, bool ends_in_sigmoid) {
  std::vector<std::string> taken;
  if (!said.likelihood) taken.push_back(tr("likelihood {}", name_of(spec.likelihood)));
  if (!said.output && spec.has_decoder() && !ends_in_sigmoid) {
    taken.push_back(spec.outputs_mean ? tr("the decoder's output as a mean")
                                      : tr("the decoder's output as logits"));
  }
  if (!spec.has_encoder()) taken.push_back(tr("a decoder alone"));
  if (!spec.has_decoder()) taken.push_back(tr("an encoder alone"));
  if (taken.empty()) return {};
  return tr("it does not say all; taken: {}", fmt::join(taken, ", "));
}

Expected<OpenedProgram> opened(Half encoder, Half decoder, const Said& said,
                               const SaidOfModel& options, const std::string& path) {
  const bool has_range = said.range && !(*said.range == PixelRange{0, 1});
  if (said.range &&
      !(said.range->low < said.range->high && std::isfinite(said.range->high - said.range->low))) {
    return fail(tr("{}: its range is not two finite numbers, the lower one first", path));
  }
  if (has_range && said.output == DecoderOutput::logits) {
    return fail(
        tr("{}: logits are of pixels from 0 to 1; leave the range out, or let the decoder "
           "give its mean (--output mean)",
           path));
  }
  const bool strip = !has_range && said.output != DecoderOutput::logits;
  int classes = said.classes;
  for (const Half* half : {&encoder, &decoder}) {
    if (*half && classes_of(*half) > 0) classes = classes_of(*half);
  }
  for (Half* half : {&encoder, &decoder}) {
    if (!*half) continue;
    if (auto tried = try_half(*half, half == &decoder && strip, classes); !tried) {
      return tl::unexpected(tried.error());
    }
  }
  if (encoder && !decoder && options.decoder_file.empty() && is_decoder(encoder)) {
    decoder = std::move(encoder);
    encoder = {};
    if (auto tried = try_half(decoder, strip, classes); !tried)
      return tl::unexpected(tried.error());
  }

  auto program = std::make_shared<Program>();
  program->encoder = encoder.graph;
  program->decoder = decoder.graph;
  program->has_encoder = encoder.graph != nullptr;
  program->has_decoder = decoder.graph != nullptr;
  program->latent = decoder                ? decoder.inputs[0]
                    : !said.latent.empty() ? said.latent
                                           : encoder.outputs[0];
  program->input = encoder ? encoder.inputs[0] : decoder.outputs[0];
  if (!encoder && program->input.size() == 1 && size_of(said.shape) == program->input[0]) {
    program->input = said.shape;
  }
  program->layout = said.layout.value_or(likely_layout(program->input));
  if (program->input.size() != 3) program->layout = ProgramLayout::vector;
  program->range = said.range.value_or(PixelRange{0, 1});
  program->reads_label = encoder.inputs.size() == 2 || decoder.inputs.size() == 2;
  program->has_posterior = true;
  if (encoder) {
    const auto posterior =
        gives_posterior(encoder.outputs, size_of(program->latent), encoder.where);
    if (!posterior) return tl::unexpected(posterior.error());
    program->has_posterior = *posterior;
  }
  if (decoder &&
      (decoder.outputs.size() != 1 || size_of(decoder.outputs[0]) != size_of(program->input))) {
    return fail(tr("{}: it gives {} for each code, and inputs are {}", decoder.where,
                   text_of(decoder.outputs[0]), text_of(program->input)));
  }
  if (program->reads_label && !program->has_posterior) {
    return fail(
        tr("{}: it reads labels and gives no variance, which is no kind that zscape knows", path));
  }
  if (program->reads_label && classes < 1) {
    return fail(
        tr("{}: it reads labels, and nothing says how many classes there are; say so in "
           "zscape.json (classes)",
           path));
  }
  for (const auto& graph : {program->encoder, program->decoder}) {
    if (graph) program->weights += weights_in(*graph);
  }
  program->text = text_of(*program, encoder, decoder, strip).dump();
  keep(*program, "encoder.", encoder);
  keep(*program, "decoder.", decoder);

  ModelSpec spec;
  spec.kind = program->reads_label     ? ModelKind::cvae
              : program->has_posterior ? ModelKind::vae
                                       : ModelKind::ae;
  const auto shape = shape_of(program->input, program->layout, options.image_size, path);
  if (!shape) return tl::unexpected(shape.error());
  spec.shape = *shape;
  const std::int64_t latent = size_of(program->latent);
  if (latent < 1 || latent > kWidestLatent) {
    return fail(
        tr("{}: its codes have {} numbers, and zscape takes 1 to {}", path, latent, kWidestLatent));
  }
  spec.latent = static_cast<int>(latent);
  spec.classes = program->reads_label ? classes : 0;
  if (static_cast<int>(said.class_names.size()) == spec.classes)
    spec.class_names = said.class_names;
  spec.network = Network::program;
  spec.hidden.clear();
  const bool has_logits = decoder.graph && decoder.graph->ends_in_sigmoid;
  spec.outputs_mean = !has_logits && (has_range || said.output == DecoderOutput::mean);
  spec.likelihood = said.likelihood.value_or(!program->has_posterior ? Likelihood::mse
                                             : spec.outputs_mean     ? Likelihood::gaussian
                                                                     : Likelihood::bernoulli);
  spec.program = program;
  if (const auto valid = validate(spec); !valid) {
    return fail(fmt::format("{}: {}", path, valid.error().message));
  }
  OpenedProgram result{Autoencoder(spec), assumed_of(spec, said, has_logits)};
  for (const auto& [network, half] : {std::pair{&result.model.program_encoder(), &encoder},
                                      {&result.model.program_decoder(), &decoder}}) {
    if (!*half) continue;
    if (auto filled = fill(*network, *half->archive, half->where); !filled) {
      return tl::unexpected(filled.error());
    }
  }
  return result;
}

}  // namespace

Expected<OpenedProgram> open_program(const std::string& path, const SaidOfModel& options) {
  auto file = read_program_file(path);
  if (!file) return tl::unexpected(file.error());
  if (file->alone) file->encoder = std::exchange(file->alone, std::nullopt);
  if (!options.decoder_file.empty()) {
    if (file->decoder) {
      return fail(tr("{} holds a decoder already; leave --decoder out", path));
    }
    auto second = read_program_file(options.decoder_file);
    if (!second) return tl::unexpected(second.error());
    file->decoder = second->alone ? std::move(second->alone) : std::move(second->decoder);
    if (!file->decoder) return fail(tr("{} holds no decoder", options.decoder_file));
  }
  Half encoder, decoder;
  const std::string of_decoder = options.decoder_file.empty() ? path : options.decoder_file;
  for (auto& [half, archive, where] :
       {std::tuple{&encoder, &file->encoder, path}, {&decoder, &file->decoder, of_decoder}}) {
    if (!*archive) continue;
    auto read = half_of(**archive, where);
    if (!read) return tl::unexpected(read.error());
    *half = *std::move(read);
  }
  try {
    const Said said = said_in(file->sidecar, options);
    return opened(std::move(encoder), std::move(decoder), said, options, path);
  } catch (const json::exception& error) {
    return fail(tr("{}: its zscape.json cannot be read: {}", path, error.what()));
  } catch (const std::exception& error) {
    return fail(fmt::format("{}: {}", path, first_line(error)));
  }
}

Expected<std::shared_ptr<Program>> program_from(const json& text, const std::string& where) {
  auto program = std::make_shared<Program>();
  const bool strip = text.at("strip_sigmoid").get<bool>();
  for (auto& [name, graph] :
       {std::pair{"encoder", &program->encoder}, {"decoder", &program->decoder}}) {
    if (text.at(name).is_null()) continue;
    auto read = graph_from(text.at(name), strip && graph == &program->decoder, where);
    if (!read) return tl::unexpected(read.error());
    *graph = *std::move(read);
    program->weights += weights_in(**graph);
  }
  program->has_encoder = program->encoder != nullptr;
  program->has_decoder = program->decoder != nullptr;
  program->has_posterior = text.at("posterior").get<bool>();
  program->reads_label = text.at("reads_label").get<bool>();
  const auto layout = program_layout_named(text.at("layout").get<std::string>());
  program->input = wholes_from<std::int64_t>(text.at("input"));
  program->latent = wholes_from<std::int64_t>(text.at("latent"));
  program->range = {text.at("range").at(0).get<double>(), text.at("range").at(1).get<double>()};
  const std::int64_t latent = size_of(program->latent), input = size_of(program->input);
  if (!layout || latent < 1 || latent > kWidestLatent || input < 1 ||
      !(program->range.low < program->range.high) ||
      (*layout != ProgramLayout::vector && program->input.size() != 3)) {
    return fail(tr("{}: what it says of its program does not agree", where));
  }
  program->layout = *layout;
  program->text = text.dump();
  return program;
}

Expected<void> check_program_runs(const Program& program, int classes, const std::string& where) {
  const auto run = [&](const std::shared_ptr<const ProgramGraph>& graph, const Shape& input) {
    std::vector<Shape> inputs = {input};
    if (graph->inputs.size() == 2) inputs.push_back({std::max(classes, 1)});
    return try_program(ProgramNetwork(graph), inputs);
  };
  const std::int64_t latent = size_of(program.latent);
  if (program.encoder) {
    const auto outputs = run(program.encoder, program.input);
    if (!outputs) return fail(fmt::format("{}: {}", where, outputs.error().message));
    const auto posterior = gives_posterior(*outputs, latent, where);
    if (!posterior) return tl::unexpected(posterior.error());
    if (*posterior != program.has_posterior) {
      return fail(tr("{}: what it says of its program does not agree", where));
    }
  }
  if (program.decoder) {
    const auto outputs = run(program.decoder, program.latent);
    if (!outputs) return fail(fmt::format("{}: {}", where, outputs.error().message));
    if (outputs->size() != 1 || size_of(outputs->front()) != size_of(program.input)) {
      return fail(tr("{}: what it says of its program does not agree", where));
    }
  }
  return {};
}

}  // namespace zscape
