#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace zscape {

// A point of the pen's path in pixels: x to the right, y downwards; (0, 0) is the outer corner of
// the first pixel.
struct PenPoint {
  float x = 0;
  float y = 0;
  float radius = 1;     // half the line's width here, > 0
  bool corner = false;  // the line turns sharply here
};

// Draws smooth lines with round ends on a small grey picture, anti-aliased over one pixel. Uses
// only
// + − × ÷ √, so every machine draws the same bits. Clips lines at the picture's edge.
class Rasteriser {
 public:
  Rasteriser(int width, int height);

  void clear();

  // Draws the piecewise cubic curve through all points; its tangent is continuous except at
  // corners. Successive points must differ. closed: the curve returns to the first point.
  void draw(std::span<const PenPoint> points, bool closed);

  // pixels: [height, width]; 0 is untouched, 255 is ink.
  void read(std::span<std::uint8_t> pixels) const;

 private:
  void draw_segment(const PenPoint& from, const PenPoint& to);

  int width_;
  int height_;
  std::vector<float> coverage_;  // [height, width], in [0, 1]
};

}  // namespace zscape
