// The GPU's trainer on the CPU: what a recording does is done at once here, the rest is the same.

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>
#include <string>

#include "engine/training/trainers/dense_step.h"
#include "engine/training/trainers/device_inputs.h"
#include "engine/training/trainers/state_tensors.h"
#include "engine/training/trainers/trainers.h"
#include "tests/dense_options.h"
#include "tests/training_fixture.h"

namespace zscape {
namespace {

// As CUDA's graphs do, it draws from the generator that it was made with: that one's numbers are
// lent to the present one, which the work names.
struct Replayed final : Recording {
  Replayed(at::Generator generator, const at::Generator& present, std::function<void()> work)
      : generator_(std::move(generator)), present_(present), work_(std::move(work)) {}
  void replay() override {
    at::Generator present = present_;
    const at::Tensor own = present.get_state();
    present.set_state(generator_.get_state());
    work_();
    generator_.set_state(present.get_state());
    if (generator_ != present) present.set_state(own);
  }
  at::Generator generator_;
  const at::Generator& present_;
  std::function<void()> work_;
};

struct HostAccelerator final : Accelerator {
  std::string name() const override { return "the test's GPU"; }
  at::Device device() const override { return at::kCPU; }
  at::Generator make_generator(std::uint64_t seed) const override {
    present = at::detail::createCPUGenerator(seed);
    return present;
  }
  void run(const std::function<void()>& work) override { work(); }
  std::unique_ptr<Recording> record(const at::Generator& generator,
                                    const std::function<void()>& work) override {
    if (is_full) TORCH_CHECK_WITH(OutOfMemoryError, false, "no memory\nand a second line");
    TORCH_CHECK(can_record, "it cannot be recorded");
    ++recorded;
    return std::make_unique<Replayed>(generator, present, work);
  }
  at::Tensor fetch(const at::Tensor& tensor) override { return tensor.clone(); }

  mutable at::Generator present;  // the newest
  int recorded = 0;
  bool is_full = false;
  bool can_record = true;
};

Autoencoder fresh(const ModelSpec& spec) {
  Autoencoder model(spec);
  model.initialise(5);
  return model;
}

const Freezer kFreezer = [](Autoencoder weights, std::int64_t step) {
  return std::make_shared<const FrozenAutoencoder>(std::move(weights), step, 1);
};

class Device : public testing::Test {
 protected:
  std::unique_ptr<Trainer> on_device(const ModelSpec& spec, Indices rows = nullptr) {
    return make_device_trainer(fresh(spec), {spec, data_, std::move(rows), 5, nullptr}, kFreezer,
                               {accelerator_});
  }
  std::unique_ptr<Trainer> by_autograd(const ModelSpec& spec) {
    return make_autograd_trainer(fresh(spec), {spec, data_, nullptr, 5, nullptr}, kFreezer);
  }

  std::shared_ptr<const Dataset> data_ = patterns(150);
  std::shared_ptr<HostAccelerator> accelerator_ = std::make_shared<HostAccelerator>();
};

class DenseGradients : public testing::TestWithParam<Option> {};
INSTANTIATE_TEST_SUITE_P(Options, DenseGradients, testing::ValuesIn(dense_options()),
                         [](const auto& tested) { return tested.param.name; });

TEST_P(DenseGradients, AreAutograds) {
  const auto data = patterns(150);
  ModelSpec spec = spec_for(GetParam().kind, *data);
  GetParam().change(spec);
  std::vector<std::int64_t> rows(60);
  std::iota(rows.begin(), rows.end(), 3);
  const Batch batch = gather(spec, data->train, rows);
  const Presented presented = present(spec, batch.x, training_draws(1, 2, 60));
  const at::Tensor noise =
      spec.has_prior() ? normal_noise(60, spec.latent, 1, Stream::posterior, 2) : at::Tensor();
  const at::Tensor kl_weight = at::scalar_tensor(0.7);

  Autoencoder judge = fresh(spec);
  if (judge.log_sigma.defined()) judge.log_sigma.fill_(-0.6);
  Autoencoder model = judge.clone();
  const NamedTensors expected = learned_tensors(judge);
  for (const auto& [name, tensor] : expected) at::Tensor(tensor).requires_grad_();
  const ObjectiveValue right = objective(judge, presented, batch.label, noise, kl_weight);
  right.loss.backward();

  const FlatParameters flat(model, at::kCPU);
  const at::Tensor gradients = at::full_like(flat.weights, 1e9);  // all must be set
  const NamedTensors seen = views_of(gradients, learned_tensors(model));
  DenseStep step(spec, learned_tensors(model), seen, /*bf16=*/false);
  const ObjectiveValue value = step.run(presented, batch.label, noise, kl_weight);
  const auto near = [](const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>() <= 1e-5 * b.abs().max().item<double>() + 1e-8;
  };
  EXPECT_TRUE(near(value.loss, right.loss.detach()));
  EXPECT_TRUE(near(value.reconstruction, right.reconstruction.detach()));
  ASSERT_EQ(value.kl.defined(), right.kl.defined());
  EXPECT_TRUE(!value.kl.defined() || near(value.kl, right.kl.detach()));
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_TRUE(near(seen[i].second, expected[i].second.grad())) << seen[i].first;
  }

