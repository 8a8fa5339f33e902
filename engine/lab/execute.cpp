#include "engine/lab/execute.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <filesystem>
#include <utility>
#include <variant>

#include "engine/code_range.h"
#include "engine/json_text.h"
#include "engine/lab/lines.h"
#include "engine/lab/measuring.h"
#include "engine/sequences.h"
#include "engine/text.h"
#include "engine/thrown.h"
#include "engine/training/data_parameters.h"
#include "engine/training/limited.h"
#include "engine/training/loop.h"
#include "engine/training/plan_json.h"

namespace zscape {
namespace {

using Json = nlohmann::json;

// FNV-1a, 64 bits.
std::string hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char letter : text) {
    hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211ULL;
  }
  return fmt::format("{:016x}", hash);
}

// How the data are read, as text.
std::string request_text(const RunPlan& plan) {
  std::string text;
  for (const Parameter& row : data_parameters()) {
    if (row.key != "limit") text += fmt::format("{}={};", row.key, row.field.text(plan));
  }
  return text;
}

// The plan fitted to its data, checked as `zscape train` does.
Expected<RunPlan> fitted_plan(RunPlan plan, const Dataset& data) {
  const Likelihood chosen = plan.spec.likelihood;
  plan.data = as_loaded(plan.data, data);
  plan.spec = fitted(plan.spec, data);
  if (plan.chose_likelihood) plan.spec.likelihood = chosen;
  if (auto fits = validate(plan.spec); !fits) return tl::unexpected(fits.error());
  if (auto fits = check(plan); !fits) return tl::unexpected(fits.error());
  const std::int64_t all = sequence_count(data, SplitName::train);
  const std::int64_t count = plan.limit > 0 ? std::min(plan.limit, all) : all;
  if (plan.hold_out.rows >= count) {
    return fail(tr("validation: {} of {} training inputs leave none to learn from; hold out fewer",
                   plan.hold_out.rows, count));
  }
  return plan;
}

std::string key_of(const LabRun& run) {
  Json measures = Json::array();
  for (const LabMeasure& measure : run.measures)
    measures.push_back({measure.name, measure.options});
  const Json all = {{"plan", Json::parse(lab::plan_text(run.plan))},
                    {"measures", measures},
                    {"data", run.data_checksum},
                    {"version", lab_version()}};
  return hash_of(all.dump());
}

std::string told(const Diverged& diverged, const RunPlan& plan) {
  switch (diverged.loss) {
    case Diverged::Loss::training:
      break;
    case Diverged::Loss::test:
      return tr(
          "training diverged at step {}: the test loss is not finite; its learning rate is {}",
          diverged.step, plan.settings.learning_rate);
    case Diverged::Loss::validation:
      return tr(
          "training diverged at step {}: the validation loss is not finite; its learning "
          "rate is {}",
          diverged.step, plan.settings.learning_rate);
  }
  return tr("training diverged at step {}: the loss is not finite; its learning rate is {}",
            diverged.step, plan.settings.learning_rate);
}

Error cancelled() {
  return {tr("the run was cancelled"), ErrorCode::cancelled};
}

// Trains until the plan is fulfilled; fills in the epochs.
Expected<void> train(TrainingLoop& loop, std::vector<EpochMeasured>& epochs,
                     const Progress& progress) {
  const RunPlan& plan = loop.plan();
  const auto steps = static_cast<double>(plan.epochs * loop.steps_per_epoch());
  const auto done = [&] { return static_cast<double>(loop.position().step) / steps; };
  const Budget budget{.go_on = [&] { return report(progress, done()); }};
  while (!loop.is_over()) {
    if (!report(progress, done())) return tl::unexpected(cancelled());
    const auto events = loop.advance(budget);
    if (!events) return tl::unexpected(events.error());
    for (const LoopEvent& event : *events) {
      if (const auto* epoch = std::get_if<EpochMeasured>(&event)) epochs.push_back(*epoch);
      if (const auto* diverged = std::get_if<Diverged>(&event)) return fail(told(*diverged, plan));
    }
  }
  return {};
}

constexpr double kTrainingShare = 0.8;  // of the progress; measuring has the rest

