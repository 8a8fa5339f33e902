#include "engine/data/picture_fit.h"

#include <stb_image_resize.h>  // not stb_image_resize2.h, whose code no libstb holds yet

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <utility>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kLargestOwnSide = 64;
constexpr ImageSize kFormerSize = {28, 28};

// A part of a picture, or a place in one.
struct Box {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

int scaled(int length, int to, int from) {
  return static_cast<int>(std::lround(static_cast<double>(length) * to / from));
}

// The middle of a picture with the proportions of the size.
Box middle(int width, int height, const ImageSize& size) {
  Box box{0, 0, width, height};
  if (std::int64_t{width} * size.height > std::int64_t{height} * size.width) {
    box.width = std::clamp(scaled(height, size.width, size.height), 1, width);
  } else {
    box.height = std::clamp(scaled(width, size.height, size.width), 1, height);
  }
  box.x = (width - box.width) / 2;
  box.y = (height - box.height) / 2;
  return box;
}

// Where a whole picture lies in the size.
Box inside(int width, int height, const ImageSize& size) {
  Box box{0, 0, size.width, size.height};
  if (std::int64_t{width} * size.height > std::int64_t{height} * size.width) {
    box.height = std::clamp(scaled(size.width, height, width), 1, size.height);
  } else {
    box.width = std::clamp(scaled(size.height, width, height), 1, size.width);
  }
  box.x = (size.width - box.width) / 2;
  box.y = (size.height - box.height) / 2;
  return box;
}

// 43 → 44; sides below 16 would lose too much.
int multiple_of_four(int side) {
  return side < 16 ? side : (side + 2) / 4 * 4;
}

int upper_median(std::vector<int> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// The size with these proportions whose longer side is `longer`.
ImageSize with_longer_side(const ImageSize& size, int longer) {
  const int own = std::max(size.width, size.height);
  const auto side = [&](int length) {
    return std::max(multiple_of_four(scaled(length, longer, own)), 1);
  };
  return {side(size.height), side(size.width)};
}

// Lays [pixels, colours + 1] over the ground in place; the result stands at the front. True: parts
// are transparent.
bool compose(std::span<std::uint8_t> pixels, std::size_t colours, Ground ground) {
  const int behind = ground == Ground::white ? 255 : 0;
  bool transparent = false;
  std::size_t to = 0;
  for (std::size_t from = 0; from < pixels.size(); from += colours + 1) {
    const int alpha = pixels[from + colours];
    transparent = transparent || alpha < 255;
    for (std::size_t c = 0; c < colours; ++c) {
      const int mixed = pixels[from + c] * alpha + behind * (255 - alpha);
      pixels[to++] = static_cast<std::uint8_t>((mixed + 127) / 255);
    }
  }
  return transparent;
}

}  // namespace

std::vector<std::uint8_t> upright(const PixelView& picture, int channels, int orientation) {
  const bool turns = orientation >= 5;
  const int width = turns ? picture.height : picture.width;
  const int height = turns ? picture.width : picture.height;
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const auto size = static_cast<std::size_t>(channels);
  std::vector<std::uint8_t> seen(static_cast<std::size_t>(width) *
                                 static_cast<std::size_t>(height) * size);
  std::uint8_t* to = seen.data();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x, to += size) {
      const int column = turns ? y : x, row = turns ? x : y;
      const int from_x = from_right ? picture.width - 1 - column : column;
      const int from_y = from_below ? picture.height - 1 - row : row;
      const std::size_t from =
          static_cast<std::size_t>(from_y) * static_cast<std::size_t>(picture.width) +
          static_cast<std::size_t>(from_x);
      std::memcpy(to, picture.pixels + from * size, size);
    }
  }
  return seen;
}

bool fit_picture(const PixelView& picture, const ImageShape& shape, const PictureRules& rules,
                 std::span<std::uint8_t> to) {
  const ImageSize size{shape.height, shape.width};
  Box part{0, 0, picture.width, picture.height}, place{0, 0, shape.width, shape.height};
  if (rules.fit == Fit::crop) part = middle(picture.width, picture.height, size);
  if (rules.fit == Fit::pad) {
    place = inside(picture.width, picture.height, size);
    std::ranges::fill(to, static_cast<std::uint8_t>(rules.ground == Ground::white ? 255 : 0));
  }
  const auto offset = [&](const Box& box, int width) {
    return (static_cast<std::size_t>(box.y) * static_cast<std::size_t>(width) +
            static_cast<std::size_t>(box.x)) *
           static_cast<std::size_t>(shape.channels);
  };
  const std::uint8_t* from = picture.pixels + offset(part, picture.width);
  std::uint8_t* target = to.data() + offset(place, shape.width);
  const int from_stride = picture.width * shape.channels, stride = shape.width * shape.channels;
  if (part.width == place.width && part.height == place.height) {
    for (int y = 0; y < part.height; ++y, from += from_stride, target += stride) {
      std::copy_n(from, part.width * shape.channels, target);
    }
    return true;
  }
  return stbir_resize_uint8(from, part.width, part.height, from_stride, target, place.width,
                            place.height, stride, shape.channels) != 0;
}

Expected<bool> finish_picture(std::span<std::uint8_t> decoded, int width, int height,
                              int orientation, const ImageShape& shape, const PictureRules& rules,
                              std::span<std::uint8_t> to, const std::string& path) {
  const bool transparent = compose(decoded, static_cast<std::size_t>(shape.channels), rules.ground);
  PixelView picture{decoded.data(), width, height};
  std::vector<std::uint8_t> turned;
  if (orientation > 1) {
    turned = upright(picture, shape.channels, orientation);
    picture.pixels = turned.data();
    if (orientation >= 5) std::swap(picture.width, picture.height);
  }
  if (fit_picture(picture, shape, rules, to)) return transparent;
  return fail(
      tr("'{}' cannot be resized to {}x{}: not enough memory", path, shape.height, shape.width));
}

double share_lost(int width, int height, const ImageSize& size, Fit fit) {
  const auto area = [](int of_width, int of_height) {
    return static_cast<double>(of_width) * of_height;
  };
  if (fit == Fit::stretch) return 0;
  if (fit == Fit::crop) {
    const Box box = middle(width, height, size);
    return 1 - area(box.width, box.height) / area(width, height);
  }
  const Box box = inside(width, height, size);
  return 1 - area(box.width, box.height) / area(size.width, size.height);
}

ImageSize size_for(const std::vector<ImageSize>& sizes, Fit fit) {
  const ImageSize first = sizes.front();
  const bool alike =
      std::ranges::all_of(sizes, [&](const ImageSize& size) { return size == first; });
  if (alike && std::max(first.width, first.height) <= kLargestOwnSide) return first;
  if (fit == Fit::stretch) return kFormerSize;
  std::vector<int> longer, shorter;
  for (const ImageSize& size : sizes) {
    longer.push_back(std::max(size.width, size.height));
    shorter.push_back(std::min(size.width, size.height));
  }
  const int side = std::min(upper_median(longer), kLargestOwnSide);
  const ImageSize chosen = with_longer_side(first, side);
  const bool same_proportions = std::ranges::all_of(
      sizes, [&](const ImageSize& size) { return with_longer_side(size, side) == chosen; });
  if (same_proportions) return chosen;
  const int of_square = multiple_of_four(std::min(upper_median(shorter), kLargestOwnSide));
  return {of_square, of_square};
}

}  // namespace zscape