  DenseStep rounded(spec, learned_tensors(model), seen, /*bf16=*/true);
  const at::Tensor loss = rounded.run(presented, batch.label, noise, kl_weight).loss;
  EXPECT_NEAR(loss.item<double>(), right.loss.item<double>(),
              0.02 * std::abs(right.loss.item<double>()));
}

// Without noise nothing is drawn, and the steps are the same.
TEST_F(Device, TakesTheStepsOfAutograd) {
  for (const Network network : {Network::mlp, Network::conv}) {
    ModelSpec spec = spec_for(ModelKind::ae, *data_);
    spec.network = network;
    if (network == Network::conv) spec.hidden.clear();
    ASSERT_TRUE(validate(spec));
    const auto device = on_device(spec), judge = by_autograd(spec);
    for (int i = 0; i < 12; ++i) {
      const StepSettings settings{1, 2e-3, i % 2 == 0 ? 64 : 37, /*most_steps=*/1};
      const Losses seen = device->step(settings), expected = judge->step(settings);
      ASSERT_NEAR(seen.loss, expected.loss, 1e-4 * expected.loss) << i;
      ASSERT_EQ(device->position(), judge->position());
    }
    const auto seen = weights_of(*device->freeze()), expected = weights_of(*judge->freeze());
    for (std::size_t i = 0; i < seen.size(); ++i) ASSERT_NEAR(seen[i], expected[i], 2e-3) << i;
  }
}

TEST_F(Device, LearnsEveryKindAsWellAsAutogradDoes) {
  std::vector<ModelSpec> specs;
  for (const Option& option : dense_options()) {
    specs.push_back(spec_for(option.kind, *data_));
    option.change(specs.back());
  }
  specs.push_back(spec_for(ModelKind::vae, *data_));
  specs.back().objective = Objective::iwae;
  specs.back().samples = 5;
  for (const ModelSpec& spec : specs) {
    const auto mean_of = [](Trainer& trainer) {
      double sum = 0;
      while (trainer.position().step < 150) {
        const std::int64_t before = trainer.position().step;
        const double loss = trainer.step({0.5, 2e-3, 30}).loss;
        if (before >= 75) sum += loss * static_cast<double>(trainer.position().step - before);
      }
      return sum / 75;
    };
    const double first = by_autograd(spec)->step({0.5, 2e-3, 30}).loss;
    const double seen = mean_of(*on_device(spec)), expected = mean_of(*by_autograd(spec));
    // The draws are others.
    EXPECT_NEAR(seen, expected, 0.05 * std::max(std::abs(expected), std::abs(first)))
        << name_of(spec.kind) << " " << name_of(spec.likelihood) << " " << name_of(spec.binarise);
  }
}

TEST_F(Device, ShowsTheInputsThatTheCpuShows) {
  ModelSpec spec = spec_for(ModelKind::cvae, *data_);
  const std::vector<std::int64_t> rows = {7, 0, 149, 7};
  const Batch expected = gather(spec, data_->train, rows);
  const Batch seen = DeviceInputs(spec, data_->train, at::kCPU).gather(at::tensor(rows, at::kLong));
  EXPECT_TRUE(at::allclose(seen.x, expected.x, 0, 1e-7));
  EXPECT_TRUE(at::equal(seen.label, expected.label));
}

TEST_F(Device, HidesAndCorruptsAsManyAsTheCpu) {
  const at::Generator draws = accelerator_->make_generator(1);
  const at::Tensor x = at::rand({40, 64}) + 0.1;
  ModelSpec dae = spec_for(ModelKind::dae, *data_);
  dae.noise = {Noise::Kind::mask, 0.3};
  const at::Tensor seen = DeviceInputs(dae, data_->train, at::kCPU).present(x, draws).seen;
  EXPECT_TRUE(at::equal(seen.eq(0).sum(1), at::full({40}, 19)));  // round(0.3 · 64)
  EXPECT_TRUE(at::equal(seen.eq(x).sum(1), at::full({40}, 45)));

  ModelSpec mae = spec_for(ModelKind::mae, *data_);
  mae.patch = 2;
  mae.mask_ratio = 0.25;
  const Presented hidden = DeviceInputs(mae, data_->train, at::kCPU).present(x, draws);
  const Presented right = present(mae, x, training_draws(1, 1, 40));
  EXPECT_TRUE(at::equal(hidden.hidden.sum(1), right.hidden.sum(1)));
  // Whole patches: the four pixels of each are hidden together, and not the same in all rows.
  const at::Tensor patches =
      hidden.hidden.view({40, 4, 2, 4, 2}).permute({0, 1, 3, 2, 4}).reshape({40, 16, 4});
  EXPECT_TRUE(at::equal(patches.amin(2), patches.amax(2)));
  EXPECT_FALSE(at::equal(hidden.hidden[0], hidden.hidden[1]));
  EXPECT_TRUE(at::equal(hidden.seen, x * (1 - hidden.hidden)));
}

TEST_F(Device, TakesSeveralStepsATurnButNoneBeyondTheEpoch) {
  const auto trainer = on_device(spec_for(ModelKind::vae, *data_));
  std::set<std::int64_t> at_ends;
  for (int i = 0; i < 200; ++i) {
    const TrainingPosition before = trainer->position();
    ASSERT_TRUE(std::isfinite(trainer->step({1, 1e-3, 40}).loss));
    const TrainingPosition after = trainer->position();
    ASSERT_GT(after.step, before.step);
    ASSERT_LE(after.epoch, before.epoch + 1);
    ASSERT_TRUE(after.epoch == before.epoch || after.seen_in_epoch == 0);
    ASSERT_EQ(after.step, after.epoch * 4 + after.seen_in_epoch / 40);
  }
  EXPECT_GT(trainer->position().step, 200);  // several at once
}

TEST_F(Device, RecordsOncePerBatchSizeWhateverIsTurned) {
  const auto trainer = on_device(spec_for(ModelKind::vae, *data_));
  for (int i = 0; i < 60; ++i) trainer->step({0.1 * i, 1e-3 / (1 + i), 40});
  EXPECT_EQ(accelerator_->recorded, 2);  // 40 and the epoch's last 30
}

TEST_F(Device, KeepsTheWeightsBeforeALossThatIsNotFinite) {
  const auto trainer = on_device(spec_for(ModelKind::ae, *data_));
  for (int i = 0; i < 5; ++i) trainer->step({1, 1e-3, 40, 1});
  trainer->step({1, 1e30, 40, 1});  // its own loss is fine
  const std::int64_t step = trainer->position().step;
  const auto before = weights_of(*trainer->freeze());
  EXPECT_FALSE(std::isfinite(trainer->step({1, 1e-3, 40, 3}).loss));
  EXPECT_EQ(trainer->position().step, step);
  EXPECT_EQ(weights_of(*trainer->freeze()), before);
}

TEST_F(Device, StatesGoFromOneTrainerToAnother) {
  const ModelSpec spec = spec_for(ModelKind::ae, *data_);
  const auto first = on_device(spec);
  for (int i = 0; i < 4; ++i) first->step({1, 1e-3, 40, 1});
  const auto second = on_device(spec), judge = by_autograd(spec);
  ASSERT_TRUE(second->restore(*first->state()));
  ASSERT_TRUE(judge->restore(*first->state()));
  EXPECT_EQ(second->position(), first->position());
  for (int i = 0; i < 3; ++i) {
    const double expected = judge->step({1, 1e-3, 40}).loss;
    EXPECT_NEAR(first->step({1, 1e-3, 40, 1}).loss, expected, 1e-5);
    EXPECT_NEAR(second->step({1, 1e-3, 40, 1}).loss, expected, 1e-5);
  }
  TrainerState other = *first->state();
  other.tensors.pop_back();
  EXPECT_FALSE(second->restore(other));
}

TEST_F(Device, SaysInOneLineThatMemoryIsFullAndLosesNothing) {
  const auto trainer = on_device(spec_for(ModelKind::vae, *data_));
  trainer->step({1, 1e-3, 40, 1});
  accelerator_->is_full = true;
  const auto until_full = [&] {
    while (trainer->position().step < 50) trainer->step({1, 1e-3, 40});
  };
  try {
    until_full();
    FAIL() << "it was full";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("the memory of the test's GPU is full"));
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("\n")));
  }
  EXPECT_EQ(trainer->position().step, 2);  // what was taken counts
  accelerator_->is_full = false;
  until_full();
  EXPECT_GE(trainer->position().step, 50);
}

