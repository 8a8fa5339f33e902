#include "engine/model_spec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>

#include "engine/conv_sizes.h"
#include "engine/foreign_program.h"
#include "engine/number.h"
#include "engine/text.h"

namespace zscape {
namespace {

// Wide enough for a desktop machine, narrow enough that a typing error does not take all memory.
constexpr int kWidestLayer = 65536;
constexpr int kWidestInput = 1 << 20;
constexpr int kWidestLinear = 8192;  // its covariance in double: 512 MB

// In the order of the enumerators.
constexpr std::array<std::string_view, 3> kNetworks = {"mlp", "conv", "program"};
constexpr std::array<std::string_view, 3> kLikelihoods = {"bernoulli", "gaussian", "mse"};
constexpr std::array<std::string_view, 3> kBinarise = {"none", "threshold", "dynamic"};
constexpr std::array<std::string_view, 2> kObjectives = {"elbo", "iwae"};
constexpr std::array<std::string_view, 8> kActivations = {
    "reference", "relu", "leaky_relu", "elu", "gelu", "silu", "sigmoid", "tanh"};
constexpr std::array<std::string_view, 2> kNoises = {"gaussian", "mask"};

template <class Table, class Value>
std::string_view text_of(const Table& table, Value value) {
  return table[static_cast<std::size_t>(value)];
}

bool in_range(int width) {
  return width >= 1 && width <= kWidestLayer;
}

bool fits_kind(const ForeignProgram& program, ModelKind kind) {
  const KindTraits& traits = traits_of(kind);
  return traits.has_prior == program.has_posterior && traits.reads_label == program.reads_label &&
         !traits.is_linear;
}

Expected<void> check_shape(const ImageShape& shape) {
  if (shape.height < 1 || shape.width < 1 || shape.channels < 1) {
    return fail(tr("the model has no input shape; it needs at least 1×1 pixel"));
  }
  const std::int64_t inputs = std::int64_t{shape.height} * shape.width * shape.channels;
  if (std::max({shape.height, shape.width, shape.channels}) > kWidestInput ||
      inputs > kWidestInput) {
    return fail(tr("inputs of {} are too large: a model reads up to {} numbers", shape_text(shape),
                   kWidestInput));
  }
  return {};
}

// Numbers that nobody has given the form of a picture.
bool is_row(const ImageShape& shape) {
  return shape.height == 1 && shape.channels == 1;
}

// The program's own promises were checked when it was opened.
Expected<void> check_program(const ModelSpec& spec) {
  if (!spec.program) {
    return fail(
        tr("the network program is what a PyTorch file brings; name the file, for example with "
           "--model model.pt2"));
  }
  const ForeignProgram& program = *spec.program;
  const auto size = [](const std::vector<std::int64_t>& sides) {
    return std::accumulate(sides.begin(), sides.end(), std::int64_t{1}, std::multiplies<>());
  };
  if (!spec.hidden.empty()) {
    return fail(tr("hidden widths: the PyTorch program has none to choose; leave them out"));
  }
  if (spec.latent != size(program.latent)) {
    return fail(tr("latent dimensions: the PyTorch program has {}, not {}", size(program.latent),
                   spec.latent));
  }
  if (spec.inputs() != size(program.input)) {
    return fail(tr("the PyTorch program reads inputs of {} numbers, and these are {}",
                   size(program.input), shape_text(spec.shape)));
  }
  if (spec.is_linear() || !fits_kind(program, spec.kind)) {
    return fail(tr("the PyTorch program is no {}: it gives {} and reads {}", name_of(spec.kind),
                   program.has_posterior ? tr("a mean and a variance") : tr("a code alone"),
                   program.reads_label ? tr("labels") : tr("no labels")));
  }
  return {};
}

Expected<void> check_layers(const ModelSpec& spec) {
  if (!in_range(spec.latent)) {
    return fail(tr("latent dimensions: {} is not in 1 … {}", spec.latent, kWidestLayer));
  }
  if (spec.network == Network::program) return check_program(spec);
  if (spec.is_linear() || spec.network == Network::conv) {
    if (!spec.hidden.empty()) {
      return fail(
          spec.is_linear()
              ? tr("hidden widths: {} has none to choose; leave them out", name_of(spec.kind))
              : tr("hidden widths: the conv network has none to choose; leave them out"));
    }
  }
  for (const int width : spec.hidden) {
    if (!in_range(width)) {
      return fail(tr("hidden widths: {} is not in 1 … {}", width, kWidestLayer));
    }
  }
  if (spec.network == Network::conv) {
    if (!spec.traits().takes_conv) {
      return fail(tr("the conv network is not for {}; use mlp", name_of(spec.kind)));
    }
    if (is_row(spec.shape)) {
      return fail(
          tr("the conv network needs pictures, and these inputs are {} in a row; use mlp, or name "
             "the size that they have as pictures with --image-size",
             shape_text(spec.shape)));
    }
    if (spec.shape.height % kConvReduction != 0 || spec.shape.width % kConvReduction != 0) {
      return fail(tr("the conv network needs sides divisible by {}, and these are {}; use mlp",
                     kConvReduction, shape_text(spec.shape)));
    }
  }
  if (!spec.is_linear()) return {};
  if (spec.inputs() > kWidestLinear) {
    return fail(tr("{}: {} inputs are too many for its covariance; it takes {}", name_of(spec.kind),
                   spec.inputs(), kWidestLinear));
  }
  if (spec.latent > spec.inputs()) {
    return fail(tr("latent dimensions: {} of {} inputs has at most {}, not {}", name_of(spec.kind),
                   spec.inputs(), spec.inputs(), spec.latent));
  }
  return {};
}

Expected<void> check_loss(const ModelSpec& spec) {
  if (spec.has_prior() && spec.likelihood == Likelihood::mse) {
    return fail(
        tr("likelihood: {} does not take mse: averaged over the pixels it is so small that λ = 1 "
           "always collapses; use gaussian",
           name_of(spec.kind)));
  }
  if (spec.traits().only_mse && spec.likelihood != Likelihood::mse) {
    return fail(tr("likelihood: {} is scored by mse only, not by {}", name_of(spec.kind),
                   name_of(spec.likelihood)));
  }
  if (spec.scaling && spec.likelihood == Likelihood::bernoulli) {
    return fail(tr(
        "likelihood: bernoulli needs inputs in [0, 1], and these data have others; use gaussian"));
  }
  if (spec.scaling && spec.binarise != Binarise::none) {
    return fail(
        tr("binarise: it needs inputs in [0, 1], and these data have others; leave it out"));
  }
  if (!(spec.sigma >= kSmallestSigma) || !std::isfinite(spec.sigma)) {
    return fail(tr("sigma: {} is not a number of at least 0.001", spec.sigma));
  }
  if (spec.learned_sigma && spec.likelihood != Likelihood::gaussian) {
    return fail(
        tr("sigma: only the gaussian likelihood learns one, not {}", name_of(spec.likelihood)));
  }
  if (spec.optimal_sigma && !spec.learned_sigma) {
    return fail(tr("sigma: the optimal one is found in training, and this one is fixed"));
  }
  if (spec.samples < 1) {
    return fail(tr("samples: {} is not at least 1", spec.samples));
  }
  if (!spec.has_prior() && (spec.samples != 1 || spec.objective == Objective::iwae)) {
    return fail(tr("{} draws no z: several samples and iwae are for kinds with a prior",
                   name_of(spec.kind)));
  }
  return {};
}

Expected<void> check_corruption(const ModelSpec& spec) {
  switch (spec.traits().corruption) {
    case Corruption::none:
      return {};
    case Corruption::noise:
      return validate(spec.noise);
    case Corruption::patches:
      break;
  }
  const ImageShape& shape = spec.shape;
  if (is_row(shape) && spec.patch != 1) {
    return fail(
        tr("patch: {} in a row have no square patches of side {}; use 1, or name the size that "
           "they have as pictures with --image-size",
           shape_text(shape), spec.patch));
  }
  if (spec.patch < 1 || shape.height % spec.patch != 0 || shape.width % spec.patch != 0) {
    return fail(tr("patch: {} does not divide the sides of {}; use one that does", spec.patch,
                   shape_text(shape)));
  }
  if (!(spec.mask_ratio > 0 && spec.mask_ratio < 1)) {
    return fail(tr("mask ratio: {} is not between 0 and 1", spec.mask_ratio));
  }
  if (const int hidden = hidden_patch_count(spec); hidden < 1 || hidden == patch_count(spec)) {
    return fail(
        tr("mask ratio: {} hides {} of {} patches; at least one must be hidden and one seen",
           spec.mask_ratio, hidden, patch_count(spec)));
  }
  return {};
}

// 0, 1, 2 … stand for classes that nobody named.
bool are_named(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] != std::to_string(i)) return true;
  }
  return false;
}

