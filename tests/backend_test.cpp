// Training, evaluation and model files through the real backend.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <thread>

#include "engine/backend/frozen_autoencoder.h"
#include "engine/backend/model_file.h"
#include "engine/backend/thread_count.h"
#include "engine/backend/torch_backend.h"
#include "engine/engine.h"
#include "engine/eval/likelihood.h"
#include "engine/eval/neighbours.h"
#include "engine/model/loss.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

constexpr ModelId kModel{0};
constexpr int kThreads = 2;

std::shared_ptr<Backend> backend() {
  static const std::shared_ptr<Backend> instance = make_torch_backend({.threads = kThreads});
  instance->enter_thread(ThreadRole::engine);
  return instance;
}

// Ten distinct 8×8 patterns with a little noise: learnt in a moment.
std::shared_ptr<const Dataset> patterns(std::int64_t train = 320, std::int64_t test = 100) {
  auto data = std::make_shared<Dataset>(*fake_data(train, test));
  Random random(7, Stream::evaluation, 0);
  for (Split* split : {&data->train, &data->test}) {
    split->pixels.clear();
    for (std::int64_t i = 0; i < split->count; ++i) {
      Random pattern(1, Stream::evaluation, static_cast<std::uint64_t>(i % 10));
      for (int j = 0; j < 64; ++j) {
        const int ink = pattern.below(2) == 0 ? 20 : 220;
        split->pixels.push_back(
            static_cast<std::uint8_t>(ink + static_cast<int>(random.below(30))));
      }
    }
  }
  return data;
}

ModelSpec spec_for(ModelKind kind, const Dataset& data, int latent = 2) {
  ModelSpec spec = reference_spec(kind, data, latent);
  spec.hidden = {64};
  return spec;
}

std::unique_ptr<Trainer> trainer(ModelKind kind, std::shared_ptr<const Dataset> data,
                                 std::uint64_t seed = 0) {
  const ModelSpec spec = spec_for(kind, *data);
  return std::move(*backend()->make_trainer(spec, std::move(data), seed, nullptr));
}

std::vector<float> weights_of(const FrozenModel& model) {
  std::vector<float> values;
  for (const auto& [name, tensor] :
       dynamic_cast<const FrozenAutoencoder&>(model).model().named_tensors()) {
    values.insert(values.end(), tensor.data_ptr<float>(),
                  tensor.data_ptr<float>() + tensor.numel());
  }
  return values;
}

class EachKind : public testing::TestWithParam<ModelKind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, EachKind,
                         testing::Values(ModelKind::ae, ModelKind::vae, ModelKind::cvae));

TEST_P(EachKind, LearnsASmallSet) {
  const auto data = patterns();
  const auto run = trainer(GetParam(), data);
  const double before = run->freeze()->evaluate(*data, SplitName::test, nullptr, 0, 0)->mse;
  for (int i = 0; i < 600; ++i)
    run->step({.kl_weight = 0.1, .learning_rate = 3e-3, .batch_size = 32});
  const double after = run->freeze()->evaluate(*data, SplitName::test, nullptr, 0, 0)->mse;
  EXPECT_LT(after, before / 10);
}

TEST_P(EachKind, TheSameSeedGivesTheSameBits) {
  const auto data = patterns();
  const auto a = trainer(GetParam(), data, 3);
  const auto b = trainer(GetParam(), data, 3);
  const auto c = trainer(GetParam(), data, 4);
  for (int i = 0; i < 40; ++i) {
    a->step({});
    // Work that runs by the clock draws from no training stream.
    if (i % 7 == 0) b->freeze()->evaluate(*data, SplitName::test, nullptr, 1, 99);
    b->step({});
    c->step({});
  }
  EXPECT_EQ(weights_of(*a->freeze()), weights_of(*b->freeze()));
  EXPECT_NE(weights_of(*a->freeze()), weights_of(*c->freeze()));
}

