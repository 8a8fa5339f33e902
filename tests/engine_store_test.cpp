// Runs that are put away and brought back: nothing that a model learned goes by a command.

#include <gmock/gmock.h>

#include "engine/core/run_store.h"
#include "tests/engine_fixture.h"

namespace zscape {
namespace {

using testing::ElementsAre;

constexpr ModelId kSecond{1};

class Store : public EngineTest {
 protected:
  Store() { load(); }

  void take(int steps) {
    const std::int64_t end = step() + steps;
    for (int i = 0; i < steps; ++i) engine_.post(Step{kModel});
    wait_for([=](const Snapshot& s) { return s.models[0].position.step == end; });
  }
  std::int64_t step() const { return engine_.snapshot()->models[0].position.step; }
  SnapshotPtr wait_for_runs(std::size_t count) {
    return wait_for([=](const Snapshot& s) { return s.stored->runs.size() == count; });
  }
  // The newest run that is put away, once it is another than this one.
  StoredRun wait_for_another(std::uint64_t than) {
    return wait_for([=](const Snapshot& s) {
             return !s.stored->runs.empty() && s.stored->runs.back().id > than;
           })
        ->stored->runs.back();
  }
  ModelView return_to(std::uint64_t run, ModelId model = kModel) {
    const ModelView* now = engine_.snapshot()->find(model);
    const std::uint64_t returns = now ? now->returns : 0;
    engine_.post(ReturnTo{model, run});
    const SnapshotPtr then = wait_for([=](const Snapshot& s) {
      const ModelView* view = s.find(model);
      return view && view->returns > returns;
    });
    return *then->find(model);
  }
  static std::vector<std::uint64_t> ids(const StoredRuns& stored) {
    std::vector<std::uint64_t> all;
    for (const StoredRun& run : stored.runs) all.push_back(run.id);
    return all;
  }
};

TEST_F(Store, AResetIsUndoneWithCurvesPastAndMarksOfLambda) {
  take(12);
  engine_.post(SetKlWeight{kModel, 4});
  take(12);
  const ModelView then = engine_.snapshot()->models[0];
  engine_.post(Reset{kModel});
  const StoredRun run = wait_for_another(0);
  EXPECT_EQ(run.why, PutAway::reset);
  EXPECT_EQ(run.position.step, 24);
  EXPECT_EQ(run.settings.kl_weight, 4);
  EXPECT_EQ(run.data, "fake");
  EXPECT_TRUE(run.has_present_data);
  ASSERT_TRUE(run.thumbnail);
  EXPECT_EQ(run.thumbnail->dots.size(), 300U);
  EXPECT_EQ(step(), 0);

  const ModelView back = return_to(run.id);
  EXPECT_EQ(back.position, then.position);
  EXPECT_EQ(back.settings.kl_weight, 4);
  EXPECT_EQ(back.curves.train.size(), then.curves.train.size());
  EXPECT_EQ(back.curves.marks.size(), then.curves.marks.size());
  ASSERT_EQ(back.history->size(), then.history->size());
  EXPECT_EQ(back.history->front(), then.history->front());
  EXPECT_EQ(dynamic_cast<const FakeModel&>(*back.weights).learned, 24);
  EXPECT_EQ(back.saved.step, then.saved.step);  // it is as little saved as it was
  take(3);
  EXPECT_EQ(dynamic_cast<const FakeModel&>(*engine_.snapshot()->models[0].weights).learned, 27);
}

TEST_F(Store, WhatHasLearnedNothingIsNotPutAway) {
  engine_.post(Reset{kModel});
  engine_.post(Reset{kModel});
  engine_.post(OpenModel{kModel, "model"});  // it has learned, but in a file
  wait_for([](const Snapshot& s) { return s.models[0].saved.number == 1; });
  engine_.post(Reset{kModel});
  let_it_turn();
  EXPECT_TRUE(engine_.snapshot()->stored->runs.empty());
  EXPECT_EQ(engine_.snapshot()->models[0].bytes_to_keep, 0U);
  take(1);
  EXPECT_GT(engine_.snapshot()->models[0].bytes_to_keep, 0U);
  engine_.post(Reset{kModel});
  wait_for_runs(1);
}

// A run that went on takes the place of what it came from, but not of another that did so too.
TEST_F(Store, ARunThatGoesOnIsKeptOnce) {
  take(5);
  engine_.post(Reset{kModel});
  const StoredRun first = wait_for_another(0);
  return_to(first.id);
  engine_.post(Reset{kModel});  // nothing new
  let_it_turn();
  EXPECT_THAT(ids(*engine_.snapshot()->stored), ElementsAre(first.id));
  return_to(first.id);
  take(5);
  engine_.post(Reset{kModel});
  const StoredRun further = wait_for_another(first.id);
  EXPECT_EQ(further.position.step, 10);
  EXPECT_THAT(ids(*engine_.snapshot()->stored), ElementsAre(further.id));

  engine_.post(PinRun{kModel, further.id, true});
  for (const double kl_weight : {2.0, 3.0}) {
    return_to(further.id);
    engine_.post(SetKlWeight{kModel, kl_weight});
    take(5);
    const std::uint64_t newest = engine_.snapshot()->stored->runs.back().id;
    engine_.post(Reset{kModel});
    wait_for_another(newest);
  }
  EXPECT_EQ(engine_.snapshot()->stored->runs.size(), 3U);  // the pinned one and both branches
}

TEST_F(Store, EveryWayToLeaveARunKeepsIt) {
  struct Case {
    std::vector<Command> commands;
    PutAway why;
  };
  ModelSpec ae;
  ae = with_kind(ae, ModelKind::ae);
  engine_.post(KeepRun{kModel, "kept"});
  wait_for([](const Snapshot& s) { return s.models[0].kept.number == 1; });
  std::uint64_t newest = 0;
  for (const Case& each : std::vector<Case>{{{Reset{kModel}}, PutAway::reset},
                                            {{ReplaceModel{kModel, ae}}, PutAway::new_model},
                                            {{OpenModel{kModel, "model"}}, PutAway::opened_model},
                                            {{LoadData{kModel, "wide"}}, PutAway::new_data},
                                            {{LoadData{kModel, "fake"}}, PutAway::new_data},
                                            {{ResumeRun{kModel, "kept"}}, PutAway::session},
                                            {{ReturnTo{kModel, 1}}, PutAway::another_run}}) {
    take(3);
    for (const Command& command : each.commands) engine_.post(command);
    const StoredRun run = wait_for_another(newest);
    EXPECT_EQ(run.why, each.why);
    newest = run.id;
  }
}

TEST_F(Store, NewDataAreUndoneForBothModels) {
  engine_.post(AddModel{kSecond, {}, 7.0});
  wait_for([](const Snapshot& s) { return s.models.size() == 2; });
  engine_.post(Step{kSecond});
  take(4);
  const std::shared_ptr<const Dataset> data = engine_.snapshot()->data;
  engine_.post(LoadData{kModel, "wide"});
  const StoredRuns stored = *wait_for_runs(2)->stored;
  EXPECT_FALSE(stored.runs[0].has_present_data);
  EXPECT_NE(engine_.snapshot()->data, data);
  for (const StoredRun& run : stored.runs) return_to(run.id, run.model);
  const SnapshotPtr back = engine_.snapshot();
  EXPECT_EQ(back->data, data);
  EXPECT_EQ(back->models[0].position.step, 4);
  EXPECT_EQ(back->models[1].position.step, 1);
  EXPECT_EQ(back->models[1].settings.kl_weight, 7);
}

TEST_F(Store, TrainingWaitsForNoChecksumOfLoadedData) {
  engine_.post(KeepRun{kModel, "kept"});
  wait_for([](const Snapshot& s) { return s.models[0].kept.number == 1; });
  take(3);
  engine_.post(ResumeRun{kModel, "kept"});
  wait_for([](const Snapshot& s) { return s.models[0].kept.number == 2; });
  engine_.post(LoadData{kModel, "wide"});
  wait_for([](const Snapshot& s) { return s.data->shape.width == 16; });
  EXPECT_EQ(backend_->checksums_of_engine, 0);
}

// Data that lie at "fake" and at "moved"; a run reads 512 inputs of them with an image size.
class MovingBackend : public FakeBackend {
 public:
  std::atomic<int> added = 0;  // inputs, in place

