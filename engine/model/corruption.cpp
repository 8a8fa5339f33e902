#include "engine/model/corruption.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace zscape {
namespace {

// The different uses of one row's draws never share numbers.
constexpr std::uint64_t kBinariseCounter = 0;
constexpr std::uint64_t kNoiseCounter = std::uint64_t{1} << 60;
constexpr std::uint64_t kHideCounter = std::uint64_t{2} << 60;

// Calls change(values of the row, its generator) for each row of x, which must be contiguous.
template <class Change>
void for_each_row(const at::Tensor& x, const RowDraws& draws, std::uint64_t end,
                  const Change& change) {
  const auto width = static_cast<std::size_t>(x.size(1));
  float* values = x.data_ptr<float>();
  for (const std::uint64_t counter : draws.counters) {
    Random random(draws.seed, draws.stream, end + counter);
    change(std::span(values, width), random);
    values += width;
  }
}

// Moves `chosen` random entries to the front (the start of a Fisher-Yates shuffle).
void choose(std::vector<int>& entries, int chosen, Random& random) {
  for (int i = 0; i < chosen; ++i) {
    const auto rest = static_cast<std::uint32_t>(entries.size()) - static_cast<std::uint32_t>(i);
    std::swap(entries[static_cast<std::size_t>(i)],
              entries[static_cast<std::size_t>(i) + random.below(rest)]);
  }
}

void number_from_zero(std::vector<int>& numbers, std::size_t count) {
  numbers.resize(count);
  std::iota(numbers.begin(), numbers.end(), 0);
}

void hide_patch(const ModelSpec& spec, int patch, std::span<float> hidden) {
  const int across = spec.shape.width / spec.patch;
  const int top = patch / across * spec.patch;
  const int left = patch % across * spec.patch;
  const int channels = spec.shape.channels;
  for (int row = top; row < top + spec.patch; ++row) {
    const auto first = static_cast<std::size_t>((row * spec.shape.width + left) * channels);
    std::ranges::fill(hidden.subspan(first, static_cast<std::size_t>(spec.patch * channels)), 1.0F);
  }
}

void binarise(const ModelSpec& spec, std::span<float> row, Random& random) {
  for (float& pixel : row) {
    const double least = spec.binarise == Binarise::threshold ? 0.5 : random.uniform();
    pixel = least < static_cast<double>(pixel) ? 1.0F : 0.0F;
  }
}

// normal, order: buffers.
void corrupt(const Noise& noise, std::span<float> row, Random& random, std::vector<float>& normal,
             std::vector<int>& order) {
  if (noise.kind == Noise::Kind::gaussian) {
    const auto deviation = static_cast<float>(noise.amount);
    normal.resize(row.size());
    random.fill_normal(normal);
    for (std::size_t i = 0; i < row.size(); ++i) row[i] += deviation * normal[i];
    return;
  }
  const auto zeros = static_cast<int>(std::lround(noise.amount * static_cast<double>(row.size())));
  number_from_zero(order, row.size());
  choose(order, zeros, random);
  for (int i = 0; i < zeros; ++i) {
    row[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = 0;
  }
}

// row: all 0 at first.
void hide(const ModelSpec& spec, std::span<float> row, Random& random, std::vector<int>& order) {
  const int count = hidden_patch_count(spec);
  number_from_zero(order, static_cast<std::size_t>(patch_count(spec)));
  choose(order, count, random);
  for (int i = 0; i < count; ++i) hide_patch(spec, order[static_cast<std::size_t>(i)], row);
}

}  // namespace

std::uint64_t training_counter(std::int64_t step, std::int64_t row) {
  constexpr std::uint64_t kRowsPerStep = std::uint64_t{1} << 24;
  return static_cast<std::uint64_t>(step) * kRowsPerStep + static_cast<std::uint64_t>(row);
}

RowDraws training_draws(std::uint64_t seed, std::int64_t step, std::int64_t rows,
                        std::int64_t first) {
  RowDraws draws{seed, Stream::corruption, {}};
  for (std::int64_t row = first; row < first + rows; ++row) {
    draws.counters.push_back(training_counter(step, row));
  }
  return draws;
}

int hidden_inputs(const ModelSpec& spec) {
  return hidden_patch_count(spec) * spec.patch * spec.patch * spec.shape.channels;
}

at::Tensor binarised(const ModelSpec& spec, const at::Tensor& x, const RowDraws& draws) {
  if (spec.binarise == Binarise::none) return x;
  at::Tensor result = x.clone(at::MemoryFormat::Contiguous);
  for_each_row(result, draws, kBinariseCounter,
               [&](std::span<float> row, Random& random) { binarise(spec, row, random); });
  return result;
}

at::Tensor corrupted(const Noise& noise, const at::Tensor& x, const RowDraws& draws) {
  at::Tensor result = x.clone(at::MemoryFormat::Contiguous);
  std::vector<float> normal;
  std::vector<int> order;
  for_each_row(result, draws, kNoiseCounter, [&](std::span<float> row, Random& random) {
    corrupt(noise, row, random, normal, order);
  });
  return result;
}

at::Tensor hidden_pixels(const ModelSpec& spec, const RowDraws& draws) {
  const auto rows = static_cast<std::int64_t>(draws.counters.size());
  at::Tensor hidden = at::zeros({rows, spec.inputs()});
  std::vector<int> order;
  for_each_row(hidden, draws, kHideCounter,
               [&](std::span<float> row, Random& random) { hide(spec, row, random, order); });
  return hidden;
}

void present_row(const ModelSpec& spec, std::uint64_t seed, Stream stream, std::uint64_t counter,
                 std::span<float> target, std::span<float> seen, std::span<float> hidden) {
  thread_local std::vector<float> normal;
  thread_local std::vector<int> order;
  if (spec.binarise != Binarise::none) {
    Random random(seed, stream, kBinariseCounter + counter);
    binarise(spec, target, random);
  }
  std::ranges::copy(target, seen.begin());
  switch (spec.traits().corruption) {
    case Corruption::none:
      break;
    case Corruption::noise: {
      Random random(seed, stream, kNoiseCounter + counter);
      corrupt(spec.noise, seen, random, normal, order);
      break;
    }
    case Corruption::patches: {
      Random random(seed, stream, kHideCounter + counter);
      std::ranges::fill(hidden, 0.0F);
      hide(spec, hidden, random, order);
      for (std::size_t i = 0; i < seen.size(); ++i) seen[i] *= 1 - hidden[i];
      break;
    }
  }
}

Presented present(const ModelSpec& spec, const at::Tensor& x, const RowDraws& draws) {
  Presented presented;
  presented.target = binarised(spec, x, draws);
  presented.seen = presented.target;
  switch (spec.traits().corruption) {
    case Corruption::none:
      break;
    case Corruption::noise:
      presented.seen = corrupted(spec.noise, presented.target, draws);
      break;
    case Corruption::patches:
      presented.hidden = hidden_pixels(spec, draws);
      presented.seen = presented.target * (1 - presented.hidden);
      break;
  }
  return presented;
}

}  // namespace zscape
