// λ by hand and by schedule, and the end of a closed form's only step.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/engine_fixture.h"

namespace zscape {
namespace {

TEST_F(EngineTest, KlWeightActsOnTheNextStepAndLeavesAMark) {
  load();
  engine_.post(Step{kModel});
  wait_for_step(1);
  engine_.post(SetKlWeight{kModel, 20});
  engine_.post(Step{kModel});
  const auto snapshot = wait_for_step(2);
  const Curves& curves = snapshot->models[0].curves;
  ASSERT_EQ(curves.marks.size(), 1U);
  EXPECT_EQ(curves.marks[0].step, 1);
  EXPECT_EQ(curves.marks[0].kl_weight, 20);
  // The fake loss is reconstruction + λ.
  EXPECT_FLOAT_EQ(curves.train.back().loss - curves.train.back().reconstruction, 20);
}

TEST_F(EngineTest, AScheduleRaisesTheKlWeightStepByStep) {
  load();
  engine_.post(SetKlWeight{kModel, 8});
  engine_.post(SetKlSchedule{kModel, {KlSchedule::Kind::warm_up, 4, 1}});
  for (int step = 0; step < 5; ++step) {
    engine_.post(Step{kModel});
    const ModelView view = wait_for_step(step + 1)->models[0];
    EXPECT_EQ(view.settings.kl_weight, std::min(8.0, 2.0 * step));  // of the step just taken
  }
  const auto& marks = engine_.snapshot()->models[0].curves.marks;
  ASSERT_FALSE(marks.empty());
  EXPECT_EQ(marks.back().schedule, KlSchedule::Kind::warm_up);
  EXPECT_EQ(marks.back().kl_weight, 8);  // where it leads, not where it begins
}

TEST_F(EngineTest, AHandOnTheKlWeightOverridesTheScheduleFromThatStepOn) {
  load();
  engine_.post(SetKlSchedule{kModel, {KlSchedule::Kind::warm_up, 1000, 1}});
  engine_.post(Step{kModel});
  wait_for_step(1);
  engine_.post(SetKlWeight{kModel, 5});
  for (int i = 0; i < 3; ++i) engine_.post(Step{kModel});
  const ModelView view = wait_for_step(4)->models[0];
  EXPECT_EQ(view.settings.kl_weight, 5);
  EXPECT_EQ(view.kl_schedule, KlSchedule{});
}

TEST_F(EngineTest, AScheduleWithoutARampIsRefused) {
  load();
  engine_.post(SetKlSchedule{kModel, {KlSchedule::Kind::cyclic, 0, 4}});
  wait_for_notice("make no ramp");
  EXPECT_EQ(engine_.snapshot()->models[0].kl_schedule, KlSchedule{});
}

TEST_F(EngineTest, AFittedClosedFormPausesAndEncodesEverything) {
  load();
  engine_.post(ReplaceModel{kModel, with_kind({}, ModelKind::pca)});
  wait_for_step(1);  // though nobody has started it
  const ModelView view =
      wait_for([](const Snapshot& s) { return s.models[0].train_codes != nullptr; })->models[0];
  EXPECT_EQ(view.state, RunState::paused);
  EXPECT_EQ(view.position.step, 1);
  EXPECT_EQ(view.train_codes->step, 1);
}

TEST_F(EngineTest, KlWeightBelowZeroIsRefused) {
  load();
  engine_.post(SetKlWeight{kModel, -1});
  wait_for_notice("-1");
  EXPECT_EQ(engine_.snapshot()->models[0].settings.kl_weight, 1);
}

}  // namespace
}  // namespace zscape
