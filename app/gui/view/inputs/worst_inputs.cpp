#include "app/gui/view/inputs/worst_inputs.h"

#include <algorithm>
#include <cmath>

#include "app/gui/view/inputs/shown_inputs.h"

namespace zscape {

void WorstInputs::update(const InputErrorsPtr& errors, const Dataset& data,
                         const HiddenLabels& hidden, const MetadataFilter& filter) {
  if (errors == errors_ && hidden == hidden_ && filter == filter_) return;
  errors_ = errors;
  hidden_ = hidden;
  filter_ = filter;
  ++revision_;
  entries_.clear();
  measured_ = 0;
  if (!errors_) return;
  const std::vector<float>& of_each = in_nats() ? errors_->term : errors_->mse;
  for_each_shown(data, errors_->split, *errors_->indices, hidden_, filter_,
                 [&](std::size_t i, PointRef input) {
                   if (std::isfinite(of_each[i])) entries_.push_back({input, of_each[i]});
                 });
  measured_ = entries_.size();
  const auto worse = [](const Entry& a, const Entry& b) {
    return a.error != b.error ? a.error > b.error : a.input.index < b.input.index;
  };
  const std::size_t kept = std::min(kMost, entries_.size());
  std::ranges::partial_sort(entries_, entries_.begin() + static_cast<std::ptrdiff_t>(kept), worse);
  entries_.resize(kept);
  entries_.shrink_to_fit();
}

}  // namespace zscape
