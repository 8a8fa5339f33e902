#include "app/gui/view/inputs/input_in_hand.h"

#include <utility>

namespace zscape {

void InputInHand::follow(const std::shared_ptr<const Dataset>& data, const Seen& seen) {
  if (data_ != data) {
    *this = {};
    data_ = data;
  }
  const std::optional<PointRef> before = input_;
  if (std::exchange(selected_, seen.selected) != seen.selected && seen.selected) {
    chosen_ = seen.selected;
  }
  if (std::exchange(pinned_, seen.pinned) != seen.pinned && seen.pinned) chosen_ = seen.pinned;
  // A pointer on its way from a pin to the pictures passes other points.
  if (seen.pointed && !seen.pinned) chosen_ = seen.pointed;
  if (!chosen_) chosen_ = seen.shown;
  input_ = seen.pointed ? seen.pointed : chosen_;
  if (input_ != before) ++revision_;
}

}  // namespace zscape
