// Estimates of log p(x) against closed forms and against integrals over the latent plane.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <numbers>
#include <numeric>

#include "engine/eval/likelihood.h"
#include "engine/model/loss.h"
#include "tests/eval_data.h"

namespace zscape {
namespace {

RowDraws draws_for(std::int64_t rows, std::uint64_t seed = 0) {
  RowDraws draws{seed, Stream::evaluation, {}};
  draws.counters.resize(static_cast<std::size_t>(rows));
  std::iota(draws.counters.begin(), draws.counters.end(), std::uint64_t{0});
  return draws;
}

at::Tensor value_of(const Expected<at::Tensor>& estimate) {
  EXPECT_TRUE(estimate) << (estimate ? "" : estimate.error().message);
  return estimate.value_or(at::Tensor());
}

at::Tensor importance(const Autoencoder& model, const Batch& batch, int samples,
                      std::uint64_t seed = 0) {
  return value_of(
      importance_log_likelihood(model, batch, samples, draws_for(batch.x.size(0), seed), {}));
}

at::Tensor prior(const Autoencoder& model, const Batch& batch, int samples) {
  return value_of(prior_log_likelihood(model, batch, samples, 0, {}));
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

// x = W z + c + s ε in five dimensions, W with orthogonal columns: p(x) = N(c, W Wᵀ + s² I) and
// p(z|x) has independent dimensions. Both networks are linear over all that they meet, since large
// biases keep their hidden units on one side.
class LinearGaussian : public testing::Test {
 protected:
  LinearGaussian() : model_(spec()) {
    const at::Tensor eye = at::eye(2);
    const at::Tensor precision = 1 + w_.square().sum(0) / (kSigma * kSigma);  // of p(z|x), [2]
    const at::Tensor to_mean = w_.t() / (kSigma * kSigma) / precision.unsqueeze(1);  // [2, 5]
    auto tensors = tensors_of(model_);
    tensors["encoder.0.weight"].copy_(to_mean);
    tensors["encoder.0.bias"].copy_(kLift - at::mv(to_mean, c_));
    tensors["encoder.2.weight"].copy_(at::cat({eye, at::zeros({2, 2})}));
    tensors["encoder.2.bias"].copy_(at::cat({at::full({2}, -kLift), -precision.log()}));
    tensors["decoder.0.weight"].copy_(eye);
    tensors["decoder.0.bias"].fill_(kLift);
    tensors["decoder.2.weight"].copy_(w_);
    tensors["decoder.2.bias"].copy_(c_ - kLift * w_.sum(1));
    // Inputs as the model itself would make them.
    const at::Tensor z = normal_noise(7, 2, 5, Stream::evaluation, 0);
    batch_.x = at::mm(z, w_.t()) + c_ + kSigma * normal_noise(7, 5, 6, Stream::evaluation, 0);
  }

  static ModelSpec spec() {
    ModelSpec spec = small_vae({1, 5, 1}, 2, {2});
    spec.likelihood = Likelihood::gaussian;
    spec.sigma = kSigma;
    const std::vector<double> zero(5, 0.0);
    const std::vector<float> one(5, 1.0F);
    spec.scaling = std::make_shared<const Scaling>(Scaling{zero, one});
    return spec;
  }

  at::Tensor log_density() const {
    const at::Tensor w = w_.to(at::kDouble);
    const at::Tensor covariance = at::mm(w, w.t()) + kSigma * kSigma * at::eye(5, at::kDouble);
    const at::Tensor centred = (batch_.x - c_).to(at::kDouble);
    const at::Tensor squares = (at::mm(centred, covariance.inverse()) * centred).sum(1);
    return -0.5 * (squares + at::logdet(covariance) + 5 * std::log(2 * std::numbers::pi));
  }

  static constexpr double kSigma = 0.5;
  static constexpr double kLift = 30;
  const at::Tensor w_ =
      at::tensor({0.6F, 0.4F, 0.3F, -0.8F, -0.5F, 0.2F, 0.2F, 0.3F, 0.1F, 0.4F}).view({5, 2});
  const at::Tensor c_ = at::tensor({0.1F, -0.7F, 0.4F, 0.0F, 2.0F});
  Autoencoder model_;
  Batch batch_;
};

TEST_F(LinearGaussian, HasOrthogonalColumns) {
  EXPECT_NEAR((w_.select(1, 0) * w_.select(1, 1)).sum().item<double>(), 0, 1e-7);
}

TEST_F(LinearGaussian, OneDrawFromTheExactPosteriorGivesTheExactDensity) {
  EXPECT_LT(largest_difference(importance(model_, batch_, 1), log_density()), 1e-3);
  EXPECT_LT(largest_difference(importance(model_, batch_, 1000), log_density()), 1e-3);
}

TEST_F(LinearGaussian, AWiderPosteriorGivesTheExactDensityInTheLimit) {
  tensors_of(model_)["encoder.2.bias"].narrow(0, 2, 2).add_(0.7);
  EXPECT_LT(largest_difference(importance(model_, batch_, 50000), log_density()), 0.02);
}

TEST_F(LinearGaussian, ThePriorEstimateGivesTheExactDensityInTheLimit) {
  EXPECT_LT(largest_difference(prior(model_, batch_, 200000), log_density()), 0.1);
}

// log ∫ p(x|z) p(z) dz by the trapezium rule over a fine grid, with the losses of training.
at::Tensor integral(const Autoencoder& model, const Batch& batch) {
  const at::NoGradGuard no_grad;
  constexpr double kEnd = 7;
  constexpr std::int64_t kSteps = 281;
  const at::Tensor axis = at::linspace(-kEnd, kEnd, kSteps);
  const std::vector<at::Tensor> grid = at::meshgrid({axis, axis}, "ij");
  const at::Tensor z = at::stack({grid[0].flatten(), grid[1].flatten()}, 1);
  const at::Tensor log_prior =
      -0.5 * z.square().sum(1).to(at::kDouble) - std::log(2 * std::numbers::pi);
  std::vector<at::Tensor> rows;
  for (std::int64_t i = 0; i < batch.x.size(0); ++i) {
    at::Tensor label;
    if (batch.label.defined()) label = batch.label[i].expand({z.size(0), -1});
    const at::Tensor outputs = model.decode(z, label).to(at::kDouble);
    const at::Tensor x = batch.x[i].to(at::kDouble).expand_as(outputs);
    const at::Tensor log_p = -reconstruction_loss(model.spec(), {outputs, x, {}, {}}) + log_prior;
    rows.push_back(at::logsumexp(log_p, 0));
  }
  return at::stack(rows) + 2 * std::log(2 * kEnd / (kSteps - 1));
}

struct Case {
  ModelKind kind = ModelKind::vae;
  Likelihood likelihood = Likelihood::bernoulli;
  bool scaled = false;
};

class Integral : public testing::TestWithParam<Case> {
 protected:
  Integral() : model_(spec()) {
    model_.initialise(2);
    auto tensors = tensors_of(model_);
    for (auto& [name, tensor] : tensors) {
      if (name.starts_with("decoder")) tensor.mul_(3);  // so that z matters
    }
    tensors["encoder.2.bias"].narrow(0, 2, 2).add_(0.3);
    batch_.x = at::sigmoid(normal_noise(5, 6, 3, Stream::evaluation, 0));
    if (spec().reads_label()) batch_.label = one_hot(std::vector<int>{2, 0, 1, 2, 0}, 3);
  }

  static ModelSpec spec() {
    ModelSpec spec = small_vae({2, 3, 1}, 2, {9});
    spec.kind = GetParam().kind;
    spec.classes = spec.reads_label() ? 3 : 0;
    spec.likelihood = GetParam().likelihood;
    spec.sigma = GetParam().scaled ? 0.9 : 0.4;  // weights of bounded variance
    if (GetParam().scaled) {
      const std::vector<double> zero(6, 0.0);
      const std::vector<float> one(6, 1.0F);
      spec.scaling = std::make_shared<const Scaling>(Scaling{zero, one});
    }
    return spec;
  }

  Autoencoder model_;
  Batch batch_;
};

TEST_P(Integral, IsWhatImportanceSamplesComeTo) {
  EXPECT_LT(largest_difference(importance(model_, batch_, 60000), integral(model_, batch_)), 0.03);
}

TEST_P(Integral, IsWhatThePriorsSamplesComeTo) {
  EXPECT_LT(largest_difference(prior(model_, batch_, 60000), integral(model_, batch_)), 0.06);
}

TEST_P(Integral, IsNotReachedByFewSamples) {
  // On the mean; one input may be lucky.
  const double exact = integral(model_, batch_).mean().item<double>();
  double before = -std::numeric_limits<double>::infinity();
  for (const int samples : {1, 8, 64}) {
    double mean = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      mean += importance(model_, batch_, samples, seed).mean().item<double>() / 200;
    }
    EXPECT_GT(mean, before);
    EXPECT_LT(mean, exact + 0.005);
    before = mean;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Integral,
                         testing::Values(Case{ModelKind::vae, Likelihood::bernoulli, false},
                                         Case{ModelKind::vae, Likelihood::gaussian, false},
                                         Case{ModelKind::vae, Likelihood::gaussian, true},
                                         Case{ModelKind::cvae, Likelihood::bernoulli, false}));

// A decoder that does not read z: p(x|z) = p(x) for every draw.
TEST(Likelihood, TakesTheLossOfExtremeLogitsExactly) {
  for (const int inputs : {1, 7, 64, 131, 784}) {
    Autoencoder model = initialised(small_vae({1, inputs, 1}, 2, {3}));
    auto tensors = tensors_of(model);
    tensors["decoder.2.weight"].zero_();
    const at::Tensor logits = 20 * normal_noise(1, inputs, 4, Stream::evaluation, 0);
    tensors["decoder.2.bias"].copy_(logits[0]);
    tensors["encoder.2.weight"].zero_();
    tensors["encoder.2.bias"].zero_();  // q is the prior, and all weights are equal
    Batch batch;
    batch.x = normal_noise(20, inputs, 5, Stream::evaluation, 0).gt(0).to(at::kFloat);
    const at::Tensor outputs = tensors["decoder.2.bias"].expand({20, inputs}).to(at::kDouble);
    const at::Tensor expected =
        -reconstruction_loss(model.spec(), {outputs, batch.x.to(at::kDouble), {}, {}});
    const double scale = expected.abs().max().item<double>();
    EXPECT_LT(largest_difference(importance(model, batch, 3), expected), 2e-6 * scale);
    EXPECT_LT(largest_difference(prior(model, batch, 3), expected), 2e-6 * scale);
  }
}

TEST(Likelihood, OfAnInputDoesNotDependOnItsNeighbours) {
  const Autoencoder model = initialised(small_vae({4, 4, 1}, 2, {8}));
  Batch batch;
  batch.x = at::sigmoid(normal_noise(40, 16, 1, Stream::evaluation, 0));
  const at::Tensor all = importance(model, batch, 33);
  Batch one;
  one.x = batch.x.narrow(0, 27, 1);
  RowDraws draws = draws_for(1);
  draws.counters = {27};
  const at::Tensor alone = value_of(importance_log_likelihood(model, one, 33, draws, {}));
  EXPECT_NEAR(alone.item<double>(), all[27].item<double>(), 1e-5);
  EXPECT_NEAR(prior(model, one, 33).item<double>(), prior(model, batch, 33)[27].item<double>(),
              1e-5);
}

TEST(Likelihood, DrawsDifferentNumbersForEachInput) {
  const Autoencoder model = initialised(small_vae({4, 4, 1}, 2, {8}));
  Batch batch;
  batch.x = at::full({2, 16}, 0.5);
  const at::Tensor estimates = importance(model, batch, 5);
  EXPECT_NE(estimates[0].item<double>(), estimates[1].item<double>());
}

// Counts what this thread's tensors take at most.
class Meter : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void* /*pointer*/, std::int64_t size, std::size_t /*allocated*/,
                         std::size_t /*reserved*/, c10::Device /*device*/) override {
    now += size;
    most = std::max(most, now);
  }
  bool memoryProfilingEnabled() const override { return true; }

