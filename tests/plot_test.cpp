#include "app/gui/panels/curves/plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace zscape {
namespace {

Curve curve_of(int points, const std::function<float(int)>& value) {
  Curve curve;
  for (int index = 0; index < points; ++index) {
    const float y = value(index);
    curve.append({index + 1, y, y, y});
  }
  return curve;
}

TEST(Decimate, KeepsEveryExtremeInOneEntryAColumn) {
  Curve curve;
  for (int step = 1; step <= 100000; ++step) {
    float y = std::sin(0.001f * static_cast<float>(step));
    if (step == 12345) y = 50;
    if (step == 54321) y = -50;
    curve.append({step, y, 0, 0});
  }
  const auto columns = decimate(curve, CurveField::loss, {0, 100000}, 400);
  ASSERT_LE(columns.size(), 400u);
  EXPECT_EQ(std::ranges::max(columns, {}, &Column::highest).highest, 50);
  EXPECT_EQ(std::ranges::min(columns, {}, &Column::lowest).lowest, -50);
  EXPECT_EQ(std::ranges::max(columns, {}, &Column::highest).x, 49);  // 12345 · 399 / 100000
  for (std::size_t index = 1; index < columns.size(); ++index) {
    EXPECT_GT(columns[index].x, columns[index - 1].x);
  }
}

TEST(Decimate, LeavesOutWhatIsNotFiniteOrNotInSight) {
  Curve curve;
  curve.append({1, 1, 0, 0});
  curve.append({2, std::numeric_limits<float>::quiet_NaN(), 0, 0});
  curve.append({3, std::numeric_limits<float>::infinity(), 0, 0});
  curve.append({4, 2, 0, 0});
  curve.append({50, 9, 0, 0});
  const auto columns = decimate(curve, CurveField::loss, {0, 10}, 100);
  ASSERT_EQ(columns.size(), 2u);
  EXPECT_EQ(columns[0].highest, 1);
  EXPECT_EQ(columns[1].highest, 2);
}

TEST(Decimate, CacheFollowsTheCurve) {
  SeriesCache cache;
  Curve curve = curve_of(10, [](int) { return 1.0f; });
  EXPECT_EQ(cache.columns(curve, CurveField::loss, {0, 20}, 50).size(), 10u);
  curve.append({15, 7, 7, 7});
  EXPECT_EQ(cache.columns(curve, CurveField::loss, {0, 20}, 50).back().highest, 7);
  curve.clear();
  EXPECT_TRUE(cache.columns(curve, CurveField::loss, {0, 20}, 50).empty());
}

TEST(ValueRange, IsNotFlattenedByAWildStart) {
  const Curve curve =
      curve_of(400, [](int index) { return index < 8 ? 5000.0f : 100 + std::sin(0.1f * index); });
  const auto columns = decimate(curve, CurveField::loss, {0, 400}, 400);
  EXPECT_LT(value_range(columns, 0.03).high, 110);
  EXPECT_GT(value_range(columns, 0).high, 5000);
}

TEST(Ticks, AreRoundAndInside) {
  const auto labels = [](const std::vector<Tick>& list) {
    std::vector<std::string> result;
    for (const Tick& tick : list) result.push_back(tick.label);
    return result;
  };
  EXPECT_THAT(labels(ticks({0, 10}, 6)), ::testing::ElementsAre("0", "2", "4", "6", "8", "10"));
  EXPECT_THAT(labels(ticks({0.02, 0.11}, 4)), ::testing::ElementsAre("0.05", "0.1"));
  EXPECT_THAT(labels(ticks({0, 12000}, 4)), ::testing::ElementsAre("0", "5k", "10k"));
  EXPECT_THAT(labels(log_ticks({0.5, 2000}, 5)), ::testing::ElementsAre("1", "10", "100", "1k"));
}

TEST(NearestIndex, PicksTheCloserNeighbour) {
  Curve curve;
  for (const int step : {10, 20, 40}) curve.append({step, 0, 0, 0});
  EXPECT_EQ(nearest_index(curve, -5), 0u);
  EXPECT_EQ(nearest_index(curve, 14), 0u);
  EXPECT_EQ(nearest_index(curve, 16), 1u);
  EXPECT_EQ(nearest_index(curve, 31), 2u);
  EXPECT_EQ(nearest_index(curve, 1e9), 2u);
}

}  // namespace
}  // namespace zscape
