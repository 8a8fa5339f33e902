// Evaluation, threads and determinism through the real backend.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <numbers>
#include <numeric>
#include <thread>
#include <utility>

#include "engine/backend/machine.h"
#include "engine/core/session_files.h"
#include "engine/engine.h"
#include "tests/steps_fixture.h"
#include "tests/training_fixture.h"

namespace zscape {
namespace {

TEST(Evaluate, IsTheSameHoweverTheRowsAreNamed) {
  const auto data = patterns();
  const auto model = trainer(ModelKind::vae, data)->freeze();
  std::vector<std::int64_t> rows(100);
  std::iota(rows.begin(), rows.end(), 0);
  const auto named = model->evaluate(*data, SplitName::test,
                                     std::make_shared<const std::vector<std::int64_t>>(rows),
                                     {1, 5, std::nullopt});
  const auto whole = model->evaluate(*data, SplitName::test, nullptr, {1, 5, std::nullopt});
  EXPECT_EQ(named->loss, whole->loss);
  EXPECT_NEAR(whole->loss, whole->reconstruction + whole->kl, 1e-9);
}

TEST(Evaluate, WhereADeviceFailsTheCpuDoesItAndSaysSoOnce) {
  const auto data = patterns();
  Autoencoder weights(spec_for(ModelKind::vae, *data));
  weights.initialise(0);
  const auto warning = std::make_shared<Warning>();
  const at::Device kNowhere(at::kCUDA, 100);
  const FrozenAutoencoder on_cpu(weights.clone(), 1, 1);
  const FrozenAutoencoder nowhere(weights.clone(), 1, 1, {kNowhere, warning});
  const auto losses = nowhere.evaluate(*data, SplitName::test, nullptr, {1, 5, std::nullopt});
  ASSERT_TRUE(losses);
  EXPECT_EQ(losses->loss,
            on_cpu.evaluate(*data, SplitName::test, nullptr, {1, 5, std::nullopt})->loss);
  const std::string said = warning->take();
  EXPECT_EQ(said.find("The GPU could not"), 0U) << said;
  EXPECT_EQ(said.find('\n'), std::string::npos);
  ASSERT_TRUE(nowhere.encode(*data, SplitName::test, nullptr, {}));
  EXPECT_EQ(warning->take(), "");
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

TEST(Machine, IsMeasuredOnceAndKept) {
  const std::string cache = testing::TempDir() + "zscape-cache";
  std::filesystem::remove_all(cache);
  const char* before = std::getenv("XDG_CACHE_HOME");
  const std::string kept = before ? before : "";
  setenv("XDG_CACHE_HOME", cache.c_str(), 1);
  int calls = 0;
  double slowed = 1;  // by programs beside
  std::map<std::string, double> seconds = {{"wide", 0.105}, {"narrow", 0.1}, {"library", 0.4}};
  const auto time_step = [&](const std::string& kernels, int threads) {
    ++calls;
    return StepTime{slowed * seconds.at(kernels) * threads, seconds.at(kernels)};
  };
  const auto names = [&](const std::vector<std::string>& candidates) {
    std::string all;
    for (const auto& speed : kernels_by_speed(candidates, 1e9, time_step)) all += speed.name + " ";
    return all;
  };
  const std::vector<std::string> candidates = {"wide", "narrow", "library"};
  // The other cores are busy: this thread is not slowed, but more threads look slower than they
  // are.
  bool loaded = true;
  const LoadWatch watch = [&] { return [&] { return loaded; }; };
  EXPECT_EQ(fastest_thread_count("wide", time_step, watch), 1);  // not kept
  loaded = false;
  const int loaded_calls = calls;
  slowed = 2;
  EXPECT_EQ(fastest_thread_count("wide", time_step, watch), 1);  // not kept
  EXPECT_GT(calls, loaded_calls);
  calls -= loaded_calls;
  slowed = 1;
  const int disturbed_calls = std::exchange(calls, 0);
  EXPECT_EQ(fastest_thread_count("wide", time_step, watch), 1);
  EXPECT_EQ(calls, disturbed_calls);
  EXPECT_EQ(names(candidates), "wide narrow library ");  // not clearly slower
  const int first_calls = calls;
  EXPECT_EQ(fastest_thread_count("wide", time_step, watch), 1);
  EXPECT_NEAR(kernels_by_speed(candidates, 1e9, time_step)[1].gigaflops, 10, 1e-9);
  EXPECT_EQ(calls, first_calls);
  std::ofstream(cache + "/zscape/machine.json") << "{ broken";
  seconds["library"] = 0.05;
  EXPECT_EQ(names(candidates), "library wide narrow ");
  EXPECT_GT(calls, first_calls);
  EXPECT_EQ(fastest_thread_count("wide", time_step, watch), 1);
  before ? setenv("XDG_CACHE_HOME", kept.c_str(), 1) : unsetenv("XDG_CACHE_HOME");
}

bool equal(const Curve& a, const Curve& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].step != b[i].step || a[i].epoch != b[i].epoch || a[i].loss != b[i].loss ||
        a[i].kl_weight != b[i].kl_weight || std::isnan(a[i].mse) != std::isnan(b[i].mse)) {
      return false;
    }
  }
  return true;
}

