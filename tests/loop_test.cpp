// A training run that is interrupted anywhere, with a fake trainer: nothing is lost or counted
// twice.
#include "engine/training/loop.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/random.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

class Loop : public testing::Test {
 protected:
  // 384 rows to learn from in batches of 128: three steps an epoch, the third epoch is the best.
  Loop() {
    plan_.spec = reference_spec(ModelKind::vae, *data_, 2);
    plan_.settings.kl_weight = 2;
    plan_.schedule = {KlSchedule::Kind::warm_up, 4};
    plan_.last_learning_rate = 1e-4;
    plan_.epochs = 20;
    plan_.hold_out = {128, 4};
  }

  TrainingLoop begin() {
    return {plan_, *FakeBackend().make_trainer(task_of(plan_, data_)), data_};
  }

  // All that a person hears of, but for what the clock says.
  void note(const LoopEvents& events) {
    for (const LoopEvent& event : events) {
      if (const auto* epoch = std::get_if<EpochMeasured>(&event)) {
        lines_.push_back(fmt::format(
            "{} {}: {} {} {}, {} {} {} {}, {}{}, {} {}", epoch->epoch, epoch->step,
            epoch->train.loss, epoch->train.reconstruction, epoch->train.kl, epoch->test.loss,
            epoch->test.reconstruction, epoch->test.kl, epoch->test.mse, epoch->validation->loss,
            epoch->is_best ? " best" : "", epoch->kl_weight, epoch->final_kl_weight));
      }
      if (const auto* stopped = std::get_if<Stopped>(&event)) {
        lines_.push_back(
            fmt::format("stopped after {}, best {}", stopped->epochs_waited, stopped->best_epoch));
      }
    }
  }

  // Everything but times.
  static nlohmann::json memory_of(const TrainingLoop& loop) {
    nlohmann::json memory = nlohmann::json::parse(loop.state().run);
    for (const char* time : {"seconds", "timed_seconds"}) memory.erase(time);
    return memory;
  }

  void finish(TrainingLoop& loop) {
    while (!loop.is_over()) note(*loop.advance());
  }

  std::shared_ptr<const Dataset> data_ = fake_data();
  RunPlan plan_;
  std::vector<std::string> lines_;
};

TEST_F(Loop, ARunBrokenAtAnyMomentIsTheUnbrokenOne) {
  TrainingLoop whole = begin();
  finish(whole);
  const auto unbroken = std::exchange(lines_, {});
  ASSERT_EQ(unbroken.size(), 8U);
  EXPECT_TRUE(unbroken.back().starts_with("stopped after 4, best 3"));

  int breaks = 0, in_evaluations = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    Random random(seed, Stream::evaluation, 0);
    lines_.clear();
    std::optional<TrainingLoop> loop = begin();
    while (!loop->is_over()) {
      std::uint32_t pieces = random.below(4);  // of an evaluation
      note(*loop->advance({.go_on = [&pieces] { return pieces-- > 0; }}));
      if (random.below(5) > 0) continue;
      ++breaks;
      if (loop->is_measuring()) ++in_evaluations;
      const Checkpoint kept = loop->state();
      loop = begin();
      ASSERT_TRUE(loop->restore(kept));
    }
    EXPECT_EQ(lines_, unbroken);
    EXPECT_EQ(memory_of(*loop), memory_of(whole));
    const auto [model, record] = loop->result();
    const auto [expected_model, expected] = whole.result();
    EXPECT_EQ(dynamic_cast<const FakeModel&>(*model).learned, 9);
    EXPECT_EQ(model->step(), expected_model->step());
    EXPECT_EQ(record.epochs, 3);
    EXPECT_EQ(record.kl_weight, expected.kl_weight);
    EXPECT_EQ(record.test.loss, expected.test.loss);
  }
  EXPECT_GE(breaks, 20);
  EXPECT_GE(in_evaluations, 10);
}

