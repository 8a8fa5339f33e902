// Inputs that never change in training: no loss scores them, and decoders give their value.

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <numbers>
#include <vector>

#include "engine/data/prepare.h"
#include "tests/training_fixture.h"

namespace zscape {
namespace {

constexpr int kInputs = 5;
constexpr std::size_t kFirst = 1, kSecond = 4;  // the columns that never change
constexpr float kFirstValue = 7, kSecondValue = -300;

// 200 and 40 rows of five columns. `other`: what the test rows have in the constant ones.
std::shared_ptr<const Dataset> vectors(float other = kFirstValue) {
  auto data = std::make_shared<Dataset>(*fake_data(200, 40));
  data->shape = {1, kInputs, 1};
  Random random(3, Stream::evaluation, 0);
  for (Split* split : {&data->train, &data->test}) {
    split->pixels.own().clear();
    for (std::int64_t i = 0; i < split->count; ++i) {
      const double a = random.normal();
      for (std::size_t j = 0; j < kInputs; ++j) {
        const auto value = static_cast<float>(5 + 2 * a * (j == 0 ? 1 : -1) + random.normal());
        const bool is_test = split == &data->test;
        split->values.own().push_back(j == kFirst    ? (is_test ? other : kFirstValue)
                                      : j == kSecond ? kSecondValue
                                                     : value);
      }
    }
  }
  data->scaling = find_scaling(*data);
  return data;
}

ModelSpec spec_of(const Dataset& data, ModelKind kind, Likelihood likelihood) {
  ModelSpec spec = spec_for(kind, data);
  spec.likelihood = likelihood;
  return spec;
}

TEST(ConstantInputs, AreFoundInTheTrainingPart) {
  const auto data = vectors(99);
  EXPECT_EQ(data->scaling->constant, (std::vector<std::uint8_t>{0, 1, 0, 0, 1}));
  EXPECT_EQ(reference_spec(ModelKind::vae, *data, 2).scored_inputs(), 3);
}

TEST(ConstantInputs, OfAllColumnsAreScoredAsEver) {
  Dataset data = *vectors();
  data.train.values = std::vector<float>(200 * kInputs, 12);
  const auto scaling = find_scaling(data);
  EXPECT_TRUE(scaling->constant.empty());
}

TEST(ConstantInputs, ChangeNoFigureWhateverOtherRowsHaveThere) {
  const auto same = vectors(), moved = vectors(1e6F);
  ASSERT_EQ(*same->scaling, *moved->scaling);
  const auto run = trainer(spec_of(*same, ModelKind::vae, Likelihood::gaussian), same);
  for (int i = 0; i < 20; ++i) run->step({});
  const auto model = run->freeze();
  const auto here = model->evaluate(*same, SplitName::test, nullptr, {});
  const auto there = model->evaluate(*moved, SplitName::test, nullptr, {});
  EXPECT_EQ(here->reconstruction, there->reconstruction);
  EXPECT_EQ(here->mse, there->mse);
  EXPECT_EQ(here->kl, there->kl);
}

TEST(ConstantInputs, AreNeitherInTheSumNorInTheNumberOfTerms) {
  const auto data = vectors();
  const auto run = trainer(spec_of(*data, ModelKind::ae, Likelihood::gaussian), data);
  run->step({});
  const auto model = run->freeze();
  const auto losses = model->evaluate(*data, SplitName::test, nullptr, {});
  const auto made = model->reconstruct(*data, SplitName::test, nullptr, 0);
  double squares = 0;
  for (std::size_t row = 0; row < 40; ++row) {
    for (std::size_t j = 0; j < kInputs; ++j) {
      const std::size_t at = row * kInputs + j;
      const double off = made->values[at] - static_cast<double>(data->test.values[at]);
      squares += std::pow(off / static_cast<double>(data->scaling->deviation[j]), 2);
    }
  }
  EXPECT_NEAR(losses->mse, squares / (40 * 3), 1e-5);
  EXPECT_NEAR(losses->reconstruction, squares / 80 + 1.5 * std::log(2 * std::numbers::pi), 1e-5);
}

TEST(ConstantInputs, ComeOutAsTheyWereAfterTraining) {
  const auto data = vectors();
  for (const ModelKind kind : {ModelKind::ae, ModelKind::vae, ModelKind::dae, ModelKind::pca}) {
    for (const int samples : {1, 2}) {  // the fused gradients, and those of autograd
      ModelSpec spec = spec_for(kind, *data);
      if (spec.has_prior()) spec.samples = samples;
      const auto run = trainer(spec, data);
      for (int i = 0; i < 10 && !run->finished(); ++i) run->step({});
      const auto made = run->freeze()->reconstruct(*data, SplitName::test, nullptr, 0);
      ASSERT_TRUE(made) << made.error().message;
      for (std::size_t at = 0; at < made->values.size(); at += kInputs) {
        ASSERT_EQ(static_cast<float>(made->values[at + kFirst]), kFirstValue);
        ASSERT_EQ(static_cast<float>(made->values[at + kSecond]), kSecondValue);
      }
    }
  }
}

TEST(ConstantInputs, StayMarkedInAFile) {
  const auto data = vectors();
  const auto run = trainer(spec_of(*data, ModelKind::ae, Likelihood::mse), data);
  run->step({});
  const auto path =
      (std::filesystem::path(testing::TempDir()) / "constant_inputs.safetensors").string();
  ASSERT_TRUE(backend()->save_model(*run->freeze(), {}, path));
  const auto opened = backend()->open_model(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->model->spec().scaling->constant, data->scaling->constant);
}

}  // namespace
}  // namespace zscape
