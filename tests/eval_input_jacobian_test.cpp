// ∂x̂/∂x against finite differences, LibTorch's decomposition and models whose derivative is known.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/eval/input_jacobian.h"
#include "engine/eval/rows.h"
#include "engine/model/batch.h"
#include "tests/eval_data.h"
#include "tests/training_fixture.h"

namespace zscape {
namespace {

ModelSpec smooth(const Dataset& data, ModelKind kind, int latent) {
  ModelSpec spec = reference_spec(kind, data, latent);
  spec.hidden = {24};
  spec.activation = Activation::tanh;  // finite differences do not step over its corners
  return spec;
}

at::Tensor whole(const InputJacobian& made) {
  const at::Tensor reads = as_tensor(made.reads, made.latent);
  return at::mm(reads, as_tensor(made.writes, made.inputs));
}

// By the fourth-order central difference.
at::Tensor by_differences(const Autoencoder& model, const Batch& input) {
  const at::NoGradGuard no_grad;
  constexpr double kStep = 0.02;
  const std::int64_t inputs = input.x.size(1);
  const at::Tensor steps = at::eye(inputs) * kStep;
  const at::Tensor label =
      input.label.defined() ? input.label.expand({inputs, input.label.size(1)}) : input.label;
  const auto at_steps = [&](double times) {
    const at::Tensor x = input.x + times * steps;
    return model.reconstruction(model.decode(model.encode(x, label).mean, label)).to(at::kDouble);
  };
  return ((8 * (at_steps(1) - at_steps(-1)) - (at_steps(2) - at_steps(-2))) / (12 * kStep)).t();
}

InputJacobian made_of(const Autoencoder& model, const Dataset& data,
                      std::vector<std::int64_t> rows) {
  const auto made = input_jacobian(model, data, SplitName::test, rows, {});
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return made.value_or(InputJacobian{});
}

double largest(const at::Tensor& tensor) {
  return tensor.abs().max().item<double>();
}

TEST(InputJacobian, AgreesWithFiniteDifferencesForEveryWidthAndKind) {
  const Dataset data = bars(16, 8);
  for (const ModelKind kind : {ModelKind::ae, ModelKind::vae, ModelKind::cvae}) {
    for (const int latent : {1, 3, 30}) {  // 16 inputs: also wider than these
      const Autoencoder model = initialised(smooth(data, kind, latent), 5);
      const InputJacobian made = made_of(model, data, {3});
      const std::int64_t row = 3;
      const at::Tensor expected =
          by_differences(model, read_rows(model.spec(), data, SplitName::test, {&row, 1}, 0));
      EXPECT_GT(largest(expected), 1e-3);
      EXPECT_LT(largest(whole(made) - expected), 2e-5) << latent;
      // The picture has an entry a cell here: 16 inputs.
      ASSERT_EQ(made.side, 16);
      EXPECT_LT(largest(as_tensor(made.cells, 16) - whole(made)), 1e-6);
    }
  }
}

TEST(InputJacobian, HasTheSingularValuesOfTheWholeMatrix) {
  const Dataset data = bars(16, 8);
  for (const int latent : {2, 30}) {
    const InputJacobian made = made_of(initialised(smooth(data, ModelKind::ae, latent)), data, {1});
    const at::Tensor expected = at::linalg_svdvals(whole(made).to(at::kDouble));
    ASSERT_EQ(made.singular_values.size(), static_cast<std::size_t>(std::min(latent, 16)));
    for (std::size_t i = 0; i < made.singular_values.size(); ++i) {
      const double value = expected[static_cast<std::int64_t>(i)].item<double>();
      EXPECT_NEAR(made.singular_values[i], value, 1e-6 * expected[0].item<double>());
    }
    EXPECT_LE(made.rank(), latent);
    const at::Tensor off = whole(made).to(at::kDouble) - at::eye(16, at::kDouble);
    EXPECT_NEAR(made.distance_to_identity, off.norm().item<double>() / 4, 1e-6);
  }
}

// Of every pca ∂x̂/∂x is the projection onto its axes: k singular values of 1, trace k.
TEST(InputJacobian, OfPcaIsTheProjectionOntoItsAxes) {
  const Dataset data = bars(64, 8);
  for (const int latent : {1, 5, 16}) {
    ModelSpec spec = reference_spec(ModelKind::pca, data, latent);
    Autoencoder model(spec);
    const at::Tensor axes =
        std::get<0>(at::linalg_qr(normal_noise(16, 16, 3, Stream::evaluation, 0)))
            .narrow(1, 0, latent);
    for (auto& [name, tensor] : model.named_tensors()) {
      if (name == "encoder.0.weight") tensor.copy_(axes.t());
      if (name == "decoder.0.weight") tensor.copy_(axes);
      if (name == "encoder.0.bias" || name == "decoder.0.bias") tensor.fill_(0.1);
    }
    for (const std::vector<std::int64_t>& rows :
         {std::vector<std::int64_t>{2}, std::vector<std::int64_t>{0, 1, 2, 3, 4}}) {
      const InputJacobian made = made_of(model, data, rows);
      EXPECT_EQ(made.rows, rows);
      EXPECT_EQ(made.rank(), latent);
      EXPECT_NEAR(made.effective_rank(), latent, 1e-2);
      for (int i = 0; i < latent; ++i) {
        EXPECT_NEAR(made.singular_values[static_cast<std::size_t>(i)], 1, 1e-5);
      }
      EXPECT_NEAR(made.mean_diagonal, latent / 16.0, 1e-6);
      EXPECT_NEAR(made.distance_to_identity, std::sqrt((16.0 - latent) / 16), 1e-3);
    }
  }
}

TEST(InputJacobian, OfSeveralInputsIsTheirMean) {
  const Dataset data = bars(16, 8);
  const Autoencoder model = initialised(smooth(data, ModelKind::vae, 3), 9);
  const InputJacobian mean = made_of(model, data, {0, 2, 5});
  at::Tensor expected = at::zeros({16, 16});
  for (const std::int64_t row : {0, 2, 5}) expected += whole(made_of(model, data, {row})) / 3;
  EXPECT_LT(largest(as_tensor(mean.cells, 16) - expected), 1e-6);
  EXPECT_TRUE(mean.reads.empty());
  // Three inputs span more directions than one.
  ASSERT_EQ(mean.singular_values.size(), 16U);
  EXPECT_GT(mean.singular_values[3], 1e-5 * mean.singular_values[0]);
}

// With more inputs than cells a diagonal stays what it is: a mean would thin it out.
TEST(InputJacobian, APictureKeepsTheEntryFarthestFromZero) {
  const Dataset data = bars(4, 4, 20);  // 400 inputs
  Autoencoder model(reference_spec(ModelKind::pca, data, 400));
  for (auto& [name, tensor] : model.named_tensors()) {
    if (name.ends_with("weight")) tensor.copy_(at::eye(400) * (name.starts_with("e") ? -1 : 0.5));
    if (name.ends_with("bias")) tensor.zero_();
  }
  const InputJacobian made = made_of(model, data, {0});
  ASSERT_EQ(made.side, kJacobianSide);
  EXPECT_LT(largest(as_tensor(made.cells, kJacobianSide) + 0.5 * at::eye(kJacobianSide)), 1e-6);
}

// Over-wide autoencoders without hidden layers, of which the best one is known: x̂ = m + A (x̃ − m)
// with A = Σ (Σ + s² I)⁻¹, m and Σ the mean and covariance of the inputs, s the deviation of the
// noise that it reads through; without noise the identity.
struct WideLinear {
  std::shared_ptr<const Dataset> data = std::make_shared<const Dataset>(bars(64, 8));
  static constexpr int kInputs = 16, kLatent = 24;

