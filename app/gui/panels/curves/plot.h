#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/curves.h"

namespace zscape {

// The value of a curve point that a plot shows.
enum class CurveField { loss, reconstruction, kl };
float value_of(const CurvePoint& point, CurveField field);

struct Range {
  double low = 0;
  double high = 1;

  double span() const { return high - low; }
  bool operator==(const Range&) const = default;
};

// The points of a curve that share a pixel column.
struct Column {
  int x = 0;        // pixel column, 0 … width-1
  float first = 0;  // values in the order of steps
  float last = 0;
  float lowest = 0;
  float highest = 0;
};

// A curve reduced to pixel columns over a range of steps: at most one entry per column, and no
// extreme is lost. Values that are not finite are left out.
std::vector<Column> decimate(const Curve& curve, CurveField field, Range steps, int width);

// A decimated curve, recomputed only when the curve, the range or the width changes.
class SeriesCache {
 public:
  const std::vector<Column>& columns(const Curve& curve, CurveField field, Range steps, int width);
  const std::vector<Column>& last_columns() const { return columns_; }

 private:
  struct Key {
    std::size_t size = 0;
    CurvePoint last;
    Range steps;
    int width = -1;
    CurveField field = CurveField::loss;

    bool same_as(const Key& other) const;
  };
  Key key_;
  std::vector<Column> columns_;
};

// A range that shows the curve well: a few wild columns, mostly at the very start, must not flatten
// the rest. outliers: the share of columns that may be cut off at each end; 0 keeps all. The range
// has some room above and below; it is [0, 1] where there is nothing.
Range value_range(const std::vector<Column>& columns, double outliers);

struct Tick {
  double value = 0;
  std::string label;
};

// At most so many round numbers (1, 2, 5 · 10^n) inside a range.
std::vector<Tick> ticks(Range range, int at_most);

// Powers of ten inside a range, with 2 and 5 between them where there is room; low > 0.
std::vector<Tick> log_ticks(Range range, int at_most);

// The index of the point whose step is nearest; the curve must not be empty.
std::size_t nearest_index(const Curve& curve, double step);

// The index of the last point at or before a step; nothing: the curve begins later.
std::optional<std::size_t> index_at(const Curve& curve, double step);

}  // namespace zscape
