// The exact likelihood and the best Gaussians against closed forms and against a plain fine
// lattice.

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "engine/eval/gauss_rules.h"
#include "engine/eval/gaussian_fit.h"
#include "engine/eval/pair_likelihood.h"
#include "engine/eval/quadrature.h"
#include "tests/eval_data.h"

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

// x = W z + b + s ε: everything about it is known.
class Linear {
 public:
  Linear(int latent, double sigma, double steepness) {
    spec_ = small_vae({1, kInputs, 1}, latent, {});
    spec_.likelihood = Likelihood::gaussian;
    spec_.sigma = sigma;
    Scaling scaling;
    scaling.mean.assign(kInputs, 0);
    scaling.deviation.assign(kInputs, 1);
    spec_.scaling = std::make_shared<const Scaling>(scaling);
    model_ = std::make_unique<Autoencoder>(initialised(spec_));
    const auto tensors = tensors_of(*model_);
    const at::NoGradGuard no_grad;
    for (const auto& [name, tensor] : tensors) {
      if (name.starts_with("decoder.") && name.ends_with("weight")) tensor.mul_(steepness);
      if (name.starts_with("decoder.")) {
        (name.ends_with("weight") ? weight_ : bias_) = tensor.to(at::kDouble);
      }
    }
    Random random(2, Stream::evaluation, 0);
    const at::Tensor z = at::empty({kRows, latent}), noise = at::empty({kRows, kInputs});
    random.fill_normal({z.data_ptr<float>(), static_cast<std::size_t>(z.numel())});
    random.fill_normal({noise.data_ptr<float>(), static_cast<std::size_t>(noise.numel())});
    batch_.x = model_->decode(z, {}) + sigma * noise;
    posterior_ = model_->encode(batch_.x, {});
  }

  static constexpr int kInputs = 6, kRows = 40;
  const Autoencoder& model() const { return *model_; }
  const Batch& batch() const { return batch_; }
  const Posterior& posterior() const { return posterior_; }

  at::Tensor precision() const {  // [k, k], of the posterior of every input
    return at::eye(spec_.latent, at::kDouble) + at::mm(weight_.t(), weight_) / variance();
  }
  at::Tensor centre() const {  // [N, k], the posterior's mean
    return at::mm(centred(), weight_).mm(at::linalg_inv(precision())) / variance();
  }
  at::Tensor evidence() const {  // log N(x; b, W Wᵀ + s² I)
    const at::Tensor covariance =
        at::mm(weight_, weight_.t()) + variance() * at::eye(kInputs, at::kDouble);
    const at::Tensor distance = (at::mm(centred(), at::linalg_inv(covariance)) * centred()).sum(1);
    return -0.5 * (distance + at::logdet(covariance) + kInputs * std::log(2 * std::numbers::pi));
  }
  // The bound of N(mean, Σ), which is log p(x) − KL(q ‖ the posterior).
  at::Tensor bound(const at::Tensor& mean, const at::Tensor& covariance) const {
    const at::Tensor off = mean - centre();
    const at::Tensor divergence =
        0.5 * ((at::matmul(off, precision()) * off).sum(1) +
               at::matmul(precision(), covariance).diagonal(0, 1, 2).sum(1) - spec_.latent -
               at::logdet(precision()) - at::logdet(covariance));
    return evidence() - divergence;
  }

 private:
  double variance() const { return spec_.sigma * spec_.sigma; }
  at::Tensor centred() const { return batch_.x.to(at::kDouble) - bias_; }

  ModelSpec spec_;
  std::unique_ptr<Autoencoder> model_;
  at::Tensor weight_, bias_;
  Batch batch_;
  Posterior posterior_;
};

double largest(const at::Tensor& tensor) {
  return tensor.abs().max().item<double>();
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
  const auto own = encoders_gaussian(linear.model(), linear.batch(), linear.posterior(), {});
  ASSERT_TRUE(own);
  const at::Tensor covariance =
      at::diag_embed(linear.posterior().log_variance.to(at::kDouble).exp());
  EXPECT_LT(largest(own->elbo - linear.bound(linear.posterior().mean.to(at::kDouble), covariance)),
            1e-5);
}

