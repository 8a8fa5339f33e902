// Training that several ranks share, without MPI: each is a thread here.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "engine/training/loop.h"
#include "tests/dense_options.h"
#include "tests/fake_ranks.h"
#include "tests/training_fixture.h"

namespace zscape {
namespace {

constexpr int kSteps = 20;
constexpr StepSettings kSettings{.learning_rate = 3e-3, .batch_size = 50};  // no multiple of 4

struct StepsTaken {
  std::vector<Losses> losses;
  std::vector<float> weights;
};

std::unique_ptr<Trainer> made(const TrainingTask& task) {
  const auto backend = make_torch_backend({.threads = 1});
  backend->enter_thread(ThreadRole::engine);
  auto trainer = backend->make_trainer(task);
  if (!trainer) throw std::runtime_error(trainer.error().message);
  return std::move(*trainer);
}

StepsTaken steps_of(Trainer& trainer, int steps = kSteps) {
  StepsTaken run;
  for (int i = 0; i < steps; ++i) run.losses.push_back(trainer.step(kSettings));
  run.weights = weights_of(*trainer.freeze());
  return run;
}

StepsTaken alone(const TrainingTask& task) {
  return steps_of(*made(task));
}

// What each rank of so many gets.
std::vector<StepsTaken> together(TrainingTask task, int size, int steps = kSteps) {
  std::vector<StepsTaken> runs(static_cast<std::size_t>(size));
  FakeRanks::run(size, [&](const std::shared_ptr<Ranks>& ranks) {
    TrainingTask shared = task;
    shared.ranks = ranks;
    runs[static_cast<std::size_t>(ranks->rank())] = steps_of(*made(shared), steps);
  });
  return runs;
}

std::vector<Option> all_options() {
  auto options = dense_options();
  const auto conv = [](ModelSpec& spec) {
    spec.network = Network::conv;
    spec.hidden.clear();
  };
  options.push_back({"conv_vae", ModelKind::vae, conv});
  options.push_back({"conv_dae", ModelKind::dae, conv});
  options.push_back({"iwae", ModelKind::vae, [](ModelSpec& spec) {
                       spec.objective = Objective::iwae;
                       spec.samples = 3;
                     }});
  return options;
}

class RanksOf : public testing::TestWithParam<Option> {};
INSTANTIATE_TEST_SUITE_P(Kinds, RanksOf, testing::ValuesIn(all_options()),
                         [](const auto& tested) { return tested.param.name; });

TEST_P(RanksOf, TakeTheStepsOfOneProcess) {
  const auto data = patterns(120, 10);
  ModelSpec spec = spec_for(GetParam().kind, *data);
  GetParam().change(spec);
  const TrainingTask task{.spec = spec, .data = data, .rows = nullptr, .seed = 4, .start = nullptr};
  const StepsTaken one = alone(task);
  for (const int size : {2, 4}) {
    const std::vector<StepsTaken> runs = together(task, size);
    for (std::size_t i = 0; i < one.losses.size(); ++i) {
      const double scale = std::max(1.0, std::abs(one.losses[i].loss));
      EXPECT_NEAR(runs[0].losses[i].loss, one.losses[i].loss, 1e-5 * scale) << size << " at " << i;
      EXPECT_NEAR(runs[0].losses[i].reconstruction, one.losses[i].reconstruction, 1e-5 * scale);
      if (spec.has_prior()) {
        EXPECT_NEAR(runs[0].losses[i].kl, one.losses[i].kl, 1e-5 * scale);
      }
    }
    for (const StepsTaken& run : runs) EXPECT_EQ(run.weights, runs[0].weights);  // the same bits
  }
}

TEST(Ranks, OfOneNumberGiveTheSameBits) {
  const auto data = patterns(120, 10);
  const TrainingTask task{.spec = spec_for(ModelKind::vae, *data),
                          .data = data,
                          .rows = nullptr,
                          .seed = 4,
                          .start = nullptr};
  EXPECT_EQ(together(task, 4)[0].weights, together(task, 4)[0].weights);
}

TEST(Ranks, MayBeMoreThanTheRowsOfABatch) {
  const auto data = patterns(3, 10);
  const TrainingTask task{.spec = spec_for(ModelKind::vae, *data),
                          .data = data,
                          .rows = nullptr,
                          .seed = 4,
                          .start = nullptr};
  const StepsTaken one = alone(task);
  const auto runs = together(task, 4);
  EXPECT_NEAR(runs[3].losses.back().loss, one.losses.back().loss,
              1e-5 * std::abs(one.losses.back().loss));
}

TEST(Ranks, GoOnFromTheStateOfAnotherNumberOfRanks) {
  const auto data = patterns(120, 10);
  const TrainingTask task{.spec = spec_for(ModelKind::vae, *data),
                          .data = data,
                          .rows = nullptr,
                          .seed = 4,
                          .start = nullptr};
  std::shared_ptr<const TrainerState> half;
  FakeRanks::run(2, [&](const std::shared_ptr<Ranks>& ranks) {
    TrainingTask shared = task;
    shared.ranks = ranks;
    const auto trainer = made(shared);
    steps_of(*trainer, kSteps / 2);
    if (ranks->is_first()) half = trainer->state();
  });
  const StepsTaken unbroken = alone(task);
  const auto single = made(task);
  ASSERT_TRUE(single->restore(*half));
  const StepsTaken by_one = steps_of(*single, kSteps / 2);
  StepsTaken by_four;
  FakeRanks::run(4, [&](const std::shared_ptr<Ranks>& ranks) {
    TrainingTask shared = task;
    shared.ranks = ranks;
    const auto trainer = made(shared);
    if (!trainer->restore(*half)) throw std::runtime_error("not restored");
    StepsTaken run = steps_of(*trainer, kSteps / 2);
    if (ranks->is_first()) by_four = std::move(run);
  });
  const double last = unbroken.losses.back().loss;
  EXPECT_NEAR(by_one.losses.back().loss, last, 1e-5 * last);
  EXPECT_NEAR(by_four.losses.back().loss, last, 1e-5 * last);
}

TEST(Ranks, KeepTheirWeightsWhereALossIsNotFinite) {
  const auto data = patterns(120, 10);
  ModelSpec spec = spec_for(ModelKind::ae, *data);
  const TrainingTask task{.spec = spec, .data = data, .rows = nullptr, .seed = 4, .start = nullptr};
  FakeRanks::run(2, [&](const std::shared_ptr<Ranks>& ranks) {
    TrainingTask shared = task;
    shared.ranks = ranks;
    const auto trainer = made(shared);
    StepSettings settings = kSettings;
    settings.learning_rate = 1e30;
    Losses losses;
    for (int i = 0; i < 20 && std::isfinite(losses.loss); ++i) {
      const auto before = weights_of(*trainer->freeze());
      const auto step = trainer->position().step;
      losses = trainer->step(settings);
      if (std::isfinite(losses.loss)) continue;
      EXPECT_EQ(weights_of(*trainer->freeze()), before);
      EXPECT_EQ(trainer->position().step, step);
    }
    EXPECT_FALSE(std::isfinite(losses.loss));
  });
}

TEST(Ranks, MeasureAnEpochAsOneProcessDoes) {
  const auto data = patterns(600, 1700);  // pieces of 500: not one for each rank
  RunPlan plan;
  plan.spec = spec_for(ModelKind::vae, *data);
  plan.epochs = 1;
  plan.settings.batch_size = 200;
  plan.hold_out.rows = 100;
  const auto epoch_of = [&](const std::shared_ptr<Ranks>& ranks) {
    TrainingLoop loop(plan, made(task_of(plan, data, nullptr, ranks)), data, ranks);
    EpochMeasured measured;
    while (!loop.is_over()) {
      const auto events = loop.advance();
      for (const LoopEvent& event : *events) {
        if (const auto* epoch = std::get_if<EpochMeasured>(&event)) measured = *epoch;
      }
    }
    return measured;
  };
  const EpochMeasured one = epoch_of(nullptr);
  for (const int size : {2, 3}) {
    std::vector<EpochMeasured> all(static_cast<std::size_t>(size));
    FakeRanks::run(size, [&](const std::shared_ptr<Ranks>& ranks) {
      all[static_cast<std::size_t>(ranks->rank())] = epoch_of(ranks);
    });
    for (const EpochMeasured& epoch : all) {
      EXPECT_NEAR(epoch.test.loss, one.test.loss, 1e-5 * one.test.loss);
      EXPECT_NEAR(epoch.test.mse, one.test.mse, 1e-5);
      EXPECT_NEAR(epoch.validation->loss, one.validation->loss, 1e-5 * one.validation->loss);
      EXPECT_EQ(epoch.test.loss, all[0].test.loss);
    }
  }
}

// A rank that a signal stops gives all of them an epoch that is not measured yet.
TEST(Ranks, MeasureAgainWhatOneOfThemLeft) {
  const auto data = patterns(100, 1700);
  RunPlan plan;
  plan.spec = spec_for(ModelKind::ae, *data);
  plan.epochs = 1;
  plan.settings.batch_size = 100;
  FakeRanks::run(2, [&](const std::shared_ptr<Ranks>& ranks) {
    TrainingLoop loop(plan, made(task_of(plan, data, nullptr, ranks)), data, ranks);
    EXPECT_EQ(loop.advance().value().size(), 1U);  // the only step
    EXPECT_TRUE(loop.is_measuring());
    const Budget stopped{.go_on = [&] { return ranks->is_first(); }};
    EXPECT_TRUE(loop.advance(stopped).value().empty());
    EXPECT_TRUE(loop.is_measuring());
    EXPECT_EQ(loop.advance().value().size(), 1U);
    EXPECT_TRUE(loop.is_over());
  });
}

TEST(Ranks, RefuseWhatDependsOnTheWholeBatch) {
  const auto data = patterns();
  const auto why = [&](const TrainingTask& task) -> std::string {
    std::string message;
    FakeRanks::run(2, [&](const std::shared_ptr<Ranks>& ranks) {
      TrainingTask shared = task;
      shared.ranks = ranks;
      const auto trainer = backend()->make_trainer(shared);
      if (ranks->is_first() && !trainer) message = trainer.error().message;
    });
    return message;
  };
  const auto program = [&](const std::string& name) {
    const auto start =
        backend()->open_model(std::string(ZSCAPE_FIXTURES) + "/programs/" + name).value().model;
    return TrainingTask{.spec = fitted(start->spec(), *data),
                        .data = data,
                        .rows = nullptr,
                        .seed = 1,
                        .start = start};
  };
  EXPECT_THAT(why(program("mlp.pt2")), testing::HasSubstr("batch_norm"));
  EXPECT_THAT(why(program("mlp_dropout.pt2")), testing::HasSubstr("whole batch"));
  EXPECT_EQ(why(program("ae.pt2")), "");
  EXPECT_THAT(why({.spec = spec_for(ModelKind::pca, *data),
                   .data = data,
                   .rows = nullptr,
                   .seed = 1,
                   .start = nullptr}),
              testing::HasSubstr("pca"));
  ModelSpec optimal = spec_for(ModelKind::vae, *data);
  optimal.likelihood = Likelihood::gaussian;
  optimal.learned_sigma = optimal.optimal_sigma = true;
  EXPECT_THAT(why({.spec = optimal, .data = data, .rows = nullptr, .seed = 1, .start = nullptr}),
              testing::HasSubstr("optimal"));
}

}  // namespace
}  // namespace zscape
