// Estimates of log p(x) against closed forms and quadrature: annealed importance sampling, both
// bounds on drawn inputs, growing numbers of draws; and the closed forms themselves.

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "engine/eval/annealing.h"
#include "engine/eval/certify.h"
#include "engine/eval/exact_figures.h"
#include "engine/eval/likelihood.h"
#include "engine/eval/linear_gaussian.h"
#include "engine/eval/quadrature.h"
#include "tests/eval_data.h"

namespace zscape {
namespace {

constexpr int kInputs = 7;

ModelSpec linear_spec(int latent, double sigma) {
  ModelSpec spec = small_vae({1, kInputs, 1}, latent, {});
  spec.likelihood = Likelihood::gaussian;
  spec.sigma = sigma;
  return spec;
}

Autoencoder steep(const ModelSpec& spec, double steepness) {
  Autoencoder model = initialised(spec);
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : tensors_of(model)) {
    if (name.starts_with("decoder.") && name.ends_with("weight"))
      at::Tensor(tensor).mul_(steepness);
  }
  return model;
}

double largest(const at::Tensor& tensor) {
  return tensor.abs().max().item<double>();
}

double mean_of(const at::Tensor& tensor) {
  return tensor.mean().item<double>();
}

double error_of(const at::Tensor& tensor) {  // of its mean
  return tensor.std().item<double>() / std::sqrt(static_cast<double>(tensor.numel()));
}

at::Tensor log_mean(const at::Tensor& weights) {  // [N, chains]
  return at::logsumexp(weights, 1) - std::log(static_cast<double>(weights.size(1)));
}

// log N(x; b, W Wᵀ + s² I), written out.
at::Tensor evidence(const Autoencoder& model, const at::Tensor& x) {
  const auto tensors = tensors_of(model);
  const at::Tensor weight = tensors.at("decoder.0.weight").to(at::kDouble);
  const at::Tensor off = x.to(at::kDouble) - tensors.at("decoder.0.bias").to(at::kDouble);
  const double variance = model.spec().sigma * model.spec().sigma;
  const at::Tensor covariance =
      at::mm(weight, weight.t()) + variance * at::eye(weight.size(0), at::kDouble);
  const at::Tensor distance = (at::mm(off, at::linalg_inv(covariance)) * off).sum(1);
  const auto inputs = static_cast<double>(weight.size(0));
  return -0.5 * (distance + at::logdet(covariance) + inputs * std::log(2 * std::numbers::pi));
}

TEST(ClosedForms, HasTheEvidenceAndThePosteriorOfTheFormula) {
  const Autoencoder model = steep(linear_spec(3, 0.4), 3);
  const auto linear = LinearGaussian::of(model);
  ASSERT_TRUE(linear);
  const DrawnInputs drawn = draw_inputs(model, 50, 1);
  EXPECT_LT(largest(linear->log_likelihood(drawn.batch) - evidence(model, drawn.batch.x)), 1e-9);
  const at::Tensor weight = tensors_of(model).at("decoder.0.weight").to(at::kDouble);
  const at::Tensor precision = at::eye(3, at::kDouble) + at::mm(weight.t(), weight) / (0.4 * 0.4);
  EXPECT_LT(largest(linear->precision() - precision), 1e-9);
  // q of the posterior's own mean and of each dimension's conditional variance: the best diagonal.
  const Posterior best{linear->posterior_mean(drawn.batch),
                       (-precision.diagonal().log()).expand({50, 3})};
  const at::Tensor gap = linear->gap_of(drawn.batch, best);
  EXPECT_LT(largest(gap - linear->approximation_gap()), 1e-9);
  EXPECT_GT(linear->approximation_gap(), 0.01);
  const double formula =
      0.5 * (precision.diagonal().log().sum() - at::logdet(precision)).item<double>();
  EXPECT_NEAR(linear->approximation_gap(), formula, 1e-9);
}

TEST(ClosedForms, AgreesWithQuadrature) {
  ModelSpec spec = linear_spec(2, 0.5);
  const Autoencoder model = steep(spec, 2);
  const auto linear = LinearGaussian::of(model);
  const DrawnInputs drawn = draw_inputs(model, 30, 2);
  const auto exact =
      exact_log_likelihood(model, drawn.batch, model.encode(drawn.batch.x, {}), {}, {});
  ASSERT_TRUE(linear && exact);
  EXPECT_LT(largest(linear->log_likelihood(drawn.batch) - exact->log_likelihood), 1e-4);
}

TEST(ClosedForms, ReadsTheLabelOfCvae) {
  ModelSpec spec = linear_spec(2, 0.5);
  spec.kind = ModelKind::cvae;
  spec.classes = 3;
  const Autoencoder model = steep(spec, 2);
  const auto linear = LinearGaussian::of(model);
  const DrawnInputs drawn = draw_inputs(model, 30, 2);
  const auto exact = exact_log_likelihood(model, drawn.batch,
                                          model.encode(drawn.batch.x, drawn.batch.label), {}, {});
  ASSERT_TRUE(linear && exact);
  EXPECT_LT(largest(linear->log_likelihood(drawn.batch) - exact->log_likelihood), 1e-4);
}

TEST(ClosedForms, IsNothingForOtherModels) {
  ModelSpec spec = small_vae({1, kInputs, 1}, 2, {5});
  spec.likelihood = Likelihood::gaussian;
  EXPECT_FALSE(LinearGaussian::of(initialised(spec)));
  EXPECT_FALSE(LinearGaussian::of(initialised(small_vae({1, kInputs, 1}, 2, {}))));  // Bernoulli
}

// More latent dimensions than quadrature takes.
class Annealed : public testing::Test {
 protected:
  Annealed() : model_(steep(linear_spec(5, 0.3), 4)), drawn_(draw_inputs(model_, 60, 3)) {}

