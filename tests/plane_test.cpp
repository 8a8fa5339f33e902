// Planes of latent space, the principal axes of codes, and the camera of three dimensions, against
// closed forms.
#include "app/gui/view/latent/plane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <thread>

#include "app/gui/view/latent/code_axes.h"
#include "app/gui/view/latent/orbit.h"
#include "app/gui/view/latent/picking.h"
#include "engine/symmetric_matrix.h"

namespace zscape {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::Pointwise;

constexpr float kRoot = std::numbers::sqrt2_v<float> / 2;

CodesPtr codes_of(int latent, std::vector<float> mean) {
  static std::uint64_t revision = 0;
  auto codes = std::make_shared<Codes>();
  codes->latent = latent;
  std::vector<std::int64_t> rows(mean.size() / static_cast<std::size_t>(latent));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int64_t>(i);
  codes->indices = std::make_shared<const std::vector<std::int64_t>>(std::move(rows));
  codes->mean = std::move(mean);
  codes->revision = ++revision;
  return codes;
}

// Points at ± a along (1, 1, 0), ± b along (1, −1, 0), ± c along (0, 0, 1), all shifted by 5.
CodesPtr crossed(float a, float b, float c) {
  a *= kRoot;
  b *= kRoot;
  return codes_of(3, {5 + a, 5 + a, 5, 5 - a, 5 - a, 5, 5 + b, 5 - b, 5, 5 - b, 5 + b, 5,  //
                      5, 5, 5 + c, 5, 5, 5 - c});
}

auto Floats(std::vector<float> values) {
  return Pointwise(FloatNear(1e-5F), std::move(values));
}

std::span<const float> axis(const CodeAxes& axes, int which) {
  const auto latent = static_cast<std::size_t>(axes.latent);
  return std::span(axes.directions).subspan(static_cast<std::size_t>(which) * latent, latent);
}

void expect_orthonormal(const CodeAxes& axes) {
  for (int i = 0; i < axes.latent; ++i) {
    for (int j = 0; j < axes.latent; ++j) {
      float product = 0;
      for (std::size_t n = 0; n < axis(axes, i).size(); ++n) {
        product += axis(axes, i)[n] * axis(axes, j)[n];
      }
      EXPECT_NEAR(product, i == j ? 1 : 0, 1e-5);
    }
  }
}

TEST(Eigen, OfASymmetricMatrixAreTheClosedForms) {
  const SymmetricEigen two = eigen_of_symmetric(std::vector<double>{2, 1, 1, 2}, 2);
  EXPECT_NEAR(two.values[0], 3, 1e-12);
  EXPECT_NEAR(two.values[1], 1, 1e-12);
  EXPECT_NEAR(std::abs(two.vectors[0]), kRoot, 1e-7);
  EXPECT_NEAR(two.vectors[0], two.vectors[1], 1e-12);
  // A path of n points: 2 − 2 cos(π i / (n + 1)).
  constexpr int n = 60;
  std::vector<double> path(n * n, 0.0);
  for (int i = 0; i < n; ++i) {
    path[static_cast<std::size_t>(i * n + i)] = 2;
    if (i + 1 < n) path[static_cast<std::size_t>(i * n + i + 1)] = -1;
    if (i > 0) path[static_cast<std::size_t>(i * n + i - 1)] = -1;
  }
  const SymmetricEigen found = eigen_of_symmetric(path, n);
  for (int i = 0; i < n; ++i) {
    EXPECT_NEAR(found.values[static_cast<std::size_t>(i)],
                2 - 2 * std::cos(std::numbers::pi * (n - i) / (n + 1)), 1e-10);
  }
}

TEST(Cholesky, GivesTheLogDeterminantOrNothing) {
  EXPECT_NEAR(*log_determinant(std::vector<double>{1.25, 1, 1, 5}, 2), std::log(5.25), 1e-12);
  EXPECT_FALSE(log_determinant(std::vector<double>{1, 2, 2, 1}, 2));
  EXPECT_FALSE(log_determinant(std::vector<double>{NAN, 0, 0, 1}, 2));
}

TEST(PrincipalAxes, AreOrderedByVarianceAndTheirLargestPartIsPositive) {
  const CodeAxes axes = fit_code_axes(*crossed(1, 2, 3), true);
  EXPECT_THAT(axis(axes, 0), Floats({0, 0, 1}));
  EXPECT_NEAR(std::abs(axis(axes, 1)[0]), kRoot, 1e-5);
  EXPECT_NEAR(axis(axes, 1)[0], -axis(axes, 1)[1], 1e-5);
  EXPECT_THAT(axis(axes, 2), Floats({kRoot, kRoot, 0}));
  EXPECT_NEAR(axes.share(0), 9.0 / 14, 1e-5);
  EXPECT_NEAR(axes.share(2), 1.0 / 14, 1e-5);
  EXPECT_NEAR(axes.principal_deviation[0], std::sqrt(2 * 9.0 / 6), 1e-5);
  EXPECT_NEAR(axes.principal_mean[2], 10 * kRoot, 1e-4);
  EXPECT_THAT(axes.mean, Floats({5, 5, 5}));
  EXPECT_NEAR(axes.deviation[2], std::sqrt(3.0), 1e-5);
}

TEST(PrincipalAxes, KeepTheSignsOfTheFormerOnesAlsoWhereTwoChangePlaces) {
  CodeAxes former = fit_code_axes(*crossed(1, 2, 3), true);
  for (float& part : former.directions) part = -part;
  const CodeAxes same = fit_code_axes(*crossed(1, 2, 3), true, &former);
  EXPECT_THAT(axis(same, 0), Floats({0, 0, -1}));
  const CodeAxes swapped = fit_code_axes(*crossed(1, 4, 3), true, &former);
  EXPECT_THAT(axis(swapped, 1), Floats({0, 0, -1}));
  EXPECT_THAT(axis(swapped, 0), Floats({axis(former, 1).begin(), axis(former, 1).end()}));
}

TEST(PrincipalAxes, FollowCodesInTrainingALittleAtATime) {
  CodeAxes axes = fit_code_axes(*crossed(1, 2, 3), true);
  const CodesPtr turned = crossed(1, 4, 3);
  const float before = axis(axes, 0)[2];
  axes = fit_code_axes(*turned, true, &axes, 0.25);
  EXPECT_FALSE(axes.exact);
  expect_orthonormal(axes);
  EXPECT_LT(axis(axes, 0)[2], before);
  EXPECT_GT(axis(axes, 0)[2], 0.9F);
  for (int i = 0; i < 30; ++i) axes = fit_code_axes(*turned, true, &axes, 0.25);
  EXPECT_NEAR(axis(axes, 0)[2], 0, 1e-3);
  EXPECT_NEAR(axes.share(0), 16.0 / 26, 1e-4);
}

TEST(PrincipalAxes, LeaveOutWhatIsNoNumber) {
  const CodeAxes axes = fit_code_axes(*codes_of(3, {0, 0, 1, 0, 0, -1, NAN, 0, 0}), true);
  EXPECT_THAT(axis(axes, 0), Floats({0, 0, 1}));
}

TEST(CodeAxesFit, IsExactAtRestAndFollowsWhileTraining) {
  CodeAxesFit fit;
  const auto after = [&](const CodesPtr& codes, bool training, double now_s) {
    fit.follow(codes, true, training, now_s);
    fit.wait();
    return fit.axes();
  };
  const CodeAxesPtr first = after(crossed(1, 2, 3), true, 1);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->exact);  // there was nothing to follow yet
  const CodesPtr later = crossed(1, 4, 3);
  EXPECT_EQ(after(later, true, 1.1), first);  // too soon
  const CodeAxesPtr following = after(later, true, 2);
  EXPECT_FALSE(following->exact);
  EXPECT_GT(axis(*following, 0)[2], 0.9F);
  const CodeAxesPtr at_rest = after(later, false, 2.1);
  EXPECT_TRUE(at_rest->exact);
  EXPECT_NEAR(axis(*at_rest, 0)[2], 0, 1e-5);
  EXPECT_EQ(after(later, false, 9), at_rest);  // nothing changed
}

