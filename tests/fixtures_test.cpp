// Losses, bounds and their gradients against PyTorch's, on the inputs of tests/fixtures/losses.json
// (made by tests/fixtures/make_fixtures.py): in float64, and in float32, in which models train.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/model/loss.h"
#include "engine/training/parameters.h"
#include "engine/training/trainers/objective.h"

namespace zscape {
namespace {

using nlohmann::json;

constexpr double kTolerance = 1e-5;  // relative

const json& fixtures() {
  static const json all = [] {
    std::ifstream file(ZSCAPE_FIXTURES "/losses.json");
    return json::parse(file);
  }();
  return all;
}

void flatten(const json& from, std::vector<double>& values, std::vector<std::int64_t>& sides,
             std::size_t depth) {
  if (!from.is_array()) {
    values.push_back(from.get<double>());
    return;
  }
  if (sides.size() == depth) sides.push_back(static_cast<std::int64_t>(from.size()));
  for (const json& entry : from) flatten(entry, values, sides, depth + 1);
}

at::Tensor tensor_of(const json& from, at::ScalarType type) {
  std::vector<double> values;
  std::vector<std::int64_t> sides;
  flatten(from, values, sides, 0);
  return at::tensor(values, at::kDouble).view(sides).to(type);
}

// Ours against PyTorch's: to 1e-5 of each number in float64; in float32 of the largest number
// beside it, since the difference of two nearly equal ones (sigmoid(30) − 1) has no digits left.
void expect_agreement(const at::Tensor& ours, const json& theirs, const std::string& what) {
  const at::Tensor expected = tensor_of(theirs, at::kDouble);
  ASSERT_TRUE(ours.defined()) << what;
  ASSERT_EQ(ours.sizes(), expected.sizes()) << what;
  const at::Tensor found = ours.detach().to(at::kDouble).reshape(-1);
  const at::Tensor scale = ours.scalar_type() == at::kDouble
                               ? expected.abs().clamp_min(1e-12).reshape(-1)
                               : expected.abs().max().clamp_min(1e-12).expand(expected.numel());
  const at::Tensor apart = (found - expected.reshape(-1)).abs() / scale;
  EXPECT_LE(apart.max().item<double>(), kTolerance) << what << "\n" << ours << "\n" << expected;
}

// An input of a case, a leaf whose gradient is asked for where the case has one.
class Inputs {
 public:
  Inputs(const json& from, at::ScalarType type) : from_(from), type_(type) {}

  at::Tensor operator[](const std::string& name) {
    if (!from_.contains(name)) return {};
    at::Tensor tensor = tensor_of(from_.at(name), type_);
    if (from_.at("gradients").contains(name))
      leaves_.emplace_back(name, tensor.set_requires_grad(true));
    return tensor;
  }

  // Value and gradients against the fixture's.
  void expect_agreement_of(const at::Tensor& value) {
    const auto name = from_.at("name").get<std::string>();
    expect_agreement(value, from_.at("value"), name);
    value.sum().backward();
    for (const auto& [leaf, tensor] : leaves_) {
      expect_agreement(tensor.grad(), from_.at("gradients").at(leaf), name + ": " + leaf);
    }
    EXPECT_EQ(leaves_.size(), from_.at("gradients").size()) << name;
  }

