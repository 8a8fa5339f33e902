#pragma once

#include <vector>

namespace zscape {

// A point of the pen's path in hundredths of the glyph's box: x to the right, y downwards.
struct StrokePoint {
  int x = 0;
  int y = 0;
  bool corner = false;  // the pen turns sharply here instead of rounding the point
};

// One movement of the pen: a smooth curve through its points, in order.
struct Stroke {
  std::vector<StrokePoint> points;
  bool closed = false;  // from the last point back to the first
};

// One way in which people write a digit.
struct Glyph {
  int weight = 1;  // how often, relative to the digit's other glyphs; ≥ 1
  std::vector<Stroke> strokes;
};

// All ways to write a digit, 0 … 9. Our own drawings. Any thread may call it.
const std::vector<Glyph>& glyphs_of(int digit);

}  // namespace zscape