// Of which every input has one; 0: a part has no labels.
int classes_to_read(const Dataset& data) {
  const auto lacks = [](const Split& split) { return split.count > 0 && split.labels.empty(); };
  return lacks(data.train) || lacks(data.test) ? 0 : data.classes();
}

Expected<void> check_classes(const ModelSpec& spec, const Dataset& data) {
  const bool begin_alike =
      std::ranges::mismatch(data.class_names, spec.class_names).in1 == data.class_names.end();
  if (!begin_alike && are_named(spec.class_names) && are_named(data.class_names)) {
    return fail(
        tr("the model's classes are {}, and those of {} are {}; name data with the same classes in "
           "the same order",
           fmt::join(spec.class_names, ", "), data.name, fmt::join(data.class_names, ", ")));
  }
  if (data.classes() > 0 && classes_to_read(data) == 0) {
    return fail(tr("the model reads labels, and one part of {} has none", data.name));
  }
  if (data.classes() > 0 && data.classes() <= spec.classes) return {};
  return fail(
      tr("the model knows {} classes, but {} has {}; name data like those that it was trained on",
         spec.classes, data.name, data.classes()));
}

// Columns have no order that everybody keeps, so their names must agree where both have some.
Expected<void> check_names(const ModelSpec& spec, const Dataset& data) {
  if (spec.input_names.empty() || data.input_names.empty()) return {};
  const auto [trained, given] = std::ranges::mismatch(spec.input_names, data.input_names);
  if (trained == spec.input_names.end() || given == data.input_names.end()) return {};
  return fail(
      tr("the model was trained on '{}' in column {} of the inputs, and {} has '{}' there; name "
         "data with the same columns in the same order",
         *trained, trained - spec.input_names.begin() + 1, data.name, *given));
}

