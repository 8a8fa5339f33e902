#include "engine/core/command_check.h"

#include <fmt/format.h>

#include <cmath>

namespace zscape {

Expected<void> check(const SetKlWeight& command) {
  if (std::isfinite(command.kl_weight) && command.kl_weight >= 0) return {};
  return fail(fmt::format("λ: {} is not a number of at least 0", command.kl_weight));
}

Expected<void> check(const SetKlSchedule& command) {
  const KlSchedule& schedule = command.schedule;
  const bool rises = std::isfinite(schedule.steps) && schedule.steps > 0 && schedule.cycles >= 1;
  if (schedule.kind == KlSchedule::Kind::constant || rises) return {};
  return fail(fmt::format("λ schedule: {} cycles over {} steps make no ramp; both must be above 0",
                          schedule.cycles, schedule.steps));
}

Expected<void> check(const SetLearningRate& command) {
  if (std::isfinite(command.learning_rate) && command.learning_rate > 0) return {};
  return fail(fmt::format("learning rate: {} is not a number above 0", command.learning_rate));
}

Expected<void> check(const SetBatchSize& command) {
  if (command.batch_size >= 1) return {};
  return fail(fmt::format("batch size: {} is not at least 1", command.batch_size));
}

Expected<void> check(const SetHoldOut& command, const Dataset* data) {
  const HoldOut& hold_out = command.hold_out;
  if (hold_out.rows < 0 || hold_out.patience < 0) {
    return fail(
        fmt::format("validation: {} inputs and a patience of {} epochs; neither may be below 0",
                    hold_out.rows, hold_out.patience));
  }
  if (data == nullptr || hold_out.rows < data->train.count) return {};
  return fail(fmt::format(
      "validation: {} of {} training inputs leave none to learn from, so they are not held "
      "out",
      hold_out.rows, data->train.count));
}

}  // namespace zscape
