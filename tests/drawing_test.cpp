// A drawing as pixels, brought to the data's shape as MNIST's digits were.

#include "app/gui/view/inputs/drawing.h"

#include <gtest/gtest.h>

#include <numeric>

namespace zscape {
namespace {

constexpr ImageShape kMnist{28, 28, 1};

struct Box {
  int left = 99, right = -1, top = 99, bottom = -1;
  double mass_x = 0, mass_y = 0;
};

Box ink_of(const std::vector<std::uint8_t>& pixels, const ImageShape& shape) {
  Box box;
  double mass = 0;
  for (int y = 0; y < shape.height; ++y) {
    for (int x = 0; x < shape.width; ++x) {
      const int value = pixels[static_cast<std::size_t>((y * shape.width + x) * shape.channels)];
      if (value < 26) continue;
      box.left = std::min(box.left, x);
      box.right = std::max(box.right, x);
      box.top = std::min(box.top, y);
      box.bottom = std::max(box.bottom, y);
      mass += value;
      box.mass_x += value * (x + 0.5);
      box.mass_y += value * (y + 0.5);
    }
  }
  box.mass_x /= mass;
  box.mass_y /= mass;
  return box;
}

TEST(Drawing, ADotIsADiscOfTheBrush) {
  const Drawing drawing{{{{0.5F, 0.5F}}}};
  const GreyImage image = rasterise(drawing, 200);
  const double area = std::accumulate(image.values.begin(), image.values.end(), 0.0);
  const double radius = Drawing::kBrush * 200;
  EXPECT_NEAR(area, 3.14159 * radius * radius, 0.02 * area);
  EXPECT_EQ(image.values[0], 0);
  EXPECT_EQ(image.values[100 * 200 + 100], 1);
}

TEST(Drawing, AStrokeHasNoGaps) {
  const Drawing drawing{{{{0.1F, 0.2F}, {0.9F, 0.7F}}}};
  const GreyImage image = rasterise(drawing, 140);
  for (int i = 0; i <= 50; ++i) {
    const float part = static_cast<float>(i) / 50;
    const auto x = static_cast<std::size_t>((0.1F + 0.8F * part) * 140);
    const auto y = static_cast<std::size_t>((0.2F + 0.5F * part) * 140);
    EXPECT_EQ(image.values[y * 140 + x], 1);
  }
}

TEST(Drawing, StrokesAtTheEdgeStayOnTheCanvas) {
  const Drawing drawing{{{{-0.5F, 0.0F}, {1.5F, 1.0F}}, {{2, 2}}}};
  EXPECT_EQ(rasterise(drawing, 50).values.size(), 2500U);
}

TEST(Centred, TheInkIsScaledToTwentyPixelsAroundItsCentreOfMass) {
  for (const float size : {0.1F, 0.6F}) {
    // An L in a corner: its centre of mass is not that of its box.
    const Drawing drawing{{{{0.1F, 0.1F}, {0.1F, 0.1F + size}, {0.1F + size / 2, 0.1F + size}}}};
    const auto pixels = centred_like_mnist(rasterise(drawing, 140), kMnist);
    ASSERT_EQ(pixels.size(), 784U);
    const Box box = ink_of(pixels, kMnist);
    EXPECT_NEAR(box.bottom + 1 - box.top, 20, 1) << size;
    EXPECT_NEAR(box.mass_x, 14, 0.3) << size;
    EXPECT_NEAR(box.mass_y, 14, 0.3) << size;
  }
}

TEST(Centred, KeepsProportionsInOtherShapesAndChannels) {
  const Drawing drawing{{{{0.3F, 0.1F}, {0.3F, 0.9F}}}};
  const ImageShape shape{16, 32, 3};
  const auto pixels = centred_like_mnist(rasterise(drawing, 140), shape);
  ASSERT_EQ(pixels.size(), static_cast<std::size_t>(shape.size()));
  const Box box = ink_of(pixels, shape);
  EXPECT_NEAR(box.bottom + 1 - box.top, 16 * 20 / 28, 1);
  EXPECT_LE(box.right - box.left, 3);
  EXPECT_EQ(pixels[3 * (8 * 32 + 16)], pixels[3 * (8 * 32 + 16) + 2]);
}

TEST(Centred, NothingIsNothing) {
  EXPECT_TRUE(centred_like_mnist(rasterise({}, 140), kMnist).empty());
}

TEST(Resized, TakesTheMeanOfWhatAPixelCovers) {
  const GreyImage image{4, 2, {0, 1, 1, 1, 0, 1, 0, 0}};
  const auto pixels = resized(image, {1, 2, 1});
  EXPECT_EQ(pixels, (std::vector<std::uint8_t>{128, 128}));
  EXPECT_EQ(resized(image, {2, 4, 1}), (std::vector<std::uint8_t>{0, 255, 255, 255, 0, 255, 0, 0}));
}

TEST(MakeInkLight, InvertsWhatHasALightBorderOnly) {
  GreyImage paper{3, 3, {1, 1, 1, 1, 0, 1, 1, 1, 1}};
  make_ink_light(paper);
  EXPECT_EQ(paper.values, (std::vector<float>{0, 0, 0, 0, 1, 0, 0, 0, 0}));
  make_ink_light(paper);
  EXPECT_EQ(paper.values[4], 1);
}

}  // namespace
}  // namespace zscape