// What the root of the mean square of a model's inputs is, of those it was trained on.
double size_of(const Scaling& scaling) {
  double sum = 0;
  for (std::size_t i = 0; i < scaling.mean.size(); ++i) {
    const double deviation = scaling.deviation[i];
    sum += scaling.mean[i] * scaling.mean[i] + deviation * deviation;
  }
  return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(scaling.mean.size(), 1)));
}

// The least and the greatest value of both splits.
std::pair<double, double> range_of(const Dataset& data) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Split* split : {&data.train, &data.test}) {
    for (std::size_t i = 0; i < split->values.size(); ++i) {
      const double offset =
          split->offset ? (*split->offset)[i % static_cast<std::size_t>(data.inputs())] : 0;
      low = std::min(low, offset + split->values[i]);
      high = std::max(high, offset + split->values[i]);
    }
  }
  return low <= high ? std::pair{low, high} : std::pair{0.0, 1.0};
}

// Refuses numbers of another scale than those that the model was trained on.
Expected<void> check_scale(const ModelSpec& spec, const Dataset& data) {
  constexpr double kAlike = 20;  // times as large or as small
  if (!spec.scaling) {
    if (!data.scaling) return {};
    const auto [low, high] = range_of(data);
    if (low >= 0 && high > 1 && high <= 255) {
      return fail(
          tr("the model reads inputs from 0 to 1, and those of {} go from {:g} to {:g}; divide "
             "them by 255 (--range 0,255), or save them as uint8",
             data.name, low, high));
    }
    return fail(
        tr("the model reads inputs from 0 to 1, and those of {} go from {:g} to {:g}; bring them "
           "to the scale of those that it was trained on",
           data.name, low, high));
  }
  const double usual = size_of(*spec.scaling);
  const double size = data.scaling ? size_of(*data.scaling) : 1;  // at most, in [0, 1]
  if (size >= usual / kAlike && (!data.scaling || size <= usual * kAlike)) return {};
  const auto [low, high] = range_of(data);
  return fail(
      tr("the model was trained on inputs of a usual size of {:g}, and those of {} go from {:g} to "
         "{:g}; bring them to the scale of those that it was trained on",
         usual, data.name, low, high));
}

}  // namespace