#ifdef __linux__
std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// Each is made between copies of all weights that live for a moment only, as in the engine.
TEST(History, AMomentsDecoderTakesTheMemoryThatItCounts) {
  const auto data = patterns();
  ModelSpec spec = spec_for(ModelKind::vae, *data);
  spec.shape = {28, 28, 1};
  spec.hidden = {400};
  auto wide = std::make_shared<Dataset>(*data);
  wide->shape = spec.shape;
  for (Split* split : {&wide->train, &wide->test}) {
    split->pixels.own().assign(static_cast<std::size_t>(split->count * spec.shape.size()), 99);
  }
  TrainingTask task;
  task.spec = spec;
  task.data = wide;
  const auto trainer = make_torch_backend({.threads = 1})->make_trainer(task);
  ASSERT_TRUE(trainer) << trainer.error().message;
  FrozenModelPtr newest = (*trainer)->freeze();
  std::vector<DecoderPtr> moments;
  std::size_t counted = 0;
  const std::size_t before = resident_bytes();
  for (int i = 0; i < 150; ++i) {
    newest = (*trainer)->freeze();
    moments.push_back(newest->half_precision_decoder());
    counted += moments.back()->bytes();
  }
  EXPECT_GT(counted, std::size_t{80} << 20);
  EXPECT_LT(resident_bytes() - before, counted / 4);
}
#endif

// Undo: a run that was put away trains on as the unbroken one would.
TEST(Store, ARunThatWasPutAwayGoesOnToTheSameBits) {
  constexpr int kBefore = 133, kAfter = 300;  // in the middle of an epoch
  for (const ModelKind kind : {ModelKind::vae, ModelKind::cvae}) {
    Steps unbroken, undone;
    for (Steps* steps : {&unbroken, &undone}) {
      steps->begin(kind);
      steps->take(60);
      steps->engine.post(SetKlWeight{kModel, 0.3});  // by hand, which ends the schedule
      steps->take(kBefore - 60);
    }
    const ModelView then = undone.view();
    undone.engine.post(ReplaceModel{kModel, spec_for(ModelKind::ae, *patterns())});
    const auto has_begun = [](const ModelView& now) { return now.position.step == 0; };
    undone.wait_for(has_begun);
    undone.take(20);
    undone.engine.post(Reset{kModel});
    undone.wait_for(has_begun);
    const auto stored = undone.engine.snapshot()->stored;
    ASSERT_EQ(stored->runs.size(), 2U);
    EXPECT_EQ(stored->runs[0].spec.kind, kind);
    undone.engine.post(ReturnTo{kModel, stored->runs[0].id});
    undone.wait_for([](const ModelView& now) { return now.returns == 1; });
    EXPECT_EQ(undone.view().position, then.position);
    EXPECT_EQ(weights_of(*undone.view().weights), weights_of(*then.weights));
    EXPECT_EQ(undone.view().curves.marks.size(), then.curves.marks.size());
    EXPECT_EQ(undone.view().history->size(), then.history->size());
    for (Steps* steps : {&unbroken, &undone}) steps->take(kAfter);
    const ModelView one = unbroken.view(), other = undone.view();
    EXPECT_EQ(weights_of(*other.weights), weights_of(*one.weights)) << name_of(kind);
    EXPECT_TRUE(equal(other.curves.train, one.curves.train));
    EXPECT_TRUE(equal(other.curves.test, one.curves.test));
    EXPECT_TRUE(equal(other.curves.validation, one.curves.validation));
  }
}

