#include "app/gui/view/inputs/worst_inputs.h"

#include <algorithm>
#include <cmath>

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
  const Split& split = data.split(errors_->split);
  const std::vector<std::uint8_t> shown = rows_shown(split, filter_);
  const std::vector<float>& of_each = in_nats() ? errors_->term : errors_->mse;
  for (std::size_t i = 0; i < of_each.size(); ++i) {
    const std::int64_t row = (*errors_->indices)[i];
    if (row >= split.count || !std::isfinite(of_each[i])) continue;
    if (!shown.empty() && shown[static_cast<std::size_t>(row)] == 0) continue;
    const int label = split.label(row);
    if (label >= 0 && hidden_[static_cast<std::size_t>(std::min(label, kMaxLabels - 1))]) continue;
    entries_.push_back({{errors_->split, row}, of_each[i]});
  }
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