ModelSpec reference_spec(ModelKind kind, const Dataset& data, int latent) {
  ModelSpec spec;
  spec.latent = latent;
  return fitted(with_kind(spec, kind), data);
}

ModelSpec with_kind(ModelSpec spec, ModelKind kind) {
  const ModelSpec defaults;
  const bool chose_widths = spec.network == Network::mlp && !spec.is_linear();
  spec.kind = kind;
  if (!spec.has_prior() && spec.likelihood != Likelihood::mse) spec.likelihood = Likelihood::mse;
  if (spec.has_prior() && spec.likelihood == Likelihood::mse) {
    spec.likelihood = spec.scaling ? Likelihood::gaussian : Likelihood::bernoulli;
  }
  if (spec.likelihood != Likelihood::gaussian) spec.learned_sigma = spec.optimal_sigma = false;
  if (!spec.has_prior()) {
    spec.objective = defaults.objective;
    spec.samples = defaults.samples;
  }
  if (!spec.reads_label()) {
    spec.classes = 0;
    spec.class_names.clear();
  }
  const bool is_program = spec.program && fits_kind(*spec.program, kind);
  if (spec.network == Network::program && !is_program) {
    spec.network = Network::mlp;
    spec.program = nullptr;
    spec.outputs_mean = false;
  }
  if (!spec.traits().takes_conv && !is_program) spec.network = Network::mlp;
  if (spec.is_linear()) spec.activation = Activation::reference;
  if (spec.is_linear() || spec.network != Network::mlp) {
    spec.hidden.clear();
  } else if (!chose_widths && spec.hidden.empty()) {
    spec.hidden = defaults.hidden;
  }
  return spec;
}

ModelSpec fitted(ModelSpec spec, const Dataset& data) {
  spec.shape = data.shape;
  spec.classes = spec.reads_label() ? classes_to_read(data) : 0;
  spec.class_names = spec.classes > 0 ? data.class_names : std::vector<std::string>();
  spec.scaling = data.scaling;
  spec.range = data.range;
  spec.input_names = data.input_names;
  spec.of_bytes = data.are_bytes();
  if (spec.scaling && spec.likelihood == Likelihood::bernoulli) {
    spec.likelihood = Likelihood::gaussian;
  }
  return spec;
}

Expected<void> validate(const Noise& noise) {
  const bool is_mask = noise.kind == Noise::Kind::mask;
  if (std::isfinite(noise.amount) && noise.amount >= 0 && !(is_mask && noise.amount > 1)) return {};
  return fail(is_mask ? tr("noise: {} is not a proportion in [0, 1]", noise.amount)
                      : tr("noise: {} is not a deviation of at least 0", noise.amount));
}