// Every step of the past is reached from a state before it, whatever was changed meanwhile.
TEST(Store, AnEarlierStepIsReachedWithTheBitsThatItHad) {
  struct Case {
    ModelSpec spec;
    int threads;
  };
  const auto spec = [](ModelKind kind) { return spec_for(kind, *patterns()); };
  std::vector<Case> cases = {{spec(ModelKind::vae), 1},
                             {spec(ModelKind::vae), 2},
                             {spec(ModelKind::cvae), 1},
                             {spec(ModelKind::dae), 2}};
  for (const int threads : {1, 2}) {  // of autograd
    cases.push_back({spec(ModelKind::vae), threads});
    cases.back().spec.activation = Activation::elu;
  }
  for (const Case& each : cases) {
    SCOPED_TRACE(std::string(name_of(each.spec.kind)) + " by " + std::to_string(each.threads));
    Steps run(320, each.threads);
    run.begin(each.spec);
    std::map<std::int64_t, std::vector<float>> weights;
    std::map<std::int64_t, StepSettings> settings;
    const auto take_to = [&](std::int64_t step) {
      run.take(static_cast<int>(step - run.view().position.step));
      weights[step] = weights_of(*run.view().weights);
    };
    const auto turn = [&](const char* key, const char* value) {
      run.engine.post(SetParameter{kModel, key, value});
    };
    take_to(30);
    take_to(63);  // the end of an epoch
    run.engine.post(SetKlWeight{kModel, 0.3});
    take_to(100);
    turn("learning_rate", "0.003");
    take_to(150);
    turn("batch", "20");
    take_to(250);
    run.engine.post(SetKlSchedule{kModel, {KlSchedule::Kind::cyclic, 80, 4, 250}});
    take_to(310);
    take_to(440);
    const ModelView then = run.view();
    EXPECT_GE(then.whole_steps->size(), 2U);
    EXPECT_EQ(then.whole_steps->front(), 0);

    for (const std::int64_t step : {310, 150, 63, 30}) {
      run.engine.post(ReturnToStep{kModel, step});
      run.wait_for([step](const ModelView& now) { return now.position.step == step; });
      const ModelView back = run.view();
      EXPECT_EQ(weights_of(*back.weights), weights[step]) << step;
      EXPECT_LE(back.curves.train.back().step, step);
      EXPECT_LE(back.history->back()->position.step, step);
      const std::uint64_t whole = run.engine.snapshot()->stored->runs.back().id;
      if (step == 310) {  // it goes on as it did, and the way back from there is open too
        run.take(130);
        EXPECT_EQ(weights_of(*run.view().weights), weights[440]);
        EXPECT_EQ(run.view().settings.kl_weight, then.settings.kl_weight);
        run.engine.post(ReturnToStep{kModel, 250});
        run.wait_for([](const ModelView& now) { return now.position.step == 250; });
        EXPECT_EQ(weights_of(*run.view().weights), weights[250]);
      }
      // Undo.
      const std::uint64_t returns = run.view().returns;
      run.engine.post(ReturnTo{kModel, whole});
      run.wait_for([returns](const ModelView& now) { return now.returns > returns; });
      EXPECT_EQ(run.view().position, then.position);
      EXPECT_EQ(weights_of(*run.view().weights), weights[440]);
    }
  }
}

