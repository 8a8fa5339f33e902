// Held-out rows and early stopping, schedules that begin anew, exported curves, restored inputs.
#include <gtest/gtest.h>

#include "tests/engine_fixture.h"

namespace zscape {
namespace {

class HoldOutTest : public EngineTest {
 protected:
  // 512 rows, 128 of them held out, in batches of 128: an epoch is three steps, so that the fake's
  // best epoch is the third (nine steps; the eighth would be best).
  void begin(std::int64_t patience) {
    load();
    engine_.post(SetHoldOut{kModel, {128, patience}});
    engine_.post(Reset{kModel});
  }
  static std::int64_t learned(const ModelView& view) {
    return dynamic_cast<const FakeModel&>(*view.weights).learned;
  }
};

TEST_F(HoldOutTest, StopsWithTheBestWeightsAfterPatience) {
  begin(2);
  engine_.post(Start{kModel});
  const auto snapshot = wait_for_notice("the weights of epoch 3 are back");
  const ModelView& view = wait_for_state(RunState::paused)->models[0];
  EXPECT_EQ(view.position.epoch, 5);
  EXPECT_EQ(view.position.step, 15);
  EXPECT_EQ(view.curves.validation.size(), 5U);
  EXPECT_EQ(view.train_rows, 384);
  EXPECT_EQ(learned(view), 9);
  EXPECT_FALSE(snapshot->notices.back().is_error);
  EXPECT_NE(snapshot->notices.back().text.find("2 epochs"), std::string::npos);
}

// The best weights and their moments are put away with the run.
TEST_F(HoldOutTest, ARunThatWasPutAwayStopsWithItsBestWeights) {
  begin(2);
  for (int i = 0; i < 12; ++i) engine_.post(Step{kModel});  // one epoch beyond the best
  wait_for_step(12);
  engine_.post(Reset{kModel});
  const auto stored =
      wait_for([](const Snapshot& s) { return s.stored->runs.size() == 1; })->stored;
  engine_.post(ReturnTo{kModel, stored->runs[0].id});
  wait_for_step(12);
  engine_.post(Start{kModel});
  wait_for_notice("the weights of epoch 3 are back");
  const ModelView& view = wait_for_state(RunState::paused)->models[0];
  EXPECT_EQ(view.position.step, 15);
  EXPECT_EQ(learned(view), 9);
}

TEST_F(HoldOutTest, GoesOnFromTheBestWeightsIfAsked) {
  begin(2);
  engine_.post(Start{kModel});
  wait_for_notice("are back");
  wait_for_state(RunState::paused);
  engine_.post(Step{kModel});
  const ModelView view = wait_for_step(16)->models[0];
  EXPECT_EQ(learned(view), 10);
}

TEST_F(HoldOutTest, WithoutPatienceItOnlyMeasures) {
  begin(0);
  for (int i = 0; i < 30; ++i) engine_.post(Step{kModel});
  const ModelView view = wait_for([](const Snapshot& s) {
                           return s.models[0].curves.validation.size() == 10;
                         })->models[0];
  EXPECT_EQ(view.position.step, 30);
  EXPECT_EQ(view.curves.validation.size(), 10U);
  EXPECT_EQ(learned(view), 30);
}

TEST_F(HoldOutTest, ValidationLossesAreTakenWithTheFinalLambda) {
  load();
  engine_.post(SetHoldOut{kModel, {128, 0}});
  engine_.post(SetKlWeight{kModel, 8});
  engine_.post(SetKlSchedule{kModel, {KlSchedule::Kind::warm_up, 1000, 1}});
  engine_.post(Reset{kModel});
  for (int i = 0; i < 3; ++i) engine_.post(Step{kModel});
  const ModelView view = wait_for([](const Snapshot& s) {
                           return s.models[0].curves.validation.size() == 1;
                         })->models[0];
  EXPECT_FLOAT_EQ(view.curves.validation.back().loss, 5 + 8);
}

TEST_F(HoldOutTest, AHandOnLambdaForgetsLossesOfAnotherLambda) {
  begin(2);
  for (int i = 0; i < 12; ++i) engine_.post(Step{kModel});  // one epoch beyond the best
  wait_for_step(12);
  engine_.post(SetKlWeight{kModel, 3});
  for (int i = 0; i < 3; ++i) engine_.post(Step{kModel});
  wait_for_step(15);  // the first epoch under this λ: the best so far
  engine_.post(Start{kModel});
  const auto snapshot = wait_for_notice("the weights of epoch 5 are back");
  EXPECT_EQ(snapshot->models[0].position.epoch, 7);
}

// Its evaluation lasts until the test lets it go: before, no command was heard until then.
TEST_F(HoldOutTest, PauseAndLambdaDoNotWaitForAnEpochsEvaluation) {
  begin(2);
  FakeModel::evaluation_is_held = true;
  engine_.post(Start{kModel});
  wait_for_step(3);
  engine_.post(SetKlWeight{kModel, 5});
  wait_for([](const Snapshot& s) { return s.models[0].settings.kl_weight == 5; });
  engine_.post(Pause{kModel});
  ModelView view = wait_for_state(RunState::paused)->models[0];
  EXPECT_EQ(view.position.step, 3);
  EXPECT_TRUE(view.curves.test.empty());
  FakeModel::evaluation_is_held = false;
  view = wait_for([](const Snapshot& s) {
           return s.models[0].curves.validation.size() == 1;
         })->models[0];
  EXPECT_EQ(view.state, RunState::paused);
  EXPECT_EQ(view.position.step, 3);
  ASSERT_EQ(view.curves.test.size(), 1U);
  EXPECT_EQ(view.curves.test.back().kl_weight, 1);  // of the epoch's last step
}

TEST_F(HoldOutTest, AsManyRowsAsThereAreIsRefused) {
  load();
  engine_.post(SetHoldOut{kModel, {512, 1}});
  wait_for_notice("leave none to learn from");
  EXPECT_EQ(engine_.snapshot()->models[0].next_hold_out, HoldOut{});
}

TEST_F(HoldOutTest, SmallerDataThanTheHoldOutTrainsWithoutOne) {
  begin(1);
  engine_.post(LoadData{kModel, "wide"});  // 64 rows
  wait_for_notice("leave none to learn from");
  engine_.post(Step{kModel});
  const ModelView view = wait_for_step(1)->models[0];
  EXPECT_EQ(view.hold_out, HoldOut{});
  EXPECT_EQ(view.train_rows, 64);
}

TEST_F(EngineTest, AScheduleBeginsWhereItIsChosenAndAnewAtAReset) {
  load();
  for (int i = 0; i < 6; ++i) engine_.post(Step{kModel});
  wait_for_step(6);
  engine_.post(SetKlWeight{kModel, 8});
  engine_.post(SetKlSchedule{kModel, {KlSchedule::Kind::warm_up, 4, 1, 6}});
  engine_.post(Step{kModel});
  engine_.post(Step{kModel});
  ModelView view = wait_for_step(8)->models[0];
  EXPECT_EQ(view.settings.kl_weight, 2);  // of the second step of the ramp
  EXPECT_EQ(view.final_kl_weight, 8);
  EXPECT_FLOAT_EQ(view.curves.train.back().kl_weight, 2);
  engine_.post(Reset{kModel});
  view = wait_for([](const Snapshot& s) { return s.models[0].position.step == 0; })->models[0];
  EXPECT_EQ(view.settings.kl_weight, 0);
  EXPECT_EQ(view.kl_schedule.first_step, 0);
}

TEST_F(EngineTest, AnInputIsRestoredOnTheWorker) {
  load();
  engine_.post(ReplaceModel{kModel, with_kind({}, ModelKind::dae)});
  engine_.post(Reconstruct{kModel, SplitName::test, 3, 0.5, 7});
  const auto snapshot =
      wait_for([](const Snapshot& s) { return s.models[0].reconstructed != nullptr; });
  const ModelView& view = snapshot->models[0];
  EXPECT_EQ(view.reconstructed->asked.index, 3);
  EXPECT_EQ(view.reconstructed->revision, view.weights->revision());
  EXPECT_EQ(view.reconstructed->output.size(), 64U);
  engine_.post(Reconstruct{kModel, SplitName::test, 100000, 0.5, 7});  // no such input: no answer
  engine_.post(Reset{kModel});
  wait_for([](const Snapshot& s) { return s.models[0].reconstructed == nullptr; });
}

TEST(ExportCurves, AreWrittenByTheWindowsWriter) {
  std::string path, text;
  EngineOptions options;
  options.write_file = [&](const std::string& to,
                           std::span<const std::byte> bytes) -> Expected<void> {
    if (to == "full.csv") return fail("full.csv: no space left");
    path = to;
    text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  };
  Engine engine(std::make_shared<FakeBackend>(), options);
  const auto wait_for_notice = [&](const std::string& part) {
    for (int i = 0; i < 60000; ++i) {
      const SnapshotPtr snapshot = engine.snapshot();
      if (!snapshot->notices.empty() && snapshot->notices.back().text.find(part) != part.npos) {
        return snapshot->notices.back().is_error;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ADD_FAILURE() << "no notice: " << part;
    return false;
  };
  engine.post(ReplaceModel{kModel, {}});
  engine.post(LoadData{kModel, "fake"});
  engine.post(ExportCurves{kModel, "full.csv"});
  EXPECT_TRUE(wait_for_notice("no space left"));
  engine.post(ExportCurves{kModel, "curves.csv"});
  EXPECT_FALSE(wait_for_notice("wrote the curves to /"));
  EXPECT_EQ(path, "curves.csv");
  EXPECT_TRUE(text.starts_with("epoch,step,loss"));
}

}  // namespace
}  // namespace zscape