Expected<LabResult> trained_and_measured(const LabRun& run, Backend& backend, LabData& all_data,
                                         const std::string& models, const Progress& progress) {
  const auto loaded = all_data.limited(run.plan, part_of(progress, 0, 0));
  if (!loaded) return tl::unexpected(loaded.error());
  if (loaded->checksum != run.data_checksum) {
    return fail(
        tr("{} holds other data than those with which this lab began", run.plan.data.source));
  }
  const Dataset& data = *loaded->data;
  auto plan = fitted_plan(run.plan, data);
  if (!plan) return tl::unexpected(plan.error());
  auto trainer = backend.make_trainer(task_of(*plan, loaded->data));
  if (!trainer) return tl::unexpected(trainer.error());
  TrainingLoop loop(*plan, *std::move(trainer), loaded->data);
  std::vector<EpochMeasured> epochs;
  if (auto trained = train(loop, epochs, part_of(progress, 0, kTrainingShare)); !trained) {
    return tl::unexpected(trained.error());
  }
  auto [model, record] = loop.result();
  LabResult result = failure_of(run, "");
  const std::string file = models.empty() ? "" : (std::filesystem::path(models) / run.key).string();
  if (!file.empty()) {
    const auto codes = code_range(*model, data, loop.train_rows());
    if (!codes) return tl::unexpected(codes.error());
    record.codes = *codes;
    const auto whole = all_data.load(run.plan.data);
    if (whole && whole->data != loaded->data) record.limit = plan->limit;  // it drew some
    if (auto saved = backend.save_model(*model, record, file + ".safetensors"); !saved) {
      return tl::unexpected(saved.error());
    }
  }
  const lab::Trained trained{*plan, data, model, record, loop.train_rows(), std::move(epochs),
                             file};
  if (auto measured =
          lab::measure(run.measures, trained, result, part_of(progress, kTrainingShare, 1));
      !measured) {
    return tl::unexpected(measured.error());
  }
  return result;
}

}  // namespace

std::string_view lab_version() {
  return ZSCAPE_VERSION;
}

Expected<LabData::Loaded> LabData::load(const DataRequest& request, const Progress& progress) {
  RunPlan plan;
  plan.data = request;
  const std::string text = request_text(plan);
  if (const auto found = all_.find(text); found != all_.end()) return found->second;
  auto data = backend_.load_data(request, progress);
  if (!data) return tl::unexpected(data.error());
  const std::uint32_t checksum = backend_.checksum(**data);
  return all_[text] = {*std::move(data), checksum};
}

Expected<LabData::Loaded> LabData::limited(const RunPlan& plan, const Progress& progress) {
  auto whole = load(plan.data, progress);
  if (!whole || plan.limit == 0) return whole;
  const std::string text = fmt::format("{}{} {}", request_text(plan), plan.limit, plan.seed);
  if (const auto found = limited_.find(text); found != limited_.end()) return found->second;
  limited_.clear();
  return limited_[text] = {zscape::limited(whole->data, plan.limit, plan.seed), whole->checksum};
}

Expected<void> settle(std::vector<LabRun>& runs, LabData& data, const Progress& progress) {
  for (LabRun& run : runs) {
    const auto loaded = data.load(run.plan.data, progress);
    if (!loaded) return tl::unexpected(loaded.error());
    auto plan = fitted_plan(run.plan, *loaded->data);
    if (!plan) return fail(tr("{}: {}", place_text(run.axes), plan.error().message));
    run.plan = *std::move(plan);
    run.data_checksum = loaded->checksum;
    run.key = key_of(run);
  }
  return {};
}

LabResult failure_of(const LabRun& run, const std::string& why) {
  return {.key = run.key,
          .axes = run.axes,
          .seed = run.plan.seed,
          .plan = lab::plan_text(run.plan),
          .error = why};
}

Expected<LabResult> execute(const LabRun& run, Backend& backend, LabData& data,
                            const std::string& models, const Progress& progress) {
  try {
    auto result = trained_and_measured(run, backend, data, models, progress);
    if (result || result.error().code == ErrorCode::cancelled) return result;
    return failure_of(run, result.error().message);
  } catch (const std::bad_alloc&) {
    return failure_of(run, tr("there is not enough memory for this"));
  } catch (const std::exception& error) {
    return failure_of(run, first_line(error));
  }
}

std::string line_of(const LabRun& run) {
  OrderedJson line;
  line["key"] = run.key;
  line["axes"] = lab::axes_json(run.axes);
  line["data_checksum"] = run.data_checksum;
  line["plan"] = OrderedJson(to_json(run.plan));
  line["kernels"] = run.plan.compute.kernels;
  line["measure"] = OrderedJson::array();
  for (const LabMeasure& measure : run.measures) {
    line["measure"].push_back({{"name", measure.name},
                               {"options", measure.options},
                               {"columns", measure.columns},
                               {"curves", measure.curves}});
  }
  return line.dump();
}

Expected<LabRun> run_from(std::string_view line) {
  try {
    const auto json = json_from<OrderedJson>(line);
    LabRun run;
    run.key = json.at("key").get<std::string>();
    run.axes = lab::axes_from(json.at("axes"));
    run.data_checksum = whole_from<std::uint32_t>(json.at("data_checksum"));
    auto plan = plan_from_json(Json(json.at("plan")));
    if (!plan) return tl::unexpected(plan.error());
    run.plan = *std::move(plan);
    run.plan.compute.kernels = json.at("kernels").get<std::string>();
    for (const OrderedJson& measure : json.at("measure")) {
      run.measures.push_back({measure.at("name").get<std::string>(),
                              measure.at("options").get<std::string>(),
                              measure.at("columns").get<std::vector<std::string>>(),
                              measure.at("curves").get<std::vector<std::string>>()});
    }
    return run;
  } catch (const OrderedJson::exception& error) {
    return fail(tr("a run of the lab cannot be read: {}", error.what()));
  }
}

}  // namespace zscape
