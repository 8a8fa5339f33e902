// Shortest paths on surfaces whose geodesics are known, and on decoders.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/eval/geodesic.h"
#include "engine/model/batch.h"
#include "tests/eval_data.h"

namespace zscape {
namespace {

at::Tensor values(std::vector<double> numbers) {
  return at::tensor(numbers, at::kDouble);
}

at::Tensor path_on(const Surface& surface, const at::Tensor& from, const at::Tensor& to,
                   int points) {
  const auto path = shortest_path(surface, from, to, points, {});
  EXPECT_TRUE(path) << (path ? "" : path.error().message);
  return path.value_or(at::Tensor());
}

at::Tensor line(const at::Tensor& from, const at::Tensor& to, int points) {
  return from + at::linspace(0, 1, points, from.options()).unsqueeze(1) * (to - from);
}

double largest(const at::Tensor& tensor) {
  return tensor.abs().max().item<double>();
}

at::Tensor step_lengths(const Surface& surface, const at::Tensor& path) {
  return at::diff(surface(path), 1, 0).norm(2, 1);
}

// How far the steps' lengths are from their mean, as a share.
double unevenness(const Surface& surface, const at::Tensor& path) {
  const at::Tensor steps = step_lengths(surface, path);
  return largest(steps / steps.mean() - 1);
}

// The unit sphere; z = (latitude, longitude).
at::Tensor sphere(const at::Tensor& z) {
  const at::Tensor latitude = z.select(1, 0);
  const at::Tensor longitude = z.select(1, 1);
  return at::stack(
      {latitude.cos() * longitude.cos(), latitude.cos() * longitude.sin(), latitude.sin()}, 1);
}

// The plane, drawn on curved paper.
at::Tensor curved_plane(const at::Tensor& z) {
  const at::Tensor u = z.select(1, 0);
  const at::Tensor v = z.select(1, 1);
  return at::stack({u + 0.5 * v.square(), v + 0.4 * at::sin(2 * u), 2 * u + v.square()}, 1);
}

// A cylinder of radius 1, its angle wound up along its axis.
at::Tensor cylinder(const at::Tensor& z) {
  const at::Tensor angle = z.select(1, 0) + 0.4 * z.select(1, 1).square();
  return at::stack({angle.cos(), angle.sin(), z.select(1, 1)}, 1);
}

TEST(Geodesic, IsStraightForALinearMap) {
  const at::Tensor weight = normal_noise(9, 3, 1, Stream::evaluation, 0);
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    const Surface linear = [&](const at::Tensor& z) {
      return at::mm(z, weight.to(type).t()) + 0.3;
    };
    const at::Tensor from = values({1.0, -2.0, 0.5}).to(type);
    const at::Tensor to = values({-3.0, 0.2, 4.0}).to(type);
    for (const int points : {2, 3, 12, 200}) {
      const at::Tensor path = path_on(linear, from, to, points);
      EXPECT_EQ(path.scalar_type(), type);
      EXPECT_LT(largest(path - line(from, to, points)), 1e-5) << points;
    }
  }
}

class GreatCircle : public testing::TestWithParam<int> {};

TEST_P(GreatCircle, IsTheShortestWayOnASphere) {
  const int points = GetParam();
  const at::Tensor from = values({0.7, -1.1});
  const at::Tensor to = values({0.9, 1.0});
  const at::Tensor path = path_on(sphere, from, to, points);
  const at::Tensor way = sphere(path);
  const at::Tensor first = way[0];
  const at::Tensor last = way[points - 1];
  const double angle = std::acos((first * last).sum().item<double>());
  const at::Tensor normal = at::cross(first, last, 0);
  EXPECT_LT(largest(at::mv(way, normal / normal.norm())), 2e-3);

  // Of points − 1 equal chords of that arc.
  const double chord = 2 * std::sin(angle / 2 / (points - 1));
  EXPECT_NEAR(path_energy(sphere, path) / ((points - 1) * chord * chord), 1, 1e-5);
  EXPECT_NEAR(step_lengths(sphere, path).sum().item<double>() / ((points - 1) * chord), 1, 1e-5);
  EXPECT_LT(unevenness(sphere, path), 5e-3);
  // The straight line between these codes follows the latitude, which is longer.
  EXPECT_GT(path_energy(sphere, line(from, to, points)), 1.1 * path_energy(sphere, path));
}

INSTANTIATE_TEST_SUITE_P(Points, GreatCircle, testing::Values(3, 12, 50, 200));

TEST(Geodesic, IsAHelixOnACylinder) {
  constexpr int kPoints = 60;
  const at::Tensor path = path_on(cylinder, values({0.2, -1.5}), values({1.4, 2.0}), kPoints);
  const at::Tensor height = path.select(1, 1);
  const at::Tensor angle = path.select(1, 0) + 0.4 * height.square();
  const at::Tensor unrolled = at::stack({angle, height}, 1);
  EXPECT_LT(largest(unrolled - line(unrolled[0], unrolled[kPoints - 1], kPoints)), 2e-3);
  EXPECT_GT(path_energy(cylinder, line(path[0], path[kPoints - 1], kPoints)),
            1.05 * path_energy(cylinder, path));
}

TEST(Geodesic, OfACurvedMapOfAPlaneIsStraightInThePlane) {
  constexpr int kPoints = 40;
  const at::Tensor path = path_on(curved_plane, values({-1.0, -1.0}), values({1.0, 1.2}), kPoints);
  const at::Tensor way = curved_plane(path);
  EXPECT_LT(largest(way - line(way[0], way[kPoints - 1], kPoints)), 2e-3);
  EXPECT_GT(largest(path - line(path[0], path[kPoints - 1], kPoints)), 0.1);
}

TEST(Geodesic, FixesItsEndsToTheLastBit) {
  const at::Tensor from = at::tensor({0.7F, -1.1F});
  const at::Tensor to = at::tensor({0.9F, 1.3F});
  const at::Tensor path = path_on(sphere, from, to, 50);
  EXPECT_EQ(path.sizes(), (std::vector<std::int64_t>{50, 2}));
  EXPECT_TRUE(at::equal(path[0], from));
  EXPECT_TRUE(at::equal(path[49], to));
}

TEST(Geodesic, NeverCostsMoreThanTheStraightLine) {
  int shorter = 0;
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    Autoencoder model = initialised(small_vae({8, 8, 1}, 5, {40}), seed);
    for (auto& [name, tensor] : tensors_of(model)) at::Tensor(tensor).mul_(2);
    const Surface surface = [&](const at::Tensor& z) {
      return model.reconstruction(model.decode(z, {}));
    };
    const at::Tensor ends = 2 * normal_noise(2, 5, seed, Stream::evaluation, 0);
    const at::Tensor path = path_on(surface, ends[0], ends[1], 60);
    const double straight = path_energy(surface, line(ends[0], ends[1], 60));
    EXPECT_LE(path_energy(surface, path), straight);
    if (path_energy(surface, path) < 0.98 * straight) ++shorter;
    EXPECT_LT(unevenness(surface, path), 0.15);
    EXPECT_LT(unevenness(surface, path), 0.5 * unevenness(surface, line(ends[0], ends[1], 60)));
  }
  EXPECT_GE(shorter, 4);
}

