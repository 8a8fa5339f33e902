#include "engine/eval/posterior_regions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <utility>

namespace zscape {
namespace {

constexpr int kFiner = 4;  // of what is drawn: so many steps between two nodes
constexpr int kFinerOnLine = 16;
constexpr double kMargin = 3;      // nats below the lowest threshold, about
constexpr double kLeastDepth = 5;  // nats below the peak that are always looked at
constexpr double kFar = 60;        // nats below the peak, of nodes that nobody has looked at

// Catmull and Rom's spline between b and c: exact for parabolas.
double spline(double a, double b, double c, double d, double t) {
  return b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

using Node = std::pair<std::int64_t, std::int64_t>;  // column, row

// Numbers of fine nodes, kFiner times those of the level.
std::uint64_t key_of(std::int64_t column, std::int64_t row) {
  constexpr std::int64_t kMiddle = std::int64_t{1} << 31;
  return static_cast<std::uint64_t>(column + kMiddle) << 32 |
         static_cast<std::uint64_t>(row + kMiddle);
}
// How much of the mass lies above a height, by cells of equal size: counted in small steps, which
// is ten times quicker than to sort thousands of cells.
class MassAbove {
 public:
  // best: the highest cell; a cell's mass is e^(height − log_total).
  MassAbove(double best, double log_total) : best_(best), log_total_(log_total) {}

  void add(double height) {
    const double step = (best_ - height) * kSteps;
    if (step < static_cast<double>(masses_.size())) {
      masses_[static_cast<std::size_t>(std::max(step, 0.0))] += std::exp(height - log_total_);
    }
  }

  // The height above which this share lies.
  double threshold(double mass) const {
    double above = 0;
    for (std::size_t i = 0; i < masses_.size(); ++i) {
      if (above + masses_[i] >= mass) {
        const double share = (mass - above) / masses_[i];
        return best_ - (static_cast<double>(i) + share) / kSteps;
      }
      above += masses_[i];
    }
    return best_ - static_cast<double>(masses_.size()) / kSteps;
  }

 private:
  static constexpr double kSteps = 200;  // a nat
  const double best_, log_total_;
  std::vector<double> masses_ = std::vector<double>(4000);  // 20 nats
};

// log p(x, z) between the nodes.
class FineLattice {
 public:
  // Four nodes of the level, of which one is high enough, and what is between them.
  struct Cell {
    Node node;                                                  // the lower left one
    std::array<double, (kFiner + 1) * (kFiner + 1)> heights{};  // by rows
    double height(int i, int j) const {
      return heights[static_cast<std::size_t>(j * (kFiner + 1) + i)];
    }
  };

  FineLattice(const InputLattice& values, int level, double lowest)
      : values_(values),
        level_(level),
        low_(values.best(level) - kFar),
        step_(values.lattice().spacing(level) / kFiner) {
    const std::int64_t side = values.lattice().side();
    std::vector<Node> nodes;
    for (const auto& [tile, heights] : values.level(level)) {
      for (int number = 0; number < DecodedLattice::kNodes; ++number) {
        if (heights[static_cast<std::size_t>(number)] < lowest) continue;
        const std::int64_t column = side * tile.place[0] + number % side;
        const std::int64_t row = side * tile.place[1] + number / side;
        for (const auto& [x, y] : {Node{0, 0}, {-1, 0}, {0, -1}, {-1, -1}}) {
          nodes.emplace_back(row + y, column + x);  // to be sorted by rows
        }
      }
    }
    std::ranges::sort(nodes);
    const auto [first, last] = std::ranges::unique(nodes);
    nodes.erase(first, last);
    cells_.reserve(nodes.size());
    for (const auto& [row, column] : nodes) {
      cells_.push_back({{column, row}});
      fill(cells_.back());
    }
  }

  const std::vector<Cell>& cells() const { return cells_; }  // by rows
  double step() const { return step_; }
  void add_to(MassAbove& mass) const {
    for (const Cell& cell : cells_) {
      for (int j = 0; j < kFiner; ++j) {
        for (int i = 0; i < kFiner; ++i) mass.add(cell.height(i, j));
      }
    }
  }
  double highest() const {
    double highest = -std::numeric_limits<double>::infinity();
    for (const Cell& cell : cells_) highest = std::max(highest, std::ranges::max(cell.heights));
    return highest;
  }

 private:
  // Between b and c; at both ends exactly what a cell beside has there.
  static double between(const std::array<double, 4>& values, int step) {
    if (step == kFiner) return values[2];
    return spline(values[0], values[1], values[2], values[3], step / double{kFiner});
  }

  void fill(Cell& cell) const {
    std::array<std::array<double, 4>, 4> around{};  // [row][column]
    for (int j = 0; j < 4; ++j) {
      for (int i = 0; i < 4; ++i) {
        const auto found = values_.at(level_, cell.node.first + i - 1, cell.node.second + j - 1);
        around[static_cast<std::size_t>(j)][static_cast<std::size_t>(i)] =
            std::max(found.value_or(low_), low_);
      }
    }
    for (int i = 0; i <= kFiner; ++i) {
      std::array<double, 4> column{};
      for (std::size_t r = 0; r < 4; ++r) column[r] = between(around[r], i);
      for (int j = 0; j <= kFiner; ++j) {
        cell.heights[static_cast<std::size_t>(j * (kFiner + 1) + i)] = between(column, j);
      }
    }
  }

  const InputLattice& values_;
  const int level_;
  const double low_, step_;
  std::vector<Cell> cells_;
};

struct Corner {
  Node node;
  double height = 0;
};

// Where the border crosses the line between two fine nodes.
using Crossing = std::pair<std::uint64_t, std::uint64_t>;  // their keys, the lower one first

// A region's triangles and its border, by marching triangles.
class RegionMaker {
 public:
  RegionMaker(const FineLattice& fine, PosteriorRegion& region) : fine_(fine), region_(region) {}

  void make() {
    for (const FineLattice::Cell& cell : fine_.cells()) {
      const auto [low, high] = std::ranges::minmax(cell.heights);
      if (high < region_.log_threshold) continue;
      if (low >= region_.log_threshold) {
        add_whole(cell.node.first * kFiner, cell.node.second * kFiner, kFiner);
        continue;
      }
      for (int j = 0; j < kFiner; ++j) {
        for (int i = 0; i < kFiner; ++i) add_square(cell, i, j);
      }
    }
    end_run();
    chain();
  }

 private:
  using Place = std::array<double, 2>;

  bool is_in(const Corner& corner) const { return corner.height >= region_.log_threshold; }
  Place place_of(const Node& node) const {
    return {fine_.step() * static_cast<double>(node.first),
            fine_.step() * static_cast<double>(node.second)};
  }

  void add_square(const FineLattice::Cell& cell, int i, int j) {
    const std::int64_t column = cell.node.first * kFiner + i, row = cell.node.second * kFiner + j;
    const auto corner = [&](int x, int y) {
      return Corner{{column + x, row + y}, cell.height(i + x, j + y)};
    };
    const Corner a = corner(0, 0), b = corner(1, 0), c = corner(1, 1), d = corner(0, 1);
    if (!is_in(a) && !is_in(b) && !is_in(c) && !is_in(d)) return;
    if (is_in(a) && is_in(b) && is_in(c) && is_in(d)) {
      add_whole(column, row, 1);
      return;
    }
    add_triangle(a, b, c);
    add_triangle(a, c, d);
  }

  // Whole squares side by side are drawn as one.
  void add_whole(std::int64_t column, std::int64_t row, int size) {
    if (run_ && run_->second == row && run_end_ == column && run_height_ == size) {
      run_end_ += size;
      return;
    }
    end_run();
    run_ = Node{column, row};
    run_end_ = column + size;
    run_height_ = size;
  }

  void end_run() {
    if (!run_) return;
    const auto [column, row] = *std::exchange(run_, std::nullopt);
    const Place low = place_of({column, row}), high = place_of({run_end_, row + run_height_});
    add_face(low, {high[0], low[1]}, high);
    add_face(low, high, {low[0], high[1]});
  }

  void add_face(const Place& a, const Place& b, const Place& c) {
    for (const Place& place : {a, b, c}) {
      region_.triangles.push_back(static_cast<float>(place[0]));
      region_.triangles.push_back(static_cast<float>(place[1]));
    }
  }

  // Corners against the clock, so that the border has the region at its left.
  void add_triangle(const Corner& a, const Corner& b, const Corner& c) {
    const std::array<Corner, 3> corners{a, b, c};
    std::vector<Place> inside;
    std::optional<Crossing> leaves, enters;
    for (std::size_t i = 0; i < 3; ++i) {
      const Corner& from = corners[i];
      const Corner& to = corners[(i + 1) % 3];
      if (is_in(from)) inside.push_back(place_of(from.node));
      if (is_in(from) == is_in(to)) continue;
      const Crossing crossing = crossing_of(from, to);
      inside.push_back(places_.at(crossing));
      (is_in(from) ? leaves : enters) = crossing;
    }
    for (std::size_t i = 2; i < inside.size(); ++i) add_face(inside[0], inside[i - 1], inside[i]);
    if (leaves) next_[*leaves] = *enters;
  }

  Crossing crossing_of(const Corner& from, const Corner& to) {
    const std::uint64_t a = key_of(from.node.first, from.node.second);
    const std::uint64_t b = key_of(to.node.first, to.node.second);
    const Corner& low = a < b ? from : to;
    const Corner& high = a < b ? to : from;
    const Crossing crossing{std::min(a, b), std::max(a, b)};
    const auto [entry, is_new] = places_.try_emplace(crossing);
    if (is_new) {
      const double t = (region_.log_threshold - low.height) / (high.height - low.height);
      const Place p = place_of(low.node), q = place_of(high.node);
      entry->second = {p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])};
    }
    return crossing;
  }

