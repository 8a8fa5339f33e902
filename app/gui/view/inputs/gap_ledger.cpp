#include "app/gui/view/inputs/gap_ledger.h"

#include <algorithm>
#include <cmath>

#include "app/gui/view/inputs/shown_inputs.h"

namespace zscape {
namespace {

// The pause between measurements during training, as a multiple of the last one's time.
constexpr double kPause = 9, kShortestPause = 1.5;
constexpr double kPatience = 5;  // seconds until an unanswered request is repeated

}  // namespace

std::int64_t GapLedger::wanted_inputs(Asked& asked, const ModelView& view, const Split& split,
                                      SplitName name, double now_s) const {
  const InputGapsPtr gaps = view.gaps(name);
  if (gaps != asked.answer) {
    asked.answer = gaps;
    asked.answered_s = now_s;
    asked.inputs = 0;
  }
  const std::int64_t first = std::min(kFirst, split.count);
  const bool is_fresh = gaps && gaps->revision == view.weights->revision();
  std::int64_t inputs = first;
  if (is_fresh) {
    if (view.state == RunState::running) return 0;
    const auto has = static_cast<std::int64_t>(gaps->indices->size());
    inputs = std::min({2 * has, kMostInputs, split.count});
    if (inputs <= has) return 0;
    if (asked.grown_for == gaps->revision && asked.grown_to >= inputs) return 0;
    asked.grown_for = gaps->revision;
    asked.grown_to = inputs;
    return inputs;
  }
  const double pause = std::max(kShortestPause, kPause * (gaps ? gaps->seconds : 0));
  if (gaps && view.state == RunState::running && now_s < asked.answered_s + pause) return 0;
  // A step ends what a pause had begun, without an answer.
  const bool is_ended =
      view.state != RunState::running && asked.revision != view.weights->revision();
  if (asked.inputs > 0 && !is_ended && now_s < asked.asked_s + kPatience) return 0;
  return inputs;
}

std::optional<MeasureGaps> GapLedger::update(const ModelView& view,
                                             const std::shared_ptr<const Dataset>& data,
                                             const Wanted& wanted, double now_s) {
  if (data_ != data || serial_ != view.serial) {
    asked_ = {};
    data_ = data;
    serial_ = view.serial;
  }
  if (!data || !view.weights || !why_no_exact_likelihood(view.spec).empty()) return {};
  for (const SplitName split : {wanted.split, SplitName::test}) {
    const bool is_wanted =
        (wanted.each_input && split == wanted.split) || (wanted.curve && split == SplitName::test);
    if (!is_wanted || data->split(split).count == 0) continue;
    Asked& asked = asked_[static_cast<std::size_t>(split)];
    const std::int64_t inputs = wanted_inputs(asked, view, data->split(split), split, now_s);
    if (inputs == 0) continue;
    asked.inputs = inputs;
    asked.asked_s = now_s;
    asked.revision = view.weights->revision();
    return MeasureGaps{view.id, split, inputs};
  }
  return {};
}

void GapLedger::list(const InputGapsPtr& gaps, const Dataset& data, const HiddenLabels& hidden,
                     const MetadataFilter& filter) {
  if (gaps == gaps_ && hidden == hidden_ && filter == filter_) return;
  gaps_ = gaps;
  hidden_ = hidden;
  filter_ = filter;
  ++revision_;
  entries_.clear();
  measured_ = 0;
  if (!gaps_) return;
  for_each_shown(
      data, gaps_->split, *gaps_->indices, hidden_, filter_, [&](std::size_t i, PointRef input) {
        if (!std::isfinite(gaps_->amortisation[i])) return;
        entries_.push_back(
            {input, gaps_->amortisation[i], gaps_->approximation[i], gaps_->log_likelihood[i]});
      });
  measured_ = entries_.size();
  std::ranges::sort(entries_, [](const Entry& a, const Entry& b) {
    return a.amortisation != b.amortisation ? a.amortisation > b.amortisation
                                            : a.input.index < b.input.index;
  });
  if (entries_.size() > kMost) entries_.resize(kMost);
}

}  // namespace zscape
