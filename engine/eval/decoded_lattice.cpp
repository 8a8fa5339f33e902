#include "engine/eval/decoded_lattice.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "engine/eval/pair_likelihood.h"

namespace zscape {
namespace {

constexpr double kFirstReach = 4.5;  // of level 0: beyond lies 4e-5 of the prior's mass
constexpr double kPlaneSpacing = 0.1875, kLineSpacing = 0.05;  // of level 0
constexpr double kMostFirstBytes = 32 << 20;                   // of level 0
constexpr std::size_t kMostBytes = 64 << 20;                   // of the finer levels
constexpr std::size_t kAtOnce = 2048;                          // nodes of one decoding

// In double precision, several sums at a time.
double dot(const float* features, const double* slope, std::size_t count) {
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> sums{};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      sums[lane] += static_cast<double>(features[i + lane]) * slope[i + lane];
    }
  }
  double sum = 0;
  for (; i < count; ++i) sum += static_cast<double>(features[i]) * slope[i];
  for (const double part : sums) sum += part;
  return sum;
}

}  // namespace

ComparedInput compared_input(const Autoencoder& model, const at::Tensor& x) {
  const ModelSpec& spec = model.spec();
  const at::Tensor values = x.to(at::kDouble).contiguous();
  const double* first = values.data_ptr<double>();
  ComparedInput input;
  input.slope.assign(first, first + values.numel());
  if (spec.likelihood == Likelihood::bernoulli) {
    for (double& value : input.slope) value -= 0.5;
    return input;
  }
  const double variance = spec.sigma * spec.sigma;
  for (double& value : input.slope) {
    input.offset -= value * value / (2 * variance);
    value /= variance;
  }
  return input;
}

DecodedLattice::DecodedLattice(const Autoencoder& model, at::Tensor label)
    : model_(model), label_(std::move(label)), dimensions_(model.spec().latent) {
  const double bytes = sizeof(float) * static_cast<double>(model.spec().inputs());
  if (dimensions_ == 1) {
    spacing_ = std::max(kLineSpacing, 2 * kFirstReach * bytes / kMostFirstBytes);
  } else {
    const double area = std::numbers::pi * kFirstReach * kFirstReach;
    spacing_ = std::max(kPlaneSpacing, std::sqrt(area * bytes / kMostFirstBytes));
  }
  const auto ends = static_cast<std::int32_t>(std::ceil(kFirstReach / width(0)));
  for (std::int32_t i = -ends; i < ends; ++i) {
    if (dimensions_ == 1) {
      first_.push_back({0, {i, 0}});
      continue;
    }
    for (std::int32_t j = -ends; j < ends; ++j) {
      // Of the tile, the place that is nearest to 0.
      const auto nearest = [&](std::int32_t tile) {
        const double low = tile * width(0), high = low + width(0);
        return std::clamp(0.0, low, high);
      };
      if (std::hypot(nearest(i), nearest(j)) < kFirstReach) first_.push_back({0, {i, j}});
    }
  }
}

LatentPlace DecodedLattice::node(const LatticeTile& tile, int number) const {
  const double step = spacing(tile.level);
  if (dimensions_ == 1) return {step * (tile.place[0] * kNodes + number), 0};
  return {step * (tile.place[0] * 4 + number % 4), step * (tile.place[1] * 4 + number / 4)};
}

LatticeTile DecodedLattice::tile_at(int level, const LatentPlace& place) const {
  // A node stands for what lies around it.
  const auto along = [&](double value) {
    return static_cast<std::int32_t>(std::floor((value + spacing(level) / 2) / width(level)));
  };
  return {level, {along(place[0]), dimensions_ == 1 ? 0 : along(place[1])}};
}

