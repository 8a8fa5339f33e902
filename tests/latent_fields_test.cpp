// Forces and stretch against closed forms, finite differences and changes of latent coordinates.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <memory>

#include "engine/eval/evaluate.h"
#include "engine/eval/gauss_rules.h"
#include "engine/eval/latent_forces.h"
#include "engine/eval/latent_metric.h"
#include "engine/eval/rows.h"
#include "engine/model/loss.h"
#include "tests/eval_data.h"

namespace zscape {
namespace {

constexpr int kSide = 4;

at::Tensor as_double(const std::vector<float>& values, std::int64_t columns) {
  return as_tensor(values, columns).to(at::kDouble);
}

double largest(const at::Tensor& tensor) {
  return tensor.abs().max().item<double>();
}

Autoencoder in_double(const Autoencoder& model) {
  Autoencoder copy = model.clone();
  for (auto& [name, tensor] : copy.named_tensors()) tensor.set_data(tensor.to(at::kDouble));
  return copy;
}

// A decoder that bends, without the kinks at which a finite difference is none.
ModelSpec smooth_vae(int latent) {
  ModelSpec spec = small_vae({kSide, kSide, 1}, latent, {12});
  spec.activation = Activation::tanh;
  return spec;
}

// Gaussian, without hidden layers.
ModelSpec linear_spec(int latent) {
  ModelSpec spec = small_vae({kSide, kSide, 1}, latent, {});
  spec.likelihood = Likelihood::gaussian;
  Scaling scaling;
  scaling.mean.assign(kSide * kSide, 0);
  scaling.deviation.assign(kSide * kSide, 1);
  spec.scaling = std::make_shared<const Scaling>(scaling);
  return spec;
}

Autoencoder steep(const ModelSpec& spec) {
  const at::NoGradGuard no_grad;
  Autoencoder model = initialised(spec);
  for (const auto& [name, tensor] : model.named_tensors()) tensor.mul_(3);
  return model;
}

Forces forces_of(const Autoencoder& model, const Dataset& data) {
  auto forces = measure_forces(model, data, SplitName::test, nullptr, {});
  EXPECT_TRUE(forces) << (forces ? "" : forces.error().message);
  return *std::move(forces);
}

// E_q of the reconstruction for each input, in double, by as many nodes as the forces have.
at::Tensor expected_loss(const Autoencoder& model, const at::Tensor& x, const at::Tensor& mean,
                         const at::Tensor& sigma) {
  const int latent = static_cast<int>(mean.size(1));
  const GaussRule rule = product_rule(gauss_hermite(latent == 1 ? 7 : 5), latent);
  at::Tensor total = at::zeros({mean.size(0)}, at::kDouble);
  for (std::int64_t node = 0; node < rule.weights.size(0); ++node) {
    const at::Tensor z = mean + sigma * rule.nodes[node];
    total = total + rule.weights[node] *
                        reconstruction_loss(model.spec(),
                                            {model.decode(z, {}), x, at::Tensor(), at::Tensor()});
  }
  return total;
}

class ForcesOf : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Dimensions, ForcesOf, testing::Values(1, 2));

TEST_P(ForcesOf, AVaeAreThoseOfFiniteDifferences) {
  const int latent = GetParam();
  const Dataset data = bars(8, 12, kSide);
  const Autoencoder model = steep(smooth_vae(latent));
  const Forces forces = forces_of(model, data);
  ASSERT_EQ(forces.count(), 12);
  const Autoencoder exact = in_double(model);
  const at::Tensor x =
      read_rows(model.spec(), data, SplitName::test, *forces.rows, 0).x.to(at::kDouble);
  const at::Tensor mean = as_double(forces.mean, latent), sigma = as_double(forces.sigma, latent);
  const at::Tensor pull = as_double(forces.pull_mean, latent);
  const at::Tensor breath = as_double(forces.pull_sigma, latent);
  constexpr double kStep = 1e-5;
  for (int i = 0; i < latent; ++i) {
    at::Tensor off = at::zeros({latent}, at::kDouble);
    off[i] = kStep;
    const at::Tensor of_mean =
        (expected_loss(exact, x, mean - off, sigma) - expected_loss(exact, x, mean + off, sigma)) /
        (2 * kStep);
    const at::Tensor of_sigma =
        (expected_loss(exact, x, mean, sigma - off) - expected_loss(exact, x, mean, sigma + off)) /
        (2 * kStep);
    EXPECT_GT(largest(of_mean), 0.1);
    EXPECT_LT(largest(pull.select(1, i) - of_mean), 1e-4 * (1 + largest(of_mean)));
    EXPECT_LT(largest(breath.select(1, i) - of_sigma), 1e-4 * (1 + largest(of_sigma)));
  }
}

// x̂ = W z + b with a Gaussian: Wᵀ(x − x̂)/s² on μ, −σ diag(WᵀW)/s² on σ.
TEST(Forces, OfALinearDecoderAreTheClosedForm) {
  const Dataset data = bars(8, 12, kSide);
  ModelSpec spec = linear_spec(2);
  spec.sigma = 0.5;
  const Autoencoder model = steep(spec);
  const Forces forces = forces_of(model, data);
  const auto tensors = tensors_of(model);
  const at::Tensor weight = tensors.at("decoder.0.weight").to(at::kDouble);
  const at::Tensor bias = tensors.at("decoder.0.bias").to(at::kDouble);
  const at::Tensor x = read_rows(spec, data, SplitName::test, *forces.rows, 0).x.to(at::kDouble);
  const at::Tensor mean = as_double(forces.mean, 2), sigma = as_double(forces.sigma, 2);
  const at::Tensor left = x - at::mm(mean, weight.t()) - bias;
  const at::Tensor pull = at::mm(left, weight) / 0.25;
  const at::Tensor breath = -sigma * weight.square().sum(0) / 0.25;
  EXPECT_LT(largest(as_double(forces.pull_mean, 2) - pull), 1e-5 * largest(pull));
  EXPECT_LT(largest(as_double(forces.pull_sigma, 2) - breath), 1e-5 * largest(breath));
}

// What the gradient of training would be: the mean force is minus the gradient of the encoder's
// last bias, so that it vanishes exactly where training has converged.
TEST(Forces, AverageToTheGradientOfTheEncodersBias) {
  constexpr double kLambda = 2.5;
  const Dataset data = bars(8, 12, kSide);
  const Autoencoder model = steep(smooth_vae(2));
  const Forces forces = forces_of(model, data);
  const Autoencoder exact = in_double(model);
  const at::Tensor x =
      read_rows(model.spec(), data, SplitName::test, *forces.rows, 0).x.to(at::kDouble);
  const at::AutoGradMode with_gradients(true);
  const at::Tensor bias = tensors_of(exact).at("encoder.2.bias").requires_grad_();
  const Posterior posterior = exact.encode(x, {});
  const at::Tensor loss =
      expected_loss(exact, x, posterior.mean, (posterior.log_variance * 0.5).exp()).mean() +
      kLambda * kl_divergence(posterior).mean();
  const at::Tensor gradient = torch::autograd::grad({loss}, {bias})[0];
  const MeanForce mean = mean_force(forces, kLambda);
  for (int i = 0; i < 2; ++i) {
    const auto at = static_cast<std::size_t>(i);
    EXPECT_NEAR(mean.mean[at], -gradient[i].item<double>(), 1e-4);
    EXPECT_NEAR(mean.breathing[at], -2 * gradient[2 + i].item<double>(), 1e-4);  // of log σ²
  }
}

TEST(Forces, OfAnAutoencoderAreTheGradientAtItsCode) {
  const Dataset data = bars(8, 12, kSide);
  ModelSpec spec = with_kind(smooth_vae(3), ModelKind::ae);
  const Autoencoder model = steep(spec);
  const Forces forces = forces_of(model, data);
  EXPECT_TRUE(forces.sigma.empty());
  const Autoencoder exact = in_double(model);
  const at::AutoGradMode with_gradients(true);
  const at::Tensor z = as_double(forces.mean, 3).clone().requires_grad_();
  const at::Tensor x = read_rows(spec, data, SplitName::test, *forces.rows, 0).x.to(at::kDouble);
  const at::Tensor loss =
      reconstruction_loss(spec, {exact.decode(z, {}), x, at::Tensor(), at::Tensor()}).sum();
  const at::Tensor gradient = torch::autograd::grad({loss}, {z})[0];
  EXPECT_LT(largest(as_double(forces.pull_mean, 3) + gradient), 1e-5 * (1 + largest(gradient)));
}

// Above two dimensions draws take the place of nodes; of a linear decoder, antithetic ones are
// exact on μ.
TEST(Forces, OfManyDimensionsRestOnAntitheticDraws) {
  const Dataset data = bars(8, 12, kSide);
  const Autoencoder model = steep(linear_spec(5));
  const Forces forces = forces_of(model, data);
  const auto tensors = tensors_of(model);
  const at::Tensor weight = tensors.at("decoder.0.weight").to(at::kDouble);
  const at::Tensor x =
      read_rows(model.spec(), data, SplitName::test, *forces.rows, 0).x.to(at::kDouble);
  const at::Tensor left = x - at::mm(as_double(forces.mean, 5), weight.t()) -
                          tensors.at("decoder.0.bias").to(at::kDouble);
  const at::Tensor pull = at::mm(left, weight);
  EXPECT_LT(largest(as_double(forces.pull_mean, 5) - pull), 1e-4 * largest(pull));
}

TEST(Forces, AreNotThoseOfHiddenPixels) {
  const Dataset data = bars(8, 12, kSide);
  const Autoencoder model = initialised(with_kind(smooth_vae(2), ModelKind::mae));
  EXPECT_FALSE(measure_forces(model, data, SplitName::test, nullptr, {}));
}

// ---- Stretch ------------------------------------------------------------------------------------

std::vector<float> places(int latent) {
  const at::Tensor z = normal_noise(9, latent, 3, Stream::evaluation, 0);
  return {z.data_ptr<float>(), z.data_ptr<float>() + z.numel()};
}

std::vector<float> flat(const at::Tensor& rows) {
  const at::Tensor all = rows.to(at::kFloat).contiguous();
  return {all.data_ptr<float>(), all.data_ptr<float>() + all.numel()};
}

at::Tensor metric_of(const Autoencoder& model, const std::vector<float>& z,
                     const at::Tensor& directions) {
  const auto metric = decoder_metric(model, z, flat(directions), 0, {});
  EXPECT_TRUE(metric);
  return at::tensor(*metric, at::kDouble).view({-1, directions.size(0), directions.size(0)});
}

at::Tensor stretch(const at::Tensor& metric) {
  return at::linalg_det(metric).sqrt();
}

// The same decoder with its codes' coordinates changed: it draws at u what the first draws at A u.
Autoencoder with_codes(const Autoencoder& model, const at::Tensor& a) {
  const at::NoGradGuard no_grad;
  Autoencoder other = model.clone();
  for (const auto& [name, tensor] : other.named_tensors()) {
    if (name == "decoder.0.weight") tensor.copy_(at::mm(tensor, a.to(at::kFloat)));
  }
  return other;
}

TEST(DecoderMetric, IsThatOfFiniteDifferences) {
  const Autoencoder model = steep(smooth_vae(2));
  const Autoencoder exact = in_double(model);
  const std::vector<float> z = places(2);
  const at::Tensor metric = metric_of(model, z, at::eye(2));
  constexpr double kStep = 1e-5;
  std::vector<at::Tensor> columns;
  for (int i = 0; i < 2; ++i) {
    at::Tensor off = at::zeros({2}, at::kDouble);
    off[i] = kStep;
    const auto picture = [&](const at::Tensor& at) {
      return exact.reconstruction(exact.decode(at, {}));
    };
    columns.push_back((picture(as_double(z, 2) + off) - picture(as_double(z, 2) - off)) /
                      (2 * kStep));
  }
  const at::Tensor jacobian = at::stack(columns, 1);
  const at::Tensor expected = at::bmm(jacobian, jacobian.transpose(1, 2));
  EXPECT_LT(largest(metric - expected), 1e-5 * largest(expected));
}

TEST(DecoderMetric, OfALinearDecoderIsThatOfItsWeights) {
  const Autoencoder model = initialised(linear_spec(3));
  const at::Tensor weight = tensors_of(model).at("decoder.0.weight").to(at::kDouble);
  const at::Tensor expected = at::mm(weight.t(), weight);
  EXPECT_LT(largest(metric_of(model, places(3), at::eye(3)) - expected), 1e-5 * largest(expected));
  // Along a plane of it.
  const at::Tensor plane = at::eye(3).narrow(0, 1, 2);
  EXPECT_LT(largest(metric_of(model, places(3), plane) - expected.narrow(0, 1, 2).narrow(1, 1, 2)),
            1e-5 * largest(expected));
}

TEST(Stretch, StaysUnderARotationAndGrowsWithTheDeterminant) {
  const Autoencoder model = steep(smooth_vae(2));
  const at::Tensor z = normal_noise(9, 2, 3, Stream::evaluation, 0).to(at::kDouble);
  const at::Tensor before = stretch(metric_of(model, flat(z), at::eye(2)));
  const double turn = 0.9;
  const at::Tensor rotation =
      at::tensor({std::cos(turn), -std::sin(turn), std::sin(turn), std::cos(turn)}, at::kDouble)
          .view({2, 2});
  const at::Tensor a = at::tensor({1.5, 0.4, -0.3, 0.8}, at::kDouble).view({2, 2});
  for (const at::Tensor& change : {rotation, a}) {
    const at::Tensor u = at::mm(z, at::linalg_inv(change).t());  // z = A u
    const at::Tensor after = stretch(metric_of(with_codes(model, change), flat(u), at::eye(2)));
    const double times = at::linalg_det(change).abs().item<double>();
    EXPECT_LT(largest(after / before - times), 2e-4 * times);
  }
  // Nor does it change with the directions that the plane is seen along.
  const at::Tensor turned = stretch(metric_of(model, flat(z), rotation));
  EXPECT_LT(largest(turned / before - 1), 1e-5);
}

TEST(PathLengths, AreThoseOfTheFlatSpaceOfALinearDecoder) {
  const Autoencoder model = initialised(linear_spec(2));
  const at::Tensor weight = tensors_of(model).at("decoder.0.weight").to(at::kDouble);
  const at::Tensor ends = normal_noise(6, 4, 3, Stream::evaluation, 0);
  const auto lengths = measure_path_lengths(model, flat(ends), 0, {});
  ASSERT_TRUE(lengths);
  const at::Tensor way = (ends.narrow(1, 2, 2) - ends.narrow(1, 0, 2)).to(at::kDouble);
  const at::Tensor expected = at::mm(way, weight.t()).norm(2, 1);
  for (std::size_t i = 0; i < 6; ++i) {
    const double length = expected[static_cast<std::int64_t>(i)].item<double>();
    EXPECT_NEAR(lengths->straight[i], length, 1e-5 * length);
    EXPECT_NEAR(lengths->shortest[i], length, 1e-5 * length);
  }
}

TEST(PathLengths, StayUnderARotationAndAnyLinearMap) {
  const Autoencoder model = steep(smooth_vae(2));
  const at::Tensor ends = 1.5 * normal_noise(12, 2, 3, Stream::evaluation, 0).to(at::kDouble);
  const auto before = measure_path_lengths(model, flat(ends), 0, {});
  ASSERT_TRUE(before);
  double gained = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_LE(before->shortest[i], before->straight[i]);
    gained = std::max(gained, 1 - before->shortest[i] / before->straight[i]);
  }
  EXPECT_GT(gained, 0.01);  // the surface bends
  const at::Tensor a = at::tensor({1.5, 0.4, -0.3, 0.8}, at::kDouble).view({2, 2});
  const at::Tensor rotation = at::tensor({0.6, -0.8, 0.8, 0.6}, at::kDouble).view({2, 2});
  for (const at::Tensor& change : {rotation, a}) {
    const at::Tensor moved = at::mm(ends, at::linalg_inv(change).t());
    const auto after = measure_path_lengths(with_codes(model, change), flat(moved), 0, {});
    ASSERT_TRUE(after);
    for (std::size_t i = 0; i < 6; ++i) {
      EXPECT_NEAR(after->straight[i], before->straight[i], 1e-4 * before->straight[i]);
      EXPECT_NEAR(after->shortest[i], before->shortest[i], 3e-3 * before->shortest[i]);
    }
  }
}

