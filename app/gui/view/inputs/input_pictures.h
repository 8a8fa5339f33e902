#pragma once

#include <map>
#include <memory>
#include <utility>

#include "app/gui/view/inputs/pictures.h"
#include "app/gui/view/latent/points.h"

namespace zscape {

// Pictures of inputs, of which few are visible at a time: the recently requested ones keep their
// slots, up to a quarter of the sheet. Lives on the window's thread.
class InputPictures {
 public:
  static constexpr int kMost = 2048;

  explicit InputPictures(Pictures& pictures) : pictures_(pictures) {}
  InputPictures(const InputPictures&) = delete;
  InputPictures& operator=(const InputPictures&) = delete;

  // Once a frame, before of(). Other data drop all pictures.
  void begin_frame(const std::shared_ptr<const Dataset>& data);

  // The picture of an input; kNoPicture if the screen shows more than there is room for.
  PictureSlot of(PointRef input);

  std::size_t held() const { return held_.size(); }

 private:
  using Key = std::pair<SplitName, std::int64_t>;
  struct Held {
    PictureSlot slot = kNoPicture;
    std::uint64_t frame = 0;  // that it was last asked for in
  };
  bool make_room();

  Pictures& pictures_;
  std::shared_ptr<const Dataset> data_;
  ImageShape shape_;
  std::map<Key, Held> held_;
  std::uint64_t frame_ = 0;
};

}  // namespace zscape
