// Trainers through the real backend: every kind and option.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <numeric>
#include <string>

#include "engine/backend/checkpoint_file.h"
#include "tests/training_fixture.h"

namespace zscape {
namespace {

// Tests run side by side.
std::string own_file(const char* name) {
  return testing::TempDir() + std::to_string(::getpid()) + "-" + name;
}

struct Variant {
  std::string name;
  ModelKind kind;
  std::function<void(ModelSpec&)> change = [](ModelSpec&) {};
};

std::ostream& operator<<(std::ostream& out, const Variant& variant) {
  return out << variant.name;
}

ModelSpec spec_of(const Variant& variant, const Dataset& data) {
  ModelSpec spec = spec_for(variant.kind, data);
  variant.change(spec);
  return spec;
}

void use_convolutions(ModelSpec& spec) {
  spec.network = Network::conv;
  spec.hidden.clear();
}

class EachKind : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(
    Kinds, EachKind,
    testing::Values(Variant{"ae", ModelKind::ae}, Variant{"vae", ModelKind::vae},
                    Variant{"cvae", ModelKind::cvae}, Variant{"dae_mask", ModelKind::dae},
                    Variant{"dae_gaussian", ModelKind::dae,
                            [](ModelSpec& spec) {
                              spec.noise = {Noise::Kind::gaussian, 0.2};
                            }},
                    Variant{"mae", ModelKind::mae,
                            [](ModelSpec& spec) {
                              spec.patch = 2;
                              spec.mask_ratio = 0.25;
                            }},
                    Variant{"conv_ae", ModelKind::ae, use_convolutions},
                    Variant{"conv_vae", ModelKind::vae, use_convolutions},
                    Variant{"learned_sigma", ModelKind::vae,
                            [](ModelSpec& spec) {
                              spec.likelihood = Likelihood::gaussian;
                              spec.learned_sigma = true;
                            }},
                    Variant{"optimal_sigma", ModelKind::vae,
                            [](ModelSpec& spec) {
                              spec.likelihood = Likelihood::gaussian;
                              spec.learned_sigma = spec.optimal_sigma = true;
                            }},
                    Variant{"three_samples", ModelKind::vae,
                            [](ModelSpec& spec) { spec.samples = 3; }},
                    Variant{"iwae", ModelKind::cvae,
                            [](ModelSpec& spec) {
                              spec.objective = Objective::iwae;
                              spec.samples = 4;
                            }},
                    Variant{"binarised", ModelKind::vae,
                            [](ModelSpec& spec) { spec.binarise = Binarise::threshold; }}),
    [](const auto& tested) { return tested.param.name; });

TEST_P(EachKind, LearnsASmallSet) {
  const auto data = patterns();
  const auto run = trainer(spec_of(GetParam(), *data), data);
  const double before = run->freeze()->evaluate(*data, SplitName::test, nullptr, {})->mse;
  for (int i = 0; i < 600; ++i)
    run->step({.kl_weight = 0.1, .learning_rate = 3e-3, .batch_size = 32});
  const double after = run->freeze()->evaluate(*data, SplitName::test, nullptr, {})->mse;
  EXPECT_LT(after, before / 5);
}

TEST_P(EachKind, TheSameSeedGivesTheSameBits) {
  const auto data = patterns();
  const auto a = trainer(spec_of(GetParam(), *data), data, 3);
  const auto b = trainer(spec_of(GetParam(), *data), data, 3);
  const auto c = trainer(spec_of(GetParam(), *data), data, 4);
  for (int i = 0; i < 40; ++i) {
    a->step({});
    // Work that runs by the clock draws from no training stream.
    if (i % 7 == 0) b->freeze()->evaluate(*data, SplitName::test, nullptr, {1, 99, std::nullopt});
    b->step({});
    c->step({});
  }
  EXPECT_EQ(weights_of(*a->freeze()), weights_of(*b->freeze()));
  EXPECT_NE(weights_of(*a->freeze()), weights_of(*c->freeze()));
}

TEST_P(EachKind, RestoredStateGoesOnAsTheUnbrokenRun) {
  const auto data = patterns();
  const auto run = trainer(spec_of(GetParam(), *data), data);
  for (int i = 0; i < 5; ++i) run->step({.batch_size = 100});
  const auto state = run->state();
  for (int i = 0; i < 9; ++i) run->step({.batch_size = 100});
  const auto unbroken = weights_of(*run->freeze());
  run->restore(*state);
  EXPECT_EQ(run->position().step, 5);
  for (int i = 0; i < 9; ++i) run->step({.batch_size = 100});
  EXPECT_EQ(weights_of(*run->freeze()), unbroken);
}

TEST_P(EachKind, AnEpochSeesEveryInputOnce) {
  const auto data = patterns(100);
  const auto run = trainer(spec_of(GetParam(), *data), data);
  int steps = 0;
  while (run->position().epoch == 0) {
    run->step({.batch_size = 32});
    ++steps;
  }
  EXPECT_EQ(steps, 4);  // 32 + 32 + 32 + 4
  EXPECT_EQ(run->position().seen_in_epoch, 0);
}

TEST_P(EachKind, TheHalfPrecisionDecoderShowsTheSamePicturesInHalfTheMemory) {
  const auto data = patterns();
  const auto run = trainer(spec_of(GetParam(), *data), data);
  for (int i = 0; i < 40; ++i) run->step({});
  const auto whole = run->freeze();
  const auto alone = whole->half_precision_decoder();
  const ModelSpec& spec = whole->spec();
  const std::size_t rows = 3;
  std::vector<float> z(rows * static_cast<std::size_t>(spec.latent), 0.4F);
  const std::vector<int> labels(spec.reads_label() ? rows : 0, 2);
  std::vector<float> expected(rows * static_cast<std::size_t>(spec.inputs())), seen(expected);
  whole->decode(z, labels, expected);
  alone->decode(z, labels, seen);
  for (std::size_t i = 0; i < seen.size(); ++i) ASSERT_NEAR(seen[i], expected[i], 1.0 / 255);
  EXPECT_NE(seen, expected);  // half precision it is
  EXPECT_LT(alone->bytes(), whole->bytes() / 2);
  EXPECT_EQ(alone->revision(), whole->revision());
  EXPECT_EQ(alone->latent(), spec.latent);
  EXPECT_TRUE(alone->shape() == spec.shape);
  EXPECT_EQ(alone->classes(), spec.classes);
}

TEST_P(EachKind, SavedModelsComeBackWithTheSameNumbers) {
  const auto data = patterns();
  const auto run = trainer(spec_of(GetParam(), *data), data);
  for (int i = 0; i < 3; ++i) run->step({});
  const auto model = run->freeze();
  RunRecord record;
  record.data = "patterns";
  record.steps = 3;
  record.kl_weight = 2.5;
  record.test.loss = std::numeric_limits<double>::quiet_NaN();
  const auto path = own_file("model.safetensors");
  ASSERT_TRUE(backend()->save_model(*model, record, path));
  const auto opened = backend()->open_model(path);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->model->spec(), model->spec());
  EXPECT_EQ(weights_of(*opened->model), weights_of(*model));
  EXPECT_EQ(opened->record.kl_weight, 2.5);
  EXPECT_EQ(opened->record.data, "patterns");
  EXPECT_TRUE(std::isnan(opened->record.test.loss));
}

TEST(Trainer, KlWeightZeroLeavesTheKlOutOfTheLoss) {
  const auto run = trainer(ModelKind::vae, patterns());
  const Losses losses = run->step({.kl_weight = 0});
  EXPECT_EQ(losses.loss, losses.reconstruction);
  EXPECT_GT(losses.kl, 0);
}

TEST(Trainer, AnInfiniteLossLeavesTheWeightsAlone) {
  const auto run = trainer(ModelKind::vae, patterns());
  run->step({});
  const auto before = weights_of(*run->freeze());
  const Losses losses = run->step({.kl_weight = 1e300});
  EXPECT_FALSE(std::isfinite(losses.loss));
  EXPECT_EQ(weights_of(*run->freeze()), before);
  EXPECT_EQ(run->position().step, 1);
}

TEST(Trainer, AdamTakesAFirstStepOfTheLearningRate) {
  // With bias correction the first update of every weight with a gradient is ± the rate.
  const auto run = trainer(ModelKind::ae, patterns());
  const auto before = weights_of(*run->freeze());
  run->step({.learning_rate = 0.01});
  const auto after = weights_of(*run->freeze());
  int moved = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double change = std::abs(after[i] - before[i]);
    EXPECT_LT(change, 0.0101);
    moved += std::abs(change - 0.01) < 1e-4;
  }
  EXPECT_GT(moved, static_cast<int>(before.size()) / 2);  // the rest had no gradient (ReLU)
}

