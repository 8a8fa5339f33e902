#include "engine/curves.h"

#include <gtest/gtest.h>

namespace zscape {
namespace {

Curve curve_of(std::int64_t count) {
  Curve curve;
  for (std::int64_t i = 1; i <= count; ++i) curve.append({i, static_cast<float>(i), 0, 0});
  return curve;
}

TEST(Curve, KeepsPointsInOrderAcrossChunks) {
  const Curve curve = curve_of(3 * static_cast<std::int64_t>(Curve::kChunk) + 5);
  ASSERT_EQ(curve.size(), 3 * Curve::kChunk + 5);
  for (std::size_t i = 0; i < curve.size(); ++i) {
    ASSERT_EQ(curve[i].step, static_cast<std::int64_t>(i) + 1);
  }
}

TEST(Curve, ACopyDoesNotSeeLaterPoints) {
  Curve curve = curve_of(Curve::kChunk - 1);
  const Curve copy = curve;
  curve.append({10000, 0, 0, 0});
  curve.append({10001, 0, 0, 0});
  EXPECT_EQ(copy.size(), Curve::kChunk - 1);
  EXPECT_EQ(copy.back().step, static_cast<std::int64_t>(Curve::kChunk) - 1);
}

TEST(Curve, DropsLaterPointsAcrossChunksAndLeavesCopiesAlone) {
  for (const std::int64_t keep : {0, 1, 511, 512, 513, 1024, 1500}) {
    Curve curve = curve_of(1500);
    const Curve copy = curve;
    curve.drop_after(keep);
    EXPECT_EQ(curve.size(), static_cast<std::size_t>(keep));
    EXPECT_EQ(copy.size(), 1500U);
    curve.append({9999, 0, 0, 0});
    EXPECT_EQ(curve.back().step, 9999);
  }
}

}  // namespace
}  // namespace zscape
