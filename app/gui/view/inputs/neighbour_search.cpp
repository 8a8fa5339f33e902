#include "app/gui/view/inputs/neighbour_search.h"

#include <utility>

namespace zscape {
namespace {

// After so many seconds without an answer, newer codes are asked about: its run may be gone.
constexpr double kAnswerPatience = 3;

}  // namespace

const Neighbours* NeighbourSearch::found(const ModelView& view) const {
  const Neighbours* newest = view.neighbours.get();
  if (!newest || !in_hand_) return nullptr;
  return newest->codes->split == in_hand_->split && newest->index == in_hand_->index ? newest
                                                                                     : nullptr;
}

std::optional<FindNeighbours> NeighbourSearch::update(const ModelView& view,
                                                      const std::shared_ptr<const Dataset>& data,
                                                      const InputInHand& hand, bool is_seen,
                                                      double now_s) {
  if (data_ != data) {
    *this = {};
    data_ = data;
  }
  const bool is_pinned =
      std::exchange(pinned_, hand.pinned()) != hand.pinned() && hand.pinned().has_value();
  in_hand_ = hand.input();
  if (!data || !in_hand_ || !(is_seen || is_pinned)) return {};
  const CodesPtr& codes = codes_shown(view, in_hand_->split);
  if (!codes || codes->count() == 0) return {};
  if (asked_ == in_hand_) {
    if (asked_codes_ == codes) return {};
    const bool is_answered = view.neighbours && view.neighbours->codes == asked_codes_;
    if (!is_answered && now_s < asked_s_ + kAnswerPatience) return {};
  }
  asked_ = in_hand_;
  asked_codes_ = codes;
  asked_s_ = now_s;
  FindNeighbours request;
  request.index = in_hand_->index;
  request.codes = codes;
  request.data = data;
  request.count = kCount;
  return request;
}

}  // namespace zscape