  Expected<std::shared_ptr<const Dataset>> load_data(const DataRequest& request,
                                                     const Progress&) override {
    ++loads;
    auto data = std::make_shared<Dataset>(*fake_data(request.image_size ? 512 + added : 256, 128));
    data->source = request.source;
    return data;
  }
  std::atomic<int> loads = 0;
};

class MovedData : public testing::Test {
 protected:
  static constexpr ImageSize kSize{8, 8};

  template <class Claim>
  SnapshotPtr wait_for(Claim claim) {
    SnapshotPtr now = engine_.snapshot();
    for (; now->models.empty() || !claim(*now); now = engine_.snapshot()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return now;
  }
  // A run of five steps in the file "kept"; then these data are loaded, and it is resumed.
  SnapshotPtr resume_with(const DataRequest& request) {
    engine_.post(LoadData{kModel, {"fake", kSize}});
    wait_for(
        [](const Snapshot& now) { return now.data && now.models[0].state != RunState::loading; });
    for (int i = 0; i < 5; ++i) engine_.post(Step{kModel});
    wait_for([](const Snapshot& now) { return now.models[0].position.step == 5; });
    engine_.post(KeepRun{kModel, "kept"});
    wait_for([](const Snapshot& now) { return now.models[0].kept.number == 1; });
    backend_->added = added_;
    engine_.post(LoadData{kModel, request});
    engine_.post(ResumeRun{kModel, "kept"});
    return wait_for([](const Snapshot& now) { return now.models[0].kept.number == 2; });
  }

  int added_ = 0;
  std::shared_ptr<MovingBackend> backend_ = std::make_shared<MovingBackend>();
  Engine engine_{backend_, {}};
};

TEST_F(MovedData, TheirChecksumDecidesAndNotTheirPlace) {
  const SnapshotPtr now = resume_with({"moved", kSize});
  EXPECT_TRUE(now->models[0].kept.is_done) << now->models[0].kept.error;
  EXPECT_EQ(now->models[0].position.step, 5);
  EXPECT_FALSE(now->models[0].curves.train.empty());
  EXPECT_FALSE(now->models[0].opened);
  EXPECT_EQ(now->data->source, "moved");
  EXPECT_EQ(backend_->loads, 2);
}

// Loaded by hand they were read in another way.
TEST_F(MovedData, AreReadAsTheRunReadThem) {
  const SnapshotPtr now = resume_with({"moved"});
  EXPECT_TRUE(now->models[0].kept.is_done) << now->models[0].kept.error;
  EXPECT_EQ(now->models[0].position.step, 5);
  EXPECT_EQ(now->data->source, "moved");
  EXPECT_EQ(now->data->train.count, 512);
}

TEST_F(MovedData, OthersAreRefusedAndStay) {
  added_ = 1;
  const SnapshotPtr now = resume_with({"moved"});
  EXPECT_FALSE(now->models[0].kept.is_done);
  EXPECT_NE(now->models[0].kept.error.find("learned from other data"), std::string::npos);
  EXPECT_EQ(now->data->train.count, 256);
  EXPECT_EQ(now->models[0].position.step, 0);
}

TEST_F(MovedData, WhereTheyChangedInPlaceANewRunSaysSo) {
  added_ = 1;
  const SnapshotPtr now = resume_with({"fake", kSize});
  EXPECT_TRUE(now->models[0].kept.is_done);
  EXPECT_TRUE(now->models[0].curves.train.empty());
  ASSERT_TRUE(now->models[0].opened);
  EXPECT_TRUE(now->models[0].opened->other_data);
  EXPECT_EQ(now->models[0].steps_before, 5);
}

TEST_F(Store, AClosedModelOpensAgain) {
  engine_.post(AddModel{kSecond, {}, 7.0});
  wait_for([](const Snapshot& s) { return s.models.size() == 2; });
  engine_.post(Step{kSecond});
  engine_.post(RemoveModel{kSecond});
  const StoredRun run = wait_for_another(0);
  EXPECT_EQ(run.why, PutAway::closed);
  EXPECT_EQ(run.model, kSecond);
  wait_for([](const Snapshot& s) { return s.models.size() == 1; });
  const ModelView back = return_to(run.id, kSecond);
  EXPECT_EQ(back.position.step, 1);
  EXPECT_EQ(back.settings.kl_weight, 7);
}

TEST_F(Store, AnUnknownRunIsRefused) {
  take(2);
  engine_.post(ReturnTo{kModel, 77});
  wait_for_notice("not kept any more");
  EXPECT_EQ(step(), 2);
}

TEST_F(Store, GoingBackToAStepPutsThePresentAwayAndTrainingGoesOnMeanwhile) {
  engine_.post(Start{kModel});
  wait_for_step(700);
  engine_.post(SetKlWeight{kModel, 4});
  wait_for_step(900);
  engine_.post(ReturnToStep{kModel, 650});
  const StoredRun run = wait_for_another(0);
  EXPECT_EQ(run.why, PutAway::earlier_step);
  EXPECT_GE(run.position.step, 900);
  EXPECT_EQ(run.settings.kl_weight, 4);
  const ModelView now = wait_for([&](const Snapshot& s) {
                          return s.models[0].position.step < run.position.step;
                        })->models[0];
  EXPECT_EQ(now.state, RunState::running);
  EXPECT_EQ(now.settings.kl_weight, 1);  // as it was then
  EXPECT_TRUE(now.curves.marks.empty());
  engine_.post(Pause{kModel});
  const ModelView paused = wait_for_state(RunState::paused)->models[0];
  EXPECT_EQ(dynamic_cast<const FakeModel&>(*paused.weights).learned, paused.position.step);
  EXPECT_EQ(return_to(run.id).position.step, run.position.step);
}

TEST_F(Store, AStepThatCannotBeReachedIsRefusedWithAReason) {
  take(3);
  for (const std::int64_t step : {-1, 3, 4}) {
    engine_.post(ReturnToStep{kModel, step});
    wait_for_notice("step " + std::to_string(step) + " is no earlier one");
  }
  engine_.post(KeepRun{kModel, "kept"});
  wait_for([](const Snapshot& s) { return s.models[0].kept.number == 1; });
  engine_.post(ResumeRun{kModel, "kept"});  // a file has no states of the past
  wait_for([](const Snapshot& s) { return s.models[0].kept.number == 2; });
  take(3);
  engine_.post(ReturnToStep{kModel, 2});
  wait_for_notice("nothing before it is kept whole");
  EXPECT_EQ(step(), 6);
}

TEST_F(Store, AForkStandsBesideAndRunsIfTheFirstRuns) {
  engine_.post(Start{kModel});
  wait_for_step(700);
  engine_.post(Fork{ModelId{1}, kModel, 650, 3.0});
  const SnapshotPtr both = wait_for([](const Snapshot& s) {
    return s.models.size() == 2 && s.find(ModelId{1})->state == RunState::running;
  });
  EXPECT_EQ(both->models[1].settings.kl_weight, 3);
  EXPECT_EQ(both->models[0].settings.kl_weight, 1);
  EXPECT_TRUE(both->stored->runs.empty());  // nothing took the place of a run
}

TEST_F(Store, WhatCannotBeForkedIsRefusedWithAReason) {
  take(3);
  engine_.post(Fork{ModelId{1}, kModel, 4});
  wait_for_notice("step 4 is no earlier one");
  engine_.post(Fork{ModelId{1}, ModelId{2}, 1});
  wait_for_notice("there is no such model");
  engine_.post(Fork{kModel, kModel, 1});
  wait_for_notice("model 0 is open already");
  engine_.post(Fork{ModelId{1}, kModel, 1, -2.0});
  wait_for([](const Snapshot& s) { return s.notices.size() == 4; });
  EXPECT_EQ(engine_.snapshot()->models.size(), 1U);
}

// Steps that another future has by now are not the run's.
TEST_F(Store, AfterADivergenceTheStepsOfTheNewFutureAreReached) {
  engine_.post(Start{kModel});
  wait_for_step(500);
  engine_.post(SetParameter{kModel, "learning_rate", "5"});  // the fake's loss becomes infinite
  const std::int64_t back_at = wait_for_state(RunState::paused)->models[0].position.step;
  engine_.post(SetParameter{kModel, "learning_rate", "0.01"});
  engine_.post(SetKlWeight{kModel, 7});
  take(30);
  engine_.post(ReturnToStep{kModel, back_at + 20});
  const ModelView now = wait_for([&](const Snapshot& s) {
                          return s.models[0].position.step == back_at + 20;
                        })->models[0];
  EXPECT_EQ(now.settings.learning_rate, 0.01);
  EXPECT_EQ(now.settings.kl_weight, 7);
}

// The weights of the best epoch come back in it, as they did at first.
TEST_F(Store, AStepAfterEarlyStoppingIsReached) {
  engine_.post(SetHoldOut{kModel, {128, 2}});  // epochs of three steps; the third is the best
  engine_.post(Reset{kModel});
  engine_.post(Start{kModel});
  wait_for_notice("the weights of epoch 3 are back");
  wait_for_state(RunState::paused);
  take(7);
  EXPECT_EQ(step(), 22);
  engine_.post(ReturnToStep{kModel, 20});
  const ModelView now =
      wait_for([](const Snapshot& s) { return s.models[0].position.step == 20; })->models[0];
  EXPECT_EQ(dynamic_cast<const FakeModel&>(*now.weights).learned, 9 + 5);
  EXPECT_EQ(now.curves.validation.size(), 6U);
}

// ---- the states of one run by themselves

FullStatePtr full_state(std::int64_t step, std::size_t bytes) {
  TrainerState trainer;
  trainer.tensors.push_back({"w", {}, std::vector<float>(bytes / sizeof(float))});
  return std::make_shared<const FullState>(FullState{
      step, std::make_shared<const TrainerState>(std::move(trainer)), {}, nullptr, nullptr});
}

TEST(FullStates, SpreadEvenlyOverTheRunWithinTheirBytes) {
  constexpr std::size_t kBytes = 1 << 16;
  FullStates states;
  states.set_most_bytes(9 * kBytes);
  states.add(std::make_shared<const FullState>());  // without tensors
  for (std::int64_t step = 200; step <= 40000; step += 200) states.add(full_state(step, kBytes));
  const FullStateList all = *states.states();
  EXPECT_LE(bytes_of(all), 9 * kBytes);
  EXPECT_GE(all.size(), 8U);
  EXPECT_EQ(all.front()->step, 0);
  EXPECT_EQ(all.back()->step, 40000);
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_LE(all[i]->step - all[i - 1]->step, 3 * 40000 / 8);
  }
  EXPECT_EQ(nearest_before(all, 39999), all[all.size() - 2]);
  EXPECT_EQ(nearest_before(all, 40000), all.back());
  EXPECT_EQ(nearest_before({all.back()}, 39999), nullptr);
  states.drop_after(20000);
  EXPECT_LE(states.states()->back()->step, 20000);
}

// ---- the store by itself

WholeRun whole(std::size_t bytes, std::shared_ptr<const Dataset> data) {
  WholeRun run;
  run.state.checkpoint.state.tensors.push_back({"w", {}, std::vector<float>(bytes / 4)});
  run.data = std::move(data);
  return run;
}

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

std::uint32_t count_of(const RunStore::DataPtr& data) {
  return static_cast<std::uint32_t>(data->train.count);
}

TEST(RunStore, TheOldestGoesFirstAndPinnedOnesStay) {
  const auto data = fake_data();
  RunStore store(count_of);
  store.set_present_data(data);
  store.set_most_bytes(20 * kMegabyte);  // a half of it for pasts
  for (int i = 0; i < 3; ++i) store.add(whole(3 * kMegabyte, data), 0);
  store.pin(1, true);
  EXPECT_EQ(store.shown()->dropped, 0U);
  store.add(whole(3 * kMegabyte, data), 0);
  EXPECT_FALSE(store.find(2));
  EXPECT_TRUE(store.find(1) && store.find(3) && store.find(4));
  EXPECT_EQ(store.shown()->dropped, 1U);
  EXPECT_LE(store.shown()->bytes, store.shown()->room_bytes);
  EXPECT_FALSE(store.add(whole(9 * kMegabyte, data), 0));  // beside the pinned one
  EXPECT_TRUE(store.find(1));
  EXPECT_FALSE(store.find(3));
}

// So many moments of a megabyte each.
std::shared_ptr<const Moments> past_of(int moments) {
  auto codes = std::make_shared<Codes>();
  codes->mean.own().resize(kMegabyte / sizeof(float));
  Moments past;
  for (int i = 0; i < moments; ++i) {
    auto moment = std::make_shared<Moment>();
    moment->position.step = i;
    moment->decoder = std::make_shared<FakeModel>();
    moment->train_sample = codes;
    past.push_back(moment);
  }
  return std::make_shared<const Moments>(std::move(past));
}

TEST(RunStore, PastsThinOutFromTheOldestOnAsFarAsIsNeeded) {
  const auto data = fake_data();
  RunStore store(count_of);
  store.set_present_data(data);
  store.set_most_bytes(64 * kMegabyte);
  const auto add = [&](int moments) {
    WholeRun run = whole(kMegabyte, data);
    run.past.moments = past_of(moments);
    store.add(std::move(run), 0);
  };
  const auto moments_of = [&](std::uint64_t id) { return store.find(id)->past.moments->size(); };
  add(40);  // of 32 MB
  EXPECT_EQ(moments_of(1), 30U);
  EXPECT_EQ(store.find(1)->past.moments->front()->position.step, 0);
  EXPECT_EQ(store.find(1)->past.moments->back()->position.step, 39);
  add(20);
  EXPECT_EQ(moments_of(1), 9U);
  EXPECT_EQ(moments_of(2), 20U);
  add(28);
  EXPECT_EQ(moments_of(1), 2U);  // the first and the last, or a sixteenth
  EXPECT_EQ(moments_of(2), 2U);
  EXPECT_EQ(moments_of(3), 24U);
  EXPECT_EQ(store.shown()->runs.size(), 3U);
  EXPECT_LE(store.shown()->bytes, store.shown()->room_bytes);
}

TEST(RunStore, DataThatNoModelUsesAreCountedAndGoBeforeARunDoes) {
  const auto old_data = fake_data(40000), data = fake_data();  // 2.7 MB
  RunStore store(count_of);
  store.set_present_data(old_data);
  store.set_most_bytes(20 * kMegabyte);
  store.add(whole(3 * kMegabyte, old_data), 0);
  store.add(whole(3 * kMegabyte, old_data), 0);
  const std::size_t before = store.shown()->bytes;
  store.set_present_data(data);
  EXPECT_GT(store.shown()->bytes, before + 2 * kMegabyte);
  EXPECT_TRUE(store.find(1)->data);
  store.add(whole(3 * kMegabyte, data), 0);
  EXPECT_EQ(store.shown()->runs.size(), 3U);
  EXPECT_FALSE(store.find(1)->data);
  EXPECT_EQ(store.find(1)->state.data_checksum, 40000U);  // to know them again
  EXPECT_TRUE(store.find(3)->data);
}

// A run that diverges has codes of any size, and codes that are no numbers.
TEST(Thumbnail, ADotLiesInTheFrameWhateverItsCode) {
  constexpr float kMost = std::numeric_limits<float>::max();
  const auto data = fake_data();
  Codes codes;
  codes.latent = 2;
  codes.indices =
      std::make_shared<const std::vector<std::int64_t>>(std::vector<std::int64_t>{0, 1, 2, 3});
  codes.mean = {-kMost, 0, kMost, 0, 0, std::nanf(""), 0, std::numeric_limits<float>::infinity()};
  const auto thumbnail = thumbnail_of(codes, *data);
  ASSERT_EQ(thumbnail->dots.size(), 4U);
  EXPECT_EQ(thumbnail->dots[0].x, 0);
  EXPECT_EQ(thumbnail->dots[1].x, 255);
  for (const std::size_t dot : {2U, 3U}) {  // in the middle
    EXPECT_EQ(thumbnail->dots[dot].x, 127);
    EXPECT_EQ(thumbnail->dots[dot].y, 127);
  }
}

}  // namespace
}  // namespace zscape
