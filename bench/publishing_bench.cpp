// What it costs the training that a window looks on: what one snapshot copies and works out, and
// how much of the speed the engine keeps while it publishes thirty of them a second.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

#include "bench/reference_model.h"
#include "engine/engine.h"

namespace zscape {
namespace {

using std::chrono::milliseconds;

// Of the samples that EngineOptions has.
Indices first_rows(std::int64_t count) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), 0);
  return std::make_shared<const std::vector<std::int64_t>>(std::move(rows));
}

void publish_weights(benchmark::State& state) {
  const auto trainer = reference_trainer(2);
  for (auto _ : state) benchmark::DoNotOptimize(trainer->freeze());
}
BENCHMARK(publish_weights)->Unit(benchmark::kMicrosecond)->UseRealTime();

// Some times a second, within a budget of its own: codes of the samples, and a decoder to keep.
void publish_codes(benchmark::State& state) {
  const FrozenModelPtr model = reference_trainer(2)->freeze();
  const EngineOptions options;
  const Indices train = first_rows(options.train_sample), test = first_rows(options.test_sample);
  for (auto _ : state) {
    benchmark::DoNotOptimize(value_of(model->encode(*digits(), SplitName::train, train)));
    benchmark::DoNotOptimize(value_of(model->encode(*digits(), SplitName::test, test)));
    benchmark::DoNotOptimize(model->half_precision_decoder());
  }
}
BENCHMARK(publish_codes)->Unit(benchmark::kMillisecond)->UseRealTime();

EngineOptions publishing(double hertz) {
  EngineOptions options;
  options.publish_hz = hertz;
  return options;
}

// An engine with the reference model, which trains in bursts.
class Session {
 public:
  explicit Session(double hertz) : engine_(backend(), publishing(hertz)) {
    engine_.post(LoadData{kModel, "synthetic", {}});
    wait_until_idle();
  }

  // Samples a second over so long.
  double train(milliseconds time) {
    const ModelView before = engine_.snapshot()->models[0];
    engine_.post(Start{kModel});
    std::this_thread::sleep_for(time);
    engine_.post(Pause{kModel});
    const ModelView after = wait_until_idle();
    const double seconds = after.curves.train.back().seconds - seconds_of(before);
    const auto steps = static_cast<double>(after.position.step - before.position.step);
    return steps * after.settings.batch_size / seconds;
  }

 private:
  static constexpr ModelId kModel = {};

  // By the engine's clock, which stands still in a pause.
  static double seconds_of(const ModelView& view) {
    return view.curves.train.empty() ? 0 : view.curves.train.back().seconds;
  }

  // Paused, and the worker has encoded everything.
  ModelView wait_until_idle() const {
    while (true) {
      const SnapshotPtr snapshot = engine_.snapshot();
      const ModelView& view = snapshot->models[0];
      if (view.state == RunState::paused && view.train_codes) return view;
      std::this_thread::sleep_for(milliseconds(2));
    }
  }

  Engine engine_;
};

// "kept": the speed with thirty snapshots a second as a share of the speed with none, the median
// of pairs.
void training_while_publishing(benchmark::State& state) {
  constexpr int kPairs = 9;
  constexpr double kNever = 1e-3;
  constexpr milliseconds kBurst(500);
  for (auto _ : state) {
    Session publishes(30), is_silent(kNever);
    std::array<double, kPairs> kept{};
    for (double& pair : kept) {
      const double silent = is_silent.train(kBurst);
      pair = publishes.train(kBurst) / silent;
    }
    std::ranges::sort(kept);
    state.counters["kept"] = kept[kPairs / 2];
    state.counters["least"] = kept.front();
    state.counters["most"] = kept.back();
  }
}
BENCHMARK(training_while_publishing)->Unit(benchmark::kSecond)->Iterations(1)->UseRealTime();

}  // namespace
}  // namespace zscape