// As version 0.1 left it where Ctrl-C came while an epoch was measured.
TEST_F(Loop, ACheckpointOfAnOlderVersionGoesOnWithTheMeasurement) {
  TrainingLoop loop = begin();
  for (int step = 0; step < 3; ++step) note(*loop.advance());
  ASSERT_TRUE(loop.is_measuring());
  Checkpoint kept = loop.state();
  const auto sums = nlohmann::json::parse(kept.run);
  kept.run = nlohmann::json{
      {"arguments", nlohmann::json::array()},
      {"data_checksum", 512},
      {"lambda", 0.5},
      {"epoch_sums", sums["epoch_sums"]},
      {"epoch_inputs", sums["epoch_inputs"]},
      {"best_validation_loss", nullptr},
      {"epochs_since_best", 0},
      {"best_epoch", 0},
      {"best_test", {nullptr, nullptr, nullptr, nullptr}},
      {"test", {nullptr, nullptr, nullptr, nullptr}},
      {"measured_at", -1},
      {"seconds",
       1.5}}.dump();
  finish(loop);
  const auto unbroken = std::exchange(lines_, {});
  TrainingLoop resumed = begin();
  ASSERT_TRUE(resumed.restore(kept));
  finish(resumed);
  EXPECT_EQ(lines_, unbroken);
  EXPECT_GT(resumed.seconds(), 1.5);
  EXPECT_EQ(memory_of(resumed), memory_of(loop));
  kept.run = "{}";
  EXPECT_FALSE(begin().restore(kept));
}

TEST_F(Loop, WhatALossThatIsNotFiniteTookBackIsCountedOnce) {
  plan_.last_learning_rate = 0;
  TrainingLoop whole = begin();
  finish(whole);
  const auto unbroken = std::exchange(lines_, {});
  TrainingLoop loop = begin();
  for (int i = 0; i < 5; ++i) loop.advance();
  ASSERT_EQ(loop.position().step, 4);
  StepSettings settings = plan_.settings;
  settings.learning_rate = 5;  // the fake's loss is infinite
  loop.change(settings, {});
  const auto events = loop.advance();
  const auto& diverged = std::get<Diverged>(events->at(0));
  EXPECT_EQ(diverged.step, 5);
  EXPECT_EQ(diverged.back_at, 0);
  EXPECT_EQ(loop.position().step, 0);
  loop.change(plan_.settings, plan_.schedule.in_steps(plan_.epochs, loop.steps_per_epoch()));
  finish(loop);
  EXPECT_EQ(lines_, unbroken);
}

TEST_F(Loop, AnEpochMeasuredUnderAFormerLambdaIsNotCompared) {
  TrainingLoop loop = begin();
  while (!loop.is_measuring()) loop.advance();
  int pieces = 1;
  EXPECT_TRUE(loop.advance({.go_on = [&pieces] { return pieces-- > 0; }})->empty());
  StepSettings settings = plan_.settings;
  settings.kl_weight = 7;
  loop.change(settings, {});
  auto events = *loop.advance();
  const auto& first = std::get<EpochMeasured>(events.at(0));
  EXPECT_EQ(first.final_kl_weight, 2);
  EXPECT_EQ(first.kl_weight, 2 * (2.0 / 12));  // of the third step
  EXPECT_FALSE(first.is_best);
  for (int i = 0; i < 3; ++i) loop.advance();
  events = *loop.advance();
  EXPECT_TRUE(std::get<EpochMeasured>(events.at(0)).is_best);
}

TEST_F(Loop, FiguresOfEarlierWeightsSayOfWhichStepTheyAre) {
  plan_.hold_out = {};
  TrainingLoop loop = begin();
  while (!loop.is_measuring()) loop.advance();
  EXPECT_TRUE(std::isnan(loop.record().test.loss));
  EXPECT_EQ(loop.record().test_step, -1);
  loop.advance();
  const double measured = loop.record().test.loss;
  EXPECT_EQ(loop.record().test_step, loop.record().steps);
  EXPECT_TRUE(std::isfinite(loop.record().test.loss));
  EXPECT_EQ(loop.record().kl_weight, loop.settings().kl_weight);
  loop.advance();
  EXPECT_EQ(loop.record().test.loss, measured);
  EXPECT_EQ(loop.record().test_step, 4);
  EXPECT_EQ(loop.record().steps, 5);
}

}  // namespace
}  // namespace zscape