class PlaneTest : public testing::Test {
 protected:
  LatentPlane principal(std::array<int, 3> axes, bool spatial = false) const {
    return {AxisChoice{true, spatial, axes}, axes_};
  }
  CodeAxesPtr axes_ = std::make_shared<const CodeAxes>(fit_code_axes(*crossed(1, 2, 3), true));
};

TEST_F(PlaneTest, OfDimensionsTakesThemOutAndPutsThemIn) {
  const LatentPlane plane(Axes{2, 0});
  const std::vector<float> z{1, 2, 3};
  EXPECT_FLOAT_EQ(plane.project(z).x, 3);
  EXPECT_FLOAT_EQ(plane.project(z).y, 1);
  EXPECT_THAT(plane.lift({7, 8}, z), ElementsAre(8, 2, 7));
  EXPECT_EQ(plane.name(2), "z3");
}

TEST_F(PlaneTest, OfPrincipalAxesKeepsTheOtherCoordinates) {
  const LatentPlane plane = principal({0, 2, 1});
  const std::vector<float> z{1, 2, 3};
  EXPECT_NEAR(plane.project(z).x, 3, 1e-5);          // (0, 0, 1)
  EXPECT_NEAR(plane.project(z).y, 3 * kRoot, 1e-5);  // (1, 1, 0) / √2
  const std::vector<float> lifted = plane.lift({-1, 2}, z);
  EXPECT_NEAR(plane.project(lifted).x, -1, 1e-5);
  EXPECT_NEAR(plane.project(lifted).y, 2, 1e-5);
  EXPECT_NEAR(plane.coordinate(lifted, 1), plane.coordinate(z, 1), 1e-5);
  EXPECT_NEAR(lifted[0] - lifted[1], -1, 1e-5);
  EXPECT_EQ(plane.name(2), "PC 3");
  const std::vector<float> origin(3, 0.0F);
  EXPECT_EQ(plane.project(origin).x, 0);  // not centred
}