// A session keeps its run so that the next window goes on with it.
TEST(Session, ARunGoesOnInAnotherWindowToTheSameBits) {
  constexpr int kBefore = 333, kAfter = 1000;  // in the middle of an epoch, while λ rises
  const std::string file = testing::TempDir() + "zscape-kept.safetensors";
  Steps unbroken;
  unbroken.begin(ModelKind::vae);
  unbroken.take(kBefore);
  unbroken.engine.post(SetParameter{kModel, "learning_rate", "0.002"});
  unbroken.keep(file);
  const ModelView then = unbroken.view();
  EXPECT_GT(then.position.seen_in_epoch, 0);
  unbroken.take(kAfter);

  Steps again;
  again.resume(file);
  const ModelView resumed = again.view();
  ASSERT_TRUE(resumed.kept.is_done);
  EXPECT_EQ(resumed.position, then.position);
  EXPECT_EQ(resumed.kl_schedule, then.kl_schedule);
  EXPECT_EQ(resumed.settings.learning_rate, 0.002);
  EXPECT_EQ(resumed.hold_out, then.hold_out);
  EXPECT_TRUE(equal(resumed.curves.train, then.curves.train));
  EXPECT_TRUE(equal(resumed.curves.test, then.curves.test));
  EXPECT_TRUE(equal(resumed.curves.validation, then.curves.validation));
  EXPECT_EQ(resumed.curves.marks.size(), then.curves.marks.size());
  again.take(kAfter);
  const ModelView one = unbroken.view(), other = again.view();
  EXPECT_EQ(weights_of(*other.weights), weights_of(*one.weights));
  EXPECT_TRUE(equal(other.curves.train, one.curves.train));
  EXPECT_TRUE(equal(other.curves.test, one.curves.test));
  EXPECT_TRUE(equal(other.curves.validation, one.curves.validation));
  EXPECT_EQ(other.settings.kl_weight, one.settings.kl_weight);

  // Opened as a model: it holds a run, before its data are there as well as after.
  for (const bool waits_for_data : {false, true}) {
    Steps opened;
    if (waits_for_data) opened.engine.post(OpenModel{kModel, file});
    opened.engine.post(LoadData{kModel, "fake", {}});
    if (!waits_for_data) opened.engine.post(OpenModel{kModel, file});
    opened.wait_for([&](const ModelView& now) { return now.position == then.position; });
    EXPECT_EQ(weights_of(*opened.view().weights), weights_of(*then.weights));
    EXPECT_TRUE(equal(opened.view().curves.train, then.curves.train));
  }

  // Other data under the same name: the weights alone are of use.
  Steps elsewhere(400);
  elsewhere.resume(file);
  EXPECT_TRUE(elsewhere.view().kept.is_done);
  EXPECT_EQ(weights_of(*elsewhere.view().weights), weights_of(*then.weights));
  EXPECT_TRUE(elsewhere.view().curves.train.empty());
}

// What it draws at one place.
std::vector<float> picture_of(const Decoder& decoder) {
  std::vector<float> picture(static_cast<std::size_t>(decoder.shape().size()));
  const std::vector<float> z(static_cast<std::size_t>(decoder.latent()), 0.5F);
  decoder.decode(z, {}, picture);
  return picture;
}

