#include "engine/reconstruction.h"

#include <algorithm>
#include <cmath>

#include "engine/random.h"

namespace zscape {
namespace {

// The values that the network reads, standardised if the data are.
std::vector<float> network_values(const Dataset& data, SplitName split, std::int64_t index) {
  const Split& rows = data.split(split);
  const auto size = static_cast<std::size_t>(data.inputs());
  const std::size_t begin = rows.first(index, size);
  std::vector<float> values(size);
  const auto centre = data.scaling ? centres(*data.scaling, rows) : std::vector<float>();
  const auto divisor = data.scaling ? divisors(*data.scaling) : std::vector<float>();
  for (std::size_t i = 0; i < size; ++i) {
    values[i] = rows.values.empty() ? static_cast<float>(rows.pixels[begin + i]) / 255.0F
                                    : rows.values[begin + i];
    if (data.scaling) {
      values[i] = (values[i] - centre[i]) / divisor[i];
    }
  }
  return values;
}

std::vector<float> shown(std::vector<float> values, bool standardised) {
  for (float& value : values) {
    value = standardised ? shown_value(value) : std::clamp(value, 0.0F, 1.0F);
  }
  return values;
}

// The first `part` of a permutation: for one seed, larger parts contain smaller ones.
std::vector<std::int64_t> drawn(std::int64_t count, double part, const Reconstruct& asked) {
  auto order =
      permutation(count, asked.seed, Stream::evaluation, static_cast<std::uint64_t>(asked.index));
  const auto wanted = std::llround(std::clamp(part, 0.0, 1.0) * static_cast<double>(count));
  order.resize(static_cast<std::size_t>(wanted));
  return order;
}

void add_noise(std::vector<float>& values, const Noise& noise, const Reconstruct& asked) {
  if (noise.kind == Noise::Kind::mask) {
    for (const std::int64_t place :
         drawn(static_cast<std::int64_t>(values.size()), asked.amount, asked)) {
      values[static_cast<std::size_t>(place)] = 0;
    }
    return;
  }
  std::vector<float> normal(values.size());
  Random(asked.seed, Stream::evaluation, static_cast<std::uint64_t>(asked.index))
      .fill_normal(normal);
  const auto deviation = static_cast<float>(asked.amount);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += deviation * normal[i];
}

// [d], 1 where a patch is hidden.
std::vector<std::uint8_t> hidden_pixels(const ModelSpec& spec, const Reconstruct& asked) {
  const ImageShape& shape = spec.shape;
  const int across = shape.width / spec.patch;
  std::vector<std::uint8_t> hidden(static_cast<std::size_t>(spec.inputs()));
  for (const std::int64_t patch : drawn(patch_count(spec), asked.amount, asked)) {
    const int top = static_cast<int>(patch) / across * spec.patch;
    const int left = static_cast<int>(patch) % across * spec.patch;
    for (int y = top; y < top + spec.patch; ++y) {
      const auto row = hidden.begin() + (y * shape.width + left) * shape.channels;
      std::fill_n(row, spec.patch * shape.channels, std::uint8_t{1});
    }
  }
  return hidden;
}

// A data set of this single input, in numbers that the network will standardise.
Dataset only(std::vector<float> values, const Dataset& data, int label) {
  Dataset one;
  one.name = data.name;
  one.shape = data.shape;
  one.scaling = data.scaling;
  one.class_names = data.class_names;
  one.train.count = 1;
  one.train.offset = data.train.offset;
  if (data.scaling) {
    const auto centre = centres(*data.scaling, one.train);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = values[i] * data.scaling->deviation[i] + centre[i];
    }
  }
  one.train.values = std::move(values);
  if (label >= 0) one.train.labels = {label};
  return one;
}

Expected<Reconstruction> by_the_model(const FrozenModel& model, const Dataset& data,
                                      const Reconstruct& asked) {
  const auto row = make_indices({asked.index});
  auto made = model.reconstruct(data, asked.split, row, asked.seed);
  if (!made) return tl::unexpected(made.error());
  return Reconstruction{asked,
                        model.revision(),
                        std::move(made->target),
                        std::move(made->seen),
                        std::move(made->output),
                        {}};
}

}  // namespace

bool takes_any_amount(const ModelSpec& spec) {
  return spec.binarise == Binarise::none;
}

Expected<Reconstruction> reconstruction(const FrozenModel& model, const Dataset& data,
                                        const Reconstruct& asked) {
  const ModelSpec& spec = model.spec();
  if (!takes_any_amount(spec)) return by_the_model(model, data, asked);
  const bool standardised = data.scaling != nullptr;
  const std::vector<float> clean = network_values(data, asked.split, asked.index);
  std::vector<float> seen = clean;
  Reconstruction result{asked, model.revision(), shown(clean, standardised), {}, {}, {}};
  if (spec.adds_noise()) add_noise(seen, spec.noise, asked);
  if (spec.hides_patches()) {
    result.hidden = hidden_pixels(spec, asked);
    for (std::size_t i = 0; i < seen.size(); ++i) {
      if (result.hidden[i] != 0) seen[i] = 0;
    }
  }
  result.seen = shown(seen, standardised);

  const int label = data.split(asked.split).label(asked.index);
  const Dataset one = only(std::move(seen), data, label);
  const auto row = make_indices({0});
  const auto codes = model.encode(one, SplitName::train, row);
  if (!codes) return tl::unexpected(codes.error());
  std::vector<int> labels;
  if (spec.reads_label()) labels.push_back(label);
  result.output.resize(result.clean.size());
  model.decode(codes->mean, labels, result.output);
  for (std::size_t i = 0; i < result.hidden.size(); ++i) {
    if (result.hidden[i] == 0) result.output[i] = result.clean[i];
  }
  return result;
}

}  // namespace zscape
