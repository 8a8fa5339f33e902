#include "engine/model_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace zscape {
namespace {

// Wide enough for anything that trains on a desk, narrow enough that a typing error does not ask
// for all memory.
constexpr int kWidestLayer = 65536;
constexpr int kWidestInput = 1 << 20;

template <class Value>
struct Name {
  Value value;
  std::string_view text;
};

constexpr std::array kKinds = {
    Name<ModelKind>{ModelKind::ae, "ae"},
    Name<ModelKind>{ModelKind::vae, "vae"},
    Name<ModelKind>{ModelKind::cvae, "cvae"},
};
constexpr std::array kLikelihoods = {
    Name<Likelihood>{Likelihood::bernoulli, "bernoulli"},
    Name<Likelihood>{Likelihood::gaussian, "gaussian"},
    Name<Likelihood>{Likelihood::mse, "mse"},
};

template <class Table, class Value>
std::string_view text_of(const Table& table, Value value) {
  const auto entry = std::ranges::find(table, value, &Name<Value>::value);
  return entry == table.end() ? "?" : entry->text;
}

template <class Value, class Table>
std::optional<Value> value_of(const Table& table, std::string_view text) {
  const auto entry = std::ranges::find(table, text, &Name<Value>::text);
  if (entry == table.end()) return std::nullopt;
  return entry->value;
}

std::string shape_text(const ImageShape& shape) {
  return fmt::format("{}×{}{}", shape.height, shape.width,
                     shape.channels == 1 ? "" : fmt::format("×{}", shape.channels));
}

}  // namespace

ModelSpec reference_spec(ModelKind kind, const Dataset& data, int latent) {
  ModelSpec spec;
  spec.kind = kind;
  spec.shape = data.shape;
  spec.latent = latent;
  spec.classes = kind == ModelKind::cvae ? data.classes() : 0;
  spec.likelihood = kind == ModelKind::ae ? Likelihood::mse : Likelihood::bernoulli;
  return spec;
}

Expected<void> validate(const ModelSpec& spec) {
  const auto in_range = [](int width) { return width >= 1 && width <= kWidestLayer; };
  if (spec.shape.height < 1 || spec.shape.width < 1 || spec.shape.channels < 1) {
    return fail("the model has no input shape; it needs at least 1×1 pixel");
  }
  const std::int64_t inputs =
      std::int64_t{spec.shape.height} * spec.shape.width * spec.shape.channels;
  if (std::max({spec.shape.height, spec.shape.width, spec.shape.channels}) > kWidestInput ||
      inputs > kWidestInput) {
    return fail(fmt::format("input shape: {} is more than {} numbers", shape_text(spec.shape),
                            kWidestInput));
  }
  if (!in_range(spec.latent)) {
    return fail(fmt::format("latent dimensions: {} is not in 1 … {}", spec.latent, kWidestLayer));
  }
  if (spec.hidden.empty()) return fail("hidden widths: at least one is needed, for example 400");
  for (const int width : spec.hidden) {
    if (!in_range(width)) {
      return fail(fmt::format("hidden widths: {} is not in 1 … {}", width, kWidestLayer));
    }
  }
  if (spec.reads_label() && spec.classes < 1) {
    return fail("cvae reads labels, and this data has none; use vae, or data with labels");
  }
  if (!spec.reads_label() && spec.classes != 0) {
    return fail(
        fmt::format("{} reads no labels; its number of classes must be 0", name_of(spec.kind)));
  }
  if (spec.has_prior() && spec.likelihood == Likelihood::mse) {
    return fail(
        fmt::format("{} does not take mse: averaged over the pixels it is so small that "
                    "λ = 1 always collapses; use gaussian",
                    name_of(spec.kind)));
  }
  if (!(spec.sigma >= 1e-3) || !std::isfinite(spec.sigma)) {
    return fail(fmt::format("sigma: {} is not a number of at least 0.001", spec.sigma));
  }
  return {};
}

Expected<void> check_fit(const ModelSpec& spec, const Dataset& data) {
  if (spec.inputs() != data.inputs()) {
    return fail(
        fmt::format("reads {} inputs, but {} has {}; name data like those that it was "
                    "trained on",
                    shape_text(spec.shape), data.name, shape_text(data.shape)));
  }
  if (spec.reads_label() && (data.classes() == 0 || data.classes() > spec.classes)) {
    return fail(
        fmt::format("knows {} classes, but {} has {}; name data like those that it was "
                    "trained on",
                    spec.classes, data.name, data.classes()));
  }
  return {};
}

std::string_view name_of(ModelKind kind) {
  return text_of(kKinds, kind);
}
std::string_view name_of(Likelihood likelihood) {
  return text_of(kLikelihoods, likelihood);
}
std::optional<ModelKind> kind_named(std::string_view name) {
  return value_of<ModelKind>(kKinds, name);
}
std::optional<Likelihood> likelihood_named(std::string_view name) {
  return value_of<Likelihood>(kLikelihoods, name);
}

std::string describe(const ModelSpec& spec) {
  const std::string label = spec.reads_label() ? fmt::format("+{}", spec.classes) : "";
  std::string text = fmt::format("{} {}{}", name_of(spec.kind), spec.inputs(), label);
  for (const int width : spec.hidden) text += fmt::format("-{}", width);
  text += spec.has_prior() ? fmt::format("-(2·{}){}", spec.latent, label)
                           : fmt::format("-{}", spec.latent);
  for (auto width = spec.hidden.rbegin(); width != spec.hidden.rend(); ++width) {
    text += fmt::format("-{}", *width);
  }
  text += fmt::format("-{}, {}", spec.inputs(), name_of(spec.likelihood));
  if (spec.likelihood == Likelihood::gaussian) text += fmt::format(" (s = {})", spec.sigma);
  return text;
}

}  // namespace zscape
