#pragma once

#include <map>
#include <memory>
#include <utility>

#include "app/gui/view/inputs/pictures.h"
#include "app/gui/view/latent/points.h"

namespace zscape {

// Pictures of many inputs of which few are seen at a time: those that were asked for last keep
// their place in the sheet, up to a quarter of its room. Belongs to the window's thread.
class InputPictures {
 public:
  static constexpr int kMost = 2048;

  explicit InputPictures(Pictures& pictures) : pictures_(pictures) {}
  InputPictures(const InputPictures&) = delete;
  InputPictures& operator=(const InputPictures&) = delete;

  // Once a frame, before pictures are asked for. Other data take all pictures along.
  void begin_frame(const std::shared_ptr<const Dataset>& data);

  // The picture of an input; kNoPicture where more are on the screen than there is room for.
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