  std::int64_t now = 0;
  std::int64_t most = 0;
};

template <class Work>
std::int64_t peak_bytes(const Work& work) {
  const auto meter = std::make_shared<Meter>();
  const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, meter);
  work();
  return meter->most;
}

TEST(Likelihood, TakesNoMoreMemoryForMoreSamples) {
  const Autoencoder model = initialised(small_vae({8, 8, 1}, 2, {16}));
  Batch batch;
  batch.x = at::full({3, 64}, 0.5);
  const auto few = peak_bytes([&] { importance(model, batch, 2000); });
  const auto many = peak_bytes([&] { importance(model, batch, 40000); });
  EXPECT_GT(few, 100'000);
  EXPECT_LT(many, few + few / 10);
  const auto prior_few = peak_bytes([&] { prior(model, batch, 2000); });
  const auto prior_many = peak_bytes([&] { prior(model, batch, 40000); });
  EXPECT_LT(prior_many, prior_few + prior_few / 10);
}

TEST(Likelihood, EndsWhereItIsToldTo) {
  const Autoencoder model = initialised(small_vae({4, 4, 1}, 2, {8}));
  Batch batch;
  batch.x = at::full({3, 16}, 0.5);
  double last = 0;
  const Progress until_half = [&](double fraction) {
    EXPECT_GE(fraction, last);
    EXPECT_LE(fraction, 1);
    last = fraction;
    return fraction < 0.5;
  };
  const auto stopped = importance_log_likelihood(model, batch, 100000, draws_for(3), until_half);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
  last = 0;
  EXPECT_FALSE(prior_log_likelihood(model, batch, 100000, 0, until_half));
}

}  // namespace
}  // namespace zscape