Expected<void> validate(const ModelSpec& spec) {
  if (auto valid = check_shape(spec.shape); !valid) return valid;
  if (auto valid = check_layers(spec); !valid) return valid;
  if (spec.reads_label() && spec.classes < 1) {
    return fail(tr("{} reads labels, and this data has none; use vae, or data with labels",
                   name_of(spec.kind)));
  }
  if (spec.classes > kWidestLayer) {
    return fail(tr("classes: {} is more than {}", spec.classes, kWidestLayer));
  }
  if (!spec.reads_label() && spec.classes != 0) {
    return fail(tr("{} reads no labels; its number of classes must be 0", name_of(spec.kind)));
  }
  if (!spec.class_names.empty() && static_cast<int>(spec.class_names.size()) != spec.classes) {
    return fail(
        tr("class names: there are {} of {} classes", spec.class_names.size(), spec.classes));
  }
  if (spec.activation != Activation::reference &&
      (spec.is_linear() || spec.network != Network::mlp)) {
    return fail(tr("activation: only fully connected networks have one to choose; leave it out"));
  }
  if (spec.scaling && (static_cast<int>(spec.scaling->mean.size()) != spec.inputs() ||
                       static_cast<int>(spec.scaling->deviation.size()) != spec.inputs() ||
                       (!spec.scaling->constant.empty() &&
                        static_cast<int>(spec.scaling->constant.size()) != spec.inputs()))) {
    return fail(tr("scaling: it is of {} inputs, and the model has {}", spec.scaling->mean.size(),
                   spec.inputs()));
  }
  if (auto valid = check_loss(spec); !valid) return valid;
  return check_corruption(spec);
}

std::string classes_text(const ModelSpec& spec) {
  if (are_named(spec.class_names)) return fmt::format("{}", fmt::join(spec.class_names, ", "));
  return tr("0 to {}", spec.classes - 1);
}

namespace {

// References to what is compared as it is, and to what is compared by what it points to. Names all
// members: with a new one this does not compile until it is compared.
auto parts_of(const ModelSpec& spec) {
  const auto& [kind, shape, latent, classes, class_names, network, hidden, activation, scaling,
               range, input_names, of_bytes, likelihood, sigma, learned_sigma, optimal_sigma,
               binarise, objective, samples, noise, patch, mask_ratio, program, outputs_mean] =
      spec;
  return std::pair(
      std::tie(kind, shape, latent, classes, class_names, network, hidden, activation, range,
               input_names, of_bytes, likelihood, sigma, learned_sigma, optimal_sigma, binarise,
               objective, samples, noise, patch, mask_ratio, outputs_mean),
      std::tie(scaling, program));
}

}  // namespace

bool ModelSpec::operator==(const ModelSpec& other) const {
  const auto [own, shared] = parts_of(*this);
  const auto [others, others_shared] = parts_of(other);
  if (own != others) return false;
  if (shared == others_shared) return true;
  const bool same_scaling =
      scaling == other.scaling || (scaling && other.scaling && *scaling == *other.scaling);
  const bool same_program = program == other.program ||
                            (program && other.program && program->text == other.program->text);
  return same_scaling && same_program;
}

int ModelSpec::scored_inputs() const {
  if (!scaling) return inputs();
  return inputs() - static_cast<int>(std::ranges::count(scaling->constant, 1));
}

bool ModelSpec::has_encoder() const {
  return !program || program->has_encoder;
}

bool ModelSpec::has_decoder() const {
  return !program || program->has_decoder;
}

int patch_count(const ModelSpec& spec) {
  return (spec.shape.height / spec.patch) * (spec.shape.width / spec.patch);
}

int hidden_patch_count(const ModelSpec& spec) {
  return static_cast<int>(std::lround(spec.mask_ratio * patch_count(spec)));
}

