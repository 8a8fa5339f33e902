#include "engine/data/synthetic.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

#include "engine/data/rasteriser.h"
#include "engine/data/strokes.h"

namespace zscape {
namespace {

constexpr int kSide = 28;
constexpr std::uint64_t kSeed = kSyntheticSeed;

template <class Values>
std::uint32_t checksum(const Values& values) {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(values.data()),
                                            values.size() * sizeof(typename Values::value_type)));
}

// The ink of one picture: its sum, centre and second moments, in pixels; y downwards.
struct Ink {
  double sum = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;
};

Ink measure(std::span<const std::uint8_t> pixels) {
  Ink ink;
  for (int row = 0; row < kSide; ++row) {
    for (int column = 0; column < kSide; ++column) {
      const double value = pixels[static_cast<std::size_t>(row * kSide + column)] / 255.0;
      ink.sum += value;
      ink.x += value * column;
      ink.y += value * row;
      ink.xx += value * column * column;
      ink.xy += value * column * row;
      ink.yy += value * row * row;
    }
  }
  ink.x /= ink.sum;
  ink.y /= ink.sum;
  ink.xx = ink.xx / ink.sum - ink.x * ink.x;
  ink.xy = ink.xy / ink.sum - ink.x * ink.y;
  ink.yy = ink.yy / ink.sum - ink.y * ink.y;
  return ink;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  double mean_a = 0, mean_b = 0, aa = 0, ab = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    mean_a += a[i] / n;
    mean_b += b[i] / n;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return ab / std::sqrt(aa * bb);
}

const Dataset& sample() {
  static const Dataset kData = make_synthetic(4000, 1000).value();
  return kData;
}

double factor(const Dataset& data, std::int64_t index, const std::string& name) {
  const auto& names = data.factor_names;
  const auto column = std::find(names.begin(), names.end(), name) - names.begin();
  return data.train.factors.at(static_cast<std::size_t>(index) * names.size() +
                               static_cast<std::size_t>(column));
}

// The correlation of what `seen` measures with what `made` says, within one digit.
template <class Seen, class Made>
double within_digit(int digit, const Seen& seen, const Made& made) {
  std::vector<double> a, b;
  for (std::int64_t i = 0; i < sample().train.count; ++i) {
    if (sample().train.label(i) != digit) continue;
    a.push_back(seen(measure(sample().image(SplitName::train, i))));
    b.push_back(made(i));
  }
  return correlation(a, b);
}

TEST(Synthetic, IsTheSameBitsOnEveryMachine) {
  const Dataset data = make_synthetic().value();
  ASSERT_EQ(data.train.count, 60000);
  ASSERT_EQ(data.test.count, 10000);
  EXPECT_EQ(checksum(data.train.pixels), 0x6d09bba4U);
  EXPECT_EQ(checksum(data.test.pixels), 0xe650f336U);
  EXPECT_EQ(checksum(data.train.labels), 0x26879a0fU);
  EXPECT_EQ(checksum(data.train.factors), 0x5ac6279dU);
}

TEST(Synthetic, SmallSetHasItsChecksum) {
  EXPECT_EQ(checksum(make_synthetic(500, 0, 1).value().train.pixels), 0xf2596a49U);
}

TEST(Synthetic, DoesNotDependOnTheThreadCount) {
  const Dataset one = make_synthetic(1503, 207, kSeed, {}, 1).value();
  for (const int threads : {2, 5}) {
    const Dataset other = make_synthetic(1503, 207, kSeed, {}, threads).value();
    EXPECT_EQ(one.train.pixels, other.train.pixels);
    EXPECT_EQ(one.test.pixels, other.test.pixels);
    EXPECT_EQ(one.train.labels, other.train.labels);
    EXPECT_EQ(one.train.factors, other.train.factors);
  }
}

TEST(Synthetic, SmallerSetBeginsTheLargerOne) {
  const Dataset small = make_synthetic(123, 45).value();
  for (std::int64_t i = 0; i < 123; ++i) {
    ASSERT_TRUE(
        std::ranges::equal(small.image(SplitName::train, i), sample().image(SplitName::train, i)));
    ASSERT_EQ(small.train.label(i), sample().train.label(i));
  }
  EXPECT_TRUE(
      std::ranges::equal(small.image(SplitName::test, 44), sample().image(SplitName::test, 44)));
}