TEST_F(PlaneTest, WithoutCodeAxesThePrincipalChoiceIsOfDimensions) {
  const LatentPlane plane(AxisChoice{true, false, {1, 2, 0}}, nullptr);
  EXPECT_FALSE(plane.principal());
  EXPECT_EQ(plane.project(std::vector<float>{1, 2, 3}).x, 2);
}

TEST_F(PlaneTest, APosteriorsEllipseTurnsWithThePlane) {
  const std::vector<float> sigma{2, 1, 0.5F};
  const PlaneEllipse upright = LatentPlane(Axes{1, 0}).ellipse(sigma);
  EXPECT_FLOAT_EQ(upright.sigma.x, 1);
  EXPECT_FLOAT_EQ(upright.sigma.y, 2);
  EXPECT_FLOAT_EQ(upright.turn.x, 1);
  // In the plane of (1, −1, 0) / √2 and (1, 1, 0) / √2 the ellipse is that of z1 and z2, turned.
  const LatentPlane plane = principal({1, 2, 0});
  const PlaneEllipse turned = plane.ellipse(sigma);
  EXPECT_NEAR(turned.sigma.x, 2, 1e-5);
  EXPECT_NEAR(turned.sigma.y, 1, 1e-5);
  const Vec2 first = plane.project(std::vector<float>{1, 0, 0});  // z1, where σ is 2
  EXPECT_NEAR(std::abs(turned.turn.x * first.x + turned.turn.y * first.y), 1, 1e-5);
}

TEST(OrbitCamera, SeesTheMiddleInTheMiddleAndTheWholeCube) {
  OrbitCamera camera{{1, 2, 3}, 4};
  EXPECT_NEAR(camera.see({1, 2, 3}, 600, 400).x, 0, 1e-3);
  EXPECT_NEAR(camera.see({1, 2, 3}, 600, 400).depth, camera.distance(), 1e-3);
  for (const float yaw : {0.0F, 0.7F, 2.0F}) {
    camera.yaw = yaw;
    for (int corner = 0; corner < 8; ++corner) {
      const auto end = [corner](int bit) { return (corner >> bit & 1) != 0 ? 4.0F : -4.0F; };
      const auto seen = camera.see({1 + end(0), 2 + end(1), 3 + end(2)}, 600, 400);
      EXPECT_LE(std::abs(seen.x), 300);
      EXPECT_LE(std::abs(seen.y), 200.5);
      EXPECT_GT(seen.depth, 0);
    }
  }
}