TEST(Trainer, RefusesDataThatDoesNotFit) {
  const auto data = patterns();
  ModelSpec spec = spec_for(ModelKind::vae, *data);
  spec.shape = {28, 28, 1};
  EXPECT_FALSE(backend()->make_trainer({spec, data, nullptr, 0, nullptr}));
  Dataset empty = *data;
  empty.train = {};
  EXPECT_FALSE(
      backend()->make_trainer({spec_for(ModelKind::vae, *data),
                               std::make_shared<const Dataset>(empty), nullptr, 0, nullptr}));
}

TEST(Trainer, LearnsFromTheNamedRowsOnly) {
  const auto data = patterns(100);
  auto changed = std::make_shared<Dataset>(*data);
  const auto rows =
      std::make_shared<const std::vector<std::int64_t>>(std::vector<std::int64_t>{3, 4, 5, 50, 60});
  for (std::int64_t row = 0; row < 100; ++row) {
    if (std::ranges::count(*rows, row) > 0) continue;
    std::fill_n(changed->train.pixels.own().begin() + row * 64, 64, std::uint8_t{17});
  }
  const ModelSpec spec = spec_for(ModelKind::vae, *data);
  const auto a = trainer(spec, data, 0, rows);
  const auto b = trainer(spec, changed, 0, rows);
  for (int i = 0; i < 6; ++i) {
    a->step({.batch_size = 3});
    b->step({.batch_size = 3});
  }
  EXPECT_EQ(a->position(), (TrainingPosition{6, 3, 0}));  // 3 + 2 an epoch
  EXPECT_EQ(weights_of(*a->freeze()), weights_of(*b->freeze()));
}