TEST(Synthetic, SeedsAndSplitsDiffer) {
  const Dataset other = make_synthetic(100, 100, kSeed + 1).value();
  const Dataset data = make_synthetic(100, 100).value();
  EXPECT_NE(data.train.pixels, other.train.pixels);
  EXPECT_NE(data.train.labels, other.train.labels);
  EXPECT_NE(data.train.pixels, data.test.pixels);
  EXPECT_NE(data.train.labels, data.test.labels);
}

TEST(Synthetic, DescribesItself) {
  const Dataset& data = sample();
  EXPECT_EQ(data.name, "synthetic");
  EXPECT_EQ(data.source, "synthetic");
  EXPECT_EQ(data.shape, (ImageShape{28, 28, 1}));
  EXPECT_EQ(data.classes(), 10);
  EXPECT_EQ(data.class_names.front(), "0");
  EXPECT_EQ(data.class_names.back(), "9");
  EXPECT_EQ(data.train.pixels.size(), 4000U * 784U);
  EXPECT_EQ(data.train.labels.size(), 4000U);
  EXPECT_EQ(data.train.factors.size(), 4000U * data.factor_names.size());
  EXPECT_EQ(data.test.factors.size(), 1000U * data.factor_names.size());
}

TEST(Synthetic, EachTenImagesHoldEachDigitInRandomOrder) {
  std::set<std::vector<std::int32_t>> orders;
  const auto& labels = sample().train.labels;
  for (std::ptrdiff_t first = 0; first < std::ssize(labels); first += 10) {
    const std::vector<std::int32_t> order(labels.begin() + first, labels.begin() + first + 10);
    EXPECT_EQ(std::set<std::int32_t>(order.begin(), order.end()).size(), 10U);
    orders.insert(order);
  }
  EXPECT_GT(orders.size(), 390U);
}

TEST(Synthetic, FactorsStayInTheirRangesAndFillThem) {
  struct Range {
    const char* name;
    double low, high;
  };
  for (const Range& range :
       {Range{"slant", -0.22, 0.40}, Range{"thickness", 1.5, 3.6}, Range{"rotation", -11.5, 11.5},
        Range{"scale", 16.4, 20.4}, Range{"width", 0.8, 1.3}, Range{"shift_x", -1.5, 1.5},
        Range{"shift_y", -1.5, 1.5}}) {
    double least = 1e9, most = -1e9;
    for (std::int64_t i = 0; i < sample().train.count; ++i) {
      least = std::min(least, factor(sample(), i, range.name));
      most = std::max(most, factor(sample(), i, range.name));
    }
    const double slack = 0.12 * (range.high - range.low);
    EXPECT_GE(least, range.low - 1e-5) << range.name;
    EXPECT_LE(least, range.low + slack) << range.name;
    EXPECT_LE(most, range.high + 1e-5) << range.name;
    EXPECT_GE(most, range.high - slack) << range.name;
  }
}

TEST(Synthetic, ThicknessMakesInk) {
  for (int digit = 0; digit < 10; ++digit) {
    EXPECT_GT(within_digit(
                  digit, [](const Ink& ink) { return ink.sum; },
                  [](auto i) { return factor(sample(), i, "thickness"); }),
              digit == 1 ? 0.55 : 0.7)  // a one may have a foot
        << digit;
  }
}

TEST(Synthetic, SlantAndRotationLeanTheDigit) {
  const auto lean = [](const Ink& ink) { return -ink.xy / ink.yy; };  // to the right, per height
  for (int digit = 0; digit < 10; ++digit) {
    EXPECT_GT(within_digit(digit, lean, [](auto i) { return factor(sample(), i, "slant"); }), 0.4)
        << digit;
  }
  const auto both = [](auto i) {
    return factor(sample(), i, "slant") + factor(sample(), i, "rotation") * 0.0174533;
  };
  EXPECT_GT(within_digit(1, lean, both), 0.85);
  EXPECT_GT(within_digit(1, lean, both),
            within_digit(1, lean, [](auto i) { return factor(sample(), i, "slant"); }));
}

