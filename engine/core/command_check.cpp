#include "engine/core/command_check.h"

#include <cmath>

#include "engine/text.h"
#include "engine/training/parameters.h"

namespace zscape {

Expected<void> check(const SetKlWeight& command) {
  RunPlan plan;
  plan.settings.kl_weight = command.kl_weight;
  return check(plan);
}

Expected<void> check(const SetKlSchedule& command) {
  const KlSchedule& schedule = command.schedule;
  const bool rises = std::isfinite(schedule.steps) && schedule.steps > 0 && schedule.cycles >= 1;
  if (schedule.kind == KlSchedule::Kind::constant || rises) return {};
  return fail(tr("λ schedule: {} cycles over {} steps make no ramp; both must be above 0",
                 schedule.cycles, schedule.steps));
}

Expected<void> check(const SetHoldOut& command, const Dataset* data) {
  const HoldOut& hold_out = command.hold_out;
  RunPlan plan;
  plan.hold_out = hold_out;
  if (auto fits = check(plan); !fits) return fits;
  if (data == nullptr || hold_out.rows < data->train.count) return {};
  return fail(
      tr("validation: {} of {} training inputs leave none to learn from, so they are not held out",
         hold_out.rows, data->train.count));
}

}  // namespace zscape