TEST(Trainer, LearnsTheDeviationOfTheGaussian) {
  const auto data = patterns();
  ModelSpec spec = spec_for(ModelKind::vae, *data);
  spec.likelihood = Likelihood::gaussian;
  spec.learned_sigma = true;
  const auto run = trainer(spec, data);
  EXPECT_EQ(run->freeze()->spec().sigma, 1);
  for (int i = 0; i < 900; ++i) {
    run->step({.kl_weight = 0.01, .learning_rate = 5e-3, .batch_size = 64});
  }
  const auto model = run->freeze();
  const double mse = model->evaluate(*data, SplitName::train, nullptr, {})->mse;
  // The best s is the root of the mean squared error.
  EXPECT_NEAR(model->spec().sigma, std::sqrt(mse), 0.3 * std::sqrt(mse));
  EXPECT_LT(model->spec().sigma, 0.3);
}

// d/2 (log 2πs² + 1) is what the Gaussian with s² = MSE scores, whatever the errors are.
TEST(Trainer, AnOptimalDeviationIsTheErrorOfTheBatch) {
  const auto data = patterns();
  for (const bool without_prior : {false, true}) {
    ModelSpec spec = spec_for(without_prior ? ModelKind::ae : ModelKind::vae, *data);
    spec.likelihood = Likelihood::gaussian;
    spec.learned_sigma = spec.optimal_sigma = true;
    const auto run = trainer(spec, data);
    EXPECT_EQ(run->freeze()->spec().sigma, 1);
    const auto score = [&](double variance) {
      return 0.5 * spec.inputs() * (std::log(2 * std::numbers::pi * variance) + 1);
    };
    const double before = run->freeze()->evaluate(*data, SplitName::train, nullptr, {})->mse;
    const Losses first = run->step({.batch_size = 320});
    const double sigma = run->freeze()->spec().sigma;
    EXPECT_NEAR(first.reconstruction, score(sigma * sigma), 1e-3);
    if (!spec.has_prior()) {
      EXPECT_NEAR(sigma * sigma, before, 1e-5);
    }
    // Then s follows: it is between that of the batch and the one before.
    const Losses second = run->step({.batch_size = 100});
    const double of_batch =
        std::exp(2 * second.reconstruction / spec.inputs() - 1) / (2 * std::numbers::pi);
    const double share = 1 - std::exp(-100 / 2000.0);
    const double next = run->freeze()->spec().sigma;
    EXPECT_NEAR(next * next, (1 - share) * sigma * sigma + share * of_batch, 1e-5);
  }
}

