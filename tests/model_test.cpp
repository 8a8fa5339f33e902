// Losses against numbers worked out by hand and gradients against finite differences; layers
// against their definition.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <numbers>
#include <set>
#include <string>
#include <utility>

#include "engine/foreign_program.h"
#include "engine/model/autoencoder.h"
#include "engine/model/batch.h"
#include "engine/model/loss.h"

namespace zscape {
namespace {

ModelSpec small_spec(ModelKind kind) {
  ModelSpec spec;
  spec.kind = kind;
  spec.shape = {2, 3, 1};
  spec.latent = 2;
  spec.hidden = {5, 4};
  spec.classes = kind == ModelKind::cvae ? 3 : 0;
  if (kind == ModelKind::ae) spec.likelihood = Likelihood::mse;
  return spec;
}

TEST(Loss, BernoulliIsTheCrossEntropySummedOverPixels) {
  ModelSpec spec = small_spec(ModelKind::vae);
  const at::Tensor x = at::tensor({0.0, 1.0, 0.25, 0.5}, at::kDouble).view({1, 4});
  const at::Tensor logits = at::tensor({-2.0, 0.5, 1.0, -30.0}, at::kDouble).view({1, 4});
  double expected = 0;
  for (int j = 0; j < 4; ++j) {
    const double target = x[0][j].item<double>();
    const double p = 1 / (1 + std::exp(-logits[0][j].item<double>()));
    expected -= target * std::log(p) + (1 - target) * std::log1p(-p);
  }
  EXPECT_NEAR(reconstruction_loss(spec, {logits, x, {}, {}})[0].item<double>(), expected, 1e-9);
}

TEST(Loss, GaussianIsTheNegativeLogDensity) {
  ModelSpec spec = small_spec(ModelKind::vae);
  spec.shape = {1, 2, 1};
  spec.likelihood = Likelihood::gaussian;
  spec.sigma = 0.3;
  const at::Tensor x = at::tensor({0.1, 0.9}, at::kDouble).view({1, 2});
  const at::Tensor logits = at::zeros({1, 2}, at::kDouble);  // x̂ = 0.5
  double expected = 0;
  for (const double target : {0.1, 0.9}) {
    const double density =
        std::exp(-std::pow((target - 0.5) / 0.3, 2) / 2) / (0.3 * std::sqrt(2 * std::numbers::pi));
    expected -= std::log(density);
  }
  EXPECT_NEAR(reconstruction_loss(spec, {logits, x, {}, {}})[0].item<double>(), expected, 1e-12);
}

TEST(Loss, GaussianWithSigmaRootHalfIsThePlainSumOfSquaresAndAConstant) {
  ModelSpec spec = small_spec(ModelKind::vae);
  spec.shape = {1, 2, 1};
  spec.likelihood = Likelihood::gaussian;
  spec.sigma = std::sqrt(0.5);
  const at::Tensor x = at::tensor({0.5, 0.7}, at::kDouble).view({1, 2});
  const double loss =
      reconstruction_loss(spec, {at::zeros({1, 2}, at::kDouble), x, {}, {}})[0].item<double>();
  EXPECT_NEAR(loss - std::log(std::numbers::pi), 0.04, 1e-12);
}

TEST(Loss, MseIsTheMeanOverPixels) {
  const ModelSpec spec = small_spec(ModelKind::ae);
  const at::Tensor x = at::tensor({0.5, 0.7, 0.1, 0.5}, at::kDouble).view({1, 4});
  EXPECT_NEAR(
      reconstruction_loss(spec, {at::zeros({1, 4}, at::kDouble), x, {}, {}})[0].item<double>(),
      (0.04 + 0.16) / 4, 1e-12);
}

TEST(Loss, KlIsTheClosedForm) {
  // μ = (1, −0.5), σ² = (4, 0.25): ½ Σ (μ² + σ² − log σ² − 1)
  const Posterior posterior = {
      at::tensor({1.0, -0.5}, at::kDouble).view({1, 2}),
      at::tensor({std::log(4.0), std::log(0.25)}, at::kDouble).view({1, 2})};
  const double expected =
      0.5 * (1 + 4 - std::log(4.0) - 1) + 0.5 * (0.25 + 0.25 - std::log(0.25) - 1);
  EXPECT_NEAR(kl_divergence(posterior)[0].item<double>(), expected, 1e-12);
}

TEST(Loss, KlOfThePriorIsZero) {
  const Posterior posterior = {at::zeros({3, 2}), at::zeros({3, 2})};
  EXPECT_EQ(kl_divergence(posterior).abs().sum().item<double>(), 0);
}

TEST(Loss, KlAgreesWithSampling) {
  // E_q[log q − log p] by 400,000 draws.
  const double mean = 0.7;
  const double log_variance = -0.9;
  const at::Tensor noise = normal_noise(400000, 1, 3, Stream::evaluation, 0).to(at::kDouble);
  const at::Tensor z = mean + std::exp(log_variance / 2) * noise;
  const double sampled = (0.5 * (z.square() - noise.square() - log_variance)).mean().item<double>();
  const Posterior posterior = {at::full({1, 1}, mean), at::full({1, 1}, log_variance)};
  EXPECT_NEAR(kl_divergence(posterior)[0].item<double>(), sampled, 0.005);
}

// Each kind's whole loss, differentiated by autograd and by central differences.
class Gradient : public testing::TestWithParam<std::pair<ModelKind, Likelihood>> {};

TEST_P(Gradient, AgreesWithFiniteDifferences) {
  ModelSpec spec = small_spec(GetParam().first);
  spec.likelihood = GetParam().second;
  spec.sigma = 0.5;
  Autoencoder model(spec);
  model.initialise(1);
  std::vector<at::Tensor> weights;
  for (const auto& [name, tensor] : model.named_tensors()) {
    weights.push_back(tensor.requires_grad_());
  }
  const at::Tensor x = at::sigmoid(normal_noise(7, 6, 1, Stream::evaluation, 0));
  const std::vector<int> classes = {0, 1, 2, 0, 1, 2, 0};
  const at::Tensor label = spec.reads_label() ? one_hot(classes, 3) : at::Tensor();
  const at::Tensor noise = normal_noise(7, 2, 1, Stream::evaluation, 1);
  const auto loss = [&] {
    const Posterior posterior = model.encode(x, label);
    const at::Tensor logits = model.decode(reparameterise(posterior, noise), label);
    at::Tensor value = reconstruction_loss(spec, {logits, x, {}, {}}).sum();
    if (spec.has_prior()) value = value + 0.7 * kl_divergence(posterior).sum();
    return value;
  };
  loss().backward();
  const at::NoGradGuard no_grad;
  for (at::Tensor& weight : weights) {
    float* const entry = weight.data_ptr<float>();
    const float kept = *entry;
    constexpr float kStep = 1e-2F;
    *entry = kept + kStep;
    const double above = loss().item<double>();
    *entry = kept - kStep;
    const double below = loss().item<double>();
    *entry = kept;
    const double gradient = weight.grad().view({-1})[0].item<double>();
    EXPECT_NEAR((above - below) / (2 * kStep), gradient, 2e-3 + 2e-2 * std::abs(gradient));
  }
}

INSTANTIATE_TEST_SUITE_P(EachKindAndTerm, Gradient,
                         testing::Values(std::pair{ModelKind::ae, Likelihood::mse},
                                         std::pair{ModelKind::ae, Likelihood::bernoulli},
                                         std::pair{ModelKind::vae, Likelihood::bernoulli},
                                         std::pair{ModelKind::vae, Likelihood::gaussian},
                                         std::pair{ModelKind::cvae, Likelihood::bernoulli}));

TEST(Autoencoder, LayersAreLinearWithLeakyReluAndRelu) {
  const ModelSpec spec = small_spec(ModelKind::vae);
  Autoencoder model(spec);
  model.initialise(5);
  std::map<std::string, at::Tensor> named;
  for (const auto& [name, tensor] : model.named_tensors()) named[name] = tensor;
  const at::Tensor x = normal_noise(4, 6, 0, Stream::evaluation, 0);
  const auto linear = [&](const at::Tensor& in, const std::string& name) {
    return at::mm(in, named.at(name + ".weight").t()) + named.at(name + ".bias");
  };
  const auto leaky = [](const at::Tensor& t) { return at::where(t > 0, t, t * 0.2); };
  const at::Tensor heads =
      linear(leaky(linear(leaky(linear(x, "encoder.0")), "encoder.2")), "encoder.4");
  const Posterior posterior = model.encode(x, {});
  EXPECT_TRUE(at::allclose(posterior.mean, heads.narrow(1, 0, 2), 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(posterior.log_variance, heads.narrow(1, 2, 2), 1e-5, 1e-6));
  const at::Tensor z = posterior.mean;
  const at::Tensor expected =
      linear(at::relu(linear(at::relu(linear(z, "decoder.0")), "decoder.2")), "decoder.4");
  EXPECT_TRUE(at::allclose(model.decode(z, {}), expected, 1e-5, 1e-6));
}

TEST(Autoencoder, ShapesAndNamesAreThoseOfNnSequential) {
  ModelSpec spec;
  spec.kind = ModelKind::cvae;
  spec.shape = {28, 28, 1};
  spec.classes = 10;
  const Autoencoder model(spec);
  std::map<std::string, std::vector<std::int64_t>> shapes;
  for (const auto& [name, tensor] : model.named_tensors()) shapes[name] = tensor.sizes().vec();
  const std::map<std::string, std::vector<std::int64_t>> expected = {
      {"encoder.0.weight", {400, 794}}, {"encoder.0.bias", {400}},
      {"encoder.2.weight", {4, 400}},   {"encoder.2.bias", {4}},
      {"decoder.0.weight", {400, 12}},  {"decoder.0.bias", {400}},
      {"decoder.2.weight", {784, 400}}, {"decoder.2.bias", {784}}};
  EXPECT_EQ(shapes, expected);
}

TEST(Autoencoder, InitialisationIsUniformWithinOneOverRootFanIn) {
  ModelSpec spec;
  spec.shape = {28, 28, 1};
  Autoencoder model(spec);
  model.initialise(0);
  const at::Tensor weight = model.named_tensors()[0].second;  // [400, 784]
  const double bound = 1.0 / 28;
  EXPECT_LE(weight.abs().max().item<double>(), bound);
  EXPECT_GT(weight.abs().max().item<double>(), 0.999 * bound);
  EXPECT_NEAR(weight.std().item<double>(), bound / std::sqrt(3.0), 1e-4);
  EXPECT_NEAR(weight.mean().item<double>(), 0, 2e-4);
}

TEST(Autoencoder, InitialisationIsAFunctionOfTheSeed) {
  Autoencoder a(small_spec(ModelKind::vae));
  Autoencoder b = a.clone();
  Autoencoder c = a.clone();
  a.initialise(1);
  b.initialise(1);
  c.initialise(2);
  for (std::size_t i = 0; i < a.named_tensors().size(); ++i) {
    EXPECT_TRUE(at::equal(a.named_tensors()[i].second, b.named_tensors()[i].second));
    EXPECT_FALSE(at::equal(a.named_tensors()[i].second, c.named_tensors()[i].second));
  }
}

TEST(Autoencoder, ACloneSharesNothing) {
  Autoencoder a(small_spec(ModelKind::vae));
  a.initialise(1);
  const Autoencoder b = a.clone();
  a.initialise(2);
  EXPECT_FALSE(at::equal(a.named_tensors()[0].second, b.named_tensors()[0].second));
}

TEST(Batch, GathersRowsInOrderAsUnitFloats) {
  Split split;
  split.count = 3;
  for (int i = 0; i < 18; ++i) split.pixels.own().push_back(static_cast<std::uint8_t>(i * 15));
  split.labels = {2, 0, 1};
  const ModelSpec spec = small_spec(ModelKind::cvae);
  const std::vector<std::int64_t> rows = {2, 0};
  const Batch batch = gather(spec, split, rows);
  EXPECT_FLOAT_EQ(batch.x[0][0].item<float>(), 180.0F / 255);
  EXPECT_FLOAT_EQ(batch.x[1][5].item<float>(), 75.0F / 255);
  EXPECT_EQ(batch.label[0][1].item<float>(), 1);
  EXPECT_EQ(batch.label[1][2].item<float>(), 1);
  EXPECT_EQ(batch.label.sum().item<float>(), 2);
}

TEST(ModelSpec, EqualsWhatHoldsTheSameValues) {
  ModelSpec spec;
  spec.scaling = std::make_shared<const Scaling>(Scaling{{1, 2}, {3, 4}});
  ModelSpec other = spec;
  other.scaling = std::make_shared<const Scaling>(*spec.scaling);
  EXPECT_EQ(other, spec);
  other.scaling = std::make_shared<const Scaling>(Scaling{{1, 2}, {3, 5}});
  EXPECT_NE(other, spec);
  other.scaling = nullptr;
  EXPECT_NE(other, spec);
  const auto of_program = [](std::string text) {
    auto program = std::make_shared<ForeignProgram>();
    program->text = std::move(text);
    ModelSpec made;
    made.program = std::move(program);
    return made;
  };
  const ModelSpec one = of_program("a");
  EXPECT_EQ(one, of_program("a"));
  EXPECT_NE(one, of_program("b"));
  EXPECT_NE(one, ModelSpec{});
}

TEST(ModelSpec, SaysWhatIsWrongWithIt) {
  ModelSpec spec = small_spec(ModelKind::vae);
  EXPECT_TRUE(validate(spec));
  spec.likelihood = Likelihood::mse;
  EXPECT_NE(validate(spec).error().message.find("gaussian"), std::string::npos);
  spec = small_spec(ModelKind::vae);
  spec.latent = 0;
  EXPECT_FALSE(validate(spec));
  spec = small_spec(ModelKind::vae);
  spec.hidden = {};
  EXPECT_TRUE(validate(spec));
  spec.hidden = {400, -1};
  EXPECT_FALSE(validate(spec));
  spec = small_spec(ModelKind::cvae);
  spec.classes = 0;
  EXPECT_FALSE(validate(spec));
  spec = small_spec(ModelKind::vae);
  spec.sigma = std::nan("");
  EXPECT_FALSE(validate(spec));
}

}  // namespace
}  // namespace zscape
