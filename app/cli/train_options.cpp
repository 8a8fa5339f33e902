#include "app/cli/train_options.h"

#include "engine/text.h"

namespace zscape {
namespace {

// No CPU has TF32, and the run may go on there.
bool gives_up_tf32(const RunPlan& stored, const RunPlan& wanted) {
  return stored.compute.precision == Precision::tf32 && wanted.compute.precision == Precision::fp32;
}

}  // namespace

Outcome<RunPlan> resumed(const std::vector<GivenParameter>& given, const RunPlan& stored) {
  RunPlan plan = stored;
  for (const auto& [parameter, text] : given) {
    RunPlan wanted = plan;
    parameter->field.read(wanted, text);
    const std::string before = parameter->value(stored);
    // "1e-3" and "0.001" mean the same.
    const bool agrees = !before.empty() && parameter->value(wanted) == before;
    if (!agrees && !parameter->may_change && !gives_up_tf32(stored, wanted)) {
      return wrong_usage(tr("{} {} contradicts the checkpoint, which has {}; leave it out",
                            parameter->flag(), text, before.empty() ? "none" : before));
    }
    plan = wanted;
  }
  const bool is_laid_out =
      stored.schedule.kind == KlSchedule::Kind::cyclic || stored.last_learning_rate > 0;
  if (is_laid_out && plan.epochs != stored.epochs) {
    return wrong_usage(
        tr("--epochs: cycles of λ and --lr-end are laid out over the whole run; leave it out"));
  }
  return plan;
}

}  // namespace zscape
