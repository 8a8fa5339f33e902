#include "engine/kl_schedule.h"

#include <algorithm>
#include <cmath>

namespace zscape {

double KlSchedule::factor(std::int64_t step) const {
  if (kind == Kind::constant) return 1;
  const auto taken = static_cast<double>(std::max<std::int64_t>(step - first_step, 0));
  if (taken >= steps) return 1;
  if (kind == Kind::warm_up) return taken / steps;
  const double cycle = steps / cycles;
  constexpr double kRampShare = 0.5;
  return std::min(1.0, std::fmod(taken, cycle) / (kRampShare * cycle));
}

bool KlSchedule::changes_after(std::int64_t step) const {
  return kind != Kind::constant && static_cast<double>(step - first_step) < steps;
}

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
