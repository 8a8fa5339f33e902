// ∂x̂/∂x for the window.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "engine/core/engine_impl.h"
#include "engine/text.h"

namespace zscape {
namespace {

// Evenly over the split, so that the same inputs are taken whatever the weights.
std::vector<std::int64_t> spread_rows(std::int64_t count, std::int64_t most) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(std::min(count, most)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = static_cast<std::int64_t>(i) * count / static_cast<std::int64_t>(rows.size());
  }
  return rows;
}

}  // namespace

void Engine::Impl::apply(const MeasureJacobian& command, const OpenRunPtr& open) {
  const FrozenModelPtr weights = open->run.view().weights;
  if (!weights || !data_) return;
  const std::int64_t count = data_->split(command.split).count;
  if (count == 0 || (command.index && (*command.index < 0 || *command.index >= count))) return;
  std::vector<std::int64_t> rows =
      command.index ? std::vector{*command.index} : spread_rows(count, kMeanJacobianRows);
  submit_for(
      open,
      {.lane = command.index ? Lane::interactive : Lane::patient,
       .key = command.index ? "jacobian" : "mean_jacobian"},
      [weights, data = data_, split = command.split,
       rows = std::move(rows)](const Progress& progress) {
        return weights->input_jacobian(*data, split, rows, progress);
      },
      [is_mean = !command.index](OpenRun& owner, InputJacobian made) {
        owner.run.accept_jacobian(std::make_shared<const InputJacobian>(std::move(made)), is_mean);
      });
}

}  // namespace zscape
