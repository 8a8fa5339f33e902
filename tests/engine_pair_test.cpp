// Two models side by side, with a fake trainer: which of them a command is for, whose turn it is,
// and what a removed one leaves behind.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "tests/engine_fixture.h"

namespace zscape {
namespace {

constexpr ModelId kSecond{1};

using std::chrono::milliseconds;

class EnginePairTest : public EngineTest {
 protected:
  static ModelSpec spec_of(ModelKind kind, int latent = 2) {
    ModelSpec spec;
    spec.latent = latent;
    return with_kind(spec, kind);
  }

  SnapshotPtr wait_for_count(std::size_t count) {
    return wait_for([=](const Snapshot& s) { return s.models.size() == count; });
  }

  void add(const ModelSpec& spec, std::optional<double> kl_weight = {}) {
    engine_.post(AddModel{kSecond, spec, kl_weight});
    wait_for_count(2);
  }
};

TEST_F(EnginePairTest, ASecondModelTakesOverSeedDataAndSettings) {
  engine_.post(SetParameter{kModel, "seed", "42"});
  engine_.post(SetParameter{kModel, "batch", "16"});
  engine_.post(SetParameter{kModel, "learning_rate", "0.5"});
  engine_.post(SetHoldOut{kModel, {32, 2}});
  load();
  engine_.post(SetParameter{kModel, "seed", "7"});  // of a run to come: the present one is compared
  engine_.post(SetKlWeight{kModel, 4});
  add(spec_of(ModelKind::ae));
  const ModelView& view = *engine_.snapshot()->find(kSecond);
  EXPECT_EQ(view.spec.kind, ModelKind::ae);
  EXPECT_EQ(view.spec.shape, engine_.snapshot()->data->shape);
  EXPECT_EQ(view.seed, 42U);
  EXPECT_EQ(view.settings.batch_size, 16);
  EXPECT_EQ(view.settings.learning_rate, 0.5);
  EXPECT_EQ(view.settings.kl_weight, 4);
  EXPECT_EQ(view.train_rows, 480);
  EXPECT_EQ(view.state, RunState::paused);
  EXPECT_EQ(view.position.step, 0);
  // The same inputs are shown.
  ASSERT_NE(view.train_sample, nullptr);
  EXPECT_EQ(*view.train_sample->indices, *engine_.snapshot()->models[0].train_sample->indices);
}

TEST_F(EnginePairTest, TheFirstStepAlreadyHasTheLambdaAskedFor) {
  load();
  engine_.post(SetKlSchedule{kModel, {KlSchedule::Kind::warm_up, 100, 1}});
  add(spec_of(ModelKind::vae), 20);
  engine_.post(Step{kSecond});
  const auto snapshot =
      wait_for([](const Snapshot& s) { return s.find(kSecond)->position.step == 1; });
  const ModelView& view = *snapshot->find(kSecond);
  EXPECT_EQ(view.kl_schedule, KlSchedule{});
  ASSERT_EQ(view.curves.train.size(), 1U);
  EXPECT_EQ(view.curves.train.back().kl_weight, 20);
}

TEST_F(EnginePairTest, CommandsReachTheModelTheyName) {
  load();
  add(spec_of(ModelKind::vae));
  engine_.post(SetKlWeight{kSecond, 9});
  engine_.post(Step{kSecond});
  engine_.post(Step{kSecond});
  const auto stepped =
      wait_for([](const Snapshot& s) { return s.find(kSecond)->position.step == 2; });
  EXPECT_EQ(stepped->models[0].position.step, 0);
  EXPECT_EQ(stepped->models[0].settings.kl_weight, 1);

  engine_.post(Decode{kSecond, {1, 2}, {}, false});
  engine_.post(Decode{kModel, {3, 4}, {}, false});
  const auto drawn =
      wait_for([](const Snapshot& s) { return s.models[0].decoded && s.find(kSecond)->decoded; });
  EXPECT_EQ(drawn->models[0].decoded->z, (std::vector<float>{3, 4}));
  EXPECT_EQ(drawn->find(kSecond)->decoded->z, (std::vector<float>{1, 2}));

  engine_.post(MeasureErrors{kSecond, SplitName::test});
  const auto measured =
      wait_for([](const Snapshot& s) { return s.find(kSecond)->errors != nullptr; });
  EXPECT_EQ(measured->models[0].errors, nullptr);
  engine_.post(FindGeodesic{kModel, {0, 0, 1, 1}, 0, 3});
  engine_.post(FindGeodesic{kSecond, {0, 0, 2, 2}, 0, 4});
  const auto found =
      wait_for([](const Snapshot& s) { return s.models[0].geodesic && s.find(kSecond)->geodesic; });
  EXPECT_EQ(found->models[0].geodesic->z.size(), 6U);
  EXPECT_EQ(found->find(kSecond)->geodesic->z.size(), 8U);

  engine_.post(Reset{kSecond});
  wait_for([](const Snapshot& s) { return s.find(kSecond)->position.step == 0; });
}

TEST_F(EnginePairTest, BothTrainInTurn) {
  load();
  engine_.post(Start{kModel});
  wait_for_step(20);
  add(spec_of(ModelKind::vae));
  const auto first_then = engine_.snapshot()->models[0].position.step;
  ASSERT_EQ(engine_.snapshot()->find(kSecond)->state, RunState::running);
  const auto then_second = engine_.snapshot()->find(kSecond)->position.step;
  const auto snapshot =
      wait_for([](const Snapshot& s) { return s.find(kSecond)->position.step >= 200; });
  // Each snapshot is made between two rounds, or where a run ends: a step apart at most.
  const auto second = snapshot->find(kSecond)->position.step - then_second;
  const auto first = snapshot->models[0].position.step - first_then;
  EXPECT_LE(std::abs(first - second), 2);
}

TEST_F(EnginePairTest, OnePausesWhileTheOtherGoesOn) {
  load();
  add(spec_of(ModelKind::pca));
  engine_.post(Start{kModel});
  engine_.post(Start{kSecond});
  const auto fitted = wait_for([](const Snapshot& s) {
    return s.find(kSecond)->train_codes && s.models[0].position.step > 20;
  });
  EXPECT_EQ(fitted->find(kSecond)->position.step, 1);
  EXPECT_EQ(fitted->find(kSecond)->state, RunState::paused);
  EXPECT_EQ(fitted->models[0].state, RunState::running);
  engine_.post(Pause{kModel});
  wait_for([](const Snapshot& s) { return s.models[0].train_codes != nullptr; });
}

TEST_F(EnginePairTest, AFailureOfOneLeavesTheOtherRunning) {
  load();
  engine_.post(Start{kModel});
  add(spec_of(ModelKind::vae));
  engine_.post(SetParameter{kSecond, "learning_rate", "50"});
  const auto snapshot = wait_for_notice("the second model: out of memory");
  EXPECT_EQ(snapshot->find(kSecond)->state, RunState::paused);
  wait_for_step(snapshot->models[0].position.step + 20);
  EXPECT_EQ(engine_.snapshot()->models[0].state, RunState::running);
}

TEST_F(EnginePairTest, AnAnswerThatThrowsPausesOnlyTheModelThatItIsAbout) {
  load();
  engine_.post(Start{kModel});
  add(spec_of(ModelKind::vae));
  engine_.post(OpenModel{kSecond, "heavy"});
  const auto snapshot = wait_for_notice("the second model: it is too heavy");
  EXPECT_EQ(snapshot->find(kSecond)->state, RunState::paused);
  EXPECT_EQ(snapshot->models[0].state, RunState::running);
}

TEST_F(EnginePairTest, LoadedDataAreForBoth) {
  load();
  engine_.post(Start{kModel});
  add(spec_of(ModelKind::ae));
  engine_.post(LoadData{kSecond, "wide"});
  const auto both = wait_for([](const Snapshot& s) { return s.data->train.count == 64; });
  EXPECT_EQ(both->models[0].spec.shape.width, 16);
  EXPECT_EQ(both->find(kSecond)->spec.shape.width, 16);
  EXPECT_EQ(both->find(kSecond)->state, RunState::running);
}

TEST_F(EnginePairTest, DataThatTheSecondCannotReadCloseIt) {
  load();
  add(spec_of(ModelKind::cvae));
  EXPECT_EQ(engine_.snapshot()->find(kSecond)->spec.classes, 10);
  engine_.post(LoadData{kModel, "unlabelled"});
  wait_for_notice("the second model: it was closed: cvae reads labels");
  EXPECT_EQ(wait_for_count(1)->data->classes(), 0);
}

TEST_F(EnginePairTest, ASecondModelAddedBeforeTheDataBeginsWithThem) {
  engine_.post(LoadData{kModel, "slow"});
  engine_.post(Start{kModel});
  engine_.post(AddModel{kSecond, spec_of(ModelKind::ae)});
  wait_for([](const Snapshot& s) {
    return s.models.size() == 2 && s.models[1].position.step > 5 && s.models[0].position.step > 5;
  });
}

TEST_F(EnginePairTest, AnOpenedModelReplacesTheOneNamed) {
  load();
  add(spec_of(ModelKind::ae));
  engine_.post(OpenModel{kSecond, "model"});
  const auto opened =
      wait_for([](const Snapshot& s) { return s.find(kSecond)->spec.kind == ModelKind::vae; });
  EXPECT_EQ(opened->find(kSecond)->position.step, 7);
  EXPECT_EQ(opened->find(kSecond)->settings.kl_weight, 3);
  EXPECT_EQ(opened->models[0].position.step, 0);
}

TEST_F(EnginePairTest, WhatCannotBeAddedOrRemovedIsTold) {
  load();
  engine_.post(AddModel{kModel, {}});
  wait_for_notice("model 0 is open already");
  engine_.post(RemoveModel{kModel});
  wait_for_notice("the first model cannot be closed");
  engine_.post(RemoveModel{kSecond});
  wait_for_notice("there is no model 1");
  engine_.post(AddModel{kSecond, spec_of(ModelKind::vae, 0)});
  wait_for_notice("latent");
  EXPECT_EQ(engine_.snapshot()->models.size(), 1U);
  engine_.post(AddModel{kSecond, spec_of(ModelKind::vae), -1});
  wait_for_notice("-1");
  add(spec_of(ModelKind::vae));
  engine_.post(AddModel{ModelId{2}, spec_of(ModelKind::vae)});
  wait_for_count(3);
  engine_.post(AddModel{ModelId{3}, spec_of(ModelKind::vae)});
  wait_for_notice("3 models are open already");
}

TEST_F(EnginePairTest, ASavedModelOpensBesideOrNotAtAll) {
  load();
  engine_.post(Start{kModel});
  engine_.post(AddModel{kSecond, {}, {}, "missing"});
  wait_for_notice("no such file");
  EXPECT_EQ(engine_.snapshot()->models.size(), 1U);
  engine_.post(AddModel{kSecond, {}, {}, "wide"});
  wait_for_notice("wide: ");
  EXPECT_EQ(engine_.snapshot()->models.size(), 1U);
  engine_.post(AddModel{kSecond, {}, {}, "model"});
  wait_for_count(2);
  const ModelView& saved = *engine_.snapshot()->find(kSecond);
  EXPECT_EQ(saved.state, RunState::paused);  // though the first one learns
  EXPECT_EQ(saved.settings.kl_weight, 3);
  EXPECT_EQ(saved.steps_before, 50);
  EXPECT_EQ(saved.saved.path, "model");
  EXPECT_EQ(engine_.snapshot()->models[0].state, RunState::running);
}

TEST_F(EnginePairTest, AThirdTrainsInTurnWithTheOthers) {
  load();
  add(spec_of(ModelKind::ae));
  engine_.post(AddModel{ModelId{2}, spec_of(ModelKind::vae), 4});
  wait_for_count(3);
  for (const ModelId id : {kModel, kSecond, ModelId{2}}) engine_.post(Start{id});
  const auto snapshot =
      wait_for([](const Snapshot& s) { return s.models[2].position.step >= 100; });
  EXPECT_GE(snapshot->models[0].position.step, 99);
  EXPECT_LE(std::abs(snapshot->models[1].position.step - snapshot->models[2].position.step), 2);
  EXPECT_EQ(snapshot->models[2].settings.kl_weight, 4);
  engine_.post(SetParameter{ModelId{2}, "learning_rate", "50"});
  wait_for_notice("the third model: out of memory");
  engine_.post(RemoveModel{kSecond});
  const auto two = wait_for_count(2);
  EXPECT_EQ(two->models[1].id, ModelId{2});
}

TEST_F(EnginePairTest, AModelUnderAFormerOnesIdIsToldFromIt) {
  load();
  add(spec_of(ModelKind::vae));
  const std::uint64_t former = engine_.snapshot()->find(kSecond)->serial;
  engine_.post(RemoveModel{kSecond});
  engine_.post(AddModel{kSecond, spec_of(ModelKind::vae)});
  const auto snapshot = wait_for([=](const Snapshot& s) {
    const ModelView* second = s.find(kSecond);
    return second != nullptr && second->serial != former;
  });
  EXPECT_GT(snapshot->find(kSecond)->serial, former);
  EXPECT_EQ(snapshot->models[0].serial, 0U);
}

TEST_F(EnginePairTest, RemovedInTheMiddleOfAnything) {
  load();
  engine_.post(Start{kModel});
  for (int i = 0; i < 20; ++i) {
    engine_.post(AddModel{kSecond, spec_of(i % 2 == 0 ? ModelKind::vae : ModelKind::pca)});
    engine_.post(Decode{kSecond, {1, 2}, {}, false});
    engine_.post(MeasureErrors{kSecond, SplitName::train});
    engine_.post(FindGeodesic{kSecond, {0, 0, 1, 1}, 0, 3});
    engine_.post(Reconstruct{kSecond, SplitName::train, 3});
    engine_.post(OpenModel{kSecond, "model"});
    if (i % 3 == 0) engine_.post(SaveModel{kSecond, "kept"});
    if (i % 4 == 0) engine_.post(Pause{kSecond});
    std::this_thread::sleep_for(milliseconds(i));
    engine_.post(RemoveModel{kSecond});
  }
  engine_.post(SetParameter{kModel, "seed", "99"});
  const auto last = wait_for([](const Snapshot& s) { return s.models[0].next_seed == 99; });
  EXPECT_EQ(last->models.size(), 1U);
  EXPECT_EQ(last->models[0].state, RunState::running);
  EXPECT_EQ(last->models[0].decoded, nullptr);  // nothing of the other's has come to it
  EXPECT_EQ(last->models[0].geodesic, nullptr);
  wait_for([this](const Snapshot&) { return backend_->saved == 7; });  // what was to be is saved
}

}  // namespace
}  // namespace zscape