 private:
  const json& from_;
  at::ScalarType type_;
  std::vector<std::pair<std::string, at::Tensor>> leaves_;
};

// sigmoid: whether one stands behind the decoder.
ModelSpec spec_of(const json& from, Likelihood likelihood, bool sigmoid) {
  ModelSpec spec;
  spec.shape = {1, 6, 1};
  spec.likelihood = likelihood;
  spec.sigma = from.value("sigma", 1.0);
  if (!sigmoid) spec.scaling = std::make_shared<Scaling>();
  return spec;
}

class Fixtures : public testing::TestWithParam<at::ScalarType> {
 protected:
  void expect_reconstruction(const std::string& kind, Likelihood likelihood) {
    ASSERT_FALSE(fixtures().at(kind).empty());
    for (const json& from : fixtures().at(kind)) {
      Inputs inputs(from, GetParam());
      const ModelSpec spec = spec_of(from, likelihood, from.value("sigmoid", true));
      inputs.expect_agreement_of(reconstruction_loss(
          spec, {inputs["outputs"], inputs["x"], inputs["hidden"], inputs["log_sigma"]}));
    }
  }
};

TEST_P(Fixtures, BernoulliAgreesWithPyTorch) {
  expect_reconstruction("bernoulli", Likelihood::bernoulli);
}

TEST_P(Fixtures, GaussianAgreesWithPyTorchForFixedAndLearnedSigma) {
  expect_reconstruction("gaussian", Likelihood::gaussian);
}

TEST_P(Fixtures, MeanSquaresAgreeWithPyTorchOverAllPixelsAndOverHiddenOnes) {
  expect_reconstruction("mse", Likelihood::mse);
}

TEST_P(Fixtures, KlAgreesWithPyTorch) {
  for (const json& from : fixtures().at("kl")) {
    Inputs inputs(from, GetParam());
    inputs.expect_agreement_of(kl_divergence({inputs["mean"], inputs["log_variance"]}));
  }
}

// A spec with these parameters as the case spells them.
ModelSpec named_in(const json& from, std::initializer_list<const char*> keys) {
  RunPlan plan;
  for (const char* key : keys) {
    EXPECT_TRUE(set(plan, parameter(key), from.at(key).get<std::string>())) << key;
  }
  return plan.spec;
}

// The bounds put together from the functions of loss.h, around a linear decoder.
TEST_P(Fixtures, ElboAndImportanceBoundAgreeWithPyTorchAroundALinearDecoder) {
  for (const json& from : fixtures().at("bound")) {
    Inputs inputs(from, GetParam());
    ModelSpec spec = spec_of(from, named_in(from, {"likelihood"}).likelihood, true);
    spec.sigma = std::sqrt(0.5);
    const at::Tensor noise = inputs["noise"];
    const at::Tensor x = inputs["x"];
    const std::int64_t samples = noise.size(0) / x.size(0);
    const Posterior posterior = {inputs["mean"], inputs["log_variance"]};
    const Posterior repeated = {posterior.mean.repeat_interleave(samples, 0),
                                posterior.log_variance.repeat_interleave(samples, 0)};
    const at::Tensor z = reparameterise(repeated, noise);
    const at::Tensor outputs = at::linear(z, inputs["weight"], inputs["bias"]);
    const at::Tensor reconstruction =
        reconstruction_loss(spec, {outputs, x.repeat_interleave(samples, 0), {}, {}});
    const auto weight = from.at("lambda").get<double>();
    if (from.at("objective") == "elbo") {
      inputs.expect_agreement_of(reconstruction.mean() + weight * kl_divergence(posterior).mean());
      continue;
    }
    const at::Tensor log_weights = weight * log_prior_ratio(repeated, noise, z) - reconstruction;
    inputs.expect_agreement_of(-importance_bound(log_weights.view({-1, samples})).mean());
  }
}

// The model of a case, its weights leaves of the given type.
Autoencoder model_of(const json& from, at::ScalarType type) {
  const ModelSpec named = named_in(from, {"kind", "likelihood", "objective"});
  ModelSpec spec = spec_of(from, named.likelihood, true);
  spec.kind = named.kind;
  spec.classes = spec.reads_label() ? 3 : 0;
  spec.hidden = {5};
  spec.sigma = std::sqrt(0.5);
  spec.objective = named.objective;
  spec.samples = 4;
  Autoencoder model(spec);
  for (auto& [name, tensor] : model.named_tensors()) {
    tensor.set_data(tensor_of(from.at("tensors").at(name), type));
    tensor.set_requires_grad(true);
  }
  return model;
}

TEST_P(Fixtures, ObjectivesOfWholeModelsAgreeWithPyTorchInTheGradientOfEveryWeight) {
  for (const json& from : fixtures().at("objective")) {
    const auto name = from.at("name").get<std::string>();
    const Autoencoder model = model_of(from, GetParam());
    const at::Tensor x = tensor_of(from.at("x"), GetParam());
    const at::Tensor label =
        from.contains("label") ? tensor_of(from.at("label"), GetParam()) : at::Tensor();
    const ObjectiveValue value =
        objective(model, {x, x, {}}, label, tensor_of(from.at("noise"), GetParam()),
                  at::scalar_tensor(from.at("lambda").get<double>(), at::kDouble));
    expect_agreement(value.loss, from.at("value"), name);
    value.loss.backward();
    for (const auto& [weight, tensor] : model.named_tensors()) {
      expect_agreement(tensor.grad(), from.at("gradients").at(weight), name + ": " + weight);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Precision, Fixtures, testing::Values(at::kDouble, at::kFloat),
                         [](const auto& type) {
                           return type.param == at::kDouble ? "Float64" : "Float32";
                         });

}  // namespace
}  // namespace zscape