TEST(Synthetic, ScaleWidthAndShiftsActOnTheirAxes) {
  const auto of = [](const char* name) {
    return [name](std::int64_t i) { return factor(sample(), i, name); };
  };
  for (const int digit : {0, 3, 5, 8}) {
    EXPECT_GT(within_digit(
                  digit, [](const Ink& ink) { return ink.yy; }, of("scale")),
              0.55);
    EXPECT_GT(within_digit(
                  digit, [](const Ink& ink) { return ink.xx; }, of("width")),
              0.35);
    EXPECT_GT(within_digit(
                  digit, [](const Ink& ink) { return ink.x; }, of("shift_x")),
              0.6);
    EXPECT_GT(within_digit(
                  digit, [](const Ink& ink) { return ink.y; }, of("shift_y")),
              0.6);
  }
}

TEST(Synthetic, DigitsLieInTheMiddle) {
  int at_border = 0;
  for (std::int64_t i = 0; i < sample().train.count; ++i) {
    const auto pixels = sample().image(SplitName::train, i);
    const Ink ink = measure(pixels);
    EXPECT_NEAR(ink.x, 13.5, 4.5) << i;
    EXPECT_NEAR(ink.y, 13.5, 5.5) << i;
    EXPECT_GT(ink.sum, 20) << i;
    int border = 0;
    for (std::size_t k = 0; k < kSide; ++k) {
      border += pixels[k] + pixels[27 * kSide + k] + pixels[k * kSide] + pixels[k * kSide + 27];
    }
    at_border += border > 0;
  }
  EXPECT_LE(at_border, 4) << "of 4000";
}

// A nearest-mean classifier is about the weakest there is; what it tells apart, a 2-D code can.
TEST(Synthetic, DigitsAreDistinct) {
  std::vector<std::array<double, 784>> means(10);
  const Dataset& data = sample();
  for (std::int64_t i = 0; i < data.train.count; ++i) {
    auto& mean = means[static_cast<std::size_t>(data.train.label(i))];
    const auto pixels = data.image(SplitName::train, i);
    for (std::size_t k = 0; k < 784; ++k) mean[k] += pixels[k] / 400.0;
  }
  int right = 0;
  for (std::int64_t i = 0; i < data.test.count; ++i) {
    const auto pixels = data.image(SplitName::test, i);
    std::array<double, 10> distances{};
    for (std::size_t c = 0; c < 10; ++c) {
      for (std::size_t k = 0; k < 784; ++k) {
        distances[c] += (pixels[k] - means[c][k]) * (pixels[k] - means[c][k]);
      }
    }
    right += std::min_element(distances.begin(), distances.end()) - distances.begin() ==
             data.test.label(i);
  }
  EXPECT_GT(right, 900);
}

TEST(Synthetic, ReportsProgressOnTheCallersThread) {
  std::vector<double> fractions;
  const auto caller = std::this_thread::get_id();
  const auto progress = [&](double fraction) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    fractions.push_back(fraction);
    return true;
  };
  ASSERT_TRUE(make_synthetic(8000, 1000, kSeed, progress).has_value());
  ASSERT_GT(fractions.size(), 1U);
  EXPECT_TRUE(std::is_sorted(fractions.begin(), fractions.end()));
  EXPECT_GT(fractions.front(), 0);
  EXPECT_LE(fractions.back(), 1);
}

TEST(Synthetic, StopsWhenCancelled) {
  int calls = 0;
  const auto result = make_synthetic(60000, 10000, kSeed, [&](double) { return ++calls < 3; });
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::cancelled);
  EXPECT_EQ(calls, 3);
}

TEST(Synthetic, EmptyCountsAreFine) {
  const auto data = make_synthetic(0, 7);
  ASSERT_TRUE(data.has_value());
  EXPECT_EQ(data->train.count, 0);
  EXPECT_EQ(data->test.labels.size(), 7U);
}