TEST_P(LinearDecoder, IsClosedUpToTheBestGaussians) {
  const Linear linear(GetParam().first, 1, 3);
  const auto own = encoders_gaussian(linear.model(), linear.batch(), linear.posterior(), {});
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

// A bent decoder whose posteriors have several narrow peaks.
Autoencoder bent(int latent, ModelKind kind) {
  ModelSpec spec = small_vae({4, 4, 1}, latent, {24});
  spec.kind = kind;
  if (kind == ModelKind::cvae) spec.classes = 3;
  Autoencoder model = initialised(spec, 5);
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : tensors_of(model)) {
    if (name.starts_with("decoder.")) tensor.mul_(6);
  }
  return model;
}

Batch some_inputs(const ModelSpec& spec, std::int64_t rows) {
  Batch batch;
  const at::Tensor noise = normal_noise(rows, spec.inputs(), 3, Stream::evaluation, 0);
  batch.x = at::sigmoid(2 * noise);
  if (spec.reads_label()) {
    std::vector<int> labels;
    for (std::int64_t i = 0; i < rows; ++i) labels.push_back(static_cast<int>(i % spec.classes));
    batch.label = one_hot(labels, spec.classes);
  }
  return batch;
}

// log ∫ by the midpoints of a lattice from −reach to reach.
at::Tensor by_lattice(const Autoencoder& model, const Batch& batch, double reach, int steps) {
  const int latent = model.spec().latent;
  const double width = 2 * reach / steps;
  const at::Tensor line = (at::arange(steps, at::kDouble) + 0.5) * width - reach;
  const at::Tensor z = latent == 1 ? line.unsqueeze(1) : at::cartesian_prod({line, line});
  const at::Tensor log_prior =
      -0.5 * z.square().sum(1) - 0.5 * latent * std::log(2 * std::numbers::pi);
  const at::Tensor result = at::empty({batch.x.size(0)}, at::kDouble);
  for (std::int64_t i = 0; i < batch.x.size(0); ++i) {
    const at::Tensor label =
        batch.label.defined() ? batch.label.narrow(0, i, 1).expand({z.size(0), -1}) : batch.label;
    const at::Tensor outputs = model.decode(z.to(at::kFloat), label).to(at::kDouble);
    const at::Tensor joint =
        log_likelihood_of_pairs(model, outputs, batch.x.narrow(0, i, 1).to(at::kDouble))
            .squeeze(1) +
        log_prior;
    result[i] = at::logsumexp(joint, 0) + latent * std::log(width);
  }
  return result;
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

TEST_P(BentDecoder, HasTheEvidenceOfAFineLattice) {
  ASSERT_TRUE(exact_);
  const int steps = model_.spec().latent == 1 ? 40'000 : 800;
  const at::Tensor off = (exact_->log_likelihood - by_lattice(model_, batch_, 8, steps)).abs();
  EXPECT_LT(largest(off), 2e-3) << off;
  EXPECT_TRUE(off.le(exact_->error + 2e-4).all().item<bool>()) << off << exact_->error;
}

TEST_P(BentDecoder, HasGapsThatAreNeverNegative) {
  const auto own = encoders_gaussian(model_, batch_, posterior_, {});
  ASSERT_TRUE(exact_ && own);
  const auto diagonal = best_gaussian(model_, batch_, *own, exact_->mode, Covariance::diagonal, {});
  ASSERT_TRUE(diagonal);
  const auto full = best_gaussian(model_, batch_, *diagonal, {}, Covariance::full, {});
  ASSERT_TRUE(full);
  EXPECT_GE((diagonal->elbo - own->elbo).min().item<double>(), 0);
  EXPECT_GE((full->elbo - diagonal->elbo).min().item<double>(), 0);
  // Gauss and Hermite's nodes resolve a bent decoder less well than tiles do.
  EXPECT_GE((exact_->log_likelihood - full->elbo).min().item<double>(), -0.05);
  EXPECT_GT((diagonal->elbo - own->elbo).max().item<double>(), 0.1);  // it was never trained
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
