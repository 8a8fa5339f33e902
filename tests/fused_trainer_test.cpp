// Gradients by hand against autograd, for every kind and option that both know.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>

#include "engine/backend/frozen_autoencoder.h"
#include "engine/training/trainers/trainers.h"
#include "tests/dense_options.h"
#include "tests/training_fixture.h"

namespace zscape {
namespace {

// threads: 0: autograd.
std::unique_ptr<Trainer> make_with(const ModelSpec& spec, std::shared_ptr<const Dataset> data,
                                   int threads, const Bf16Kernels* bf16 = nullptr) {
  const TrainingTask task{spec, std::move(data), nullptr, 5, nullptr};
  Autoencoder model(task.spec);
  model.initialise(task.seed);
  const Freezer freezer = [](Autoencoder weights, std::int64_t step) {
    return std::make_shared<const FrozenAutoencoder>(std::move(weights), step, 1);
  };
  return threads == 0 ? make_autograd_trainer(std::move(model), task, freezer)
                      : make_fused_trainer(std::move(model), task, freezer,
                                           {.threads = threads, .bf16 = bf16});
}

class Fused : public testing::TestWithParam<Option> {
 protected:
  std::shared_ptr<const Dataset> data_ = patterns(150);
  ModelSpec spec() const {
    ModelSpec spec = spec_for(GetParam().kind, *data_);
    GetParam().change(spec);
    return spec;
  }
  std::unique_ptr<Trainer> make(int threads, const Bf16Kernels* bf16 = nullptr) const {
    return make_with(spec(), data_, threads, bf16);
  }
};

INSTANTIATE_TEST_SUITE_P(Options, Fused, testing::ValuesIn(dense_options()),
                         [](const auto& tested) { return tested.param.name; });

TEST_P(Fused, TakesTheStepsOfAutograd) {
  ASSERT_TRUE(validate(spec()));
  ASSERT_TRUE(is_fused(spec()));
  for (const int threads : {1, 2, 3}) {
    const auto judge = make(0), fused = make(threads);
    for (int i = 0; i < 12; ++i) {
      // Odd sizes: part of a panel, several panels, more than one pass.
      const int batch = i % 3 == 0 ? 37 : i % 3 == 1 ? 128 : 150;
      const StepSettings settings{0.5 + 0.25 * i, 2e-3, batch};
      const Losses expected = judge->step(settings), seen = fused->step(settings);
      ASSERT_NEAR(seen.loss, expected.loss, 2e-5 * std::abs(expected.loss) + 1e-6) << i;
      ASSERT_NEAR(seen.reconstruction, expected.reconstruction,
                  2e-5 * std::abs(expected.reconstruction) + 1e-6);
      ASSERT_EQ(std::isnan(seen.kl), std::isnan(expected.kl));
      if (!std::isnan(seen.kl)) {
        ASSERT_NEAR(seen.kl, expected.kl, 2e-5 * expected.kl + 1e-6);
      }
      ASSERT_EQ(fused->position(), judge->position());
    }
    const auto expected = judge->state(), seen = fused->state();
    ASSERT_EQ(seen->tensors.size(), expected->tensors.size());
    for (const StateTensor& tensor : expected->tensors) {
      const auto other = std::ranges::find(seen->tensors, tensor.name, &StateTensor::name);
      ASSERT_NE(other, seen->tensors.end()) << tensor.name;
      ASSERT_EQ(other->shape, tensor.shape);
      double off = 0, size = 0;
      for (std::size_t i = 0; i < tensor.values.size(); ++i) {
        const auto a = static_cast<double>(tensor.values[i]);
        off += std::pow(a - static_cast<double>(other->values[i]), 2);
        size += a * a;
      }
      // Adam divides small gradients by their size: a rounding may turn one into a step.
      EXPECT_LT(std::sqrt(off), 2e-3 * std::sqrt(size) + 1e-7) << tensor.name;
    }
  }
}

TEST_P(Fused, FirstGradientsAreAutograds) {
  const auto judge = make(0), fused = make(2);
  judge->step({.batch_size = 150});
  fused->step({.batch_size = 150});
  const auto expected = judge->state(), seen = fused->state();
  for (const StateTensor& tensor : expected->tensors) {
    if (!tensor.name.starts_with("adam.first")) continue;  // a tenth of the gradient
    const auto other = std::ranges::find(seen->tensors, tensor.name, &StateTensor::name);
    float largest = 0;
    for (const float value : tensor.values) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      ASSERT_NEAR(other->values[i], tensor.values[i], 5e-6F * largest + 1e-9F) << tensor.name;
    }
  }
}

TEST_P(Fused, ThreadsChangeNoBits) {
  std::vector<const Bf16Kernels*> precisions = {nullptr};
  if (usable_bf16_kernels()) precisions.push_back(usable_bf16_kernels());
  for (const Bf16Kernels* bf16 : precisions) {
    const auto alone = make(1, bf16);
    for (int i = 0; i < 5; ++i) alone->step({.batch_size = 150});
    for (const int threads : {2, 3}) {
      const auto together = make(threads, bf16);
      for (int i = 0; i < 5; ++i) together->step({.batch_size = 150});
      const auto expected = alone->state(), seen = together->state();
      for (std::size_t i = 0; i < expected->tensors.size(); ++i) {
        ASSERT_EQ(seen->tensors[i].values, expected->tensors[i].values) << seen->tensors[i].name;
      }
    }
  }
}

double norm(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(sum);
}

// bf16 keeps 8 bits: operands are off by up to 2⁻⁹ of their size, and a unit near 0 may switch.
TEST_P(Fused, FirstGradientsInBf16AreNearAutograds) {
  if (!usable_bf16_kernels()) GTEST_SKIP() << "this processor has no AVX512_BF16";
  const auto judge = make(0), fused = make(2, usable_bf16_kernels());
  const Losses expected_losses = judge->step({.batch_size = 150});
  const Losses losses = fused->step({.batch_size = 150});
  EXPECT_NEAR(losses.loss, expected_losses.loss, 2e-3 * std::abs(expected_losses.loss));
  EXPECT_NE(losses.loss, expected_losses.loss);  // it is bf16
  const auto expected = judge->state(), seen = fused->state();
  for (const StateTensor& tensor : expected->tensors) {
    if (!tensor.name.starts_with("adam.first")) continue;  // a tenth of the gradient
    const auto other = std::ranges::find(seen->tensors, tensor.name, &StateTensor::name);
    std::vector<float> off = other->values;
    for (std::size_t i = 0; i < off.size(); ++i) off[i] -= tensor.values[i];
    EXPECT_LT(norm(off), 6e-2 * norm(tensor.values) + 1e-9) << tensor.name;
  }
}

// The same seed and batches: what rounding the products costs in the end.
TEST_P(Fused, LearnsAsWellInBf16) {
  if (!usable_bf16_kernels()) GTEST_SKIP() << "this processor has no AVX512_BF16";
  const auto single = make(1), rounded = make(1, usable_bf16_kernels());
  const double start =
      single->freeze()->evaluate(*data_, SplitName::test, nullptr, {1, 5, std::nullopt})->loss;
  for (int i = 0; i < 300; ++i) {
    single->step({.batch_size = 50});
    rounded->step({.batch_size = 50});
  }
  const auto loss = [&](const Trainer& trainer) {
    return trainer.freeze()->evaluate(*data_, SplitName::test, nullptr, {1, 5, std::nullopt})->loss;
  };
  const double learned = start - loss(*single);
  ASSERT_GT(learned, 0);
  EXPECT_NEAR(loss(*rounded), loss(*single), 0.05 * learned);
}

TEST(FusedTrainer, GoesOnInBf16WithTheSameBits) {
  if (!usable_bf16_kernels()) GTEST_SKIP() << "this processor has no AVX512_BF16";
  const auto data = patterns(150);
  const ModelSpec spec = spec_for(ModelKind::vae, *data);
  const auto whole = make_with(spec, data, 2, usable_bf16_kernels());
  for (int i = 0; i < 10; ++i) whole->step({.batch_size = 40});
  const auto first = make_with(spec, data, 2, usable_bf16_kernels());
  for (int i = 0; i < 5; ++i) first->step({.batch_size = 40});
  const auto second = make_with(spec, data, 1, usable_bf16_kernels());
  ASSERT_TRUE(second->restore(*first->state()));
  for (int i = 0; i < 5; ++i) second->step({.batch_size = 40});
  const auto expected = whole->state(), seen = second->state();
  for (std::size_t i = 0; i < expected->tensors.size(); ++i) {
    EXPECT_EQ(seen->tensors[i].values, expected->tensors[i].values) << seen->tensors[i].name;
  }
}

// Plain vectors, as an NPY file has them: no bytes, no sigmoid, an odd width.
TEST(FusedTrainer, LearnsStandardisedVectorsAsAutogradDoes) {
  constexpr int kInputs = 37;
  auto data = std::make_shared<Dataset>(*patterns(150));
  data->shape = {1, kInputs, 1};
  for (Split* split : {&data->train, &data->test}) {
    split->pixels.own().clear();
    split->values.own().resize(static_cast<std::size_t>(split->count * kInputs));
    Random(4, Stream::evaluation, 0).fill_normal(split->values.own());
  }
  auto scaling = std::make_shared<Scaling>();
  for (int i = 0; i < kInputs; ++i) {
    scaling->mean.push_back(0.1F * static_cast<float>(i));
    scaling->deviation.push_back(0.5F + 0.05F * static_cast<float>(i));
    scaling->constant.push_back(i % 9 == 4);
  }
  data->scaling = scaling;
  for (const ModelKind kind : {ModelKind::ae, ModelKind::vae, ModelKind::dae}) {
    ModelSpec spec = spec_for(kind, *data);
    spec.learned_sigma = spec.has_prior();
    ASSERT_FALSE(spec.has_sigmoid());
    ASSERT_EQ(spec.scored_inputs(), kInputs - 4);
    const auto judge = make_with(spec, data, 0), fused = make_with(spec, data, 2);
    for (int i = 0; i < 12; ++i) {
      const StepSettings settings{1, 2e-3, 70};
      const double expected = judge->step(settings).loss;
      ASSERT_NEAR(fused->step(settings).loss, expected, 2e-5 * std::abs(expected)) << i;
    }
  }
}

TEST(FusedTrainer, LeavesTheRestToAutograd) {
  const auto data = patterns();
  ModelSpec spec = spec_for(ModelKind::vae, *data);
  EXPECT_TRUE(is_fused(spec));
  spec.samples = 2;
  EXPECT_FALSE(is_fused(spec));
  spec.samples = 1;
  spec.objective = Objective::iwae;
  EXPECT_FALSE(is_fused(spec));
  EXPECT_FALSE(is_fused(spec_for(ModelKind::pca, *data)));
  // What nobody has written a gradient for.
  spec = spec_for(ModelKind::vae, *data);
  spec.kind = static_cast<ModelKind>(99);
  EXPECT_FALSE(is_fused(spec));
  spec = spec_for(ModelKind::vae, *data);
  spec.likelihood = static_cast<Likelihood>(99);
  EXPECT_FALSE(is_fused(spec));
}

}  // namespace
}  // namespace zscape