TEST(Strokes, NeighboursLieFurtherApartThanJitterBringsThem) {
  const double reach = 2 * 4.5 * std::sqrt(2.0);  // hundredths, two points' corners
  for (int digit = 0; digit < 10; ++digit) {
    ASSERT_FALSE(glyphs_of(digit).empty()) << digit;
    for (const Glyph& glyph : glyphs_of(digit)) {
      EXPECT_GE(glyph.weight, 1);
      EXPECT_FALSE(glyph.strokes.empty());
      for (const auto& [points, closed] : glyph.strokes) {
        ASSERT_GE(points.size(), closed ? 3U : 2U);
        for (std::size_t i = closed ? 0 : 1; i < points.size(); ++i) {
          const StrokePoint& before = points[(i + points.size() - 1) % points.size()];
          EXPECT_GT(std::hypot(points[i].x - before.x, points[i].y - before.y), reach)
              << digit << ": " << before.x << ' ' << before.y;
        }
      }
    }
  }
}

double ink_of(const std::vector<PenPoint>& points, bool closed) {
  Rasteriser rasteriser(kSide, kSide);
  rasteriser.draw(points, closed);
  std::vector<std::uint8_t> pixels(kSide * kSide);
  rasteriser.read(pixels);
  return measure(pixels).sum;
}

TEST(Rasteriser, StraightLineCoversItsArea) {
  const double radius = 1.5;
  const double ends = 3.14159 * radius * radius;
  EXPECT_NEAR(ink_of({{6, 14, 1.5F}, {22, 14, 1.5F}}, false), 16 * 2 * radius + ends, 1.5);
  EXPECT_NEAR(ink_of({{8, 8, 1.5F}, {20, 20, 1.5F}}, false), 12 * 1.41421 * 2 * radius + ends, 1.5);
}

TEST(Rasteriser, ClosedPointsOnACircleMakeARing) {
  std::vector<PenPoint> points;
  for (int i = 0; i < 8; ++i) {
    const double angle = i * 3.14159265 / 4;
    points.push_back({static_cast<float>(14 + 9 * std::cos(angle)),
                      static_cast<float>(14 + 9 * std::sin(angle)), 1});
  }
  EXPECT_NEAR(ink_of(points, true), 2 * 3.14159 * 9 * 2, 2);
}

TEST(Rasteriser, CornersAreSharpAndOtherPointsRound) {
  // Round, the curve swings beyond the turning point; sharp, it does not.
  Rasteriser rasteriser(kSide, kSide);
  const auto ink_above = [&](bool corner) {
    rasteriser.clear();
    rasteriser.draw(std::vector<PenPoint>{{4, 20, 1}, {14, 8, 1, corner}, {18, 20, 1}}, false);
    std::vector<std::uint8_t> pixels(kSide * kSide);
    rasteriser.read(pixels);
    int sum = 0;
    for (int k = 0; k < 7 * kSide; ++k) sum += pixels[static_cast<std::size_t>(k)];
    return sum;
  };
  EXPECT_EQ(ink_above(true), 0);
  EXPECT_GT(ink_above(false), 0);
}

TEST(Rasteriser, CutsOffWhatLeavesThePicture) {
  EXPECT_EQ(ink_of({{-50, -50, 2}, {-20, -90, 2}}, false), 0);
  EXPECT_EQ(ink_of({{14, 60, 2}, {14, 90, 2}}, false), 0);
  EXPECT_NEAR(ink_of({{-40, 14, 1}, {70, 14, 1}}, false), 28 * 2, 0.5);
}

TEST(Rasteriser, ClearForgetsEverything) {
  Rasteriser rasteriser(8, 4);
  rasteriser.draw(std::vector<PenPoint>{{1, 1, 1}, {7, 3, 1}}, false);
  rasteriser.clear();
  std::vector<std::uint8_t> pixels(32, 1);
  rasteriser.read(pixels);
  EXPECT_EQ(pixels, std::vector<std::uint8_t>(32, 0));
}

}  // namespace
}  // namespace zscape
