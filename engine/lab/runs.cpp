#include <algorithm>
#include <cstddef>
#include <utility>

#include "engine/lab/experiment.h"
#include "engine/text.h"
#include "engine/training/parameters.h"

namespace zscape {
namespace {

constexpr std::size_t kMostRuns = 1'000'000;

bool is_skipped(const Experiment& experiment, const LabPlace& place) {
  return std::ranges::any_of(experiment.skip, [&](const LabPlace& left_out) {
    return std::ranges::all_of(left_out, [&](const AxisPlace& each) {
      return std::ranges::find(place, each) != place.end();
    });
  });
}

struct GivenSetting {
  const LabSetting* setting = nullptr;
  const LabAxis* axis = nullptr;  // null: of the base plan
};

// The plan of one place. What the base plan says of other kinds of models is left out; what an axis
// says must have a meaning there.
Expected<RunPlan> plan_at(const Experiment& experiment, const LabPlace& place) {
  std::vector<GivenSetting> all;
  const auto give = [&](const LabSetting& setting, const LabAxis* axis) {
    const auto same = std::ranges::find_if(
        all, [&](const GivenSetting& other) { return other.setting->key == setting.key; });
    if (same == all.end()) {
      all.push_back({&setting, axis});
    } else {
      *same = {&setting, axis};
    }
  };
  for (const LabSetting& setting : experiment.plan) give(setting, nullptr);
  for (const AxisPlace& each : place) {
    const LabAxis& axis = *experiment.axis(each.axis);
    const auto value = std::ranges::find(axis.values, each.value, &AxisValue::label);
    for (const LabSetting& setting : value->settings) give(setting, &axis);
  }
  RunPlan plan;
  plan.data.source = experiment.data;
  std::vector<GivenSetting> of_axes;
  for (const Parameter& row : parameters()) {
    const auto given = std::ranges::find_if(
        all, [&](const GivenSetting& each) { return each.setting->key == row.key; });
    if (given == all.end()) continue;
    const bool waits = row.waits_for_data != nullptr && row.waits_for_data(plan);
    const bool is_computing = row.key == "kernels";  // evaluation computes with them, too
    const bool belongs = row.applies(plan) || waits || is_computing;
    if (given->axis == nullptr && !belongs) continue;
    if (!given->setting->text.empty() && !row.field.read(plan, given->setting->text)) {
      return fail(tr("{}: at {}, {} {} is not {}", experiment.name, place_text(place), row.key,
                     given->setting->text, row.field.range));
    }
    if (given->axis != nullptr) of_axes.push_back(*given);
  }
  for (const GivenSetting& given : of_axes) {
    const Parameter& row = parameter(given.setting->key);
    const bool waits = row.waits_for_data != nullptr && row.waits_for_data(plan);
    if (row.applies(plan) || waits) continue;
    return fail(tr("{}: axis {} at {}: {} {} List this combination under 'skip'.", experiment.name,
                   given.axis->name, place_text(place), row.key, row.elsewhere));
  }
  if (plan.epochs < 1) return fail(tr("{}: epochs must be at least 1", experiment.name));
  return plan;
}

}  // namespace

Expected<std::vector<LabRun>> runs_of(const Experiment& experiment) {
  std::size_t count = static_cast<std::size_t>(experiment.seeds);
  for (const LabAxis& axis : experiment.axes) {
    count *= axis.chosen.size();
    if (count > kMostRuns) {
      return fail(tr("{}: its axes have more than {} combinations", experiment.name, kMostRuns));
    }
  }
  std::vector<LabRun> runs;
  std::vector<std::size_t> at(experiment.axes.size());
  for (;;) {
    LabPlace place;
    for (std::size_t i = 0; i < at.size(); ++i) {
      const LabAxis& axis = experiment.axes[i];
      place.push_back({axis.name, axis.values[axis.chosen[at[i]]].label});
    }
    if (!is_skipped(experiment, place)) {
      auto plan = plan_at(experiment, place);
      if (!plan) return tl::unexpected(plan.error());
      const std::uint64_t first = plan->seed;
      for (int seed = 0; seed < experiment.seeds; ++seed) {
        plan->seed = first + static_cast<std::uint64_t>(seed);
        runs.push_back({.axes = place, .plan = *plan, .measures = experiment.measures});
      }
    }
    std::size_t i = at.size();
    while (i > 0 && ++at[i - 1] == experiment.axes[i - 1].chosen.size()) at[--i] = 0;
    if (i == 0) break;
  }
  if (runs.empty()) return fail(tr("{}: 'skip' leaves no run", experiment.name));
  return runs;
}

}  // namespace zscape
