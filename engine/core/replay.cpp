#include "engine/core/replay.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

#include "engine/text.h"
#include "engine/training/loop.h"

namespace zscape {
namespace {

// A GPU may take several steps at once; in between it must be possible to cancel.
constexpr std::int64_t kMostSteps = 100;

void take_settings(RunPlan& plan, const SettingsChange& change) {
  plan.settings = change.settings;
  plan.last_learning_rate = change.last_learning_rate;
}

// The run's mistakes and ends come as they came.
Expected<void> accept(const LoopEvents& events, TrainingLoop& loop) {
  for (const LoopEvent& event : events) {
    if (const auto* diverged = std::get_if<Diverged>(&event)) {
      return fail(tr("the loss became {} at step {} when it was repeated, and not at first",
                     diverged->value, diverged->step));
    }
    if (std::holds_alternative<Stopped>(event) && !loop.bring_best_back()) {
      return fail(tr("early stopping brought weights back that are not kept any more"));
    }
  }
  return {};
}

}  // namespace

Expected<ReachedStep> state_at(Backend& backend, const EarlierStep& wanted,
                               const Progress& progress) {
  const FullState& from = *wanted.from;
  RunPlan plan = wanted.plan;
  auto next = std::ranges::begin(wanted.changes);
  const auto end = std::ranges::end(wanted.changes);
  // What came before the state is in it; of the first weights nothing is.
  const std::int64_t known = from.trainer ? from.step : -1;
  if (next == end || next->step > from.step) {
    return fail(tr("the settings of step {} are not known", from.step));
  }
  take_settings(plan, *next);
  for (; next != end && next->step <= known; ++next) take_settings(plan, *next);

  auto trainer = backend.make_trainer(task_of(plan, wanted.data));
  if (!trainer) return tl::unexpected(trainer.error());
  TrainingLoop loop(plan, *std::move(trainer), wanted.data);
  if (from.trainer) {
    const Checkpoint checkpoint{plan.spec, *from.trainer, from.best, from.run, from.best_state};
    if (auto restored = loop.restore(checkpoint); !restored)
      return tl::unexpected(restored.error());
  }
  const auto cancelled = [&] { return fail(tr("it was cancelled"), ErrorCode::cancelled); };
  const std::int64_t all = std::max<std::int64_t>(wanted.step - from.step, 1);
  while (true) {
    const std::int64_t step = loop.position().step;
    for (; next != end && next->step <= step; ++next) {
      RunPlan changed = loop.plan();
      take_settings(changed, *next);
      loop.change(changed.settings, next->schedule);
    }
    if (step >= wanted.step && !loop.is_measuring()) break;
    if (!report(progress, static_cast<double>(step - from.step) / static_cast<double>(all))) {
      return cancelled();
    }
    const std::int64_t until = next == end ? wanted.step : std::min(next->step, wanted.step);
    const auto events = loop.advance(
        {.most_steps = static_cast<int>(std::clamp<std::int64_t>(until - step, 1, kMostSteps)),
         .go_on = {}});
    if (!events) return tl::unexpected(events.error());
    if (auto accepted = accept(*events, loop); !accepted) return tl::unexpected(accepted.error());
  }
  if (loop.position().step != wanted.step) {
    return fail(tr("step {} lies between two that were taken at once", wanted.step));
  }
  return ReachedStep{loop.state(), loop.plan()};
}

}  // namespace zscape
