// The exact likelihood and the best Gaussians against closed forms and against a plain fine
// lattice.

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "engine/eval/gauss_rules.h"
#include "engine/eval/gaussian_fit.h"
#include "engine/eval/pair_likelihood.h"
#include "engine/eval/quadrature.h"
#include "engine/eval/tile_decoder.h"
#include "tests/exact_models.h"

namespace zscape {
namespace {

TEST(GaussRules, AreExactForPolynomials) {
  const GaussRule legendre = gauss_legendre(8), hermite = gauss_hermite(10);
  EXPECT_NEAR(legendre.weights.sum().item<double>(), 2, 1e-13);
  EXPECT_NEAR((legendre.weights * legendre.nodes.pow(14)).sum().item<double>(), 2.0 / 15, 1e-13);
  EXPECT_NEAR(hermite.weights.sum().item<double>(), 1, 1e-13);
  EXPECT_NEAR((hermite.weights * hermite.nodes.pow(6)).sum().item<double>(), 15, 1e-11);
  const GaussRule plane = product_rule(hermite, 2);
  EXPECT_EQ(plane.nodes.sizes(), at::IntArrayRef({100, 2}));
  const at::Tensor both = plane.nodes.square().prod(1);
  EXPECT_NEAR((plane.weights * both).sum().item<double>(), 1, 1e-12);
}

class LinearDecoder : public testing::TestWithParam<std::pair<int, double>> {};
INSTANTIATE_TEST_SUITE_P(DimensionsAndWidths, LinearDecoder,
                         testing::Values(std::pair(1, 1.0), std::pair(2, 1.0), std::pair(1, 0.03),
                                         std::pair(2, 0.03)));

TEST_P(LinearDecoder, HasTheEvidenceOfTheClosedForm) {
  const Linear linear(GetParam().first, GetParam().second, 2);
  // Single precision of the decoder, whose square is divided by 2 s².
  const bool is_sharp = GetParam().second < 0.1;
  const double slack = is_sharp ? 5e-3 : 1e-5;
  const auto exact = exact_log_likelihood(linear.model(), linear.batch(), linear.posterior(),
                                          {.tolerance = is_sharp ? 1e-3 : 1e-6}, {});
  ASSERT_TRUE(exact);
  EXPECT_LT(largest(exact->log_likelihood - linear.evidence()), slack);
  EXPECT_LT(largest(exact->error), slack);
}

TEST_P(LinearDecoder, HasTheBoundOfTheClosedForm) {
  const Linear linear(GetParam().first, 1, 2);
  const auto own =
      encoders_gaussian(linear.model(), linear.batch(), linear.posterior(), Fineness::fine, {});
  ASSERT_TRUE(own);
  const at::Tensor covariance =
      at::diag_embed(linear.posterior().log_variance.to(at::kDouble).exp());
  EXPECT_LT(largest(own->elbo - linear.bound(linear.posterior().mean.to(at::kDouble), covariance)),
            1e-5);
}

TEST_P(LinearDecoder, IsClosedUpToTheBestGaussians) {
  const Linear linear(GetParam().first, 1, 3);
  const auto own =
      encoders_gaussian(linear.model(), linear.batch(), linear.posterior(), Fineness::fine, {});
  ASSERT_TRUE(own);
  const auto diagonal =
      best_gaussian(linear.model(), linear.batch(), *own, {}, Covariance::diagonal, {});
  ASSERT_TRUE(diagonal);
  const at::Tensor precision = linear.precision();
  const double gap =
      0.5 * (precision.diagonal().log().sum() - at::logdet(precision)).item<double>();
  if (GetParam().first == 2) {
    EXPECT_GT(gap, 1e-3);
  }
  EXPECT_LT(largest(linear.evidence() - diagonal->elbo - gap), 1e-5);
  EXPECT_LT(largest(diagonal->mean - linear.centre()), 1e-3);
  const auto full =
      best_gaussian(linear.model(), linear.batch(), *diagonal, {}, Covariance::full, {});
  ASSERT_TRUE(full);
  EXPECT_LT(largest(linear.evidence() - full->elbo), 1e-5);
  EXPECT_TRUE(full->elbo.ge(diagonal->elbo).all().item<bool>());
  EXPECT_TRUE(diagonal->elbo.ge(own->elbo).all().item<bool>());
}

class BentDecoder : public testing::TestWithParam<std::tuple<int, ModelKind>> {
 protected:
  const Autoencoder model_ = bent(std::get<0>(GetParam()), std::get<1>(GetParam()));
  const Batch batch_ = some_inputs(model_.spec(), 12);
  const at::NoGradGuard no_grad_;
  const Posterior posterior_ = model_.encode(batch_.x, batch_.label);
  const Expected<ExactLikelihood> exact_ = exact_log_likelihood(model_, batch_, posterior_, {}, {});
};
INSTANTIATE_TEST_SUITE_P(DimensionsAndKinds, BentDecoder,
                         testing::Combine(testing::Values(1, 2),
                                          testing::Values(ModelKind::vae, ModelKind::cvae)));

TEST(TileDecoder, DecodesAsTheModelDoes) {
  for (const int latent : {1, 2}) {
    for (const double width : {4.0, 0.2, 0.01}) {
      const Autoencoder model = initialised(small_vae({6, 6, 1}, latent, {70, 90}), 4);
      const at::NoGradGuard no_grad;
      for (const auto& [name, tensor] : tensors_of(model)) {
        if (name.starts_with("decoder.")) tensor.mul_(3);
      }
      const at::Tensor nodes = (product_rule(gauss_legendre(8), latent).nodes + 1) / 2;
      const at::Tensor corners = normal_noise(20, latent, 3, Stream::evaluation, 0);
      const at::Tensor shear = at::eye(latent);
      if (latent == 2) shear[0][1] = 0.4;
      const at::Tensor z = (corners.unsqueeze(1) + width * nodes.to(at::kFloat).mm(shear))
                               .flatten(0, 1)
                               .contiguous();
      const at::Tensor expected = model.decode(z, {});
      const at::Tensor off = TileDecoder(model, nodes).decode(z, {}) - expected;
      EXPECT_LT(largest(off), 1e-5 * largest(expected)) << latent << " " << width;
    }
  }
}

TEST_P(BentDecoder, HasTheEvidenceOfAFineLattice) {
  ASSERT_TRUE(exact_);
  const int steps = model_.spec().latent == 1 ? 40'000 : 800;
  const at::Tensor off = (exact_->log_likelihood - by_lattice(model_, batch_, 8, steps)).abs();
  EXPECT_LT(largest(off), 2e-3) << off;
  EXPECT_TRUE(off.le(exact_->error + 2e-4).all().item<bool>()) << off << exact_->error;
}

TEST_P(BentDecoder, HasGapsThatAreNeverNegative) {
  const auto own = encoders_gaussian(model_, batch_, posterior_, Fineness::fine, {});
  ASSERT_TRUE(exact_ && own);
  const auto diagonal =
      best_gaussian(model_, batch_, *own, {.mode = exact_->mode}, Covariance::diagonal, {});
  ASSERT_TRUE(diagonal);
  const auto full = best_gaussian(model_, batch_, *diagonal, {}, Covariance::full, {});
  ASSERT_TRUE(full);
  EXPECT_GE((diagonal->elbo - own->elbo).min().item<double>(), 0);
  EXPECT_GE((full->elbo - diagonal->elbo).min().item<double>(), 0);
  EXPECT_GE((exact_->log_likelihood - full->elbo).min().item<double>(), -0.02);
  EXPECT_GT((diagonal->elbo - own->elbo).max().item<double>(), 0.1);  // it was never trained
}

// E_q log p(x, z) + entropy on a lattice over q.
at::Tensor bound_by_lattice(const Autoencoder& model, const Batch& batch, const GaussianFit& fit) {
  const int latent = model.spec().latent, steps = latent == 1 ? 8000 : 240;
  constexpr double kReach = 8;
  const at::Tensor line = (at::arange(steps, at::kDouble) + 0.5) * (2 * kReach / steps) - kReach;
  const at::Tensor noise = latent == 1 ? line.unsqueeze(1) : at::cartesian_prod({line, line});
  const at::Tensor weights = at::softmax(-0.5 * noise.square().sum(1), 0);
  const at::Tensor result = at::empty({batch.x.size(0)}, at::kDouble);
  for (std::int64_t i = 0; i < batch.x.size(0); ++i) {
    const at::Tensor z = fit.mean[i] + noise.mm(fit.factor[i].t());
    const at::Tensor label =
        batch.label.defined() ? batch.label.narrow(0, i, 1).expand({z.size(0), -1}) : batch.label;
    const at::Tensor outputs = model.decode(z.to(at::kFloat), label).to(at::kDouble);
    const at::Tensor joint =
        log_likelihood_of_pairs(model, outputs, batch.x.narrow(0, i, 1).to(at::kDouble))
            .squeeze(1) -
        0.5 * z.square().sum(1) - 0.5 * latent * std::log(2 * std::numbers::pi);
    result[i] = (weights * joint).sum() + fit.factor[i].diagonal().log().sum() +
                0.5 * latent * std::log(2 * std::numbers::pi * std::numbers::e);
  }
  return result;
}

TEST_P(BentDecoder, HasFinerBoundsWithMoreNodes) {
  const auto usual = encoders_gaussian(model_, batch_, posterior_, Fineness::usual, {});
  const auto fine = encoders_gaussian(model_, batch_, posterior_, Fineness::fine, {});
  ASSERT_TRUE(usual && fine);
  const at::Tensor truth = bound_by_lattice(model_, batch_, *fine);
  const double off = largest(fine->elbo - truth);
  EXPECT_LT(off, 0.02 * largest(truth));
  EXPECT_LE(off, largest(usual->elbo - truth));
  const auto best =
      best_gaussian(model_, batch_, *fine, {.mode = exact_->mode}, Covariance::diagonal, {});
  ASSERT_TRUE(best);
  EXPECT_LT(largest(best->elbo - bound_by_lattice(model_, batch_, *best)), 0.03);
}

TEST_P(BentDecoder, IsFoundAgainFromWhatWasFound) {
  const auto own = encoders_gaussian(model_, batch_, posterior_, Fineness::fine, {});
  const auto first =
      best_gaussian(model_, batch_, *own, {.mode = exact_->mode}, Covariance::diagonal, {});
  ASSERT_TRUE(first);
  const auto again = best_gaussian(
      model_, batch_, *own, {.mode = exact_->mode, .mean = first->mean, .factor = first->factor},
      Covariance::diagonal, {});
  ASSERT_TRUE(again);
  EXPECT_GE((again->elbo - first->elbo).min().item<double>(), -1e-6);
}

TEST(Quadrature, EndsWhereItIsCancelled) {
  const Linear linear(2, 1, 2);
  const auto exact = exact_log_likelihood(linear.model(), linear.batch(), linear.posterior(), {},
                                          [](double) { return false; });
  ASSERT_FALSE(exact);
  EXPECT_EQ(exact.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace zscape
