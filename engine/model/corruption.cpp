#include "engine/model/corruption.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

namespace zscape {
namespace {

// One row's draws for different ends never share numbers.
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

// Brings `chosen` random entries to the front (the beginning of a Fisher-Yates shuffle).
void choose(std::vector<int>& entries, int chosen, Random& random) {
  for (int i = 0; i < chosen; ++i) {
    const auto rest = static_cast<std::uint32_t>(entries.size()) - static_cast<std::uint32_t>(i);
    std::swap(entries[static_cast<std::size_t>(i)],
              entries[static_cast<std::size_t>(i) + random.below(rest)]);
  }
}

std::vector<int> numbers_to(int count) {
  std::vector<int> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
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

}  // namespace

RowDraws training_draws(std::uint64_t seed, std::int64_t step, std::int64_t rows) {
  constexpr std::uint64_t kRowsPerStep = std::uint64_t{1} << 24;
  RowDraws draws{seed, Stream::corruption, {}};
  const auto first = static_cast<std::uint64_t>(step) * kRowsPerStep;
  for (std::int64_t row = 0; row < rows; ++row) {
    draws.counters.push_back(first + static_cast<std::uint64_t>(row));
  }
  return draws;
}

int hidden_inputs(const ModelSpec& spec) {
  return hidden_patch_count(spec) * spec.patch * spec.patch * spec.shape.channels;
}

at::Tensor binarised(const ModelSpec& spec, const at::Tensor& x, const RowDraws& draws) {
  if (spec.binarise == Binarise::none) return x;
  if (spec.binarise == Binarise::threshold) return x.gt(0.5).to(at::kFloat);
  at::Tensor result = x.clone(at::MemoryFormat::Contiguous);
  for_each_row(result, draws, kBinariseCounter, [](std::span<float> row, Random& random) {
    for (float& pixel : row) pixel = random.uniform() < static_cast<double>(pixel) ? 1.0F : 0.0F;
  });
  return result;
}

at::Tensor corrupted(const Noise& noise, const at::Tensor& x, const RowDraws& draws) {
  at::Tensor result = x.clone(at::MemoryFormat::Contiguous);
  const int inputs = static_cast<int>(x.size(1));
  if (noise.kind == Noise::Kind::gaussian) {
    const auto deviation = static_cast<float>(noise.amount);
    std::vector<float> normal(static_cast<std::size_t>(inputs));
    for_each_row(result, draws, kNoiseCounter, [&](std::span<float> row, Random& random) {
      random.fill_normal(normal);
      for (std::size_t i = 0; i < row.size(); ++i) row[i] += deviation * normal[i];
    });
    return result;
  }
  const int zeros = static_cast<int>(std::lround(noise.amount * inputs));
  std::vector<int> order = numbers_to(inputs);
  for_each_row(result, draws, kNoiseCounter, [&](std::span<float> row, Random& random) {
    std::iota(order.begin(), order.end(), 0);
    choose(order, zeros, random);
    for (int i = 0; i < zeros; ++i) {
      row[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = 0;
    }
  });
  return result;
}

at::Tensor hidden_pixels(const ModelSpec& spec, const RowDraws& draws) {
  const auto rows = static_cast<std::int64_t>(draws.counters.size());
  at::Tensor hidden = at::zeros({rows, spec.inputs()});
  const int count = hidden_patch_count(spec);
  std::vector<int> order = numbers_to(patch_count(spec));
  for_each_row(hidden, draws, kHideCounter, [&](std::span<float> row, Random& random) {
    std::iota(order.begin(), order.end(), 0);
    choose(order, count, random);
    for (int i = 0; i < count; ++i) hide_patch(spec, order[static_cast<std::size_t>(i)], row);
  });
  return hidden;
}

Presented present(const ModelSpec& spec, const at::Tensor& x, const RowDraws& draws) {
  Presented presented;
  presented.target = binarised(spec, x, draws);
  presented.seen = presented.target;
  if (spec.kind == ModelKind::dae) {
    presented.seen = corrupted(spec.noise, presented.target, draws);
  } else if (spec.kind == ModelKind::mae) {
    presented.hidden = hidden_pixels(spec, draws);
    presented.seen = presented.target * (1 - presented.hidden);
  }
  return presented;
}

}  // namespace zscape
