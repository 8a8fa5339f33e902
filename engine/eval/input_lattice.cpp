#include "engine/eval/input_lattice.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <unordered_set>
#include <utility>

namespace zscape {
namespace {

constexpr double kNone = -std::numeric_limits<double>::infinity();
constexpr double kFirstDepth = 20;  // nats: how far level 0 is looked at around what has mass
constexpr double kDepth = 13;       // likewise of the final level; below lies 1e-5 of the mass
constexpr double kPeakDepth = 14;   // of peaks that are looked at
constexpr double kSeedDepth = 12;   // of what the next level begins with
// Steps of the lattice in the narrowest deviation, and nats that are settled: on a line, nodes cost
// little.
constexpr double kSteps = 1 / 0.8, kStepsOnLine = 6;
constexpr double kSettled = 3e-3, kSettledOnLine = 2e-4;
constexpr std::size_t kMostTiles = 700;  // of the final level
constexpr std::size_t kMostPeaks = 12;
constexpr std::size_t kMostOfPeak = 100;  // tiles

// log Σ exp over all nodes of a level, and over every second one along each dimension.
std::pair<double, double> sums_of(const InputLattice& values, int level) {
  const double best = values.best(level);
  double all = 0, even = 0;
  for (const auto& [tile, nodes] : values.level(level)) {
    for (int number = 0; number < DecodedLattice::kNodes; ++number) {
      const double part = std::exp(nodes[static_cast<std::size_t>(number)] - best);
      all += part;
      if (values.lattice().is_even(number)) even += part;
    }
  }
  const double step = std::log(values.lattice().spacing(level));
  const int dimensions = values.dimensions();
  return {best + std::log(all) + dimensions * step,
          best + std::log(even) + dimensions * (step + std::numbers::ln2)};
}

// The parts of a tile on the next level.
std::vector<LatticeTile> parts_of(const LatticeTile& tile, int dimensions) {
  std::vector<LatticeTile> parts;
  for (std::int32_t i = 0; i < 2; ++i) {
    for (std::int32_t j = 0; j < (dimensions == 1 ? 1 : 2); ++j) {
      parts.push_back({tile.level + 1, {2 * tile.place[0] + i, 2 * tile.place[1] + j}});
    }
  }
  return parts;
}

struct Parabola {
  LatentPlace top{};                  // from the middle node, in steps
  double rise = 0;                    // of the top above the middle
  std::array<double, 3> curvature{};  // −∂²: xx, xy, yy, a step²
};

// Through a node and its neighbours; nothing: it does not bend down everywhere.
std::optional<Parabola> parabola_at(const InputLattice& values, int level, std::int64_t column,
                                    std::int64_t row) {
  const double middle = *values.at(level, column, row);
  bool is_known = true;
  const auto value = [&](int dx, int dy) {
    const auto found = values.at(level, column + dx, row + dy);
    is_known = is_known && found.has_value();
    return found.value_or(0);
  };
  Parabola result;
  const double right = value(1, 0), left = value(-1, 0);
  const double slope_x = (right - left) / 2;
  const double bend_x = 2 * middle - right - left;
  if (values.dimensions() == 1) {
    if (!is_known || bend_x <= 0) return {};
    result.top = {std::clamp(slope_x / bend_x, -1.5, 1.5), 0};
    result.rise = slope_x * result.top[0] - bend_x * result.top[0] * result.top[0] / 2;
    result.curvature = {bend_x, 0, 1};
    return result;
  }
  const double up = value(0, 1), down = value(0, -1);
  const double slope_y = (up - down) / 2, bend_y = 2 * middle - up - down;
  const double bend_xy = -(value(1, 1) - value(1, -1) - value(-1, 1) + value(-1, -1)) / 4;
  const double determinant = bend_x * bend_y - bend_xy * bend_xy;
  if (!is_known || bend_x <= 0 || determinant <= 1e-6 * bend_x * bend_y) return {};
  const auto step = [](double value_of) { return std::clamp(value_of, -1.5, 1.5); };
  const double x = step((bend_y * slope_x - bend_xy * slope_y) / determinant);
  const double y = step((bend_x * slope_y - bend_xy * slope_x) / determinant);
  result.top = {x, y};
  result.rise =
      slope_x * x + slope_y * y - (bend_x * x * x + 2 * bend_xy * x * y + bend_y * y * y) / 2;
  result.curvature = {bend_x, bend_xy, bend_y};
  return result;
}

double larger_eigenvalue(const std::array<double, 3>& matrix) {
  const double middle = (matrix[0] + matrix[2]) / 2;
  return middle + std::hypot((matrix[0] - matrix[2]) / 2, matrix[1]);
}

}  // namespace

void InputLattice::require(std::span<const LatticeTile> tiles) {
  lattice_.require(tiles);
  for (const LatticeTile& tile : tiles) {
    const auto number = static_cast<std::size_t>(tile.level);
    const auto [entry, is_new] = levels_[number].try_emplace(tile);
    if (!is_new) continue;
    entry->second = lattice_.joint(tile, input_);
    best_[number] = std::max(best_[number], std::ranges::max(entry->second));
  }
}

std::optional<double> InputLattice::at(int number, std::int64_t column, std::int64_t row) const {
  const auto side = static_cast<std::int64_t>(lattice_.side());
  const auto tile_of = [side](std::int64_t node) {
    return static_cast<std::int32_t>(node >= 0 ? node / side : -((side - 1 - node) / side));
  };
  const LatticeTile tile{number, {tile_of(column), dimensions() == 1 ? 0 : tile_of(row)}};
  const auto found = level(number).find(tile);
  if (found == level(number).end()) return {};
  const std::int64_t x = column - side * tile.place[0];
  const std::int64_t y = dimensions() == 1 ? 0 : row - side * tile.place[1];
  return found->second[static_cast<std::size_t>(y * side + x)];
}

std::vector<LatticeTile> InputLattice::neighbours(const LatticeTile& tile, double least) const {
  const Values& nodes = level(tile.level).at(tile);
  const int side = lattice_.side();
  // Whether one of the nodes at that border or corner reaches so high.
  const auto is_high = [&](std::int32_t i, std::int32_t j) {
    for (int number = 0; number < DecodedLattice::kNodes; ++number) {
      const int x = number % side, y = number / side;
      const bool is_there =
          (i == 0 || x == (i < 0 ? 0 : side - 1)) && (j == 0 || y == (j < 0 ? 0 : side - 1));
      if (is_there && nodes[static_cast<std::size_t>(number)] > least) return true;
    }
    return false;
  };
  std::vector<LatticeTile> found;
  for (std::int32_t i = -1; i <= 1; ++i) {
    for (std::int32_t j = dimensions() == 1 ? 0 : -1; j <= (dimensions() == 1 ? 0 : 1); ++j) {
      if ((i == 0 && j == 0) || !is_high(i, j)) continue;
      found.push_back({tile.level, {tile.place[0] + i, tile.place[1] + j}});
    }
  }
  return found;
}

bool InputLattice::flood(int number, std::vector<LatticeTile> tiles, double depth,
                         std::size_t most) {
  const Level& seen = level(number);
  while (!tiles.empty()) {
    require(tiles);
    if (seen.size() > most) return false;
    std::unordered_set<LatticeTile, LatticeTileHash> next;
    for (const LatticeTile& tile : tiles) {
      for (const LatticeTile& neighbour : neighbours(tile, best(number) - depth)) {
        if (!seen.contains(neighbour)) next.insert(neighbour);
      }
    }
    tiles.assign(next.begin(), next.end());
  }
  return true;
}

std::optional<std::vector<LatticeTile>> tiles_over(const DecodedLattice& lattice, int level,
                                                   const LatentGaussian& gaussian,
                                                   double deviations, std::size_t most) {
  const bool is_line = lattice.dimensions() == 1;
  const auto& [xx, xy, yy] = gaussian.covariance;
  const LatentPlace reach{deviations * std::sqrt(xx), is_line ? 0 : deviations * std::sqrt(yy)};
  const LatentPlace low{gaussian.mean[0] - reach[0], gaussian.mean[1] - reach[1]};
  const LatentPlace high{gaussian.mean[0] + reach[0], gaussian.mean[1] + reach[1]};
  // Far more than any lattice has; and a code that is not finite has none.
  constexpr double kMostAlong = 1e5;
  for (std::size_t d = 0; d < 2; ++d) {
    if (!(std::abs(low[d]) / lattice.width(level) < kMostAlong) ||
        !(std::abs(high[d]) / lattice.width(level) < kMostAlong)) {
      return {};
    }
  }
  const LatticeTile first = lattice.tile_at(level, low), last = lattice.tile_at(level, high);
  const double columns = last.place[0] - first.place[0] + 1.0;
  const double rows = last.place[1] - first.place[1] + 1.0;
  if (columns * rows > 20.0 * static_cast<double>(most)) return {};
  std::vector<LatticeTile> tiles;
  const double determinant = xx * yy - xy * xy;
  for (std::int32_t j = first.place[1]; j <= last.place[1]; ++j) {
    for (std::int32_t i = first.place[0]; i <= last.place[0]; ++i) {
      const LatticeTile tile{level, {i, j}};
      if (!is_line) {
        // Its middle, and how far its corners are from there at most, in deviations.
        const double width = lattice.width(level), off = (width - lattice.spacing(level)) / 2;
        const LatentPlace corner = lattice.node(tile, 0);
        const double x = corner[0] + off - gaussian.mean[0], y = corner[1] + off - gaussian.mean[1];
        const double distance =
            std::sqrt(std::max((yy * x * x - 2 * xy * x * y + xx * y * y) / determinant, 0.0));
        const double least = std::sqrt(determinant / larger_eigenvalue(gaussian.covariance));
        if (distance > deviations + width * std::numbers::sqrt2 / 2 / least) continue;
      }
      tiles.push_back(tile);
      if (tiles.size() > most) return {};
    }
  }
  return tiles;
}

std::vector<PosteriorPeak> peaks_of(const InputLattice& values, int level, double depth) {
  const DecodedLattice& lattice = values.lattice();
  const double step = lattice.spacing(level);
  const int dimensions = values.dimensions();
  std::vector<PosteriorPeak> peaks;
  for (const auto& [tile, nodes] : values.level(level)) {
    for (int number = 0; number < DecodedLattice::kNodes; ++number) {
      const double height = nodes[static_cast<std::size_t>(number)];
      const std::int64_t side = lattice.side();
      const std::int64_t column = side * tile.place[0] + number % side;
      const std::int64_t row = dimensions == 1 ? 0 : side * tile.place[1] + number / side;
      bool is_highest = true;
      for (int dx = -1; dx <= 1 && is_highest; ++dx) {
        for (int dy = dimensions == 1 ? 0 : -1; dy <= (dimensions == 1 ? 0 : 1); ++dy) {
          const auto beside = values.at(level, column + dx, row + dy);
          is_highest = is_highest && !(beside && *beside > height);
        }
      }
      if (!is_highest) continue;
      PosteriorPeak peak;
      peak.gaussian.mean = lattice.node(tile, number);
      peak.narrowest = step;
      peak.gaussian.covariance = {step * step, 0, dimensions == 1 ? 1 : step * step};
      peak.log_mass = height + dimensions * std::log(2 * step);
      if (const auto top = parabola_at(values, level, column, row)) {
        const auto& [xx, xy, yy] = top->curvature;
        const double determinant = xx * yy - xy * xy;
        peak.gaussian.mean[0] += step * top->top[0];
        peak.gaussian.mean[1] += step * top->top[1];
        const double scale = step * step / determinant;
        peak.gaussian.covariance = {scale * yy, -scale * xy, dimensions == 1 ? 1 : scale * xx};
        peak.narrowest = step / std::sqrt(dimensions == 1 ? xx : larger_eigenvalue(top->curvature));
        peak.log_mass = height + top->rise + dimensions * std::log(2 * std::numbers::pi) / 2 +
                        dimensions * std::log(step) - std::log(determinant) / 2;
      }
      peaks.push_back(peak);
    }
  }
  std::ranges::sort(peaks, std::ranges::greater{}, &PosteriorPeak::log_mass);
  std::erase_if(peaks, [&](const PosteriorPeak& peak) {
    return peak.log_mass < peaks.front().log_mass - depth;
  });
  if (peaks.size() > kMostPeaks) peaks.resize(kMostPeaks);
  return peaks;
}

ResolvedPosterior resolve(InputLattice& values, const LatentGaussian& code) {
  const DecodedLattice& lattice = values.lattice();
  const bool is_line = values.dimensions() == 1;
  const double steps = is_line ? kStepsOnLine : kSteps;
  std::vector<LatticeTile> seeds = lattice.first_tiles();
  const LatticeTile own = lattice.tile_at(0, code.mean);
  if (std::ranges::find(seeds, own) == seeds.end()) seeds.push_back(own);
  values.flood(0, seeds, kFirstDepth, 4 * kMostTiles + seeds.size());
  ResolvedPosterior result;
  result.peaks = peaks_of(values, 0, kPeakDepth);
  double narrowest = std::numeric_limits<double>::max();
  for (const PosteriorPeak& peak : result.peaks) {
    if (peak.log_mass > result.peaks.front().log_mass - kPeakDepth / 2) {
      narrowest = std::min(narrowest, peak.narrowest);
    }
  }
  int level = 0;
  while (level + 1 < InputLattice::kLevels && lattice.spacing(level) * steps > narrowest) ++level;
  for (; level > 0; --level) {  // coarser, where that takes too many nodes
    seeds = {lattice.tile_at(level, code.mean)};
    for (const PosteriorPeak& peak : result.peaks) {
      seeds.push_back(lattice.tile_at(level, peak.gaussian.mean));
      if (const auto over = tiles_over(lattice, level, peak.gaussian, 3, kMostOfPeak)) {
        seeds.insert(seeds.end(), over->begin(), over->end());
      }
    }
    if (values.flood(level, seeds, kDepth, kMostTiles)) break;
  }
  for (;;) {
    const auto [all, even] = sums_of(values, level);
    result.level = level;
    result.log_likelihood = all;
    result.error = std::abs(all - even);
    if (result.error <= (is_line ? kSettledOnLine : kSettled) || level + 1 == InputLattice::kLevels)
      break;
    seeds.clear();
    for (const auto& [tile, nodes] : values.level(level)) {
      if (std::ranges::max(nodes) <= values.best(level) - kSeedDepth) continue;
      const auto parts = parts_of(tile, values.dimensions());
      seeds.insert(seeds.end(), parts.begin(), parts.end());
    }
    if (seeds.size() > kMostTiles || !values.flood(level + 1, seeds, kDepth, kMostTiles)) break;
    ++level;
  }
  if (auto finer = peaks_of(values, result.level, kPeakDepth); !finer.empty()) {
    result.peaks = std::move(finer);
  }
  return result;
}

}  // namespace zscape
