// The exact likelihood, bounds and gaps against closed forms and against a plain fine lattice.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <utility>
#include <vector>

#include "engine/eval/encoder_bound.h"
#include "engine/eval/exact_figures.h"
#include "engine/eval/gauss_rules.h"
#include "engine/eval/pair_likelihood.h"
#include "engine/eval/quadrature.h"
#include "engine/eval/tile_likelihood.h"
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
  const auto own = encoders_bound(linear.model(), linear.batch(), linear.posterior(), {});
  ASSERT_TRUE(own);
  const at::Tensor covariance =
      at::diag_embed(linear.posterior().log_variance.to(at::kDouble).exp());
  EXPECT_LT(largest(*own - linear.bound(linear.posterior().mean.to(at::kDouble), covariance)),
            1e-5);
}

TEST_P(LinearDecoder, HasTheGapsOfTheClosedForm) {
  const Linear linear(GetParam().first, 1, 3);
  const Indices rows = all_rows(linear.data().test);
  const auto gaps =
      input_gaps(linear.model(), linear.data(), SplitName::test, rows, 1, nullptr, {});
  ASSERT_TRUE(gaps);
  const at::Tensor precision = linear.precision(), evidence = linear.evidence();
  const at::Tensor own =
      linear.bound(linear.posterior().mean.to(at::kDouble),
                   at::diag_embed(linear.posterior().log_variance.to(at::kDouble).exp()));
  const double gap =
      0.5 * (precision.diagonal().log().sum() - at::logdet(precision)).item<double>();
  const auto latent = static_cast<std::size_t>(GetParam().first);
  if (latent == 2) {
    EXPECT_GT(gap, 1e-3);
  }
  ASSERT_EQ(gaps->elbo.size(), static_cast<std::size_t>(Linear::kRows));
  for (std::size_t i = 0; i < gaps->elbo.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    const double truth = evidence[row].item<double>(), bound = own[row].item<double>();
    EXPECT_NEAR(gaps->log_likelihood[i], truth, 1e-5 + 1e-6 * std::abs(truth));
    EXPECT_NEAR(gaps->elbo[i], bound, 1e-5 + 3e-6 * std::abs(bound));
    EXPECT_NEAR(gaps->approximation[i], gap, 2e-5);
    EXPECT_NEAR(gaps->amortisation[i], truth - bound - gap, 1e-5 + 3e-6 * std::abs(bound));
    for (std::size_t d = 0; d < latent; ++d) {
      const auto column = static_cast<std::int64_t>(d);
      EXPECT_NEAR(gaps->mean[i * latent + d], linear.centre()[row][column].item<double>(), 0.02);
      EXPECT_NEAR(gaps->sigma[i * latent + d],
                  1 / std::sqrt(precision[column][column].item<double>()), 0.01);
    }
  }
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

// Whole tiles, tiles that are straight but for few units, and decoders without hidden ReLUs.
TEST(TileLikelihood, IsThatOfTheModelAtEachNode) {
  const at::NoGradGuard no_grad;
  for (const int latent : {1, 2}) {
    for (const auto& [likelihood, activation] :
         {std::pair(Likelihood::bernoulli, Activation::reference),
          std::pair(Likelihood::bernoulli, Activation::tanh),
          std::pair(Likelihood::gaussian, Activation::relu)}) {
      ModelSpec spec = small_vae({6, 6, 1}, latent, {70, 90});
      spec.likelihood = likelihood;
      spec.activation = activation;
      spec.sigma = 0.3;
      const Autoencoder model = initialised(spec, 4);
      for (const auto& [name, tensor] : tensors_of(model)) {
        if (name.starts_with("decoder.")) tensor.mul_(3);
      }
      const at::Tensor nodes = (product_rule(gauss_legendre(8), latent).nodes + 1) / 2;
      const at::Tensor corners = normal_noise(20, latent, 3, Stream::evaluation, 0).to(at::kDouble);
      const at::Tensor shear = at::eye(latent, at::kDouble);
      if (latent == 2) shear[0][1] = 0.4;
      const at::Tensor x = some_inputs(spec, 5).x;
      const TileLikelihood likelihood_of(model, nodes);
      const ComparedInputs compared = likelihood_of.compared(x);
      const ComparedInputs one = likelihood_of.compared(x.narrow(0, 3, 1));
      for (const double width : {4.0, 0.2, 0.01}) {
        const at::Tensor z =
            (corners.unsqueeze(1) + width * nodes.mm(shear)).flatten(0, 1).contiguous();
        const at::Tensor expected =
            log_likelihood_of_pairs(model, model.decode(z.to(at::kFloat), {}).to(at::kDouble),
                                    x.to(at::kDouble)) -
            0.5 * z.square().sum(1, true) - 0.5 * latent * std::log(2 * std::numbers::pi);
        const DecodedTiles decoded = likelihood_of.decode(z, {});
        ASSERT_EQ(decoded.count(), 20);
        std::vector<at::Tensor> found;
        for (std::int64_t t = 0; t < decoded.count(); ++t) {
          found.push_back(decoded.joint(t, compared.slope) + compared.offset);
          const at::Tensor alone = at::empty({nodes.size(0)}, at::kDouble);
          decoded.joint(t, one.slope.data_ptr<double>(), alone.data_ptr<double>());
          EXPECT_LT(largest(alone + one.offset - found.back().select(1, 3)),
                    1e-9 * largest(expected));
        }
        EXPECT_LT(largest(at::cat(found) - expected), 1e-5 * largest(expected))
            << latent << " " << width << " " << static_cast<int>(activation);
      }
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
  const Dataset data = dataset_of(batch_, model_.spec());
  const Indices rows = all_rows(data.test);
  const auto first = input_gaps(model_, data, SplitName::test, rows, 1, nullptr, {});
  ASSERT_TRUE(first && exact_);
  ASSERT_EQ(first->elbo.size(), 12U);
  for (std::size_t i = 0; i < first->elbo.size(); ++i) {
    const double truth = exact_->log_likelihood[static_cast<std::int64_t>(i)].item<double>();
    EXPECT_NEAR(first->log_likelihood[i], truth, 3e-3) << i;
    EXPECT_GE(first->amortisation[i], 0) << i;
    EXPECT_GE(first->approximation[i], -3e-3) << i;
    EXPECT_NEAR(first->elbo[i] + first->amortisation[i] + first->approximation[i], truth, 3e-3);
  }
  EXPECT_GT(std::ranges::max(first->amortisation), 0.1F);  // it was never trained
  // From what was found, nothing worse is found.
  const auto again = input_gaps(model_, data, SplitName::test, rows, 1,
                                std::make_shared<const InputGaps>(*first), {});
  ASSERT_TRUE(again);
  for (std::size_t i = 0; i < again->elbo.size(); ++i) {
    EXPECT_LE(again->approximation[i], first->approximation[i] + 1e-4F) << i;
  }
}

TEST_P(BentDecoder, HasTheBoundOfAFineLatticeOnAverage) {
  const auto bound = encoders_bound(model_, batch_, posterior_, {});
  ASSERT_TRUE(bound);
  const int latent = model_.spec().latent, steps = latent == 1 ? 8000 : 240;
  constexpr double kReach = 8;
  const at::Tensor line = (at::arange(steps, at::kDouble) + 0.5) * (2 * kReach / steps) - kReach;
  const at::Tensor noise = latent == 1 ? line.unsqueeze(1) : at::cartesian_prod({line, line});
  const at::Tensor weights = at::softmax(-0.5 * noise.square().sum(1), 0);
  at::Tensor truth = at::empty({batch_.x.size(0)}, at::kDouble);
  for (std::int64_t i = 0; i < batch_.x.size(0); ++i) {
    const at::Tensor log_deviation = posterior_.log_variance[i].to(at::kDouble) * 0.5;
    const at::Tensor z = posterior_.mean[i].to(at::kDouble) + noise * log_deviation.exp();
    const at::Tensor label = batch_.label.defined()
                                 ? batch_.label.narrow(0, i, 1).expand({z.size(0), -1})
                                 : at::Tensor();
    const at::Tensor joint =
        log_likelihood_of_pairs(model_, model_.decode(z.to(at::kFloat), label).to(at::kDouble),
                                batch_.x.narrow(0, i, 1).to(at::kDouble))
            .squeeze(1) -
        0.5 * z.square().sum(1) - 0.5 * latent * std::log(2 * std::numbers::pi);
    truth[i] = (weights * joint).sum() + log_deviation.sum() +
               0.5 * latent * std::log(2 * std::numbers::pi * std::numbers::e);
  }
  EXPECT_LT(largest(*bound - truth), 0.03 * largest(truth));
  EXPECT_LT(largest((*bound - truth).mean()), 0.01 * largest(truth));
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