TEST_P(EachKind, RestoredStateGoesOnAsTheUnbrokenRun) {
  const auto data = patterns();
  const auto run = trainer(GetParam(), data);
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
  const auto run = trainer(GetParam(), data);
  int steps = 0;
  while (run->position().epoch == 0) {
    run->step({.batch_size = 32});
    ++steps;
  }
  EXPECT_EQ(steps, 4);  // 32 + 32 + 32 + 4
  EXPECT_EQ(run->position().seen_in_epoch, 0);
}

TEST_P(EachKind, SavedModelsComeBackWithTheSameNumbers) {
  const auto data = patterns();
  const auto run = trainer(GetParam(), data);
  for (int i = 0; i < 3; ++i) run->step({});
  const auto model = run->freeze();
  RunRecord record;
  record.data = "patterns";
  record.steps = 3;
  record.kl_weight = 2.5;
  record.test.loss = std::numeric_limits<double>::quiet_NaN();
  const auto path = testing::TempDir() + "model.safetensors";
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
  EXPECT_FALSE(backend()->make_trainer(spec, data, 0, nullptr));
  Dataset empty = *data;
  empty.train = {};
  EXPECT_FALSE(backend()->make_trainer(spec_for(ModelKind::vae, *data),
                                       std::make_shared<const Dataset>(empty), 0, nullptr));
}

TEST(Evaluate, IsTheSameHoweverTheRowsAreNamed) {
  const auto data = patterns();
  const auto model = trainer(ModelKind::vae, data)->freeze();
  std::vector<std::int64_t> rows(100);
  std::iota(rows.begin(), rows.end(), 0);
  const auto named = model->evaluate(*data, SplitName::test,
                                     std::make_shared<const std::vector<std::int64_t>>(rows), 1, 5);
  const auto whole = model->evaluate(*data, SplitName::test, nullptr, 1, 5);
  EXPECT_EQ(named->loss, whole->loss);
  EXPECT_NEAR(whole->loss, whole->reconstruction + whole->kl, 1e-9);
}

TEST(Evaluate, FiguresOfAKindWithoutPriorHaveNoPriorFigures) {
  const auto data = patterns();
  const auto figures =
      trainer(ModelKind::ae, data)->freeze()->figures(*data, SplitName::test, 4, 0);
  ASSERT_TRUE(figures);
  EXPECT_FALSE(figures->kl || figures->elbo || figures->log_likelihood || figures->active_units ||
               figures->aggregate_kl);
  EXPECT_TRUE(figures->knn_accuracy);
}

TEST(Evaluate, ImportanceEstimateIsAboveTheElboAndRisesWithSamples) {
  const auto data = patterns();
  const auto run = trainer(ModelKind::vae, data);
  for (int i = 0; i < 100; ++i) run->step({});
  const auto model = run->freeze();
  const auto one = model->figures(*data, SplitName::test, 1, 0);
  const auto many = model->figures(*data, SplitName::test, 200, 0);
  EXPECT_NEAR(*one->log_likelihood, *one->elbo, 0.5);
  EXPECT_GT(*many->log_likelihood, *one->log_likelihood);
}

TEST(Evaluate, ImportanceEstimateFindsTheExactLikelihoodOfALinearModel) {
  // One pixel, one latent dimension, x̂ nearly constant: with zero decoder weights
  // p(x|z) = p(x), so every estimate is exact.
  ModelSpec spec;
  spec.shape = {1, 1, 1};
  spec.latent = 1;
  spec.hidden = {2};
  spec.likelihood = Likelihood::gaussian;
  spec.sigma = 0.5;
  Autoencoder model(spec);
  model.initialise(0);
  for (const auto& [name, tensor] : model.named_tensors()) {
    // q(z|x) = N(0, e^0.2) for every x: wider than the prior, so that the weights' variance is
    // small.
    if (name.starts_with("decoder") || name.starts_with("encoder.2")) tensor.zero_();
    if (name == "encoder.2.bias") tensor[1] = 0.2;
  }
  Batch batch;
  batch.x = at::full({1, 1}, 0.8);
  const double expected = -(0.3 * 0.3) / (2 * 0.25) - 0.5 * std::log(2 * std::numbers::pi * 0.25);
  const double estimate = importance_log_likelihood(model, batch, 20000, 0, 0)[0].item<double>();
  EXPECT_NEAR(estimate, expected, 0.02);
}

