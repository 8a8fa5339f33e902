// The gaps between log p(x) and the bounds on it, for the window.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "engine/core/engine_impl.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::int64_t kLong = 1000;  // inputs: a person can end the work on more

// Means over the inputs that every measurement has, but for those that could not be measured.
GapPoint point_of(const InputGaps& gaps, const Dataset& data) {
  const Indices always = first_inputs(data, gaps.split, kGapCurveInputs);
  GapPoint point;
  point.step = gaps.step;
  double sums[4] = {};
  for (std::size_t i = 0; i < gaps.indices->size(); ++i) {
    if (!std::ranges::binary_search(*always, (*gaps.indices)[i])) continue;
    const double values[4] = {gaps.log_likelihood[i], gaps.elbo[i], gaps.amortisation[i],
                              gaps.approximation[i]};
    if (!std::ranges::all_of(values, [](double value) { return std::isfinite(value); })) continue;
    ++point.inputs;
    for (std::size_t j = 0; j < 4; ++j) sums[j] += values[j];
  }
  const auto mean = [&](double sum) {
    return static_cast<float>(sum / static_cast<double>(point.inputs));
  };
  point.log_likelihood = mean(sums[0]);
  point.elbo = mean(sums[1]);
  point.amortisation = mean(sums[2]);
  point.approximation = mean(sums[3]);
  return point;
}

}  // namespace

void Run::accept_gaps(InputGapsPtr gaps) {
  if (gaps->split == SplitName::test && !gaps->indices->empty()) {
    auto& points = view_.curves.gaps;
    const GapPoint point = point_of(*gaps, *data_);
    while (!points.empty() && points.back().step >= point.step) points.pop_back();
    if (point.inputs > 0) points.push_back(point);  // JSON has no NaN, and the session keeps them
  }
  (gaps->split == SplitName::train ? view_.train_gaps : view_.test_gaps) = std::move(gaps);
}

void Engine::Impl::apply(const MeasureGaps& command, const OpenRunPtr& open) {
  open->run.refresh_weights();
  const ModelView& view = open->run.view();
  const FrozenModelPtr weights = view.weights;
  if (!weights || !data_ || command.inputs < 1 || data_->split(command.split).count == 0 ||
      !why_no_exact_likelihood(weights->spec()).empty()) {
    return;
  }
  if (!open->gaps_of.insert(command.split).second) return;  // begun already
  const bool is_long = std::min(command.inputs, data_->split(command.split).count) > kLong;
  submit(
      open,
      {.lane = Lane::patient,
       .key = command.split == SplitName::train ? "train_gaps" : "test_gaps",
       .text = is_long ? tr("measuring the gaps of {} inputs", command.inputs) : std::string(),
       .if_cancelled = tr("measuring the gaps was cancelled")},
      [weights, data = data_, command, step = view.position.step, seed = view.seed,
       before = view.gaps(command.split)](const Progress& progress) -> Expected<InputGapsPtr> {
        const Indices rows = first_inputs(*data, command.split, command.inputs);
        auto gaps = weights->gaps(*data, command.split, rows, seed, before, progress);
        if (!gaps) return tl::unexpected(gaps.error());
        gaps->step = step;
        return std::make_shared<const InputGaps>(*std::move(gaps));
      },
      [this, split = command.split](const OpenRunPtr& owner, Expected<InputGapsPtr> gaps) {
        const std::string what = about("gaps", owner->run.id());
        if (!gaps && gaps.error().code == ErrorCode::superseded) return;  // of a run that is left
        owner->gaps_of.erase(split);
        if (gaps) {
          settle(what);
          owner->run.accept_gaps(*std::move(gaps));
        } else {
          tell_of(owner.get(), gaps.error(), what);
        }
      });
}

}  // namespace zscape
