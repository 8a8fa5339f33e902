#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_value.h"
#include "app/cli/train_run.h"
#include "engine/io/atomic_file.h"
#include "engine/text.h"
#include "engine/training/plan_json.h"

namespace zscape {
namespace {

template <class Value>
std::vector<Value> first(const std::vector<Value>& values, std::int64_t rows, std::size_t width) {
  const auto count = std::min(values.size(), static_cast<std::size_t>(rows) * width);
  return {values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count)};
}

// Only what is kept is copied: the whole may fill the memory.
std::shared_ptr<const Dataset> limited(std::shared_ptr<const Dataset> data, std::int64_t limit) {
  if (limit == 0 || limit >= data->train.count) return data;
  const auto inputs = static_cast<std::size_t>(data->inputs());
  const Split& train = data->train;
  return std::make_shared<const Dataset>(
      Dataset{.name = data->name,
              .source = data->source,
              .shape = data->shape,
              .scaling = data->scaling,
              .class_names = data->class_names,
              .factor_names = data->factor_names,
              .train = {.count = limit,
                        .pixels = first(train.pixels, limit, inputs),
                        .values = first(train.values, limit, inputs),
                        .labels = first(train.labels, limit, 1),
                        .factors = first(train.factors, limit, data->factor_names.size())},
              .test = data->test});
}

// Finds out before the work whether its results can be written.
Outcome<void> check_places(const TrainOptions& options) {
  if (!options.out.empty()) {
    if (const auto can = check_can_write(options.out); !can) return failed(can.error().message);
  }
  if (options.checkpoint.empty()) return {};
  std::error_code error;
  std::filesystem::create_directories(options.checkpoint, error);
  if (error) {
    return failed(
        tr("--checkpoint {}: the folder cannot be made: {}", options.checkpoint, error.message()));
  }
  const auto file = std::filesystem::path(options.checkpoint) / "checkpoint.safetensors";
  if (const auto can = check_can_write(file.string()); !can) return failed(can.error().message);
  return {};
}

// The plan of the run that a checkpoint keeps.
Outcome<RunPlan> plan_of(const Checkpoint& checkpoint, const std::string& path) {
  try {
    const Json memory = Json::parse(checkpoint.run);
    const bool is_older = memory.contains("arguments");
    auto plan = plan_from_json(memory.at(is_older ? "arguments" : "plan"));
    if (!plan) return failed(fmt::format("{}: {}", path, plan.error().message));
    return *plan;
  } catch (const Json::exception& error) {
    return failed(tr("{}: its options cannot be read: {}", path, error.what()));
  }
}

}  // namespace

Outcome<void> run_train(const TrainOptions& line, const Machine& machine, Console& console) {
  TrainOptions options = line;
  std::optional<Checkpoint> checkpoint;
  if (!line.resume.empty()) {
    auto opened =
        machine.make_backend({.threads = 1, .device = Device::cpu})->open_checkpoint(line.resume);
    if (!opened) return failed(opened.error().message);
    checkpoint = std::move(*opened);
    const auto stored = plan_of(*checkpoint, line.resume);
    if (!stored) return tl::unexpected(stored.error());
    auto plan = resumed(line.given, *stored);
    if (!plan) return tl::unexpected(plan.error());
    options.plan = std::move(*plan);
  }
  const auto computing = machine.settled(options.plan.compute);
  if (!computing) return failed(computing.error().message);
  options.plan.compute.kernels = computing->kernels;
  options.plan.compute.device = computing->device;
  const std::shared_ptr<Backend> backend = machine.make_backend(*computing);
  backend->enter_thread(ThreadRole::engine);
  if (auto checked = check_places(options); !checked) return checked;
  auto loaded = [&] {
    ProgressLine progress(console);
    return backend->load_data(options.plan.data,
                              progress.progress("loading " + options.plan.data.source));
  }();
  if (!loaded) return ended_by(loaded.error());
  const std::shared_ptr<const Dataset> data = limited(*std::move(loaded), options.plan.limit);
  if (options.plan.hold_out.rows >= data->train.count) {
    return wrong_usage(
        tr("--validation: {} of {} training inputs leave none to learn "
           "from; hold out fewer",
           options.plan.hold_out.rows, data->train.count));
  }
  const Likelihood chosen = options.plan.spec.likelihood;
  options.plan.spec = fitted(options.plan.spec, *data);
  if (options.plan.chose_likelihood) options.plan.spec.likelihood = chosen;

  TrainRun run(options, data, *backend, console);
  if (auto begun = run.begin(checkpoint ? &*checkpoint : nullptr); !begun) return begun;
  const auto trained = run.train();
  if (const auto warning = backend->take_warning(); !warning.empty()) {
    console.err << "zscape: " << warning << std::endl;
  }
  if (!trained) return trained;
  if (interrupted()) return tl::unexpected(Failure{ExitCode::interrupted, "interrupted"});
  return {};
}

}  // namespace zscape
