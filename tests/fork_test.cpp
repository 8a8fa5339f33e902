// Forks of the past, with the real backend.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "engine/engine.h"
#include "tests/steps_fixture.h"
#include "tests/training_fixture.h"

namespace zscape {
namespace {

struct Forks : Steps {
  static constexpr ModelId kFork{1};
  ModelView fork_at(Fork fork) {
    fork.model = kFork;
    engine.post(fork);
    SnapshotPtr now;
    do {
      now = engine.snapshot();
    } while (!now->find(kFork) || now->find(kFork)->state != RunState::paused);
    return *now->find(kFork);
  }
  ModelView take_of_fork(int steps) {
    const std::int64_t end = engine.snapshot()->find(kFork)->position.step + steps;
    for (int i = 0; i < steps; ++i) engine.post(Step{kFork});
    while (engine.snapshot()->find(kFork)->position.step < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return *engine.snapshot()->find(kFork);
  }
};

TEST(ForkOfThePast, WithoutAChangeItEqualsTheRunForAThousandSteps) {
  for (const std::int64_t step : {100, 140}) {  // of the past, and the present
    SCOPED_TRACE(step);
    Forks run;
    run.begin(ModelKind::vae);
    run.take(50);
    run.engine.post(SetParameter{kModel, "learning_rate", "0.002"});
    run.take(50);
    const std::vector<float> then = weights_of(*run.view().weights);
    run.take(40);
    const ModelView fork = run.fork_at({{}, kModel, step});
    EXPECT_EQ(fork.position.step, step);
    if (step == 100) {
      EXPECT_EQ(weights_of(*fork.weights), then);
    }
    EXPECT_EQ(fork.seed, run.view().seed);
    EXPECT_LE(fork.curves.train.back().step, step);
    run.take(1000);
    const ModelView later = run.take_of_fork(static_cast<int>(1140 - step));
    EXPECT_EQ(later.position, run.view().position);
    EXPECT_EQ(weights_of(*later.weights), weights_of(*run.view().weights));
    EXPECT_EQ(later.settings, run.view().settings);
  }
}

TEST(ForkOfThePast, ChangesOnlyWhatItNames) {
  Forks run;
  run.begin(ModelKind::vae);
  run.take(60);
  const std::vector<float> then = weights_of(*run.view().weights);
  run.take(60);
  const std::vector<float> now = weights_of(*run.view().weights);
  const auto close = [&] {
    run.engine.post(RemoveModel{Forks::kFork});
    while (run.engine.snapshot()->find(Forks::kFork)) std::this_thread::yield();
  };
  ModelView fork = run.fork_at({{}, kModel, 60, 7.0});
  EXPECT_EQ(weights_of(*fork.weights), then);
  EXPECT_EQ(fork.settings.kl_weight, 7);
  EXPECT_EQ(fork.kl_schedule.kind, KlSchedule::Kind::constant);
  EXPECT_EQ(fork.curves.marks.back().step, 60);
  EXPECT_NE(weights_of(*run.take_of_fork(60).weights), now);
  close();
  fork = run.fork_at({{}, kModel, 60, {}, 7});
  EXPECT_EQ(weights_of(*fork.weights), then);
  EXPECT_EQ(fork.seed, 7U);
  EXPECT_NE(weights_of(*run.take_of_fork(60).weights), now);
  EXPECT_EQ(run.view().position.step, 120);  // the first one is as it was
  EXPECT_EQ(weights_of(*run.view().weights), now);
}

TEST(ForkOfThePast, TheNoiseOfADenoisingModelChanges) {
  Forks run;
  run.begin(ModelKind::dae);
  run.take(60);
  const std::vector<float> then = weights_of(*run.view().weights);
  run.take(20);
  const ModelView fork = run.fork_at({{}, kModel, 60, {}, {}, 0.75});
  EXPECT_EQ(weights_of(*fork.weights), then);
  EXPECT_EQ(fork.spec.noise.amount, 0.75);
  EXPECT_NE(run.view().spec.noise.amount, 0.75);
  EXPECT_NE(weights_of(*run.take_of_fork(20).weights), weights_of(*run.view().weights));
}

}  // namespace
}  // namespace zscape