// ---- Round trips --------------------------------------------------------------------------------

TEST(RoundTrip, EncodesWhatItDecoded) {
  const Autoencoder model = steep(smooth_vae(2));
  const std::vector<float> z = places(2);
  const auto trip = round_trip_of(model, z, 0, {});
  ASSERT_TRUE(trip);
  const at::NoGradGuard no_grad;
  const Posterior posterior =
      model.encode(model.reconstruction(model.decode(as_tensor(z, 2), {})), {});
  EXPECT_LT(largest(as_tensor(trip->mean, 2) - posterior.mean), 1e-6);
  EXPECT_LT(largest(as_tensor(trip->sigma, 2) - (posterior.log_variance * 0.5).exp()), 1e-6);
}

TEST(RoundTrip, OfPrincipalAxesComesHome) {
  ModelSpec spec = with_kind(small_vae({kSide, kSide, 1}, 2, {}), ModelKind::pca);
  spec.hidden = {};
  const Autoencoder model = initialised(spec);
  const at::NoGradGuard no_grad;
  const at::Tensor axes = std::get<0>(at::linalg_qr(normal_noise(16, 2, 1, Stream::evaluation, 0)));
  const at::Tensor mean = at::full({16}, 0.5);
  const auto tensors = tensors_of(model);
  at::Tensor(tensors.at("encoder.0.weight")).copy_(axes.t());
  at::Tensor(tensors.at("encoder.0.bias")).copy_(-at::mv(axes.t(), mean));
  at::Tensor(tensors.at("decoder.0.weight")).copy_(axes);
  at::Tensor(tensors.at("decoder.0.bias")).copy_(mean);
  const std::vector<float> z = places(2);
  const auto trip = round_trip_of(model, z, 0, {});
  ASSERT_TRUE(trip);
  EXPECT_TRUE(trip->sigma.empty());
  for (std::size_t i = 0; i < z.size(); ++i) EXPECT_NEAR(trip->mean[i], z[i], 1e-5);
}

}  // namespace
}  // namespace zscape