Expected<void> check_fit(const ModelSpec& spec, const Dataset& data) {
  if (spec.inputs() != data.inputs()) {
    return fail(tr(
        "the model reads inputs of {}, and {} has inputs of {}; name data like those that it was "
        "trained on",
        shape_text(spec.shape), data.name, shape_text(data.shape)));
  }
  if (spec.reads_label()) {
    if (auto fits = check_classes(spec, data); !fits) return fits;
  }
  if (auto fits = check_names(spec, data); !fits) return fits;
  return check_scale(spec, data);
}

std::optional<int> class_named(const ModelSpec& spec, std::string_view text) {
  const auto named = std::ranges::find(spec.class_names, text);
  if (named != spec.class_names.end()) return static_cast<int>(named - spec.class_names.begin());
  const auto number = number_from<int>(text);
  if (!number || *number < 0 || *number >= spec.classes) return std::nullopt;
  return *number;
}

std::string_view name_of(Network network) {
  return text_of(kNetworks, network);
}
std::string_view name_of(Likelihood likelihood) {
  return text_of(kLikelihoods, likelihood);
}
std::string_view name_of(Activation activation) {
  return text_of(kActivations, activation);
}
std::optional<Activation> activation_named(std::string_view name) {
  const auto entry = std::ranges::find(kActivations, name);
  if (entry == kActivations.end()) return std::nullopt;
  return static_cast<Activation>(entry - kActivations.begin());
}
std::string_view name_of(Binarise binarise) {
  return text_of(kBinarise, binarise);
}
std::string_view name_of(Objective objective) {
  return text_of(kObjectives, objective);
}
std::string_view name_of(Noise::Kind kind) {
  return text_of(kNoises, kind);
}
std::optional<Noise::Kind> noise_named(std::string_view name) {
  const auto entry = std::ranges::find(kNoises, name);
  if (entry == kNoises.end()) return std::nullopt;
  return static_cast<Noise::Kind>(entry - kNoises.begin());
}

std::string describe(const ModelSpec& spec) {
  const std::string label = spec.reads_label() ? fmt::format("+{}", spec.classes) : "";
  const bool conv = spec.network == Network::conv;
  const std::vector<int> widths =
      conv ? std::vector<int>{kConvOuterChannels, kConvInnerChannels} : spec.hidden;
  const bool program = spec.network == Network::program;
  const std::string inputs =
      conv || program ? shape_text(spec.shape) : std::to_string(spec.inputs());
  const std::string_view network = conv ? "conv " : program ? "program " : "";
  std::string text = fmt::format("{} {}{}{}", name_of(spec.kind), network, inputs, label);
  for (const int width : widths) text += fmt::format("-{}", width);
  text += spec.has_prior() ? fmt::format("-(2·{}){}", spec.latent, label)
                           : fmt::format("-{}", spec.latent);
  for (auto width = widths.rbegin(); width != widths.rend(); ++width) {
    text += fmt::format("-{}", *width);
  }
  text += fmt::format("-{}, {}", inputs, name_of(spec.likelihood));
  if (spec.learned_sigma) {
    text += fmt::format(" (s {}: {:.4g})", spec.optimal_sigma ? "optimal" : "learned", spec.sigma);
  } else if (spec.likelihood == Likelihood::gaussian) {
    text += fmt::format(" (s = {})", spec.sigma);
  }
  if (spec.activation != Activation::reference) {
    text += fmt::format(", {}", name_of(spec.activation));
  }
  if (spec.objective == Objective::iwae) text += ", iwae";
  if (spec.samples > 1) text += fmt::format(", {} samples", spec.samples);
  if (spec.binarise != Binarise::none)
    text += fmt::format(", {} binarised", name_of(spec.binarise));
  if (spec.adds_noise()) {
    text += fmt::format(", {} noise {}", name_of(spec.noise.kind), spec.noise.amount);
  }
  if (spec.hides_patches()) {
    text += tr(", {} of {} patches hidden", hidden_patch_count(spec), patch_count(spec));
  }
  return text;
}

}  // namespace zscape
