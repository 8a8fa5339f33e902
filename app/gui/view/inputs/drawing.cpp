#include "app/gui/view/inputs/drawing.h"

#include <algorithm>
#include <cmath>

namespace zscape {
namespace {

constexpr float kInk = 0.1F;             // fainter is ground
constexpr float kInkShare = 20.0F / 28;  // of the picture's side

// A part of an image: pixels, not whole ones in general.
struct PixelRect {
  float x = 0, y = 0, width = 0, height = 0;
};

float distance(Vec2 point, Vec2 from, Vec2 to) {
  const Vec2 along = to - from;
  const Vec2 offset = point - from;
  const float square = along.x * along.x + along.y * along.y;
  const float part =
      square > 0 ? std::clamp((offset.x * along.x + offset.y * along.y) / square, 0.0F, 1.0F) : 0;
  return std::hypot(offset.x - part * along.x, offset.y - part * along.y);
}

float distance(Vec2 point, const std::vector<Vec2>& stroke) {
  float least = distance(point, stroke.front(), stroke.front());
  for (std::size_t i = 1; i < stroke.size(); ++i) {
    least = std::min(least, distance(point, stroke[i - 1], stroke[i]));
  }
  return least;
}

// How much of [low, high] lies in the pixel that begins at `pixel`.
float overlap(float low, float high, int pixel) {
  const auto begin = static_cast<float>(pixel);
  return std::max(std::min(high, begin + 1) - std::max(low, begin), 0.0F);
}

// The mean over a part of the image; what lies outside is ground.
float mean_over(const GreyImage& image, const PixelRect& part) {
  const int top = std::max(static_cast<int>(std::floor(part.y)), 0);
  const int left = std::max(static_cast<int>(std::floor(part.x)), 0);
  float sum = 0;
  for (int y = top; y < image.height && static_cast<float>(y) < part.y + part.height; ++y) {
    const float rows = overlap(part.y, part.y + part.height, y);
    for (int x = left; x < image.width && static_cast<float>(x) < part.x + part.width; ++x) {
      sum += rows * overlap(part.x, part.x + part.width, x) *
             image.values[static_cast<std::size_t>(y * image.width + x)];
    }
  }
  return sum / (part.width * part.height);
}

std::vector<std::uint8_t> sampled(const GreyImage& image, const PixelRect& from,
                                  const ImageShape& shape) {
  std::vector<std::uint8_t> pixels;
  pixels.reserve(static_cast<std::size_t>(shape.size()));
  const float width = from.width / static_cast<float>(shape.width);
  const float height = from.height / static_cast<float>(shape.height);
  for (int y = 0; y < shape.height; ++y) {
    for (int x = 0; x < shape.width; ++x) {
      const float value =
          mean_over(image, {from.x + static_cast<float>(x) * width,
                            from.y + static_cast<float>(y) * height, width, height});
      const auto byte = static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 1.0F) * 255));
      pixels.insert(pixels.end(), static_cast<std::size_t>(shape.channels), byte);
    }
  }
  return pixels;
}

}  // namespace

GreyImage rasterise(const Drawing& drawing, int side) {
  GreyImage image{side, side, std::vector<float>(static_cast<std::size_t>(side * side))};
  const auto pixels = static_cast<float>(side);
  for (const auto& stroke : drawing.strokes) {
    Vec2 low = stroke.front(), high = stroke.front();
    for (const Vec2& point : stroke) {
      low = {std::min(low.x, point.x), std::min(low.y, point.y)};
      high = {std::max(high.x, point.x), std::max(high.y, point.y)};
    }
    const float reach = Drawing::kBrush + 1 / pixels;
    const auto pixel = [&](float place) {
      return std::clamp(static_cast<int>(place * pixels), 0, side - 1);
    };
    for (int y = pixel(low.y - reach); y <= pixel(high.y + reach); ++y) {
      for (int x = pixel(low.x - reach); x <= pixel(high.x + reach); ++x) {
        const Vec2 place{(static_cast<float>(x) + 0.5F) / pixels,
                         (static_cast<float>(y) + 0.5F) / pixels};
        const float cover = (Drawing::kBrush - distance(place, stroke)) * pixels + 0.5F;
        float& value = image.values[static_cast<std::size_t>(y * side + x)];
        value = std::max(value, std::clamp(cover, 0.0F, 1.0F));
      }
    }
  }
  return image;
}

std::vector<std::uint8_t> centred_like_mnist(const GreyImage& image, const ImageShape& shape) {
  int left = image.width, right = -1, top = image.height, bottom = -1;
  double mass = 0, mass_x = 0, mass_y = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const float value = image.values[static_cast<std::size_t>(y * image.width + x)];
      if (value < kInk) continue;
      left = std::min(left, x);
      right = std::max(right, x);
      top = std::min(top, y);
      bottom = std::max(bottom, y);
      mass += value;
      mass_x += value * (x + 0.5);
      mass_y += value * (y + 0.5);
    }
  }
  if (mass <= 0) return {};
  // The window of the image that the whole picture shows: its pixels a picture's pixel.
  const float scale = std::max(
      static_cast<float>(right + 1 - left) / (kInkShare * static_cast<float>(shape.width)),
      static_cast<float>(bottom + 1 - top) / (kInkShare * static_cast<float>(shape.height)));
  const float width = scale * static_cast<float>(shape.width);
  const float height = scale * static_cast<float>(shape.height);
  return sampled(image,
                 {static_cast<float>(mass_x / mass) - width / 2,
                  static_cast<float>(mass_y / mass) - height / 2, width, height},
                 shape);
}

std::vector<std::uint8_t> resized(const GreyImage& image, const ImageShape& shape) {
  return sampled(image, {0, 0, static_cast<float>(image.width), static_cast<float>(image.height)},
                 shape);
}

void make_ink_light(GreyImage& image) {
  double border = 0;
  int count = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      if (y > 0 && x > 0 && y + 1 < image.height && x + 1 < image.width) continue;
      border += image.values[static_cast<std::size_t>(y * image.width + x)];
      ++count;
    }
  }
  if (count == 0 || border / count <= 0.5) return;
  for (float& value : image.values) value = 1 - value;
}

}  // namespace zscape