// What a turn took before the memory was full is returned, with its losses; only then it throws.
TEST_F(Device, AStepThatThrowsHasTakenNone) {
  const auto trainer = on_device(spec_for(ModelKind::vae, *data_));
  accelerator_->is_full = true;
  std::int64_t step = 0;
  try {
    while (trainer->position().step < 50) {
      EXPECT_TRUE(std::isfinite(trainer->step({1, 1e-3, 40}).loss));
      EXPECT_GT(trainer->position().step, step);
      step = trainer->position().step;
    }
    FAIL() << "it was full";
  } catch (const std::runtime_error&) {
    EXPECT_EQ(trainer->position().step, step);
    EXPECT_EQ(step, 2);
  }
  EXPECT_EQ(trainer->freeze()->step(), step);
}

// Steps of one size are recorded, those of another cannot be: from then on all draw from a new
// generator, and what comes after a restored state is a function of its position.
TEST_F(Device, RecordingsMadeBeforeAFailedOneDrawFromTheNewGenerator) {
  const ModelSpec spec = spec_for(ModelKind::vae, *data_);
  const auto run = [&](bool fails) {
    accelerator_ = std::make_shared<HostAccelerator>();
    auto trainer = on_device(spec);
    const auto steps = [&trainer](int count, int size) {
      for (int i = 0; i < count; ++i) trainer->step({1, 1e-3, size, 1});
    };
    steps(6, 10);
    EXPECT_EQ(accelerator_->recorded, 1);
    const auto state = trainer->state();
    accelerator_->can_record = !fails;
    steps(3, 20);
    accelerator_->can_record = true;
    EXPECT_TRUE(trainer->restore(*state));
    steps(4, 10);
    return weights_of(*trainer->freeze());
  };
  EXPECT_EQ(run(true), run(false));
}

