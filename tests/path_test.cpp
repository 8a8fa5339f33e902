#include "engine/path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "engine/latent_grid.h"

namespace zscape {
namespace {

using testing::ElementsAre;

TEST(NormalQuantile, HitsTabulatedValues) {
  // Python: statistics.NormalDist().inv_cdf(p)
  EXPECT_EQ(normal_quantile(0.5), 0);
  EXPECT_NEAR(normal_quantile(0.975), 1.9599639845400536, 1e-13);
  EXPECT_NEAR(normal_quantile(0.75), 0.6744897501960817, 1e-14);
  EXPECT_NEAR(normal_quantile(0.001), -3.090232306167813, 1e-13);
  EXPECT_NEAR(normal_quantile(1e-9), -5.9978070150076865, 1e-13);
  EXPECT_NEAR(normal_quantile(1e-300), -37.0470962993612, 1e-11);
}

TEST(NormalQuantile, InvertsTheDistributionFunctionEverywhere) {
  for (int i = 1; i < 2000; ++i) {
    const double p = i / 2000.0;
    const double x = normal_quantile(p);
    EXPECT_NEAR(0.5 * std::erfc(-x / std::numbers::sqrt2), p, 1e-15);
    EXPECT_NEAR(x, -normal_quantile(1 - p), 1e-12);
  }
}

std::vector<float> path(const std::vector<float>& from, const std::vector<float>& to, int points,
                        PathMode mode) {
  std::vector<float> stops = from;
  stops.insert(stops.end(), to.begin(), to.end());
  return path_through(stops, static_cast<int>(from.size()), mode, points);
}

std::vector<float> linear_path(const std::vector<float>& from, const std::vector<float>& to,
                               int points) {
  return path(from, to, points, PathMode::linear);
}

std::vector<float> spherical_path(const std::vector<float>& from, const std::vector<float>& to,
                                  int points) {
  return path(from, to, points, PathMode::spherical);
}

const std::vector<float> kA = {3, 0, 0};
const std::vector<float> kB = {0, 1, 0};

TEST(Path, LinearIsEvenlySpacedBetweenItsEnds) {
  EXPECT_THAT(linear_path(kA, kB, 3), ElementsAre(3, 0, 0, 1.5, 0.5, 0, 0, 1, 0));
  const std::vector<float> odd = {0.1F, -0.7F, 1e-8F};
  const auto path = linear_path(odd, kB, 7);
  ASSERT_EQ(path.size(), 21U);
  EXPECT_TRUE(std::equal(odd.begin(), odd.end(), path.begin()));
  EXPECT_TRUE(std::equal(kB.begin(), kB.end(), path.end() - 3));
}

TEST(Path, SphericalTurnsAndShrinksEvenly) {
  const int points = 10;
  const auto path = spherical_path(kA, kB, points);
  for (int i = 0; i < points; ++i) {
    const double t = i / 9.0;
    const double angle = t * std::numbers::pi / 2;
    const double length = 3 - 2 * t;
    const auto at = static_cast<std::size_t>(3 * i);
    EXPECT_NEAR(path[at], length * std::cos(angle), 1e-6);
    EXPECT_NEAR(path[at + 1], length * std::sin(angle), 1e-6);
    EXPECT_EQ(path[at + 2], 0);
  }
}

TEST(Path, SphericalKeepsTheLengthOfEquallyLongEnds) {
  const std::vector<float> from = {1, 2, -2, 0.5F};
  const std::vector<float> to = {-2, 0.5F, 1, 2};
  const auto path = spherical_path(from, to, 25);
  for (std::size_t i = 0; i < path.size(); i += 4) {
    EXPECT_NEAR(std::hypot(std::hypot(path[i], path[i + 1]), std::hypot(path[i + 2], path[i + 3])),
                std::sqrt(9.25), 1e-6);
  }
}

TEST(Path, SphericalIsStraightWhereNoArcJoinsTheEnds) {
  const std::vector<float> zero = {0, 0, 0};
  const std::vector<float> longer = {6, 0, 0};
  const std::vector<float> opposite = {-1, 0, 0};
  for (const auto& to : {zero, longer, opposite, kA}) {
    EXPECT_EQ(spherical_path(kA, to, 5), linear_path(kA, to, 5));
    EXPECT_EQ(spherical_path(to, kA, 5), linear_path(to, kA, 5));
  }
  const std::vector<float> one = {2};
  const std::vector<float> other = {-3};
  EXPECT_EQ(spherical_path(one, other, 6), linear_path(one, other, 6));
}

TEST(Path, TwoPointsAreTheEnds) {
  EXPECT_THAT(spherical_path(kA, kB, 2), ElementsAre(3, 0, 0, 0, 1, 0));
}

TEST(LatentGrid, OfThePriorHasItsQuantilesWithTheLargestOnTop) {
  const auto quarter = static_cast<float>(normal_quantile(0.75));
  const LatentGrid grid = prior_grid(3, 2, {2, 0});
  EXPECT_EQ(grid.columns, 2);
  EXPECT_EQ(grid.rows, 2);
  EXPECT_THAT(grid.z, ElementsAre(quarter, 0, -quarter, quarter, 0, quarter,  //
                                  -quarter, 0, -quarter, -quarter, 0, quarter));
  EXPECT_THAT(prior_grid(2, 1, {0, 1}).z, ElementsAre(0, 0));
}

TEST(LatentGrid, OfOneDimensionIsOneRow) {
  const LatentGrid grid = prior_grid(1, 3, {0, 1});
  EXPECT_EQ(grid.rows, 1);
  EXPECT_EQ(grid.columns, 3);
  const auto sixth = static_cast<float>(normal_quantile(1.0 / 6));
  EXPECT_THAT(grid.z, ElementsAre(sixth, 0, -sixth));
  EXPECT_THAT(range_grid({{-1}, {3}}, 3, {0, 1}).z, ElementsAre(-1, 1, 3));
}

TEST(LatentGrid, OfARangeSpansItAndRestsAtZeroWhereItCan) {
  const CodeRange range{{-1, -5, 2, -8}, {1, 5, 4, -4}};
  const LatentGrid grid = range_grid(range, 3, {0, 2});
  ASSERT_EQ(grid.z.size(), 36U);
  EXPECT_THAT(std::vector<float>(grid.z.begin(), grid.z.begin() + 4), ElementsAre(-1, 0, 4, -6));
  EXPECT_THAT(std::vector<float>(grid.z.begin() + 16, grid.z.begin() + 20),
              ElementsAre(0, 0, 3, -6));
  EXPECT_THAT(std::vector<float>(grid.z.end() - 4, grid.z.end()), ElementsAre(1, 0, 2, -6));
  EXPECT_THAT(range_grid(range, 1, {0, 2}).z, ElementsAre(0, 0, 3, -6));
}

TEST(PathThrough, EachLegHasTheSameShareAndAStopOnAFrameIsMetToTheBit) {
  const std::vector<float> stops = {0, 0, 1, 0, 1, 10};
  EXPECT_THAT(path_through(stops, 2, PathMode::linear, 5),
              ElementsAre(0, 0, 0.5F, 0, 1, 0, 1, 5, 1, 10));
  // Six frames: the middle stop lies between two.
  const auto six = path_through(stops, 2, PathMode::linear, 6);
  EXPECT_FLOAT_EQ(six[2 * 2], 0.8F);
  EXPECT_FLOAT_EQ(six[2 * 3 + 1], 2);
}

TEST(PathThrough, LegPlacesGoFromTheBeginningToTheVeryEnd) {
  for (const int legs : {1, 2, 3, 7}) {
    for (const int frames : {2, 3, 12, 100}) {
      double before = -1;
      for (int frame = 0; frame < frames; ++frame) {
        const LegPlace place = leg_place(frame, frames, legs);
        EXPECT_TRUE(place.leg >= 0 && place.leg < legs && place.t >= 0 && place.t <= 1);
        EXPECT_GT(place.leg + place.t, before);
        before = place.leg + place.t;
      }
      EXPECT_EQ(before, legs);
    }
  }
}

TEST(PathPoint, HasTheEndsToTheBitAndLiesOnTheWayBetween) {
  const auto arc = spherical_path(kA, kB, 5);
  EXPECT_EQ(path_point(kA, kB, PathMode::spherical, 0), kA);
  EXPECT_EQ(path_point(kA, kB, PathMode::spherical, 1), kB);
  EXPECT_EQ(path_point(kA, kB, PathMode::spherical, 0.25),
            std::vector<float>(arc.begin() + 3, arc.begin() + 6));
}

}  // namespace
}  // namespace zscape