// Whole states are written once each, beside the run; they are moments of the time line and lead to
// all steps after them.
TEST(Session, ThePastOfARunComesBack) {
  const std::filesystem::path folder = testing::TempDir() + "zscape-past";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const std::string file = (folder / "mine.1.safetensors").string();
  const auto state_files = [&] {
    std::map<std::string, std::filesystem::file_time_type> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".state") files[entry.path()] = entry.last_write_time();
    }
    return files;
  };
  const auto keep = [&](Steps& run) {
    const std::uint64_t number = run.view().kept.number;
    run.engine.post(KeepRun{kModel, file, "mine."});
    run.wait_for([number](const ModelView& now) { return now.kept.number > number; });
    EXPECT_TRUE(run.view().kept.is_done);
  };
  std::map<std::int64_t, std::vector<float>> weights;
  Steps run;
  run.begin(ModelKind::vae);
  while (run.view().whole_steps->size() < 5) {
    run.take(50);
    const std::int64_t step = run.view().position.step;
    weights[step] = weights_of(*run.view().weights);
    if (step == 350) run.engine.post(SetParameter{kModel, "learning_rate", "0.002"});
    if (step == 400) run.engine.post(SetKlWeight{kModel, 0.2});
  }
  const ModelView then = run.view();
  keep(run);
  const auto written = state_files();
  // None of the first weights, nor of the newest state.
  EXPECT_EQ(written.size(), 3U + SessionFiles::kMoments);
  keep(run);
  EXPECT_EQ(state_files(), written);

  Steps again;
  again.resume(file);
  const ModelView back = again.view();
  const std::vector<std::int64_t> whole(then.whole_steps->begin(), then.whole_steps->end() - 1);
  EXPECT_EQ(*back.whole_steps, whole);
  ASSERT_EQ(back.history->size(), SessionFiles::kMoments);
  for (const MomentPtr& moment : *back.history) {
    const std::int64_t at = moment->position.step;
    const auto former = std::ranges::find(*then.history, at,
                                          [](const MomentPtr& one) { return one->position.step; });
    ASSERT_NE(former, then.history->end()) << at;
    EXPECT_EQ(moment->train_sample->mean, (*former)->train_sample->mean) << at;
    EXPECT_EQ(moment->train_sample->sigma, (*former)->train_sample->sigma) << at;
    EXPECT_EQ(*moment->test_sample->indices, *(*former)->test_sample->indices) << at;
    EXPECT_EQ(moment->kl_weight, (*former)->kl_weight) << at;
    EXPECT_EQ(picture_of(*moment->decoder), picture_of(*(*former)->decoder)) << at;
  }
  EXPECT_EQ(back.history->back()->position.step, then.position.step);
  EXPECT_EQ((*back.history)[1]->train_sample->indices, (*back.history)[2]->train_sample->indices);
  const std::int64_t step = (whole[2] / 50 + 1) * 50;
  ASSERT_TRUE(weights.contains(step));
  again.engine.post(ReturnToStep{kModel, step});
  again.wait_for([step](const ModelView& now) { return now.position.step == step; });
  EXPECT_EQ(weights_of(*again.view().weights), weights[step]);
  again.take(static_cast<int>(whole[2] + 60 - step));  // another state is the newest now
  again.engine.post(ReturnToStep{kModel, 30});
  again.wait_for([](const ModelView& now) { return now.position.step == 30; });
  keep(again);
  EXPECT_LT(state_files().size(),
            2 * written.size());  // the future is of the run that was put away

  // Elsewhere the steps would have other bits.
  std::filesystem::remove(file);
  keep(run);
  Checkpoint changed = *run.backend->open_checkpoint(file);
  const std::string here = "\"computed_by\":\"CPU\"";
  ASSERT_NE(changed.run.find(here), std::string::npos);
  changed.run.replace(changed.run.find(here), here.size(), "\"computed_by\":\"GPU\"");
  ASSERT_TRUE(run.backend->save_checkpoint(changed, file));
  Steps elsewhere;
  elsewhere.resume(file);
  EXPECT_EQ(elsewhere.view().position, then.position);
  EXPECT_TRUE(elsewhere.view().whole_steps->empty());
}

TEST(Session, ThePastOfARunOnVectorsComesBack) {
  const std::filesystem::path folder = testing::TempDir() + "zscape-past-of-vectors";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const std::string file = (folder / "mine.1.safetensors").string();
  Steps run;
  run.backend->are_vectors = true;
  run.begin(spec_for(ModelKind::vae, **run.backend->load_data({}, {})));
  run.take(200);
  run.engine.post(KeepRun{kModel, file, "mine."});
  run.wait_for([](const ModelView& now) { return now.kept.number == 1; });
  const ModelView then = run.view();
  ASSERT_GT(then.history->size(), 2U);

  Steps again;
  again.backend->are_vectors = true;
  again.resume(file);
  const ModelView back = again.view();
  EXPECT_EQ(back.spec, then.spec);
  EXPECT_GT(back.history->size(), 2U);
  EXPECT_EQ(back.history->back()->position.step, then.position.step);
}

