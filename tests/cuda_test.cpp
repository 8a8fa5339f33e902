// On a GPU where there is one; else that this is said in one line, before anything is loaded.
#include <ATen/ATen.h>
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <thread>

#include "engine/backend/cuda_plugin.h"
#include "engine/cuda/plugin.h"
#include "engine/training/trainers/state_tensors.h"
#include "engine/training/trainers/trainers.h"
#include "tests/dense_options.h"
#include "tests/training_fixture.h"

namespace zscape {
namespace {

TEST(Cuda, SaysInOneLineWhyThereIsNone) {
  if (cuda_accelerator()) GTEST_SKIP() << "there is " << (*cuda_accelerator())->name();
  EXPECT_THAT(
      cuda_accelerator().error().message,
      testing::AllOf(testing::Not(testing::IsEmpty()), testing::Not(testing::HasSubstr("\n"))));
  const auto asked = settled({.threads = 1, .kernels = "portable", .device = Device::cuda});
  ASSERT_FALSE(asked);
  EXPECT_THAT(asked.error().message, testing::StartsWith("--device cuda: "));
  EXPECT_THAT(asked.error().message, testing::EndsWith("; use auto or cpu"));
  const auto by_itself = settled({.threads = 1, .kernels = "portable"});
  ASSERT_TRUE(by_itself);
  EXPECT_EQ(by_itself->device, Device::cpu);
  EXPECT_FALSE(settled({.threads = 1, .kernels = "portable", .precision = Precision::tf32}));
}

// What a machine with a driver would open: it loads, and says what it misses.
TEST(Cuda, ThePluginLoadsWithoutADriver) {
  if (cuda_accelerator()) GTEST_SKIP() << "there is " << (*cuda_accelerator())->name();
  const auto path =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "libzscape_cuda.so";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "built without CUDA (ZSCAPE_CUDA=on ./dev)";
  void* plugin = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(plugin, nullptr) << dlerror();
  const auto open =
      reinterpret_cast<decltype(&zscape_open_cuda)>(dlsym(plugin, "zscape_open_cuda"));
  ASSERT_NE(open, nullptr);
  std::unique_ptr<Accelerator> accelerator;
  std::string error;
  open(&accelerator, &error);
  EXPECT_EQ(accelerator, nullptr);
  EXPECT_THAT(error, testing::HasSubstr("NVIDIA"));
}

class OnGpu : public testing::Test {
 protected:
  void SetUp() override {
    if (!cuda_accelerator()) GTEST_SKIP() << cuda_accelerator().error().message;
    accelerator_ = *cuda_accelerator();
  }
  std::unique_ptr<Trainer> make(const ModelSpec& spec, bool on_gpu) {
    Autoencoder model(spec);
    model.initialise(5);
    const TrainingTask task{spec, data_, nullptr, 5, nullptr};
    const Freezer freezer = [on_gpu](Autoencoder weights, std::int64_t step) {
      return std::make_shared<const FrozenAutoencoder>(
          std::move(weights), step, 1, EvaluationPlace{on_gpu ? at::kCUDA : at::kCPU});
    };
    return on_gpu ? make_device_trainer(std::move(model), task, freezer, {accelerator_})
                  : make_autograd_trainer(std::move(model), task, freezer);
  }

  std::shared_ptr<const Dataset> data_ = patterns(150);
  std::shared_ptr<Accelerator> accelerator_;
};

TEST_F(OnGpu, TakesTheStepsOfTheCpuWhereNothingIsDrawn) {
  for (const Network network : {Network::mlp, Network::conv}) {
    ModelSpec spec = spec_for(ModelKind::ae, *data_);
    spec.network = network;
    if (network == Network::conv) spec.hidden.clear();
    const auto gpu = make(spec, true), cpu = make(spec, false);
    for (int i = 0; i < 12; ++i) {
      const StepSettings settings{1, 2e-3, i % 2 == 0 ? 64 : 37, /*most_steps=*/1};
      const double seen = gpu->step(settings).loss, expected = cpu->step(settings).loss;
      ASSERT_NEAR(seen, expected, 1e-3 * expected) << i;
    }
    const auto losses = gpu->freeze()->evaluate(*data_, SplitName::test, nullptr, {});
    const auto expected = cpu->freeze()->evaluate(*data_, SplitName::test, nullptr, {});
    ASSERT_TRUE(losses && expected);
    EXPECT_NEAR(losses->loss, expected->loss, 2e-3 * expected->loss);
  }
}

TEST_F(OnGpu, LearnsEveryKindAsWellAsTheCpu) {
  for (const Option& option : dense_options()) {
    ModelSpec spec = spec_for(option.kind, *data_);
    option.change(spec);
    const auto end_of = [&](bool on_gpu) {
      const auto trainer = make(spec, on_gpu);
      while (trainer->position().step < 200) trainer->step({0.5, 2e-3, 30});
      return trainer->freeze()->evaluate(*data_, SplitName::test, nullptr, {0.5, 1, {}})->loss;
    };
    const double first = make(spec, false)->step({0.5, 2e-3, 30}).loss;
    const double expected = end_of(false);
    EXPECT_NEAR(end_of(true), expected, 0.05 * std::max(std::abs(expected), std::abs(first)))
        << option.name;
  }
}

TEST_F(OnGpu, FollowsLambdaAndDrawsAnewAtEachReplay) {
  const ModelSpec spec = spec_for(ModelKind::vae, *data_);
  const auto trainer = make(spec, true);
  while (trainer->position().step < 200) trainer->step({0, 1e-3, 30});
  const double kl_free = trainer->step({0, 1e-3, 30}).kl;
  while (trainer->position().step < 600) trainer->step({100, 1e-3, 30});
  EXPECT_LT(trainer->step({100, 1e-3, 30}).kl, 0.05 * kl_free);
  // Without a step nothing but the noise differs.
  const double once = trainer->step({1, 1e-30, 150}).reconstruction;
  const double again = trainer->step({1, 1e-30, 150}).reconstruction;
  EXPECT_NE(once, again);
}

TEST_F(OnGpu, EvaluatesOnOtherThreadsWhileItTrains) {
  const auto trainer = make(spec_for(ModelKind::vae, *data_), true);
  while (trainer->position().step < 40) trainer->step({1, 1e-3, 30});
  const FrozenModelPtr frozen = trainer->freeze();
  const double expected = frozen->evaluate(*data_, SplitName::test, nullptr, {})->loss;
  std::thread other([&] {
    for (int i = 0; i < 20; ++i) {
      ASSERT_EQ(frozen->evaluate(*data_, SplitName::test, nullptr, {})->loss, expected);
    }
  });
  for (int i = 0; i < 50; ++i) trainer->step({1, 1e-3, 20 + i});  // each size is recorded
  other.join();
}

}  // namespace
}  // namespace zscape