TEST_F(Device, GoesOnWithoutARecordingWhereNoneCanBeMade) {
  accelerator_->can_record = false;
  const auto trainer = on_device(spec_for(ModelKind::vae, *data_));
  const double first = trainer->step({1, 2e-3, 40, 1}).loss;
  while (trainer->position().step < 100) trainer->step({1, 2e-3, 40});
  EXPECT_LT(trainer->step({1, 2e-3, 40}).loss, first);
}

TEST_F(Device, ForgetsRecordingsOfManySizes) {
  const auto trainer = on_device(spec_for(ModelKind::ae, *data_));
  const auto record_all = [&] {
    for (int size = 10; size < 25; ++size) {
      for (int i = 0; i < 4; ++i) trainer->step({1, 1e-3, size, 1});
    }
  };
  record_all();
  const int once = accelerator_->recorded;
  EXPECT_GE(once, 15);
  record_all();
  EXPECT_GT(accelerator_->recorded, once);
}

// On a machine without CUDA all of it fails there.
TEST_F(Device, FrozenModelsMeasureOnTheCpuWhatTheDeviceCannot) {
  if (at::hasCUDA()) GTEST_SKIP() << "CUDA is there";
  const FrozenAutoencoder on_gpu(fresh(spec_for(ModelKind::vae, *data_)), 0, 1,
                                 EvaluationPlace{at::kCUDA, nullptr});
  const FrozenAutoencoder on_cpu(on_gpu.model(), 0, 1);
  EXPECT_EQ(on_gpu.evaluate(*data_, SplitName::test, nullptr, {})->loss,
            on_cpu.evaluate(*data_, SplitName::test, nullptr, {})->loss);
  EXPECT_EQ(on_gpu.encode(*data_, SplitName::test, nullptr, {})->mean,
            on_cpu.encode(*data_, SplitName::test, nullptr, {})->mean);
}

TEST_F(Device, LearnsSigmaAndFreezesIt) {
  ModelSpec spec = spec_for(ModelKind::vae, *data_);
  spec.likelihood = Likelihood::gaussian;
  spec.learned_sigma = true;
  const auto trainer = on_device(spec);
  while (trainer->position().step < 100) trainer->step({1, 1e-2, 40});
  EXPECT_LT(trainer->freeze()->spec().sigma, 0.9 * spec.sigma);
}

}  // namespace
}  // namespace zscape