  ModelSpec spec(double noise) const {
    ModelSpec made = reference_spec(noise > 0 ? ModelKind::dae : ModelKind::ae, *data, kLatent);
    made.hidden = {};
    if (noise > 0) made.noise = {Noise::Kind::gaussian, noise};
    return made;
  }
  at::Tensor inputs() const {
    return read_rows(spec(0), *data, SplitName::train, *all_rows(data->train), 0).x.to(at::kDouble);
  }
  at::Tensor covariance() const {
    const at::Tensor centred = inputs() - inputs().mean(0);
    return at::mm(centred.t(), centred) / inputs().size(0);
  }
  at::Tensor best(double noise) const {
    const at::Tensor read = covariance() + noise * noise * at::eye(kInputs, at::kDouble);
    return at::mm(covariance(), at::linalg_inv(read));
  }
  // The mean squared error of the map A, in expectation over the noise.
  double loss(const at::Tensor& map, double noise) const {
    const at::Tensor off = map - at::eye(kInputs, at::kDouble);
    const at::Tensor errors =
        at::mm(at::mm(off, covariance()), off.t()).diagonal() + noise * noise * map.square().sum(1);
    return errors.mean().item<double>();
  }
};

TEST(InputJacobian, OfTheBestLinearAutoencoderIsTheIdentityAndThroughNoiseAShrinkage) {
  const WideLinear wide;
  const at::Tensor eigenvalues = at::linalg_eigvalsh(wide.covariance()).flip(0);
  for (const double noise : {0.0, 0.1, 0.3}) {
    const at::Tensor map = wide.best(noise);
    Autoencoder model(wide.spec(noise));
    const at::NoGradGuard no_grad;
    for (auto& [name, tensor] : model.named_tensors()) {
      tensor.zero_();
      const at::Tensor mean = wide.inputs().mean(0);
      if (name == "encoder.0.weight") tensor.narrow(0, 0, 16).copy_(map);
      if (name == "encoder.0.bias") tensor.narrow(0, 0, 16).copy_(-at::mv(map, mean));
      if (name == "decoder.0.weight") tensor.narrow(1, 0, 16).copy_(at::eye(16));
      if (name == "decoder.0.bias") tensor.copy_(mean);
    }
    const InputJacobian made = made_of(model, *wide.data, {1});
    const at::Tensor kept = eigenvalues / (eigenvalues + noise * noise);
    for (int i = 0; i < 16; ++i) {
      EXPECT_NEAR(made.singular_values[static_cast<std::size_t>(i)], kept[i].item<double>(), 1e-5);
    }
    EXPECT_NEAR(made.mean_diagonal, kept.mean().item<double>(), 1e-5);
    EXPECT_NEAR(made.distance_to_identity, (1 - kept).square().mean().sqrt().item<double>(), 1e-5);
    // No map does better: not a shorter or longer step, nor the identity.
    for (const double scale : {0.9, 1.1}) {
      EXPECT_GT(wide.loss(scale * map, noise), wide.loss(map, noise));
    }
    if (noise > 0) {
      EXPECT_GT(wide.loss(at::eye(16, at::kDouble), noise), wide.loss(map, noise));
    }
  }
}

TEST(InputJacobian, ATrainedWideAutoencoderCopiesAndADenoisingOneDoesNot) {
  const WideLinear wide;
  const auto trained = [&](double noise) {
    const auto run = trainer(wide.spec(noise), wide.data);
    for (const double rate : {1e-2, 3e-3, 1e-3}) {  // longer training only comes nearer
      for (int i = 0; i < 1500; ++i) run->step({.learning_rate = rate, .batch_size = 64});
    }
    const auto frozen = std::dynamic_pointer_cast<const FrozenAutoencoder>(run->freeze());
    return made_of(frozen->model(), *wide.data, {1});
  };
  constexpr double kNoise = 0.3;
  const InputJacobian copies = trained(0), denoises = trained(kNoise);
  const at::Tensor map = wide.best(kNoise), identity = at::eye(16, at::kDouble);
  const double shrinkage = (map - identity).norm().item<double>() / 4;
  EXPECT_GT(shrinkage, 0.7);
  EXPECT_LT(copies.distance_to_identity, 0.1);
  EXPECT_NEAR(denoises.distance_to_identity, shrinkage, 0.1);
  EXPECT_LT((whole(denoises).to(at::kDouble) - map).norm().item<double>() / 4, 0.1);
  EXPECT_NEAR(copies.mean_diagonal, 1, 0.05);
  EXPECT_NEAR(denoises.mean_diagonal, map.diagonal().mean().item<double>(), 0.05);
}

TEST(InputJacobian, StopsWhenItIsCancelled) {
  const Dataset data = bars(16, 8);
  const Autoencoder model = initialised(smooth(data, ModelKind::ae, 2));
  const auto made = input_jacobian(model, data, SplitName::test, {0, 1, 2},
                                   [](double fraction) { return fraction < 0.3; });
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace zscape