TEST(Evaluate, AggregateKlOfACollapsedPosteriorIsZero) {
  const auto data = patterns();
  ModelSpec spec = spec_for(ModelKind::vae, *data);
  Autoencoder model(spec);
  model.initialise(0);
  for (const auto& [name, tensor] : model.named_tensors()) {
    if (name.starts_with("encoder.2")) tensor.zero_();  // μ = 0, σ = 1 for every input
  }
  const FrozenAutoencoder frozen(model.clone(), 0, 1);
  const auto figures = frozen.figures(*data, SplitName::test, 1, 0, {});
  EXPECT_NEAR(*figures->aggregate_kl, 0, 1e-9);
  EXPECT_EQ(*figures->active_units, 0);
  EXPECT_NEAR(*figures->kl, 0, 1e-6);
}

TEST(Neighbours, AreCountedByHand) {
  const at::Tensor references = at::tensor({0.0F, 0.1F, 0.2F, 5.0F, 5.1F, 5.2F}).view({6, 1});
  const std::vector<int> labels = {0, 0, 1, 1, 1, 0};
  const at::Tensor queries = at::tensor({0.05F, 5.05F, 0.15F}).view({3, 1});
  const std::vector<int> truth = {0, 1, 1};
  const auto accuracy = neighbour_accuracy(references, labels, queries, truth, 3, false, {});
  ASSERT_TRUE(accuracy);
  EXPECT_NEAR(*accuracy, 2.0 / 3, 1e-9);
  // Leaving each out: 0→{0.1:0, 0.2:1} nearest wins, and so on.
  const auto self = neighbour_accuracy(references, labels, references, labels, 1, true, {});
  ASSERT_TRUE(self);
  EXPECT_NEAR(*self, 4.0 / 6, 1e-9);
}

TEST(Threads, TheHelperKeepsOneThreadAndTheEngineItsOwn) {
  const auto shared = backend();
  int helper_count = 0;
  int engine_count = 0;
  std::thread engine([&] {
    shared->enter_thread(ThreadRole::engine);
    std::thread helper([&] {
      shared->enter_thread(ThreadRole::helper);
      // A parallel call: the first one takes over the process-wide default where that was not
      // forestalled.
      at::ones({1 << 20}).add_(1);
      helper_count = at::get_num_threads();
    });
    helper.join();
    at::ones({1 << 20}).add_(1);
    engine_count = at::get_num_threads();
  });
  engine.join();
  EXPECT_EQ(helper_count, 1);
  EXPECT_EQ(engine_count, kThreads);
}

TEST(Threads, TheCountIsMeasuredOnceAndKept) {
  const std::string cache = testing::TempDir() + "zscape-cache";
  std::filesystem::remove_all(cache);
  const char* before = std::getenv("XDG_CACHE_HOME");
  const std::string kept = before ? before : "";
  setenv("XDG_CACHE_HOME", cache.c_str(), 1);
  int calls = 0;
  const auto time_steps = [&](int threads) {
    ++calls;
    return threads == 1 ? 0.5 : 1.0;
  };
  EXPECT_EQ(fastest_thread_count(time_steps), 1);
  const int first_calls = calls;
  EXPECT_EQ(fastest_thread_count(time_steps), 1);
  EXPECT_EQ(calls, first_calls);
  std::ofstream(cache + "/zscape/threads.json") << "{ broken";
  EXPECT_EQ(fastest_thread_count(time_steps), 1);
  before ? setenv("XDG_CACHE_HOME", kept.c_str(), 1) : unsetenv("XDG_CACHE_HOME");
}