  void chain() {
    while (!next_.empty()) {
      std::vector<float> line;
      auto at = next_.begin();
      while (at != next_.end()) {
        const Place& place = places_.at(at->first);
        line.push_back(static_cast<float>(place[0]));
        line.push_back(static_cast<float>(place[1]));
        const Crossing to = at->second;
        next_.erase(at);
        at = next_.find(to);
      }
      region_.outlines.push_back(std::move(line));
    }
  }

  const FineLattice& fine_;
  PosteriorRegion& region_;
  std::optional<Node> run_;  // its first square
  std::int64_t run_end_ = 0;
  int run_height_ = 1;
  std::map<Crossing, Place> places_;
  std::map<Crossing, Crossing> next_;  // along the border
};

struct FineLine {
  std::vector<double> z, height;  // one row of equal steps, or several; z rises
  double step = 0;
};

FineLine fine_line(const InputLattice& values, int level, double lowest) {
  const double far = values.best(level) - kFar;
  const double spacing = values.lattice().spacing(level);
  std::vector<std::int64_t> cells;
  for (const auto& [tile, nodes] : values.level(level)) {
    for (int number = 0; number < DecodedLattice::kNodes; ++number) {
      if (nodes[static_cast<std::size_t>(number)] < lowest) continue;
      const std::int64_t column = DecodedLattice::kNodes * std::int64_t{tile.place[0]} + number;
      cells.push_back(column - 1);
      cells.push_back(column);
    }
  }
  std::ranges::sort(cells);
  const auto [first, last] = std::ranges::unique(cells);
  cells.erase(first, last);
  FineLine line;
  line.step = spacing / kFinerOnLine;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::int64_t column = cells[i];
    const auto height = [&](std::int64_t of) {
      return std::max(values.at(level, of, 0).value_or(far), far);
    };
    const bool is_end = i + 1 == cells.size() || cells[i + 1] != column + 1;
    for (int k = 0; k < kFinerOnLine + (is_end ? 1 : 0); ++k) {
      const double t = k / double{kFinerOnLine};
      line.z.push_back(spacing * (static_cast<double>(column) + t));
      line.height.push_back(
          spline(height(column - 1), height(column), height(column + 1), height(column + 2), t));
    }
  }
  return line;
}

