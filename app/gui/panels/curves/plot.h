#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/curves.h"

namespace zscape {

// The figure of a curve point that a plot shows.
enum class CurveField { loss, reconstruction, kl };
float value_of(const CurvePoint& point, CurveField field);

struct Range {
  double low = 0;
  double high = 1;

  double span() const { return high - low; }
  bool operator==(const Range&) const = default;
};

// All points of a curve that fall on one pixel column.
struct Column {
  int x = 0;        // pixel column, 0 … width-1
  float first = 0;  // values in the order of steps
  float last = 0;
  float lowest = 0;
  float highest = 0;
};

// A curve seen through so many pixel columns over a range of steps: at most one entry a column, and
// no extreme is lost. Values that are not finite are left out.
std::vector<Column> decimate(const Curve& curve, CurveField field, Range steps, int width);

// A decimated curve, made again only when the curve, the range or the width changed.
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

// The range that shows the curve well: a few wild columns (at the very start, mostly) must not
// flatten the rest. outliers: the part of the columns that may be cut off at each end; 0 keeps all.
// Some room is left above and below. A range of [0, 1] where there is nothing.
Range value_range(const std::vector<Column>& columns, double outliers);

struct Tick {
  double value = 0;
  std::string label;
};

// Round numbers (1, 2, 5 · 10^n) inside a range, at most so many.
std::vector<Tick> ticks(Range range, int at_most);

// Powers of ten inside a range (with 2 and 5 between them where there is room), low > 0.
std::vector<Tick> log_ticks(Range range, int at_most);

// The index of the point whose step is nearest; the curve must not be empty.
std::size_t nearest_index(const Curve& curve, double step);

}  // namespace zscape