// What was put away in a session comes back with it and trains on to the same bits; its files go
// with it, as do those of a closed model and what a killed window left.
TEST(Session, RunsThatWerePutAwayComeBack) {
  const std::filesystem::path folder = testing::TempDir() + "zscape-put-away";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const std::string file = (folder / "mine.1.safetensors").string();
  const auto keep = [&](Steps& run, const KeepRun& command) {
    const auto kept = [&] { return run.engine.snapshot()->find(command.model)->kept; };
    const std::uint64_t number = kept().number;
    run.engine.post(command);
    while (kept().number == number) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_TRUE(kept().is_done);
  };
  const auto stored = [](const Steps& run) { return run.engine.snapshot()->stored->runs; };
  const auto stored_file = [&](Steps& run) {
    const auto kept = kept_run_from(*run.backend->open_checkpoint(file));
    EXPECT_EQ(kept->stored.size(), 1U);
    return folder / kept->stored.front().file;
  };
  Steps run;
  run.begin(ModelKind::vae);
  run.take(40);
  run.engine.post(SetKlWeight{kModel, 0.3});
  run.take(10);
  const ModelView left = run.view();
  run.engine.post(Reset{kModel});
  run.wait_for([&](const ModelView& now) { return now.position.step == 0; });
  const StoredRun shown = stored(run).at(0);
  run.engine.post(PinRun{kModel, shown.id, true});
  run.take(20);
  const std::ofstream left_over(folder / "mine.5-0-9.state"), of_another(folder / "mine2.5.state");
  keep(run, {kModel, file, "mine."});
  EXPECT_FALSE(std::filesystem::exists(folder / "mine.5-0-9.state"));
  EXPECT_TRUE(std::filesystem::exists(folder / "mine2.5.state"));

  Steps again;
  again.resume(file);
  ASSERT_EQ(stored(again).size(), 1U);
  const StoredRun back = stored(again).front();
  EXPECT_TRUE(back.is_pinned && back.has_present_data);
  EXPECT_EQ(back.position, left.position);
  EXPECT_EQ(back.settings.kl_weight, 0.3);
  EXPECT_EQ(back.kept_at, shown.kept_at);
  EXPECT_EQ(back.why, PutAway::reset);
  EXPECT_EQ(back.training.loss, shown.training.loss);
  ASSERT_EQ(back.thumbnail->dots.size(), shown.thumbnail->dots.size());
  EXPECT_EQ(back.thumbnail->dots[5].x, shown.thumbnail->dots[5].x);
  again.engine.post(ReturnTo{kModel, back.id});
  again.wait_for([&](const ModelView& now) { return now.returned_to == back.id; });
  EXPECT_EQ(weights_of(*again.view().weights), weights_of(*left.weights));
  EXPECT_TRUE(equal(again.view().curves.train, left.curves.train));
  EXPECT_GT(again.view().history->size(), 10U);

  run.engine.post(ReturnTo{kModel, shown.id});
  run.wait_for([&](const ModelView& now) { return now.returned_to == shown.id; });
  for (Steps* each : {&run, &again}) each->take(25);
  EXPECT_EQ(weights_of(*again.view().weights), weights_of(*run.view().weights));

  // Opened once more, it has no second copy of what is there.
  const std::size_t before = stored(again).size();
  again.engine.post(ResumeRun{kModel, file});
  again.wait_for([](const ModelView& now) { return now.kept.number == 2; });
  EXPECT_EQ(stored(again).size(), before + 1);  // that which gave way

  // A run that goes takes its file along.
  Steps third;
  third.resume(file);
  keep(third, {kModel, file, "mine."});
  const auto former = stored_file(third);
  EXPECT_TRUE(std::filesystem::exists(former));
  const std::uint64_t id = stored(third).front().id;
  third.engine.post(PinRun{kModel, id, false});
  third.engine.post(ReturnTo{kModel, id});
  third.wait_for([&](const ModelView& now) { return now.returned_to == id; });
  third.take(1);
  third.engine.post(SetStoreSize{kModel, 0});  // what is too small for two runs still has one
  third.engine.post(Reset{kModel});
  third.wait_for([](const ModelView& now) { return now.position.step == 0; });
  third.take(1);

  third.engine.post(AddModel{ModelId{1}, left.spec, {}});
  while (third.engine.snapshot()->models.size() < 2) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  keep(third, {ModelId{1}, (folder / "mine.1-2.safetensors").string(), "mine."});
  const auto of_second = [&] {
    return std::ranges::count_if(std::filesystem::directory_iterator(folder),
                                 [](const auto& entry) {
                                   return entry.path().string().find("-1-") != std::string::npos &&
                                          entry.path().extension() == ".state";
                                 });
  };
  EXPECT_GT(of_second(), 0);
  third.engine.post(RemoveModel{ModelId{1}});
  keep(third, {kModel, file, "mine."});
  EXPECT_EQ(of_second(), 0);
  EXPECT_FALSE(std::filesystem::exists(former));  // another took its place
}

