// What a person feels of the engine's speed: training, the picture under the cursor, the scatter,
// and the embedded data at the start. The reference VAE on the synthetic digits.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "bench/reference_model.h"

namespace zscape {
namespace {

void synthetic_digits(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(value_of(backend()->load_data({"synthetic", {}}, {})));
}
BENCHMARK(synthetic_digits)->Unit(benchmark::kSecond)->Iterations(1)->UseRealTime();

void training_step(benchmark::State& state) {
  const auto trainer = reference_trainer(static_cast<int>(state.range(0)));
  const StepSettings settings;
  for (auto _ : state) benchmark::DoNotOptimize(trainer->step(settings));
  state.SetItemsProcessed(state.iterations() * settings.batch_size);
}
BENCHMARK(training_step)
    ->ArgName("latent")
    ->Arg(2)
    ->Arg(20)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void decode_under_the_cursor(benchmark::State& state) {
  const FrozenModelPtr model = reference_trainer(2)->freeze();
  const std::vector<float> z = {0.4F, -1.0F};
  std::vector<float> picture(static_cast<std::size_t>(model->spec().inputs()));
  for (auto _ : state) {
    model->decode(z, {}, picture);
    benchmark::DoNotOptimize(picture.data());
  }
}
BENCHMARK(decode_under_the_cursor)->Unit(benchmark::kMicrosecond)->UseRealTime();

void encode_the_scatter(benchmark::State& state) {
  const FrozenModelPtr model = reference_trainer(2)->freeze();
  std::vector<std::int64_t> rows(5000);
  std::iota(rows.begin(), rows.end(), 0);
  const auto indices = std::make_shared<const std::vector<std::int64_t>>(std::move(rows));
  for (auto _ : state) {
    benchmark::DoNotOptimize(value_of(model->encode(*digits(), SplitName::train, indices)));
  }
}
BENCHMARK(encode_the_scatter)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace zscape