TEST(Trainer, RefusesAStateOfAnotherModel) {
  const auto data = patterns();
  const auto vae = trainer(ModelKind::vae, data);
  const auto ae = trainer(ModelKind::ae, data);
  const auto before = weights_of(*vae->freeze());
  EXPECT_FALSE(vae->restore(*ae->state()));
  EXPECT_FALSE(vae->restore(TrainerState{}));
  EXPECT_EQ(weights_of(*vae->freeze()), before);
}

TEST(Checkpoint, ComesBackWithTheSameBits) {
  const auto data = patterns();
  ModelSpec spec = spec_for(ModelKind::vae, *data);
  spec.likelihood = Likelihood::gaussian;
  spec.learned_sigma = true;
  const auto run = trainer(spec, data);
  for (int i = 0; i < 7; ++i) run->step({.batch_size = 100});
  const FrozenModelPtr best = run->freeze();
  for (int i = 0; i < 6; ++i) run->step({.batch_size = 100});
  const auto path = own_file("checkpoint.safetensors");
  ASSERT_TRUE(backend()->save_checkpoint({spec, *run->state(), best, R"({"a": 1})"}, path));
  for (int i = 0; i < 5; ++i) run->step({.batch_size = 100});

  const auto opened = backend()->open_checkpoint(path);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->run, R"({"a": 1})");
  EXPECT_EQ(opened->spec, spec);
  EXPECT_EQ(weights_of(*opened->best), weights_of(*best));
  EXPECT_EQ(opened->best->step(), 7);
  EXPECT_EQ(opened->best->spec().sigma, best->spec().sigma);
  const auto resumed = trainer(spec, data);
  ASSERT_TRUE(resumed->restore(opened->state));
  EXPECT_EQ(resumed->position().step, 13);
  for (int i = 0; i < 5; ++i) resumed->step({.batch_size = 100});
  EXPECT_EQ(weights_of(*resumed->freeze()), weights_of(*run->freeze()));
  EXPECT_EQ(resumed->freeze()->spec().sigma, run->freeze()->spec().sigma);
}

// Of a few kB that claim layers of hundreds of terabytes, in the state or in the best weights.
TEST(Checkpoint, WhatItClaimsIsCheckedBeforeMemoryIsTakenForIt) {
  const auto data = patterns();
  Checkpoint checkpoint{spec_for(ModelKind::vae, *data), *trainer(ModelKind::vae, data)->state(),
                        nullptr, "{}"};
  ASSERT_TRUE(checkpoint_from(to_tensor_file(checkpoint, nullptr), "c"));
  checkpoint.spec.hidden.assign(20000, 65536);
  TensorFile file = to_tensor_file(checkpoint, nullptr);
  file.metadata[kCheckpointKey].insert(1, R"("best_sigma":1.0,"best_step":1,)");
  const auto opened = checkpoint_from(file, "c");
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("the encoder's widths in the file"), std::string::npos);
}

TEST(Checkpoint, AModelIsNone) {
  const auto path = own_file("model.safetensors");
  ASSERT_TRUE(backend()->save_model(*trainer(ModelKind::vae, patterns())->freeze(), {}, path));
  const auto opened = backend()->open_checkpoint(path);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("is not a checkpoint"), std::string::npos);
}