// The engine with its snapshots, test figures and encodings ends with the same bits as the bare
// trainer.
TEST(Determinism, TheEngineTrainsTheSameBitsAsTheTrainerAlone) {
  class PatternBackend final : public Backend {
   public:
    void enter_thread(ThreadRole role) override { backend()->enter_thread(role); }
    std::string device() const override { return "CPU"; }
    int threads() const override { return kThreads; }
    Expected<std::shared_ptr<const Dataset>> load_data(const std::string&,
                                                       const Progress&) override {
      return patterns();
    }
    Expected<std::unique_ptr<Trainer>> make_trainer(const ModelSpec& spec,
                                                    std::shared_ptr<const Dataset> data,
                                                    std::uint64_t seed,
                                                    FrozenModelPtr start) override {
      return backend()->make_trainer(spec, std::move(data), seed, std::move(start));
    }
    Expected<OpenedModel> open_model(const std::string&) override { return fail("no"); }
    Expected<void> save_model(const FrozenModel&, const RunRecord&, const std::string&) override {
      return fail("no");
    }
  };
  EngineOptions options;
  options.publish_hz = 1000;
  Engine engine(std::make_shared<PatternBackend>(), options);
  const auto data = patterns();
  engine.post(ReplaceModel{kModel, spec_for(ModelKind::vae, *data)});
  engine.post(LoadData{kModel, "patterns"});
  engine.post(Start{kModel});
  const auto view = [&] { return engine.snapshot()->models[0]; };
  while (view().position.step < 150) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  engine.post(Pause{kModel});
  while (view().state != RunState::paused)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto trained = view();
  const auto alone = trainer(ModelKind::vae, patterns());
  while (alone->position().step < trained.position.step) alone->step({});
  EXPECT_EQ(weights_of(*trained.weights), weights_of(*alone->freeze()));
}

// Model files as Python saves them, and broken ones.
TensorFile plain_file(const ModelSpec& spec) {
  Autoencoder model(spec);
  model.initialise(0);
  TensorFile file = to_tensor_file(model, {});
  file.metadata.clear();
  return file;
}

TEST(ModelFile, WithoutMetadataTheKindFollowsFromTheWidths) {
  const auto data = fake_data(8, 8, {28, 28, 1});
  for (const ModelKind kind : {ModelKind::ae, ModelKind::vae, ModelKind::cvae}) {
    ModelSpec spec = reference_spec(kind, *data, 3);
    spec.hidden = {20, 10};
    const auto file = from_tensor_file(plain_file(spec), "m");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->model.spec(), spec);
  }
}

TEST(ModelFile, WidthsOfNoKindNameTheMetadataThatWouldSettleIt) {
  TensorFile file = plain_file(reference_spec(ModelKind::vae, *fake_data(), 3));
  for (auto& tensor : file.tensors) {
    if (tensor.name == "decoder.0.weight") {
      tensor = float_tensor(tensor.name, {400, 2}, std::vector<float>(800));
    }
  }
  const auto result = from_tensor_file(file, "m");
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("\"likelihood\""), std::string::npos);
}

TEST(ModelFile, RefusesWhatDoesNotFit) {
  const ModelSpec spec = reference_spec(ModelKind::vae, *fake_data(), 2);
  const auto refused = [](const TensorFile& file, const std::string& part) {
    const auto result = from_tensor_file(file, "name");
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find(part), std::string::npos) << result.error().message;
    EXPECT_EQ(result.error().message.find("name"), 0U);
  };
  TensorFile file = plain_file(spec);
  file.tensors.pop_back();
  refused(file, "lacks decoder.2.bias");
  file = plain_file(spec);
  file.tensors.push_back(float_tensor("extra", {1}, std::vector<float>(1)));
  refused(file, "9 tensors");
  file = plain_file(spec);
  file.tensors[1] = float_tensor("encoder.0.bias", {400}, std::vector<float>(400, NAN));
  refused(file, "not finite");
  file = plain_file(spec);
  file.metadata["zscape"] = "{not json";
  refused(file, "cannot be read");
  file.metadata["zscape"] = R"({"format": 99})";
  refused(file, "version 99");
  file.metadata["zscape"] = R"({"format": 1, "model": {"kind": "vae"}})";
  refused(file, "cannot be read");
  file.metadata["zscape"] =
      R"({"format":1,"model":{"kind":"vae","shape":[8,8,1],"latent":2,"classes":0,)"
      R"("hidden":[65000],"likelihood":"bernoulli","sigma":1}})";
  refused(file, "widths");
}

}  // namespace
}  // namespace zscape
