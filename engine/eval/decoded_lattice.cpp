#include "engine/eval/decoded_lattice.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace zscape {
namespace {

constexpr double kFirstReach = 4.5;  // of level 0: beyond lies 4e-5 of the prior's mass
constexpr double kPlaneSpacing = 0.1875, kLineSpacing = 0.05;  // of level 0
constexpr double kMostFirstBytes = 32 << 20;                   // of level 0
constexpr std::size_t kMostBytes = 64 << 20;                   // of the finer levels
constexpr std::size_t kTilesAtOnce = 64;                       // of one decoding

at::Tensor nodes_of_tile(int dimensions) {  // [kNodes, k]
  const at::Tensor nodes = at::empty({DecodedLattice::kNodes, dimensions}, at::kDouble);
  double* values = nodes.data_ptr<double>();
  for (int number = 0; number < DecodedLattice::kNodes; ++number) {
    if (dimensions == 1) {
      *values++ = number;
    } else {
      *values++ = number % 4;
      *values++ = number / 4;
    }
  }
  return nodes;
}

}  // namespace

DecodedLattice::DecodedLattice(const Autoencoder& model, at::Tensor label)
    : model_(model),
      label_(std::move(label)),
      dimensions_(model.spec().latent),
      likelihood_(model, nodes_of_tile(dimensions_)) {
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

void DecodedLattice::require(std::span<const LatticeTile> tiles) {
  std::vector<LatticeTile> missing;
  for (const LatticeTile& tile : tiles) {
    if (known_.try_emplace(tile).second) missing.push_back(tile);
  }
  for (std::size_t begin = 0; begin < missing.size(); begin += kTilesAtOnce) {
    const auto part =
        std::span(missing).subspan(begin, std::min(kTilesAtOnce, missing.size() - begin));
    const at::Tensor z =
        at::empty({static_cast<std::int64_t>(part.size() * kNodes), dimensions_}, at::kDouble);
    double* values = z.data_ptr<double>();
    for (const LatticeTile& tile : part) {
      for (int number = 0; number < kNodes; ++number) {
        const LatentPlace place = node(tile, number);
        for (int d = 0; d < dimensions_; ++d) *values++ = place[static_cast<std::size_t>(d)];
      }
    }
    std::unique_ptr<DecodedTiles> made;
    try {
      const at::NoGradGuard no_grad;
      made = std::make_unique<DecodedTiles>(likelihood_.decode(z, label_));
    } catch (...) {
      for (std::size_t i = begin; i < missing.size(); ++i) known_.erase(missing[i]);
      throw;
    }
    for (std::size_t i = 0; i < part.size(); ++i) {
      known_[part[i]] = {made.get(), static_cast<std::int64_t>(i)};
    }
    const bool is_first = part.front().level == 0 && part.back().level == 0;
    if (!is_first) bytes_ += made->bytes();
    (is_first ? kept_first_ : kept_).push_back(std::move(made));
  }
}

std::array<double, DecodedLattice::kNodes> DecodedLattice::joint(
    const LatticeTile& tile, const ComparedInputs& input) const {
  const Known& known = known_.at(tile);
  std::array<double, kNodes> result{};
  known.tiles->joint(known.number, input.slope.data_ptr<double>(), result.data());
  const double offset = *input.offset.data_ptr<double>();
  for (double& value : result) value += offset;
  return result;
}

void DecodedLattice::trim() {
  if (bytes_ <= kMostBytes) return;
  std::erase_if(known_, [](const auto& entry) { return entry.first.level > 0; });
  kept_.clear();
  bytes_ = 0;
}

}  // namespace zscape
