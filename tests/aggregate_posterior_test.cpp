// The aggregate posterior against the prior, and the two parts of the KL term, against sums and
// integrals worked out here.
#include "engine/aggregate_posterior.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "engine/random.h"

namespace zscape {
namespace {

Codes codes_of(int latent, std::vector<float> mean, std::vector<float> sigma) {
  Codes codes;
  codes.latent = latent;
  std::vector<std::int64_t> rows(mean.size() / static_cast<std::size_t>(latent));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int64_t>(i);
  codes.indices = make_indices(std::move(rows));
  codes.mean = InputBlock<float>(std::move(mean));
  codes.sigma = std::move(sigma);
  return codes;
}

Codes drawn_codes(int latent, int count, float narrow) {
  Random random(4, Stream::evaluation, 0);
  std::vector<float> mean, sigma;
  for (int i = 0; i < count * latent; ++i) {
    mean.push_back(static_cast<float>(random.normal()));
    sigma.push_back(narrow * static_cast<float>(0.5 + random.uniform()));
  }
  return codes_of(latent, mean, sigma);
}

double normal(double x, double mean, double sigma) {
  const double off = (x - mean) / sigma;
  return std::exp(-0.5 * off * off) / (sigma * std::sqrt(2 * std::numbers::pi));
}

PlaneGrid plane_of(int latent, std::vector<float> directions, float left, float low, float step,
                   int columns, int rows) {
  PlaneGrid grid;
  grid.origin.assign(static_cast<std::size_t>(latent), 0.0F);
  grid.directions = std::move(directions);
  grid.left = left;
  grid.low = low;
  grid.step = step;
  grid.columns = columns;
  grid.rows = rows;
  return grid;
}

TEST(LogDensityRatio, IsThatOfThePlainSum) {
  const Codes codes = drawn_codes(2, 60, 0.3F);
  const PlaneGrid grid = plane_of(2, {1, 0, 0, 1}, -3, -3, 0.5F, 13, 13);
  const auto ratio = log_density_ratio(codes, grid);
  ASSERT_TRUE(ratio);
  for (std::size_t at = 0; at < grid.count(); ++at) {
    const auto [x, y] = grid.place(at);
    double sum = 0;
    for (std::size_t n = 0; n < 60; ++n) {
      sum += normal(x, codes.mean[2 * n], codes.sigma[2 * n]) *
             normal(y, codes.mean[2 * n + 1], codes.sigma[2 * n + 1]) / 60;
    }
    if (sum < 1e-200) continue;  // the plain sum is what underflows
    const double prior = normal(x, 0, 1) * normal(y, 0, 1);
    EXPECT_NEAR((*ratio)[at], std::log(sum / prior), 1e-4) << x << ' ' << y;
  }
}

TEST(LogDensityRatio, HasAWholeOfOne) {
  const Codes codes = drawn_codes(2, 60, 0.3F);
  const PlaneGrid grid = plane_of(2, {1, 0, 0, 1}, -6, -6, 0.05F, 241, 241);
  const auto ratio = log_density_ratio(codes, grid);
  ASSERT_TRUE(ratio);
  double whole = 0;
  for (std::size_t at = 0; at < grid.count(); ++at) {
    const auto [x, y] = grid.place(at);
    whole += std::exp(double{(*ratio)[at]}) * normal(x, 0, 1) * normal(y, 0, 1) * 0.05 * 0.05;
  }
  EXPECT_NEAR(whole, 1, 1e-4);
}

// Codes that are the prior itself, seen in a turned plane of four dimensions.
TEST(LogDensityRatio, VanishesWhereTheCodesAreThePrior) {
  const Codes codes = codes_of(4, {0, 0, 0, 0}, {1, 1, 1, 1});
  const float c = std::cos(0.7F), s = std::sin(0.7F);
  const PlaneGrid grid = plane_of(4, {c, 0, s, 0, 0, -s, 0, c}, -2, -2, 1, 5, 5);
  const auto ratio = log_density_ratio(codes, grid);
  ASSERT_TRUE(ratio);
  for (const float value : *ratio) EXPECT_NEAR(value, 0, 1e-5);
}

// Integrating the third dimension out of three leaves the plane's own Gaussians.
TEST(LogDensityRatio, IntegratesTheOtherDimensionsOut) {
  const Codes space = codes_of(3, {0.5F, -1, 7, -1, 0.2F, -9}, {0.3F, 0.4F, 2, 0.6F, 0.5F, 3});
  const Codes plane = codes_of(2, {0.5F, -1, -1, 0.2F}, {0.3F, 0.4F, 0.6F, 0.5F});
  const auto seen = log_density_ratio(space, plane_of(3, {1, 0, 0, 0, 1, 0}, -2, -2, 0.5F, 9, 9));
  const auto own = log_density_ratio(plane, plane_of(2, {1, 0, 0, 1}, -2, -2, 0.5F, 9, 9));
  ASSERT_TRUE(seen && own);
  for (std::size_t i = 0; i < seen->size(); ++i) EXPECT_FLOAT_EQ((*seen)[i], (*own)[i]);
}

TEST(LogDensityRatio, KnowsALine) {
  const Codes codes = codes_of(1, {1}, {0.5F});
  const auto ratio = log_density_ratio(codes, plane_of(1, {1}, -1, 0, 1, 3, 1));
  ASSERT_TRUE(ratio);
  for (const int x : {-1, 0, 1}) {
    EXPECT_NEAR((*ratio)[static_cast<std::size_t>(x + 1)],
                std::log(normal(x, 1, 0.5) / normal(x, 0, 1)), 1e-5);
  }
}

TEST(SplitKl, OfOneInputIsAllTheMarginalPart) {
  const auto split = split_kl(codes_of(2, {1, -0.5F}, {0.5F, 0.7F}), 200, 0);
  ASSERT_TRUE(split);
  EXPECT_EQ(split->mutual_information, 0);
  EXPECT_NEAR(split->kl, 0.5 * (1 + 0.25 + 0.25 + 0.49 - std::log(0.25 * 0.49) - 2), 1e-6);
}

TEST(SplitKl, OfInputsFarApartIsTheLogarithmOfTheirNumber) {
  std::vector<float> mean, sigma;
  for (int i = 0; i < 50; ++i) {
    mean.push_back(static_cast<float>(10 * i));
    sigma.push_back(0.1F);
  }
  const auto split = split_kl(codes_of(1, mean, sigma), 500, 3);
  ASSERT_TRUE(split);
  EXPECT_NEAR(split->mutual_information, std::log(50), 1e-9);
  EXPECT_NEAR(split->standard_error, 0, 1e-9);
  EXPECT_NEAR(split->most_information(), std::log(50), 1e-12);
}

TEST(SplitKl, OfCodesThatTellNothingHasNoInformation) {
  const auto split = split_kl(codes_of(1, {0.3F, 0.3F, 0.3F}, {0.8F, 0.8F, 0.8F}), 500, 3);
  ASSERT_TRUE(split);
  EXPECT_NEAR(split->mutual_information, 0, 1e-9);
}

// KL(q(z) ‖ p(z)) by a fine sum over a line.
TEST(SplitKl, LeavesTheMarginalKlOfAnIntegral) {
  const Codes codes = drawn_codes(1, 40, 0.25F);
  const auto split = split_kl(codes, 40000, 1);
  ASSERT_TRUE(split);
  double marginal = 0;
  constexpr double kStep = 1e-3;
  for (double z = -9; z < 9; z += kStep) {
    double density = 0;
    for (std::size_t n = 0; n < 40; ++n) density += normal(z, codes.mean[n], codes.sigma[n]) / 40;
    if (density > 0) marginal += density * std::log(density / normal(z, 0, 1)) * kStep;
  }
  EXPECT_GT(split->standard_error, 0);
  EXPECT_NEAR(split->marginal_kl(), marginal, 4 * split->standard_error);
  EXPECT_NEAR(split->mutual_information + split->marginal_kl(), split->kl, 1e-12);
}

TEST(SplitKl, RepeatsItselfForASeed) {
  const Codes codes = drawn_codes(3, 40, 0.25F);
  EXPECT_EQ(split_kl(codes, 300, 5)->mutual_information,
            split_kl(codes, 300, 5)->mutual_information);
  EXPECT_NE(split_kl(codes, 300, 5)->mutual_information,
            split_kl(codes, 300, 6)->mutual_information);
}

TEST(MeanForce, OfThePriorIsExactlyMinusLambdaMu) {
  Forces forces;
  forces.latent = 2;
  forces.rows = make_indices({0});
  forces.mean = {0.75F, -2};
  forces.sigma = {1, 1};
  forces.pull_mean = {0, 0};
  forces.pull_sigma = {0, 0};
  const MeanForce mean = mean_force(forces, 3);
  EXPECT_EQ(mean.mean, (std::vector<double>{-2.25, 6}));
  EXPECT_EQ(mean.breathing, (std::vector<double>{0, 0}));
  EXPECT_EQ(mean.length, std::hypot(2.25, 6));
}

TEST(PlaneGrid, LiesWhereItSays) {
  PlaneGrid grid = plane_of(3, {0, 1, 0, 0, 0, 1}, -1, 2, 0.5F, 3, 2);
  grid.origin = {9, 0, 0};
  const std::vector<float> z = grid.z();
  ASSERT_EQ(z.size(), 18U);
  EXPECT_EQ(std::vector<float>(z.begin() + 3, z.begin() + 6), (std::vector<float>{9, -0.5F, 2}));
  EXPECT_EQ(std::vector<float>(z.end() - 3, z.end()), (std::vector<float>{9, 0, 2.5F}));
}

}  // namespace
}  // namespace zscape
