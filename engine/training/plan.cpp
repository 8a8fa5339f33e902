#include "engine/training/plan.h"

namespace zscape {

KlSchedule KlSchedulePlan::in_steps(std::int64_t epochs, std::int64_t steps_per_epoch) const {
  const auto steps = static_cast<double>(steps_per_epoch);
  KlSchedule result;
  result.kind = kind;
  if (kind == KlSchedule::Kind::warm_up) result.steps = amount * steps;
  if (kind == KlSchedule::Kind::cyclic) {
    result.steps = static_cast<double>(epochs) * steps;
    result.cycles = static_cast<int>(amount);
  }
  return result;
}

}  // namespace zscape