  at::Tensor exact() const { return LinearGaussian::of(model_)->log_likelihood(drawn_.batch); }
  Annealing tuned(const Posterior& posterior, std::uint64_t number = 0) const {
    Annealing annealing(model_, drawn_.batch, posterior, {8, 4, number});
    EXPECT_TRUE(annealing.tune({}));
    return annealing;
  }

  Autoencoder model_;
  DrawnInputs drawn_;
};

TEST_F(Annealed, HasTheEvidenceWhateverTheEncoderSays) {
  Posterior posterior = model_.encode(drawn_.batch.x, {});
  for (const double off : {0.0, 3.0}) {  // σ a fifth, or 4.5 times as wide
    posterior.log_variance = posterior.log_variance + off;
    const auto weights = tuned(posterior).log_weights(1024, {});
    ASSERT_TRUE(weights);
    const at::Tensor moved = log_mean(*weights) - exact();
    EXPECT_NEAR(mean_of(moved), 0, 0.05) << off;
    EXPECT_LT(mean_of(moved), 3 * error_of(moved)) << off;
  }
}

TEST_F(Annealed, WeightsAreUnbiasedWithFewTemperatures) {
  const auto weights = tuned(model_.encode(drawn_.batch.x, {})).log_weights(64, {});
  ASSERT_TRUE(weights);
  const at::Tensor ratio = (*weights - exact().unsqueeze(1)).exp().mean(1);  // of p(x)
  EXPECT_NEAR(mean_of(ratio), 1, 3.5 * error_of(ratio));
}

TEST_F(Annealed, BothBoundsHoldTheEvidence) {
  const Annealing annealing = tuned(model_.encode(drawn_.batch.x, {}), 1);
  double before = 1e9;
  for (const int temperatures : {64, 256, 1024}) {
    const auto forward = annealing.log_weights(temperatures, {});
    const auto back = annealing.reverse_log_weights(temperatures, drawn_.z, {});
    ASSERT_TRUE(forward && back);
    const at::Tensor low = log_mean(*forward) - exact(), high = *back - exact();
    EXPECT_LT(mean_of(low), 3 * error_of(low));
    EXPECT_GT(mean_of(high), -3 * error_of(high));
    const double apart = mean_of(high) - mean_of(low);
    EXPECT_LT(apart, before);
    before = apart;
  }
  EXPECT_LT(before, 0.3);
}

TEST_F(Annealed, TheSameSeedGivesTheSameBits) {
  const Posterior posterior = model_.encode(drawn_.batch.x, {});
  EXPECT_TRUE(
      at::equal(*tuned(posterior).log_weights(16, {}), *tuned(posterior).log_weights(16, {})));
}

TEST_F(Annealed, CanBeCancelled) {
  const Progress stop = [](double) { return false; };
  Annealing annealing(model_, drawn_.batch, model_.encode(drawn_.batch.x, {}), {8, 4, 0});
  EXPECT_FALSE(annealing.tune(stop));
  EXPECT_EQ(tuned(model_.encode(drawn_.batch.x, {})).log_weights(16, stop).error().code,
            ErrorCode::cancelled);
}

TEST(Growing, DrawsCountOnce) {
  const Autoencoder model = steep(linear_spec(2, 0.7), 2);
  const DrawnInputs drawn = draw_inputs(model, 40, 5);
  const at::Tensor exact = LinearGaussian::of(model)->log_likelihood(drawn.batch);
  RowDraws draws{7, Stream::evaluation, {}};
  for (std::uint64_t i = 0; i < 40; ++i) draws.counters.push_back(1000 + i);
  const Posterior posterior = model.encode(drawn.batch.x, {});
  GrowingImportance importance(model, drawn.batch, posterior, draws);
  GrowingPrior prior(model, drawn.batch, 7);
  double before = -1e9;
  for (const int samples : {1, 64, 4096}) {
    ASSERT_TRUE(importance.grow_to(samples, {}) && prior.grow_to(samples, {}));
    EXPECT_EQ(importance.sums().samples, samples);
    EXPECT_GT(mean_of(importance.sums().log_likelihood()), before);
    before = mean_of(importance.sums().log_likelihood());
    EXPECT_LE(importance.sums().effective().max().item<double>(), samples * (1 + 1e-9));
    EXPECT_GE(importance.sums().effective().min().item<double>(), 1 - 1e-9);
  }
  EXPECT_NEAR(mean_of(importance.sums().log_likelihood() - exact), 0, 0.1);
  EXPECT_NEAR(mean_of(prior.sums().log_likelihood() - exact), 0, 0.1);
}

// A certificate of a nonlinear model whose truth quadrature knows.
TEST(Certificate, EveryEstimateComesNearTheTruthAndBothBoundsHoldIt) {
  const Dataset data = bars(8, 40);
  const Autoencoder model = steep(small_vae(data.shape, 2, {12}), 4);
  std::vector<std::size_t> grown;
  const CertificateListener listen = [&](const Certificate& part) {
    std::size_t points = part.both.size();
    for (const CertificateCurve& curve : part.curves) points += curve.points.size();
    grown.push_back(points);
  };
  CertificateSettings settings{.inputs = 30, .drawn = 30, .seed = 3};
  settings.most_temperatures = 2048;
  const auto made = certified(model, data, SplitName::test, settings, listen, {});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(std::ranges::is_sorted(grown));
  EXPECT_GT(grown.size(), 10U);
  ASSERT_TRUE(made->exact);
  EXPECT_EQ(made->verdict(), Verdict::exact);
  EXPECT_FALSE(made->exact->is_closed_form);
  EXPECT_TRUE(made->is_mere_score);
  for (const Estimator estimator : {Estimator::prior, Estimator::importance, Estimator::annealed}) {
    const CertificateCurve* curve = made->find(estimator);
    ASSERT_NE(curve, nullptr);
    EXPECT_TRUE(curve->is_done) << name_of(estimator);
    const CertificatePoint& last = curve->points.back();
    EXPECT_NEAR(last.mean, made->exact->mean, 0.1) << name_of(estimator);
    // Processors round differently, and chains that accept by a hair part: whether they have
    // settled at the last number of temperatures is chance, what settled means is not.
    EXPECT_EQ(curve->is_settled, std::abs(last.move) + 2 * last.move_error < kSettledMove)
        << name_of(estimator);
    EXPECT_TRUE(curve->is_settled || estimator == Estimator::annealed) << name_of(estimator);
    if (!curve->is_settled) {
      EXPECT_EQ(last.effort, settings.most_temperatures);
    }
    EXPECT_NEAR(last.standard_error, made->exact->standard_error, 0.1);
    for (std::size_t i = 1; i < curve->points.size(); ++i) {
      EXPECT_EQ(curve->points[i].effort, 2 * curve->points[i - 1].effort);
      EXPECT_NEAR(curve->points[i].move, curve->points[i].mean - curve->points[i - 1].mean, 1e-9);
    }
  }
  ASSERT_FALSE(made->both.empty());
  const DrawnInputs drawn = draw_inputs(model, 30, 3);
  const auto exact =
      exact_log_likelihood(model, drawn.batch, model.encode(drawn.batch.x, {}), {}, {});
  ASSERT_TRUE(exact);
  const double truth = mean_of(exact->log_likelihood);
  EXPECT_NEAR(made->both.back().lower, truth, 0.1);
  EXPECT_NEAR(made->both.back().upper, truth, 0.1);
  EXPECT_LT(*made->within(), 0.1);
}

TEST(Certificate, OfALinearDecoderIsInClosedForm) {
  Dataset data = bars(8, 20);
  ModelSpec spec = small_vae(data.shape, 4, {});
  spec.likelihood = Likelihood::gaussian;
  spec.sigma = 0.5;
  const Autoencoder model = initialised(spec);
  CertificateSettings settings{.inputs = 20, .drawn = 0};
  settings.most_temperatures = 64;
  const auto made = certified(model, data, SplitName::test, settings, {}, {});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->verdict(), Verdict::exact);
  EXPECT_TRUE(made->exact->is_closed_form);
  EXPECT_NEAR(made->best()->points.back().mean, made->exact->mean, 0.1);
  EXPECT_FALSE(made->within());
  const auto figures = exact_figures(model, data, SplitName::test, 10, 0, {});
  ASSERT_TRUE(figures);
  EXPECT_NEAR(figures->log_likelihood, made->exact->mean, 1e-9);
  EXPECT_NEAR(figures->gap_inference, figures->amortisation_gap + figures->approximation_gap,
              1e-12);
  EXPECT_GE(figures->amortisation_gap, 0);
}

TEST(Certificate, RefusesWhatHasNoDensity) {
  const Dataset data = bars(4, 4);
  ModelSpec spec = with_kind(small_vae(data.shape, 2, {4}), ModelKind::ae);
  const auto made = certified(initialised(spec), data, SplitName::test, {}, {}, {});
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("prior"), std::string::npos);
}

TEST(Certificate, CanBeCancelled) {
  const Dataset data = bars(4, 8);
  const auto made = certified(initialised(small_vae(data.shape, 3, {4})), data, SplitName::test, {},
                              {}, [](double done) { return done < 0.2; });
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace zscape