TEST(OrbitCamera, TurnsWithTheHandAndNeverRolls) {
  OrbitCamera camera;
  camera.yaw = camera.pitch = 0;
  const Vec3 front{0, 0, 1}, above{0, 1, 0};
  EXPECT_NEAR(camera.see(front, 400, 400).x, 0, 1e-4);
  EXPECT_LT(camera.see(front, 400, 400).depth, camera.distance());
  camera.turn(50, 0);
  EXPECT_GT(camera.see(front, 400, 400).x, 20);  // what is in front goes with the hand
  camera.turn(0, 40);
  EXPECT_LT(camera.see(front, 400, 400).y, -10);
  EXPECT_NEAR(camera.see(above, 400, 400).x, 0, 1e-3);  // upright stays upright
  camera.turn(0, 1e4);
  EXPECT_NEAR(camera.pitch, std::numbers::pi / 2, 1e-5);
}

TEST(OrbitCamera, ZoomsAroundThePointerAndResets) {
  OrbitCamera camera{{0, 0, 0}, 2};
  const Vec3 place{1, 0.5F, -1};
  const auto before = camera.see(place, 500, 300);
  camera.zoom_at(before.x, before.y, 2.5F);
  const auto after = camera.see(place, 500, 300);
  EXPECT_NEAR(after.x, before.x, 0.01);
  EXPECT_NEAR(after.y, before.y, 0.01);
  EXPECT_GT(std::abs(camera.see({2, 2, 2}, 500, 300).x - after.x), 0);
  camera.turn(30, 3);
  camera.reset();
  EXPECT_EQ(camera, (OrbitCamera{{0, 0, 0}, 2}));
}

TEST(SpacePicking, MeansThePointInFrontUnderThePointerElseTheNearest) {
  ModelView model;
  // Two on one line of sight, one aside.
  model.train_sample = codes_of(3, {0, 0, -1, 0, 0, 1, 1, 0, 0});
  Points points;
  points.update(model, nullptr, SplitName::train,
                LatentPlane(AxisChoice{false, true, {0, 1, 2}}, {}), 1);
  LatentView view{{0, 0}, {400, 400}, {0, 0}, 1};
  view.orbit = OrbitCamera{{0, 0, 0}, 1.5F};
  view.orbit->yaw = view.orbit->pitch = 0;
  const auto at = [&](float x, float y) { return nearest_in_space(points, view, {x, y}, {}, 5); };
  ASSERT_TRUE(at(202, 201));
  EXPECT_EQ(at(202, 201)->point, 1U);
  EXPECT_NEAR(at(202, 201)->distance, std::sqrt(5), 0.01);
  const Vec2 aside = screen_of_point(points, view, 2);
  EXPECT_GT(aside.x, 250);
  EXPECT_EQ(at(aside.x + 30, aside.y)->point, 2U);
  view.orbit->yaw = std::numbers::pi_v<float>;  // from behind
  EXPECT_EQ(at(202, 201)->point, 0U);
}

TEST(SpacePicking, ABoxOrALassoOnTheScreenHoldsWhatIsDrawnInIt) {
  ModelView model;
  model.train_sample = codes_of(3, {0, 0, -1, 0, 0, 1, 1, 0, 0, -1, 0, 0, 0, 0, 90});
  Points points;
  points.update(model, nullptr, SplitName::train,
                LatentPlane(AxisChoice{false, true, {0, 1, 2}}, {}), 1);
  LatentView view{{10, 20}, {400, 400}, {3, -2}, 70};  // the plane's part is of no matter
  view.orbit = OrbitCamera{{0, 0, 0}, 1.5F};
  view.orbit->yaw = view.orbit->pitch = 0;
  const Vec2 middle = screen_of_point(points, view, 0);
  const Vec2 right = screen_of_point(points, view, 2);
  const auto corner = [&](Vec2 at, float x, float y) {
    return view.to_latent({at.x + x, at.y + y});
  };
  const Vec2 low = corner(middle, -5, 5), high = corner(right, 5, -5);
  EXPECT_THAT(inside_in_space(points, view, Box{low, high}, {}), ElementsAre(0, 1, 2));
  const std::vector<Vec2> around = {corner(right, -5, 5), corner(right, 5, 5),
                                    corner(right, 0, -8)};
  EXPECT_THAT(inside_in_space(points, view, Lasso(around), {}), ElementsAre(2));
  // The fifth lies behind the eye.
  const Box all{view.to_latent({10, 420}), view.to_latent({410, 20})};
  EXPECT_THAT(inside_in_space(points, view, all, {}), ElementsAre(0, 1, 2, 3));
}

}  // namespace
}  // namespace zscape
