// The lens on one input against closed forms and against plain fine lattices.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "engine/eval/evidence_lens.h"
#include "tests/exact_models.h"

namespace zscape {
namespace {

std::vector<Evidence> look_at_all(const Autoencoder& model, const Batch& batch) {
  const Dataset data = dataset_of(batch, model.spec());
  auto lens = evidence_lens_of(model, 7);
  EXPECT_TRUE(lens) << lens.error().message;
  std::vector<Evidence> all;
  for (std::int64_t i = 0; lens && i < data.test.count; ++i) {
    auto found = (*lens)->look(data, SplitName::test, i, 0, {});
    EXPECT_TRUE(found) << found.error().message;
    if (found) all.push_back(*std::move(found));
  }
  return all;
}

// (z − m)ᵀ Λ (z − m) for a Gaussian's precision Λ.
double distance(const at::Tensor& precision, const at::Tensor& centre, double x, double y) {
  const at::Tensor z = at::tensor({x, y}, at::kDouble).narrow(0, 0, centre.numel()) - centre;
  return z.dot(precision.mv(z)).item<double>();
}

double area_of(const std::vector<float>& triangles) {
  double area = 0;
  for (std::size_t i = 0; i + 5 < triangles.size(); i += 6) {
    const double ax = triangles[i + 2] - triangles[i], ay = triangles[i + 3] - triangles[i + 1];
    const double bx = triangles[i + 4] - triangles[i], by = triangles[i + 5] - triangles[i + 1];
    area += (ax * by - ay * bx) / 2;  // all have the same sense
  }
  return area;
}

// By the corners of an outline.
double area_within(const std::vector<float>& line) {
  double area = 0;
  const std::size_t corners = line.size() / 2;
  for (std::size_t i = 0; i < corners; ++i) {
    const std::size_t j = (i + 1) % corners;
    area += (static_cast<double>(line[2 * i]) * line[2 * j + 1] -
             static_cast<double>(line[2 * j]) * line[2 * i + 1]) /
            2;
  }
  return area;
}

class LensOnLinear : public testing::TestWithParam<std::pair<int, double>> {
 protected:
  const Linear linear_{GetParam().first, GetParam().second, 3};
  const at::NoGradGuard no_grad_;
  const at::Tensor precision_ = linear_.precision(), centre_ = linear_.centre();
  const at::Tensor covariance_ = at::linalg_inv(precision_);
  const std::vector<Evidence> found_ = look_at_all(linear_.model(), linear_.batch());
  int latent() const { return GetParam().first; }
  // Single precision of the decoder, whose square is divided by 2 s².
  double slack() const { return GetParam().second < 0.1 ? 5e-3 : 1e-5; }
};
INSTANTIATE_TEST_SUITE_P(DimensionsAndWidths, LensOnLinear,
                         testing::Values(std::pair(1, 1.0), std::pair(2, 1.0), std::pair(1, 0.03),
                                         std::pair(2, 0.03)));

TEST_P(LensOnLinear, SeesTheEvidenceAndGapsOfTheClosedForm) {
  const at::Tensor evidence = linear_.evidence();
  const double gap =
      latent() == 1
          ? 0
          : 0.5 * (precision_.diagonal().log().sum() - at::logdet(precision_)).item<double>();
  const at::Tensor own = at::diag_embed(linear_.posterior().log_variance.to(at::kDouble).exp());
  const at::Tensor elbo = linear_.bound(linear_.posterior().mean.to(at::kDouble), own);
  ASSERT_EQ(found_.size(), static_cast<std::size_t>(Linear::kRows));
  for (std::size_t i = 0; i < found_.size(); ++i) {
    const Evidence& seen = found_[i];
    const auto row = static_cast<std::int64_t>(i);
    EXPECT_EQ(seen.latent, latent());
    EXPECT_EQ(seen.revision, 7U);
    const double truth = evidence[row].item<double>(), bound = elbo[row].item<double>();
    EXPECT_NEAR(seen.log_likelihood, truth, slack()) << i;
    EXPECT_LT(seen.error, 3e-3);
    EXPECT_NEAR(seen.elbo, bound, slack() + 2e-6 * std::abs(bound)) << i;
    EXPECT_NEAR(seen.approximation_gap, gap, slack()) << i;
    EXPECT_NEAR(seen.full_approximation_gap, 0, slack()) << i;
    EXPECT_NEAR(seen.elbo + seen.amortisation_gap + seen.approximation_gap, seen.log_likelihood,
                1e-11 + 1e-15 * std::abs(bound));
    EXPECT_GE(seen.amortisation_gap, 0);
    for (std::int64_t d = 0; d < latent(); ++d) {
      const auto at = static_cast<std::size_t>(d);
      const double deviation = std::sqrt(covariance_[d][d].item<double>());
      EXPECT_NEAR(seen.best_full.mean[at], centre_[row][d].item<double>(), 0.02 * deviation) << i;
      EXPECT_NEAR(seen.best_full.covariance[2 * at] / covariance_[d][d].item<double>(), 1, 0.01);
      EXPECT_NEAR(seen.best_diagonal.covariance[2 * at] * precision_[d][d].item<double>(), 1, 0.01);
      EXPECT_NEAR(seen.encoder.mean[at], linear_.posterior().mean[row][d].item<double>(), 1e-6);
    }
  }
}

TEST_P(LensOnLinear, DrawsTheRegionsOfTheClosedForm) {
  const double determinant = at::linalg_det(covariance_).item<double>();
  for (std::size_t i = 0; i < found_.size(); ++i) {
    const at::Tensor centre = centre_[static_cast<std::int64_t>(i)];
    ASSERT_EQ(found_[i].regions.size(), 2U);
    for (const PosteriorRegion& region : found_[i].regions) {
      if (latent() == 1) {
        const double reach = region.mass == 0.5 ? 0.67449 : 1.95996;
        ASSERT_EQ(region.intervals.size(), 1U);
        const double deviation = std::sqrt(determinant), middle = centre[0].item<double>();
        EXPECT_NEAR(region.intervals[0][0], middle - reach * deviation, 0.02 * deviation);
        EXPECT_NEAR(region.intervals[0][1], middle + reach * deviation, 0.02 * deviation);
        continue;
      }
      const double square = -2 * std::log(1 - region.mass);  // of the border's distance
      ASSERT_EQ(region.outlines.size(), 1U);
      const std::vector<float>& line = region.outlines[0];
      for (std::size_t corner = 0; corner + 1 < line.size(); corner += 2) {
        EXPECT_NEAR(distance(precision_, centre, line[corner], line[corner + 1]) / square, 1, 0.04);
      }
      const double area = std::numbers::pi * square * std::sqrt(determinant);
      EXPECT_NEAR(area_of(region.triangles) / area, 1, 0.02);
      EXPECT_NEAR(area_within(line) / area, 1, 0.02);
    }
  }
}

TEST_P(LensOnLinear, HasACurveOfMassOne) {
  if (latent() != 1) return;
  for (const Evidence& seen : found_) {
    double mass = 0;
    for (std::size_t i = 1; i < seen.curve_z.size(); ++i) {
      EXPECT_GT(seen.curve_z[i], seen.curve_z[i - 1]);
      mass += static_cast<double>(seen.curve_z[i] - seen.curve_z[i - 1]) *
              (seen.curve_density[i] + seen.curve_density[i - 1]) / 2;
    }
    EXPECT_NEAR(mass, 1, 2e-3);
  }
}

class LensOnBent : public testing::TestWithParam<std::tuple<int, ModelKind>> {
 protected:
  const Autoencoder model_ = bent(std::get<0>(GetParam()), std::get<1>(GetParam()));
  const Batch batch_ = some_inputs(model_.spec(), 12);
  const at::NoGradGuard no_grad_;
  const std::vector<Evidence> found_ = look_at_all(model_, batch_);
};
INSTANTIATE_TEST_SUITE_P(DimensionsAndKinds, LensOnBent,
                         testing::Combine(testing::Values(1, 2),
                                          testing::Values(ModelKind::vae, ModelKind::cvae)));

TEST_P(LensOnBent, SeesTheEvidenceOfAFineLattice) {
  const int steps = model_.spec().latent == 1 ? 40'000 : 800;
  const at::Tensor truth = by_lattice(model_, batch_, 8, steps);
  ASSERT_EQ(found_.size(), 12U);
  for (std::size_t i = 0; i < found_.size(); ++i) {
    const double off =
        found_[i].log_likelihood - truth[static_cast<std::int64_t>(i)].item<double>();
    EXPECT_LT(std::abs(off), 2e-3) << i;
    EXPECT_LT(std::abs(off), found_[i].error + 3e-4) << i;
  }
}

// E_q log p(x, z) + the entropy of a diagonal q, by a fine lattice over it.
double bound_of(const Autoencoder& model, const Batch& batch, std::int64_t row,
                const LatentGaussian& q) {
  const int latent = model.spec().latent, steps = latent == 1 ? 20'000 : 240;
  const at::Tensor line = ((at::arange(steps, at::kDouble) + 0.5) / steps - 0.5) * 13;
  const at::Tensor noise = latent == 1 ? line.unsqueeze(1) : at::cartesian_prod({line, line});
  const at::Tensor mean = at::tensor({q.mean[0], q.mean[1]}, at::kDouble).narrow(0, 0, latent);
  const at::Tensor deviation =
      at::tensor({q.covariance[0], q.covariance[2]}, at::kDouble).narrow(0, 0, latent).sqrt();
  const at::Tensor z = mean + noise * deviation;
  const at::Tensor label =
      batch.label.defined() ? batch.label.narrow(0, row, 1).expand({z.size(0), -1}) : batch.label;
  const at::Tensor joint =
      log_likelihood_of_pairs(model, model.decode(z.to(at::kFloat), label).to(at::kDouble),
                              batch.x.narrow(0, row, 1).to(at::kDouble))
          .squeeze(1) -
      0.5 * z.square().sum(1) - 0.5 * latent * std::log(2 * std::numbers::pi);
  const at::Tensor weights = (-0.5 * noise.square().sum(1)).exp();
  const double entropy = 0.5 * latent * std::log(2 * std::numbers::pi * std::numbers::e) +
                         deviation.log().sum().item<double>();
  return ((weights * joint).sum() / weights.sum()).item<double>() + entropy;
}

TEST_P(LensOnBent, SeesTheBoundsOfAFineLattice) {
  ASSERT_EQ(found_.size(), 12U);
  for (std::size_t i = 0; i < found_.size(); ++i) {
    const Evidence& seen = found_[i];
    const auto row = static_cast<std::int64_t>(i);
    EXPECT_NEAR(seen.elbo, bound_of(model_, batch_, row, seen.encoder), 0.01) << i;
    EXPECT_NEAR(seen.elbo + seen.amortisation_gap,
                bound_of(model_, batch_, row, seen.best_diagonal), 0.01)
        << i;
    EXPECT_GE(seen.amortisation_gap, 0);
    EXPECT_GE(seen.approximation_gap, -seen.error - 1e-3);
    EXPECT_GE(seen.full_approximation_gap, -seen.error - 1e-3);
    EXPECT_LE(seen.full_approximation_gap, seen.approximation_gap);
  }
}

// From a lattice of means and variances: no Gaussian of these is better than the one that is found.
TEST_P(LensOnBent, FindsNoWorseGaussianThanASearchOverAll) {
  for (std::size_t i = 0; i < 2; ++i) {
    const auto row = static_cast<std::int64_t>(i);
    const double best = found_[i].elbo + found_[i].amortisation_gap;
    const LatentGaussian& own = found_[i].best_diagonal;
    const bool is_plane = model_.spec().latent == 2;
    for (double x = -1.5; x <= 1.5; x += 1.5) {
      for (double y = is_plane ? -1.5 : 0; y <= (is_plane ? 1.5 : 0); y += 1.5) {
        for (const double scale : {0.5, 1.0, 2.0}) {
          LatentGaussian other = own;
          other.mean = {x, y};
          for (double& variance : other.covariance) variance *= scale;
          EXPECT_GT(best, bound_of(model_, batch_, row, other) - 0.01) << i;
        }
      }
    }
  }
}

// Whether a place is in one of a region's triangles.
bool is_in(const PosteriorRegion& region, double x, double y) {
  const std::vector<float>& t = region.triangles;
  for (std::size_t i = 0; i + 5 < t.size(); i += 6) {
    const auto side = [&](std::size_t a, std::size_t b) {
      return (t[i + b] - t[i + a]) * (y - t[i + a + 1]) -
             (t[i + b + 1] - t[i + a + 1]) * (x - t[i + a]);
    };
    if (side(0, 2) >= 0 && side(2, 4) >= 0 && side(4, 0) >= 0) return true;
  }
  return false;
}

TEST_P(LensOnBent, DrawsRegionsThatHoldTheirMass) {
  const int latent = model_.spec().latent;
  for (std::size_t input = 0; input < found_.size(); input += 3) {
    const Evidence& seen = found_[input];
    // Where the larger region lies, some hundred nodes a side.
    double low[2] = {1e9, latent == 1 ? 0 : 1e9}, high[2] = {-1e9, latent == 1 ? 0 : -1e9};
    if (latent == 1) {
      low[0] = seen.regions[0].intervals.front()[0];
      high[0] = seen.regions[0].intervals.back()[1];
    }
    for (std::size_t i = 0; i < seen.regions[0].triangles.size(); ++i) {
      low[i % 2] = std::min<double>(low[i % 2], seen.regions[0].triangles[i]);
      high[i % 2] = std::max<double>(high[i % 2], seen.regions[0].triangles[i]);
    }
    const int steps = latent == 1 ? 4000 : 160, rows = latent == 1 ? 1 : steps;
    const double dx = (high[0] - low[0]) / steps, dy = latent == 1 ? 1 : (high[1] - low[1]) / steps;
    std::vector<float> z;
    for (int j = 0; j < rows; ++j) {
      for (int i = 0; i < steps; ++i) {
        z.push_back(static_cast<float>(low[0] + (i + 0.5) * dx));
        if (latent == 2) z.push_back(static_cast<float>(low[1] + (j + 0.5) * dy));
      }
    }
    const at::Tensor places = at::tensor(z).view({-1, latent});
    const auto row = static_cast<std::int64_t>(input);
    const at::Tensor label = batch_.label.defined()
                                 ? batch_.label.narrow(0, row, 1).expand({places.size(0), -1})
                                 : batch_.label;
    const at::Tensor joint =
        log_likelihood_of_pairs(model_, model_.decode(places, label).to(at::kDouble),
                                batch_.x.narrow(0, row, 1).to(at::kDouble))
            .squeeze(1) -
        0.5 * places.to(at::kDouble).square().sum(1) -
        0.5 * latent * std::log(2 * std::numbers::pi);
    for (const PosteriorRegion& region : seen.regions) {
      double mass = 0;
      for (std::int64_t i = 0; i < places.size(0); ++i) {
        const float* at = places.data_ptr<float>() + i * latent;
        const bool inside = latent == 2
                                ? is_in(region, at[0], at[1])
                                : std::ranges::any_of(region.intervals, [&](const auto& part) {
                                    return at[0] >= part[0] && at[0] <= part[1];
                                  });
        if (!inside) continue;
        mass += std::exp(joint[i].item<double>() - seen.log_likelihood) * dx * dy;
      }
      EXPECT_NEAR(mass, region.mass, 0.015) << input;
    }
  }
}

TEST(EvidenceLens, KeepsWhatItHasDecoded) {
  const Linear linear(2, 1, 2);
  const Dataset data = linear.data();
  auto lens = evidence_lens_of(linear.model(), 1);
  ASSERT_TRUE(lens);
  const auto first = (*lens)->look(data, SplitName::test, 3, 0, {});
  const auto other = (*lens)->look(data, SplitName::test, 4, 0, {});
  const auto again = (*lens)->look(data, SplitName::test, 3, 0, {});
  ASSERT_TRUE(first && other && again);
  EXPECT_EQ(first->log_likelihood, again->log_likelihood);
  EXPECT_EQ(first->amortisation_gap, again->amortisation_gap);
  EXPECT_EQ(first->regions[0].triangles, again->regions[0].triangles);
  EXPECT_NE(first->log_likelihood, other->log_likelihood);
}

TEST(EvidenceLens, RefusesWhatHasNoPosteriorToSee) {
  EXPECT_FALSE(evidence_lens_of(initialised(small_vae({4, 4, 1}, 3, {8})), 1));
  ModelSpec plain = small_vae({4, 4, 1}, 2, {8});
  plain.kind = ModelKind::ae;
  plain.likelihood = Likelihood::mse;
  EXPECT_FALSE(evidence_lens_of(initialised(plain), 1));
  const Linear linear(2, 1, 2);
  auto lens = evidence_lens_of(linear.model(), 1);
  ASSERT_TRUE(lens);
  EXPECT_FALSE((*lens)->look(bars(4, 4), SplitName::test, 0, 0, {}));  // other data
  const auto cancelled =
      (*lens)->look(linear.data(), SplitName::test, 0, 0, [](double) { return false; });
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code, ErrorCode::cancelled);
}

TEST(EvidenceLens, SaysWhatIsNotFinite) {
  const Linear linear(2, 1, 2);
  Autoencoder broken = linear.model().clone();
  tensors_of(broken).at("encoder.0.bias").fill_(NAN);
  auto lens = evidence_lens_of(broken, 1);
  ASSERT_TRUE(lens);
  EXPECT_FALSE((*lens)->look(linear.data(), SplitName::test, 0, 0, {}));
}

}  // namespace
}  // namespace zscape