DecodedLattice::Decoded DecodedLattice::decoded(std::span<const LatentPlace> places) const {
  const at::NoGradGuard no_grad;
  const ModelSpec& spec = model_.spec();
  const auto count = static_cast<std::int64_t>(places.size());
  const at::Tensor z = at::empty({count, std::int64_t{dimensions_}});
  float* values = z.data_ptr<float>();
  for (const LatentPlace& place : places) {
    for (int d = 0; d < dimensions_; ++d) {
      *values++ = static_cast<float>(place[static_cast<std::size_t>(d)]);
    }
  }
  const at::Tensor label = label_.defined() ? label_.expand({count, -1}) : label_;
  const at::Tensor outputs = model_.decode(z, label);
  Decoded result;
  at::Tensor normaliser;  // [n], double
  if (spec.likelihood == Likelihood::bernoulli) {
    result.features = outputs.contiguous();
    normaliser = bernoulli_normaliser(result.features.clone(), at::kDouble).to(at::kDouble);
  } else {
    result.features = model_.reconstruction(outputs).contiguous();
    normaliser = result.features.to(at::kDouble).square_().sum(1);
    normaliser.div_(2 * spec.sigma * spec.sigma).add_(gaussian_normaliser(spec));
  }
  const double* first = normaliser.data_ptr<double>();
  result.normaliser.assign(first, first + count);
  for (std::size_t i = 0; i < places.size(); ++i) {
    result.normaliser[i] += (places[i][0] * places[i][0] + places[i][1] * places[i][1]) / 2 +
                            dimensions_ * std::log(2 * std::numbers::pi) / 2;
  }
  return result;
}

std::size_t DecodedLattice::require(std::span<const LatticeTile> tiles) {
  std::vector<LatticeTile> missing;
  for (const LatticeTile& tile : tiles) {
    if (known_.try_emplace(tile).second) missing.push_back(tile);
  }
  constexpr std::size_t kTilesAtOnce = kAtOnce / kNodes;
  for (std::size_t begin = 0; begin < missing.size(); begin += kTilesAtOnce) {
    const auto part =
        std::span(missing).subspan(begin, std::min(kTilesAtOnce, missing.size() - begin));
    std::vector<LatentPlace> places;
    for (const LatticeTile& tile : part) {
      for (int number = 0; number < kNodes; ++number) places.push_back(node(tile, number));
    }
    Decoded made;
    try {
      made = decoded(places);
    } catch (...) {
      for (std::size_t i = begin; i < missing.size(); ++i) known_.erase(missing[i]);
      throw;
    }
    const float* features = made.features.data_ptr<float>();
    const std::int64_t row = made.features.size(1) * kNodes;
    for (std::size_t i = 0; i < part.size(); ++i) {
      Known& known = known_[part[i]];
      known.features = features + static_cast<std::int64_t>(i) * row;
      std::copy_n(made.normaliser.begin() + static_cast<std::ptrdiff_t>(i * kNodes), kNodes,
                  known.normaliser.begin());
    }
    const bool is_first = part.front().level == 0 && part.back().level == 0;
    if (!is_first) bytes_ += made.features.nbytes();
    (is_first ? kept_first_ : kept_).push_back(std::move(made.features));
  }
  return missing.size();
}

std::array<double, DecodedLattice::kNodes> DecodedLattice::joint(const LatticeTile& tile,
                                                                 const ComparedInput& input) const {
  const Known& known = known_.at(tile);
  std::array<double, kNodes> result{};
  const std::size_t inputs = input.slope.size();
  for (std::size_t i = 0; i < kNodes; ++i) {
    result[i] = dot(known.features + i * inputs, input.slope.data(), inputs) + input.offset -
                known.normaliser[i];
  }
  return result;
}

std::vector<double> DecodedLattice::joint_at(std::span<const LatentPlace> places,
                                             const ComparedInput& input) const {
  const Decoded made = decoded(places);
  const float* features = made.features.data_ptr<float>();
  const std::size_t inputs = input.slope.size();
  std::vector<double> result;
  for (std::size_t i = 0; i < places.size(); ++i) {
    result.push_back(dot(features + i * inputs, input.slope.data(), inputs) + input.offset -
                     made.normaliser[i]);
  }
  return result;
}

void DecodedLattice::trim() {
  if (bytes_ <= kMostBytes) return;
  std::erase_if(known_, [](const auto& entry) { return entry.first.level > 0; });
  kept_.clear();
  bytes_ = 0;
}

}  // namespace zscape