TEST(Geodesic, GoesThroughConvolutions) {
  ModelSpec spec = small_vae({8, 8, 1}, 3, {});
  spec.network = Network::conv;
  const Autoencoder model = initialised(spec);
  const Surface surface = [&](const at::Tensor& z) {
    return model.reconstruction(model.decode(z, {}));
  };
  const at::Tensor ends = 5 * normal_noise(2, 3, 1, Stream::evaluation, 0);
  const double found = path_energy(surface, path_on(surface, ends[0], ends[1], 20));
  EXPECT_LT(found, path_energy(surface, line(ends[0], ends[1], 20)));
}

TEST(Geodesic, BetweenOneCodeStaysThere) {
  const at::Tensor code = values({0.4, 0.1});
  EXPECT_LT(largest(path_on(sphere, code, code, 7) - code), 1e-12);
}

TEST(Geodesic, PassesDimensionsByThatTheSurfaceIgnores) {
  const Surface flat = [](const at::Tensor& z) { return sphere(z.narrow(1, 0, 2)); };
  const at::Tensor path = path_on(flat, values({0.7, -1.1, 0, 3}), values({0.9, 1, 5, 3}), 20);
  const at::Tensor known = path_on(sphere, values({0.7, -1.1}), values({0.9, 1}), 20);
  EXPECT_NEAR(path_energy(flat, path) / path_energy(sphere, known), 1, 1e-4);
  EXPECT_TRUE(path.isfinite().all().item<bool>());
}

TEST(Geodesic, OnASurfaceThatIsOnePointIsTheStraightLine) {
  const Surface point = [](const at::Tensor& z) { return z * 0; };
  const at::Tensor path = path_on(point, values({0, 0}), values({1, 2}), 9);
  EXPECT_LT(largest(path - line(values({0, 0}), values({1, 2}), 9)), 1e-12);
}

TEST(Geodesic, EndsWhereItIsToldTo) {
  double last = 0;
  const auto stopped =
      shortest_path(sphere, values({0.7, -1.1}), values({0.9, 1}), 200, [&](double fraction) {
        EXPECT_GE(fraction, last);
        EXPECT_LE(fraction, 1);
        last = fraction;
        return fraction < 0.4;
      });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
}

TEST(Geodesic, LeavesTheCallersGradientModeAlone) {
  const at::NoGradGuard no_grad;
  const at::Tensor path = path_on(sphere, values({0.7, -1.1}), values({0.9, 1}), 10);
  EXPECT_FALSE(path.requires_grad());
  EXPECT_FALSE(at::GradMode::is_enabled());
}

}  // namespace
}  // namespace zscape