void add_intervals(const FineLine& line, PosteriorRegion& region) {
  double from = 0;
  bool is_open = false;
  for (std::size_t i = 0; i < line.z.size(); ++i) {
    const bool is_in = line.height[i] >= region.log_threshold;
    const bool has_gap = i > 0 && line.z[i] - line.z[i - 1] > 1.5 * line.step;
    const auto crossing = [&] {
      const double low = line.height[i - 1], high = line.height[i];
      const double t = (region.log_threshold - low) / (high - low);
      return line.z[i - 1] + t * (line.z[i] - line.z[i - 1]);
    };
    if (is_in && !is_open) from = i == 0 || has_gap ? line.z[i] : crossing();
    if (!is_in && is_open) region.intervals.push_back({from, has_gap ? line.z[i - 1] : crossing()});
    is_open = is_in;
  }
  if (is_open) region.intervals.push_back({from, line.z.back()});
}

}  // namespace

std::vector<PosteriorRegion> regions_of(const InputLattice& values, int level,
                                        double log_likelihood, std::span<const double> masses) {
  const int dimensions = values.dimensions();
  const double spacing = values.lattice().spacing(level), best = values.best(level);
  MassAbove nodes(best, log_likelihood - dimensions * std::log(spacing));
  for (const auto& [tile, heights] : values.level(level)) {
    for (const double height : heights) nodes.add(height);
  }
  double lowest = best - kLeastDepth;
  for (const double mass : masses) lowest = std::min(lowest, nodes.threshold(mass));
  lowest -= kMargin;
  std::vector<PosteriorRegion> regions;
  if (dimensions == 1) {
    const FineLine line = fine_line(values, level, lowest);
    MassAbove above(std::ranges::max(line.height), log_likelihood - std::log(line.step));
    for (const double height : line.height) above.add(height);
    for (const double mass : masses) {
      PosteriorRegion& region = regions.emplace_back();
      region.mass = mass;
      region.log_threshold = above.threshold(mass);
      add_intervals(line, region);
    }
    return regions;
  }
  const FineLattice fine(values, level, lowest);
  MassAbove above(fine.highest(), log_likelihood - 2 * std::log(fine.step()));
  fine.add_to(above);
  for (const double mass : masses) {
    PosteriorRegion& region = regions.emplace_back();
    region.mass = mass;
    region.log_threshold = above.threshold(mass);
    RegionMaker(fine, region).make();
  }
  return regions;
}

PosteriorCurve curve_of(const InputLattice& values, int level, double log_likelihood) {
  constexpr double kDepth = 9;  // nats below the peak
  const FineLine line = fine_line(values, level, values.best(level) - kDepth);
  PosteriorCurve curve;
  for (std::size_t i = 0; i < line.z.size(); ++i) {
    curve.z.push_back(static_cast<float>(line.z[i]));
    curve.density.push_back(static_cast<float>(std::exp(line.height[i] - log_likelihood)));
  }
  return curve;
}

}  // namespace zscape