// Points on a plane in 64 dimensions with a little noise, outside [0, 1].
std::shared_ptr<const Dataset> plane() {
  auto data = std::make_shared<Dataset>(*fake_data(400, 50));
  Random random(1, Stream::evaluation, 0);
  std::vector<float> axes(3 * 64);
  random.fill_normal(axes);
  for (Split* split : {&data->train, &data->test}) {
    split->pixels.own().clear();
    for (std::int64_t i = 0; i < split->count; ++i) {
      const double a = 3 * random.normal();
      const double b = random.normal();
      for (std::size_t j = 0; j < 64; ++j) {
        split->values.own().push_back(static_cast<float>(
            axes[j] + a * axes[64 + j] + b * axes[128 + j] + 0.01 * random.normal()));
      }
    }
  }
  data->scaling = std::make_shared<const Scaling>(
      Scaling{std::vector<double>(64, 0), std::vector<float>(64, 1)});
  return data;
}

TEST(Pca, FindsThePlaneThatTheDataLieIn) {
  const auto data = plane();
  const auto run = trainer(reference_spec(ModelKind::pca, *data, 2), data);
  EXPECT_FALSE(run->finished());
  const Losses losses = run->step({});
  EXPECT_TRUE(run->finished());
  EXPECT_EQ(run->position(), (TrainingPosition{1, 1, 0}));
  EXPECT_NEAR(losses.loss, 1e-4, 2e-5);  // the noise off the plane
  const auto model = run->freeze();
  EXPECT_NEAR(model->evaluate(*data, SplitName::train, nullptr, {})->mse, losses.loss, 1e-6);
  ASSERT_EQ(model->explained_variance().size(), 2U);
  EXPECT_GT(model->explained_variance()[0], model->explained_variance()[1]);
  EXPECT_NEAR(model->explained_variance()[0] + model->explained_variance()[1], 1, 1e-4);
}

TEST(Pca, EncodesAndDecodesByOrthonormalAxesWithPositiveLargestLoadings) {
  const auto data = plane();
  const auto run = trainer(reference_spec(ModelKind::pca, *data, 3), data);
  run->step({});
  const FrozenModelPtr model = run->freeze();
  const auto tensors = dynamic_cast<const FrozenAutoencoder&>(*model).model().named_tensors();
  const at::Tensor w = tensors[0].second.to(at::kDouble);
  EXPECT_EQ(tensors[0].first, "encoder.0.weight");
  EXPECT_TRUE(at::allclose(at::mm(w, w.t()), at::eye(3, at::kDouble), 1e-5, 1e-6));
  EXPECT_TRUE(at::equal(tensors[2].second, tensors[0].second.t()));
  for (int axis = 0; axis < 3; ++axis) {
    EXPECT_GT(w[axis][w[axis].abs().argmax()].item<double>(), 0);
  }
  // The codes' covariance is diagonal, its entries the eigenvalues.
  const auto codes = model->encode(*data, SplitName::train, nullptr);
  const at::Tensor z =
      at::from_blob(const_cast<float*>(codes->mean.data()), {400, 3}).to(at::kDouble);
  EXPECT_NEAR(z.mean(0).abs().max().item<double>(), 0, 1e-4);
  const at::Tensor covariance = at::mm(z.t(), z) / 400;
  const double trace = covariance.diag().sum().item<double>();
  EXPECT_NEAR((covariance - at::diag(covariance.diag())).abs().max().item<double>() / trace, 0,
              1e-5);
  const auto variance = model->explained_variance();
  EXPECT_NEAR(covariance[1][1].item<double>() / covariance[0][0].item<double>(),
              variance[1] / variance[0], 1e-4);
}

TEST(Pca, ComesBackFromAFile) {
  const auto data = plane();
  const auto run = trainer(reference_spec(ModelKind::pca, *data, 2), data);
  run->step({});
  const FrozenModelPtr model = run->freeze();
  const auto path = own_file("pca.safetensors");
  ASSERT_TRUE(backend()->save_model(*model, {}, path));
  const auto opened = backend()->open_model(path);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(weights_of(*opened->model), weights_of(*run->freeze()));
  EXPECT_TRUE(
      std::ranges::equal(opened->model->explained_variance(), run->freeze()->explained_variance()));
  EXPECT_EQ(*opened->model->spec().scaling, *data->scaling);
}

TEST(Pca, HasAtMostAsManyAxesAsInputs) {
  const auto data = patterns();
  const auto made = backend()->make_trainer(
      {reference_spec(ModelKind::pca, *data, 65), data, nullptr, 0, nullptr});
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("at most 64"), std::string::npos);
}

}  // namespace
}  // namespace zscape