// A closed form is not fitted a second time.
TEST(Session, ALinearModelComesBackFitted) {
  const std::string file = testing::TempDir() + "zscape-kept-pca.safetensors";
  Steps fitted;
  fitted.engine.post(ReplaceModel{kModel, spec_for(ModelKind::pca, *patterns(), 3)});
  fitted.engine.post(LoadData{kModel, "fake", {}});
  fitted.wait_for([](const ModelView& now) { return now.position.step == 1; });
  fitted.keep(file);
  Steps again;
  again.resume(file);
  const ModelView resumed = again.view();
  ASSERT_TRUE(resumed.kept.is_done);
  EXPECT_EQ(resumed.position.step, 1);
  EXPECT_EQ(resumed.spec.kind, ModelKind::pca);
  EXPECT_EQ(weights_of(*resumed.weights), weights_of(*fitted.view().weights));
  EXPECT_EQ(resumed.weights->explained_variance().size(), 3U);
}

// The engine with its snapshots, test figures and encodings ends with the same bits as the bare
// trainer.
TEST(Determinism, TheEngineTrainsTheSameBitsAsTheTrainerAlone) {
  EngineOptions options;
  options.publish_hz = 1000;
  Engine engine(std::make_shared<PatternBackend>(), options);
  const auto data = patterns();
  engine.post(ReplaceModel{kModel, spec_for(ModelKind::vae, *data)});
  engine.post(LoadData{kModel, "patterns", {}});
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

// Each has its own streams, and all work is a function of (seed, stream, counter).
TEST(Determinism, TwoModelsSideBySideTrainAsEachWouldAlone) {
  constexpr ModelId kSecond{1};
  EngineOptions options;
  options.publish_hz = 1000;
  Engine engine(std::make_shared<PatternBackend>(), options);
  const auto data = patterns();
  engine.post(ReplaceModel{kModel, spec_for(ModelKind::vae, *data)});
  engine.post(LoadData{kModel, "patterns", {}});
  engine.post(Start{kModel});
  const auto step_of = [&](ModelId id) {
    const auto snapshot = engine.snapshot();
    const ModelView* view = snapshot->find(id);
    return view ? view->position.step : -1;
  };
  const auto wait = [] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); };
  while (step_of(kModel) < 30) wait();
  engine.post(AddModel{kSecond, spec_for(ModelKind::cvae, *data), 0});
  while (step_of(kSecond) < 40) wait();
  engine.post(RemoveModel{kSecond});
  while (step_of(kSecond) >= 0) wait();
  engine.post(AddModel{kSecond, spec_for(ModelKind::vae, *data)});
  while (step_of(kSecond) < 50) wait();
  for (const ModelId id : {kModel, kSecond}) engine.post(Pause{id});
  const auto paused = [&](ModelId id) {
    return engine.snapshot()->find(id)->state == RunState::paused;
  };
  while (!paused(kModel) || !paused(kSecond)) wait();

  const auto last = engine.snapshot();
  const auto alone = trainer(ModelKind::vae, patterns());
  const auto train_to = [&](std::int64_t step) {
    while (alone->position().step < step) alone->step({});
    return weights_of(*alone->freeze());
  };
  EXPECT_EQ(weights_of(*last->find(kSecond)->weights), train_to(step_of(kSecond)));
  EXPECT_EQ(weights_of(*last->find(kModel)->weights), train_to(step_of(kModel)));
}

}  // namespace
}  // namespace zscape
