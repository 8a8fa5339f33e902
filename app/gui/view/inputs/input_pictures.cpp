#include "app/gui/view/inputs/input_pictures.h"

#include <algorithm>

namespace zscape {

void InputPictures::begin_frame(const std::shared_ptr<const Dataset>& data) {
  ++frame_;
  if (data == data_ && shape_ == pictures_.shape()) return;
  // The sheet has forgotten the pictures of another shape.
  if (shape_ == pictures_.shape()) {
    for (const auto& [key, held] : held_) pictures_.release(held.slot);
  }
  held_.clear();
  data_ = data;
  shape_ = pictures_.shape();
}

// Releases what was not requested the longest, several at once to spare the next search. False:
// this frame shows all of it.
bool InputPictures::make_room() {
  std::uint64_t oldest = frame_;
  for (const auto& [key, held] : held_) oldest = std::min(oldest, held.frame);
  if (oldest == frame_) return false;
  std::erase_if(held_, [&](const auto& item) {
    if (item.second.frame != oldest) return false;
    pictures_.release(item.second.slot);
    return true;
  });
  return true;
}

PictureSlot InputPictures::of(PointRef input) {
  if (!data_ || !(data_->shape == shape_)) return kNoPicture;
  const Key key{input.split, input.index};
  const auto known = held_.find(key);
  if (known != held_.end()) {
    known->second.frame = frame_;
    return known->second.slot;
  }
  const auto most = static_cast<std::size_t>(std::min(kMost, pictures_.most() / 4));
  if (held_.size() >= most && !make_room()) return kNoPicture;
  const PictureSlot slot = pictures_.acquire();
  if (slot == kNoPicture) return kNoPicture;
  pictures_.set(slot, data_->picture(input.split, input.index));
  held_[key] = {slot, frame_};
  return slot;
}

}  // namespace zscape
