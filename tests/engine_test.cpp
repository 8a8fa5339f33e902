// The engine's transitions and threads, with a fake trainer: quick, and free of LibTorch so that
// ThreadSanitizer sees every access.
#include "engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <mutex>
#include <set>
#include <thread>

#include "engine/training/kept_run.h"
#include "tests/engine_fixture.h"

namespace zscape {
namespace {

using std::chrono::milliseconds;

TEST_F(EngineTest, BeginsLoadingWithASnapshot) {
  const SnapshotPtr snapshot = engine_.snapshot();
  ASSERT_EQ(snapshot->models.size(), 1U);
  EXPECT_EQ(snapshot->models[0].state, RunState::loading);
  EXPECT_EQ(snapshot->data, nullptr);
}

TEST_F(EngineTest, LoadedDataBringsAPausedModelWithCodes) {
  load();
  const SnapshotPtr snapshot = engine_.snapshot();
  ASSERT_NE(snapshot->data, nullptr);
  const ModelView& view = snapshot->models[0];
  ASSERT_NE(view.weights, nullptr);
  EXPECT_EQ(view.train_sample->count(), snapshot->data->train.count);  // fewer than the sample
  EXPECT_EQ(view.spec.shape, snapshot->data->shape);
}

TEST_F(EngineTest, StartPostedWhileLoadingTrainsOnceLoaded) {
  engine_.post(LoadData{kModel, "slow"});
  engine_.post(Start{kModel});
  wait_for_step(5);
  EXPECT_EQ(engine_.snapshot()->models[0].state, RunState::running);
}

TEST_F(EngineTest, PauseTakesBackAStartThatWaits) {
  engine_.post(LoadData{kModel, "held"});
  engine_.post(Start{kModel});
  engine_.post(Pause{kModel});
  let_it_turn();
  backend_->let_go = true;
  wait_for_state(RunState::paused);
  let_it_turn();
  EXPECT_EQ(engine_.snapshot()->models[0].position.step, 0);
}

TEST_F(EngineTest, PauseFreezesSteps) {
  load();
  engine_.post(Start{kModel});
  wait_for_step(10);
  engine_.post(Pause{kModel});
  const std::int64_t step = wait_for_state(RunState::paused)->models[0].position.step;
  let_it_turn();
  EXPECT_EQ(engine_.snapshot()->models[0].position.step, step);
  EXPECT_EQ(engine_.snapshot()->models[0].weights->step(), step);
}

TEST_F(EngineTest, ReconstructionErrorsOfTheCodesOnShowAreMeasuredOnRequest) {
  load();
  wait_for([](const Snapshot& s) { return s.models[0].test_codes != nullptr; });
  EXPECT_EQ(engine_.snapshot()->models[0].errors, nullptr);
  engine_.post(MeasureErrors{kModel, SplitName::test});
  const auto whole = wait_for([](const Snapshot& s) { return s.models[0].errors != nullptr; });
  const InputErrors& errors = *whole->models[0].errors;
  EXPECT_EQ(errors.split, SplitName::test);
  EXPECT_EQ(errors.indices, whole->models[0].test_codes->indices);
  EXPECT_EQ(errors.revision, whole->models[0].weights->revision());
  ASSERT_EQ(errors.mse.size(), 128U);
  EXPECT_NEAR(errors.mse[30], 0.09, 1e-6);  // off by 0.3 everywhere
  // The model's own term: of black pixels that are grey in the reconstruction.
  const auto pixels = static_cast<double>(whole->data->inputs());
  ASSERT_EQ(errors.term.size(), 128U);
  EXPECT_NEAR(errors.term[30], -pixels * std::log(0.7), 1e-4 * pixels);
  EXPECT_NEAR(errors.term[100], 100 * pixels, 1e-3 * pixels);  // no logarithm of 0

  engine_.post(Start{kModel});
  wait_for_step(5);
  engine_.post(MeasureErrors{kModel, SplitName::train});
  const auto sample = wait_for([](const Snapshot& s) {
    return s.models[0].errors && s.models[0].errors->split == SplitName::train;
  });
  EXPECT_EQ(sample->models[0].errors->indices, sample->models[0].train_sample->indices);
  engine_.post(Reset{kModel});
  wait_for([](const Snapshot& s) { return s.models[0].errors == nullptr; });
}

TEST_F(EngineTest, PicturesOfTheGridAndOthersDoNotReplaceEachOther) {
  load();
  engine_.post(Decode{kModel, {1, 2}, {}, true});
  engine_.post(Decode{kModel, {3, 4}, {}, false});
  const auto both =
      wait_for([](const Snapshot& s) { return s.models[0].decoded && s.models[0].decoded_grid; });
  EXPECT_EQ(both->models[0].decoded_grid->z, (std::vector<float>{1, 2}));
  EXPECT_EQ(both->models[0].decoded->z, (std::vector<float>{3, 4}));
}

TEST_F(EngineTest, CopiesNoWeightsForEachCommand) {
  load();
  engine_.post(Start{kModel});
  bool are_older = false;
  for (int i = 1; i < 1000 && !are_older; ++i) {
    const double kl_weight = 1 + i / 1000.0;
    engine_.post(SetKlWeight{kModel, kl_weight});
    const auto shown =
        wait_for([=](const Snapshot& s) { return s.models[0].settings.kl_weight == kl_weight; });
    are_older = shown->models[0].weights->step() < shown->models[0].position.step;
  }
  EXPECT_TRUE(are_older) << "each snapshot came with a copy of its own";
  engine_.post(Pause{kModel});
  const auto paused = wait_for_state(RunState::paused);
  EXPECT_EQ(paused->models[0].weights->step(), paused->models[0].position.step);
}

TEST_F(EngineTest, PauseEncodesBothSplitsWhole) {
  load();
  engine_.post(Start{kModel});
  wait_for_step(3);
  engine_.post(Pause{kModel});
  const auto snapshot = wait_for([](const Snapshot& s) {
    return s.models[0].state == RunState::paused && s.models[0].train_codes &&
           s.models[0].test_codes;
  });
  const ModelView& view = snapshot->models[0];
  EXPECT_EQ(view.train_codes->count(), snapshot->data->train.count);
  EXPECT_EQ(view.test_codes->count(), snapshot->data->test.count);
  EXPECT_EQ(view.train_codes->step, view.position.step);
}

TEST_F(EngineTest, TrainingDropsTheWholeSplitsCodes) {
  load();
  wait_for([](const Snapshot& s) { return s.models[0].train_codes != nullptr; });
  engine_.post(Start{kModel});
  const auto snapshot = wait_for_step(1);
  EXPECT_EQ(snapshot->models[0].train_codes, nullptr);
}

TEST_F(EngineTest, SingleStepsAreAllTakenAndNoMore) {
  load();
  for (int i = 0; i < 7; ++i) engine_.post(Step{kModel});
  wait_for_step(7);
  let_it_turn();
  const ModelView view = engine_.snapshot()->models[0];
  EXPECT_EQ(view.position.step, 7);
  EXPECT_EQ(view.state, RunState::paused);
  EXPECT_EQ(view.curves.train.size(), 7U);  // a single step shows at once
}

TEST_F(EngineTest, StepWhileRunningOrLoadingIsIgnored) {
  engine_.post(Step{kModel});
  load();
  EXPECT_EQ(engine_.snapshot()->models[0].position.step, 0);
}

TEST_F(EngineTest, ResetKeepsTheFormerCurvesAsAGhost) {
  load();
  engine_.post(Start{kModel});
  wait_for_step(20);
  engine_.post(Pause{kModel});
  const auto before = wait_for_state(RunState::paused);
  engine_.post(Reset{kModel});
  const auto after = wait_for([](const Snapshot& s) { return s.models[0].position.step == 0; });
  EXPECT_TRUE(after->models[0].curves.train.empty());
  ASSERT_NE(after->models[0].ghost, nullptr);
  EXPECT_EQ(after->models[0].ghost->train.size(), before->models[0].curves.train.size());
  EXPECT_EQ(after->models[0].state, RunState::paused);
}

TEST_F(EngineTest, OtherDataTakeTheGhostAway) {
  load();
  engine_.post(Start{kModel});
  wait_for_step(20);
  engine_.post(Pause{kModel});
  wait_for_state(RunState::paused);
  engine_.post(Reset{kModel});
  const auto before = wait_for([](const Snapshot& s) { return s.models[0].ghost != nullptr; });
  engine_.post(LoadData{kModel, "fake"});
  const auto after = wait_for(
      [&](const Snapshot& s) { return s.data && s.data != before->data && s.models[0].weights; });
  EXPECT_EQ(after->models[0].ghost, nullptr);
}

TEST_F(EngineTest, TheTestCurveOfAnUntrainedModelDoesNotBeginAtStepNothing) {
  load();
  EXPECT_TRUE(engine_.snapshot()->models[0].curves.test_sample.empty());
  engine_.post(Start{kModel});
  const auto seen =
      wait_for([](const Snapshot& s) { return !s.models[0].curves.test_sample.empty(); });
  EXPECT_GT(seen->models[0].curves.test_sample[0].step, 0);
}

TEST_F(EngineTest, ResetWhileRunningStartsAnewAndGoesOn) {
  load();
  engine_.post(Start{kModel});
  wait_for_step(30);
  engine_.post(Reset{kModel});
  wait_for([](const Snapshot& s) { return s.models[0].ghost != nullptr; });
  wait_for_step(5);
  EXPECT_EQ(engine_.snapshot()->models[0].state, RunState::running);
}

TEST_F(EngineTest, ResetWhileLoadingDoesNothing) {
  engine_.post(Reset{kModel});
  engine_.post(LoadData{kModel, "slow"});
  engine_.post(Reset{kModel});
  wait_for_state(RunState::paused);
  EXPECT_TRUE(engine_.snapshot()->notices.empty());
}

TEST_F(EngineTest, InfiniteLossPausesAndBringsGoodWeightsBack) {
  load();
  engine_.post(Start{kModel});
  wait_for_step(260);
  engine_.post(SetParameter{kModel, "learning_rate", "5"});
  const auto snapshot = wait_for_notice("the loss became inf");
  const ModelView& view = snapshot->models[0];
  EXPECT_EQ(view.state, RunState::paused);
  EXPECT_GE(view.position.step, 200);  // not older than 200 steps
  EXPECT_EQ(view.weights->step(), view.position.step);
  ASSERT_FALSE(view.curves.train.empty());
  EXPECT_LE(view.curves.train.back().step, view.position.step);
  // It can go on from there.
  engine_.post(SetParameter{kModel, "learning_rate", "1e-3"});
  engine_.post(Start{kModel});
  wait_for_step(view.position.step + 10);
}

TEST_F(EngineTest, AnExceptionInAStepPausesWithItsMessage) {
  load();
  engine_.post(Start{kModel});
  wait_for_step(2);
  engine_.post(SetParameter{kModel, "learning_rate", "50"});
  const auto snapshot = wait_for_notice("out of memory");
  EXPECT_EQ(snapshot->models[0].state, RunState::paused);
  EXPECT_TRUE(snapshot->notices.back().is_error);
}

TEST_F(EngineTest, AnExceptionInTheWorkerBecomesANotice) {
  engine_.post(LoadData{kModel, "throw"});
  wait_for_notice("the loader threw");
  load();
}

// What was asked for fails once, is told, and can be asked for again.
TEST_F(EngineTest, AfterAnExceptionTheSameCanBeAskedForAgain) {
  load();
  wait_for([](const Snapshot& s) { return s.models[0].test_codes && !s.activity; });
  const auto fails_once = [&](const Command& command, const auto& is_answered) {
    const std::uint64_t told =
        engine_.snapshot()->notices.empty() ? 0 : engine_.snapshot()->notices.back().number;
    fake_failures = 1;
    engine_.post(command);
    const auto failed = wait_for(
        [&](const Snapshot& s) { return !s.notices.empty() && s.notices.back().number > told; });
    EXPECT_THAT(failed->notices.back().text, testing::HasSubstr("the fake has no memory left"));
    EXPECT_TRUE(failed->notices.back().is_error);
    engine_.post(command);
    wait_for([&](const Snapshot& s) { return is_answered(s.models[0]); });
  };
  fails_once(MeasureErrors{kModel, SplitName::test},
             [](const ModelView& view) { return view.errors != nullptr; });
  fails_once(Decode{kModel, {1, 2}, {}},
             [](const ModelView& view) { return view.decoded != nullptr; });
  fails_once(Decode{kModel, {1, 2}, {}, true},
             [](const ModelView& view) { return view.decoded_grid != nullptr; });
  fails_once(Reconstruct{kModel, SplitName::test, 3},
             [](const ModelView& view) { return view.reconstructed != nullptr; });
  fails_once(FindGeodesic{kModel, {0, 0, 1, 1}, 0, 3},
             [](const ModelView& view) { return view.geodesic && !view.geodesic->z.empty(); });
}

TEST_F(EngineTest, EverySaveIsAnsweredAlsoOneThatIsRefusedOrThrows) {
  engine_.post(SaveModel{kModel, "early"});
  auto snapshot = wait_for([](const Snapshot& s) { return s.models[0].saved.number == 1; });
  EXPECT_FALSE(snapshot->models[0].saved.is_done);
  EXPECT_EQ(snapshot->models[0].saved.path, "early");
  load();
  backend_->save_throws = true;
  engine_.post(SaveModel{kModel, "here"});
  snapshot = wait_for([](const Snapshot& s) { return s.models[0].saved.number == 2; });
  EXPECT_FALSE(snapshot->models[0].saved.is_done);
  EXPECT_EQ(snapshot->models[0].saved.path, "here");
  EXPECT_EQ(snapshot->notices.back().text, "the disk threw");
}

TEST_F(EngineTest, AWarningOfTheBackendIsANotice) {
  load();
  backend_->warns = true;
  engine_.post(Step{kModel});
  EXPECT_FALSE(wait_for_notice("the fake is slow")->notices.back().is_error);
}

TEST_F(EngineTest, WhatLoadingAssumedAndLeftOutAreNotices) {
  engine_.post(LoadData{kModel, "noted"});
  const auto told = wait_for_notice("fake: one is broken");
  ASSERT_EQ(told->notices.size(), 2U);
  EXPECT_EQ(told->notices[0].text, "fake: pictures were cropped");
  EXPECT_FALSE(told->notices[0].is_error);
}

TEST_F(EngineTest, AKeptRunSaysHowItsPicturesWereLoaded) {
  engine_.post(LoadData{kModel, "noted"});
  wait_for_state(RunState::paused);
  engine_.post(KeepRun{kModel, "kept"});
  wait_for([](const Snapshot& s) { return s.models[0].kept.number > 0; });
  auto checkpoint = backend_->open_checkpoint("kept");
  ASSERT_TRUE(checkpoint);
  const auto kept = kept_run_from(*std::move(checkpoint));
  ASSERT_TRUE(kept) << kept.error().message;
  const auto data = engine_.snapshot()->data;
  EXPECT_EQ(kept->plan.data.fit, Fit::pad);
  EXPECT_EQ(kept->plan.data.ground, Ground::white);
  EXPECT_EQ(kept->plan.data.image_size, (ImageSize{data->shape.height, data->shape.width}));
}

TEST_F(EngineTest, MissingDataIsANoticeAndLosesNothing) {
  load();
  const auto data = engine_.snapshot()->data;
  engine_.post(LoadData{kModel, "nowhere"});
  wait_for_notice("nowhere: no such data");
  EXPECT_EQ(engine_.snapshot()->data, data);
  EXPECT_EQ(engine_.snapshot()->models[0].state, RunState::paused);
}

TEST_F(EngineTest, TheNewestOfTwoLoadsWins) {
  engine_.post(LoadData{kModel, "held"});
  wait_for([](const Snapshot& s) { return s.activity && s.activity->text == "loading held"; });
  engine_.post(LoadData{kModel, "wide"});
  wait_for_state(RunState::paused);
  backend_->let_go = true;
  engine_.post(SaveModel{kModel, "m.safetensors"});  // done behind both
  const auto later = wait_for_notice("/m.safetensors");
  EXPECT_EQ(later->data->shape.width, 16);
  EXPECT_EQ(later->notices.size(), 1U);
}

TEST_F(EngineTest, LoadingShowsItsActivity) {
  engine_.post(LoadData{kModel, "held"});
  wait_for([](const Snapshot& s) {
    return s.activity && s.activity->text == "loading held" && s.activity->fraction > 0;
  });
  backend_->let_go = true;
  wait_for([](const Snapshot& s) { return s.data && !s.activity; });
}

TEST_F(EngineTest, LoadingCanBeGivenUpAndTheFormerDataStay) {
  load();
  const auto before = engine_.snapshot()->data;
  engine_.post(LoadData{kModel, "held"});
  wait_for([](const Snapshot& s) {
    return s.activity && s.activity->text == "loading held" && s.activity->can_cancel;
  });
  engine_.post(Cancel{kModel, engine_.snapshot()->activity->id});
  wait_for_notice("loading held was cancelled");
  const auto snapshot = wait_for([](const Snapshot& s) { return !s.activity; });
  EXPECT_EQ(snapshot->data, before);
  EXPECT_FALSE(snapshot->notices.back().is_error);
  engine_.post(LoadData{kModel, "wide"});  // and others can be loaded
  wait_for([](const Snapshot& s) { return s.data && s.data->shape.height == 8; });
}

TEST_F(EngineTest, CancelOfWhatHasEndedStopsNothingElse) {
  load();
  wait_for([](const Snapshot& s) { return !s.activity && s.models[0].train_codes; });
  engine_.post(LoadData{kModel, "held"});
  const auto first = wait_for([](const Snapshot& s) { return s.activity.has_value(); })->activity;
  backend_->let_go = true;
  wait_for([](const Snapshot& s) { return !s.activity; });
  backend_->let_go = false;
  engine_.post(LoadData{kModel, "held"});
  wait_for([](const Snapshot& s) { return s.activity && s.activity->text == "loading held"; });
  engine_.post(Cancel{kModel, first->id});
  let_it_turn();
  EXPECT_TRUE(engine_.snapshot()->notices.empty());
  EXPECT_TRUE(engine_.snapshot()->activity->can_cancel);
  backend_->let_go = true;
}

TEST_F(EngineTest, APreviewDoesNotWaitForALoad) {
  load();
  engine_.post(LoadData{kModel, "held"});
  wait_for([](const Snapshot& s) { return s.activity && s.activity->text == "loading held"; });
  engine_.post(Decode{kModel, {1, 2}, {}});
  engine_.post(Decode{kModel, {3, 4}, {}, true});
  engine_.post(Reconstruct{kModel, SplitName::test, 3});
  const auto drawn = wait_for([](const Snapshot& s) {
    const ModelView& view = s.models[0];
    return view.decoded && view.decoded_grid && view.reconstructed;
  });
  EXPECT_EQ(drawn->activity->text, "loading held");
  backend_->let_go = true;
}

TEST_F(EngineTest, CancelWithNothingUnderWayDoesNothing) {
  load();
  const auto done =
      wait_for([](const Snapshot& s) { return !s.activity && s.models[0].train_codes; });
  const auto told = done->notices.size();
  engine_.post(Cancel{kModel, 1});
  engine_.post(SetParameter{kModel, "batch", "17"});
  const auto snapshot =
      wait_for([](const Snapshot& s) { return s.models[0].settings.batch_size == 17; });
  EXPECT_EQ(snapshot->notices.size(), told);
}

TEST_F(EngineTest, KnowsWhichStepWasSaved) {
  load();
  for (int i = 0; i < 3; ++i) engine_.post(Step{kModel});
  wait_for_step(3);
  engine_.post(SaveModel{kModel, "here"});
  auto snapshot = wait_for([](const Snapshot& s) { return s.models[0].saved.number == 1; });
  EXPECT_TRUE(snapshot->models[0].saved.is_done);
  EXPECT_EQ(snapshot->models[0].saved.path, "here");
  EXPECT_EQ(snapshot->models[0].saved.step, 3);
  engine_.post(Step{kModel});
  snapshot = wait_for_step(4);
  EXPECT_EQ(snapshot->models[0].saved.step, 3);
  engine_.post(Reset{kModel});
  snapshot = wait_for([](const Snapshot& s) { return s.models[0].position.step == 0; });
  EXPECT_EQ(snapshot->models[0].saved.step, 0);
}

TEST_F(EngineTest, WhatAnOpenedModelHadLearnedCountsInItsFile) {
  load();
  engine_.post(OpenModel{kModel, "seven"});
  auto snapshot = wait_for([](const Snapshot& s) { return s.models[0].saved.number == 1; });
  EXPECT_EQ(snapshot->models[0].steps_before, 50);
  const std::int64_t first = snapshot->models[0].position.step;
  engine_.post(Step{kModel});
  wait_for_step(first + 1);
  engine_.post(SaveModel{kModel, "here"});
  snapshot = wait_for([](const Snapshot& s) { return s.models[0].saved.number == 2; });
  EXPECT_EQ(snapshot->models[0].saved.step, first + 1);  // of this run
  EXPECT_EQ(backend_->last_record.steps, 50 + first + 1);
  EXPECT_EQ(backend_->last_record.epochs, 2);
  engine_.post(Reset{kModel});
  wait_for([](const Snapshot& s) { return s.models[0].steps_before == 0; });
}

TEST_F(EngineTest, NewDataOfAnotherSizeBeginsANewRun) {
  load();
  engine_.post(Start{kModel});
  wait_for_step(5);
  engine_.post(LoadData{kModel, "wide"});
  const auto snapshot =
      wait_for([](const Snapshot& s) { return s.data && s.data->shape.width == 16; });
  EXPECT_EQ(snapshot->models[0].spec.shape.width, 16);
  EXPECT_EQ(snapshot->models[0].state, RunState::running);
}

TEST_F(EngineTest, CvaeOnUnlabelledDataIsRefusedAndTheOldModelStays) {
  engine_.post(LoadData{kModel, "unlabelled"});
  wait_for_state(RunState::paused);
  ModelSpec spec;
  spec.kind = ModelKind::cvae;
  engine_.post(ReplaceModel{kModel, spec});
  wait_for_notice("cvae reads labels");
  EXPECT_EQ(engine_.snapshot()->models[0].spec.kind, ModelKind::vae);
}

TEST_F(EngineTest, ReplaceModelTakesTheNextSeed) {
  load();
  engine_.post(SetParameter{kModel, "seed", "42"});
  wait_for([](const Snapshot& s) { return s.models[0].next_seed == 42; });
  EXPECT_EQ(engine_.snapshot()->models[0].seed, 0U);
  ModelSpec spec;
  spec.latent = 3;
  engine_.post(ReplaceModel{kModel, spec});
  const auto snapshot = wait_for([](const Snapshot& s) { return s.models[0].spec.latent == 3; });
  EXPECT_EQ(snapshot->models[0].seed, 42U);
}

TEST_F(EngineTest, OpenedModelBringsItsKlWeight) {
  load();
  engine_.post(OpenModel{kModel, "good"});
  wait_for([](const Snapshot& s) { return s.models[0].settings.kl_weight == 3; });
}

TEST_F(EngineTest, AModelThatCannotBeginChangesNothing) {
  load();
  for (int i = 0; i < 3; ++i) engine_.post(Step{kModel});
  const ModelView before = wait_for_step(3)->models[0];
  engine_.post(OpenModel{kModel, "broken"});
  const ModelView after = wait_for_notice("hidden widths")->models[0];
  EXPECT_EQ(after.position.step, 3);
  EXPECT_EQ(after.saved.number, before.saved.number);
  EXPECT_EQ(after.saved.step, 0);
  EXPECT_EQ(after.saved.path, "");
  EXPECT_EQ(after.steps_before, 0);
  EXPECT_EQ(after.settings.kl_weight, 1);
}

TEST_F(EngineTest, AModelOpenedBeforeTheDataWaitsForIt) {
  engine_.post(OpenModel{kModel, "good"});
  engine_.post(LoadData{kModel, "slow"});
  wait_for_state(RunState::paused);
  EXPECT_EQ(engine_.snapshot()->models[0].settings.kl_weight, 3);
}

TEST_F(EngineTest, OpeningAModelForOtherDataSaysSo) {
  load();
  engine_.post(OpenModel{kModel, "wide"});
  wait_for_notice("reads inputs of 8×16, and fake has inputs of 8×8");
}

TEST_F(EngineTest, SavingTellsWhenItIsDone) {
  load();
  engine_.post(SaveModel{kModel, "m.safetensors"});
  wait_for_notice("/m.safetensors");
  EXPECT_FALSE(engine_.snapshot()->notices.back().is_error);
}

TEST_F(EngineTest, DecodesForTheWindowWithoutShowingAsLongWork) {
  load();
  wait_for([](const Snapshot& s) { return s.models[0].train_codes && !s.activity; });
  engine_.post(Decode{kModel, {0.5F, -1, 2, 0}, {}});
  const auto snapshot = wait_for([](const Snapshot& s) { return s.models[0].decoded != nullptr; });
  const DecodedPictures& decoded = *snapshot->models[0].decoded;
  EXPECT_EQ(decoded.z, (std::vector<float>{0.5F, -1, 2, 0}));
  EXPECT_EQ(decoded.revision, snapshot->models[0].weights->revision());
  std::vector<float> expected(128);
  snapshot->models[0].weights->decode(decoded.z, {}, expected);
  EXPECT_EQ(decoded.pixels, expected);
  engine_.post(Reset{kModel});
  wait_for([](const Snapshot& s) { return s.models[0].decoded == nullptr; });
}

TEST(Engine, TellsOfSnapshotsOnItsOwnThreadOnly) {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  EngineOptions options;
  options.on_publish = [&] {
    const std::lock_guard lock(mutex);
    threads.insert(std::this_thread::get_id());
  };
  {
    Engine engine(std::make_shared<FakeBackend>(), options);
    engine.post(LoadData{kModel, "fake"});
    while (engine.snapshot()->models[0].state == RunState::loading) std::this_thread::yield();
  }
  EXPECT_EQ(threads.size(), 1U);
  EXPECT_FALSE(threads.contains(std::this_thread::get_id()));
}

TEST(Engine, FinishesSavingOnExit) {
  auto backend = std::make_shared<FakeBackend>();
  {
    Engine engine(backend, {});
    engine.post(LoadData{kModel, "fake"});
    while (engine.snapshot()->models[0].state == RunState::loading) std::this_thread::yield();
    for (int i = 0; i < 3; ++i) engine.post(SaveModel{kModel, std::to_string(i)});
    engine.post(SetParameter{kModel, "seed", "9"});  // handled after the saves were handed over
    while (engine.snapshot()->models[0].next_seed != 9) std::this_thread::yield();
  }
  EXPECT_EQ(backend->saved, 3);
}

TEST(Engine, StopsInTheMiddleOfAnything) {
  for (int i = 0; i < 20; ++i) {
    auto backend = std::make_shared<FakeBackend>();
    Engine engine(backend, {});
    engine.post(LoadData{kModel, i % 2 == 0 ? "slow" : "fake"});
    engine.post(Start{kModel});
    std::this_thread::sleep_for(milliseconds(i));
  }
}

TEST_F(EngineTest, UnknownModelIsANotice) {
  engine_.post(Start{ModelId{5}});
  wait_for_notice("there is no model 5");
}

TEST_F(EngineTest, ManyThreadsMayPostAndRead) {
  load();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 200; ++i) {
        switch ((i + t) % 6) {
          case 0:
            engine_.post(Start{kModel});
            break;
          case 1:
            engine_.post(SetKlWeight{kModel, static_cast<double>(i)});
            break;
          case 2:
            engine_.post(Pause{kModel});
            break;
          case 3:
            engine_.post(Step{kModel});
            break;
          case 4:
            engine_.post(SaveModel{kModel, "x"});
            break;
          default:
            engine_.post(Reset{kModel});
            break;
        }
        const SnapshotPtr snapshot = engine_.snapshot();
        ASSERT_EQ(snapshot->models.size(), 1U);
        if (snapshot->models[0].weights) {
          std::vector<float> picture(64);
          const std::vector<float> z(2, 0.5F);
          snapshot->models[0].weights->decode(z, {}, picture);
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  engine_.post(SetParameter{kModel, "seed", "77"});
  wait_for([](const Snapshot& s) { return s.models[0].next_seed == 77; });
}

TEST_F(EngineTest, SnapshotsNeverGoBack) {
  load();
  engine_.post(Start{kModel});
  std::uint64_t revision = 0;
  std::int64_t step = 0;
  while (step < 200) {
    const SnapshotPtr snapshot = engine_.snapshot();
    ASSERT_GE(snapshot->revision, revision);
    ASSERT_GE(snapshot->models[0].position.step, step);
    ASSERT_LE(snapshot->models[0].weights->step(), snapshot->models[0].position.step);
    revision = snapshot->revision;
    step = snapshot->models[0].position.step;
    std::this_thread::sleep_for(milliseconds(1));
  }
}

TEST_F(EngineTest, WhatHadFailedIsSettledOnceItWorks) {
  engine_.post(LoadData{kModel, "throw"});
  const auto failed = wait_for_notice("the loader threw");
  const Notice& notice = failed->notices.back();
  EXPECT_TRUE(notice.is_error);
  EXPECT_FALSE(notice.about.empty());
  EXPECT_FALSE(failed->settled.contains(notice.about));
  load();
  EXPECT_GT(engine_.snapshot()->settled.at(notice.about), notice.number);

  engine_.post(Start{kModel});
  wait_for_step(2);
  engine_.post(SetParameter{kModel, "learning_rate", "50"});
  const auto paused = wait_for_notice("out of memory");
  const std::string about = paused->notices.back().about;
  engine_.post(SetParameter{kModel, "learning_rate", "1e-3"});
  engine_.post(Start{kModel});
  wait_for([&](const Snapshot& s) { return s.settled.contains(about); });
  // What failed after it had worked stands.
  engine_.post(LoadData{kModel, "throw"});
  const auto again = wait_for(
      [&](const Snapshot& s) { return s.notices.back().text.find("threw") != std::string::npos; });
  EXPECT_LT(again->settled.at(notice.about), again->notices.back().number);
}

}  // namespace
}  // namespace zscape
