#pragma once

#include <imgui.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "app/gui/view/inputs/pictures.h"

namespace zscape {

// The difference of two pictures of one shape, as a picture: where the first is brighter it has the
// first's colour, where the second is, the second's, as strong as the root of the difference. Lives
// on the window's thread.
class PictureDifference {
 public:
  // The picture goes into this store.
  explicit PictureDifference(Pictures& pictures) : pictures_(pictures) {}
  PictureDifference(const PictureDifference&) = delete;
  PictureDifference& operator=(const PictureDifference&) = delete;

  struct Side {
    const Pictures& pictures;
    PictureSlot slot = kNoPicture;
    ImU32 color = 0;
  };
  // Once a frame; draws only what has changed. False: one is missing, or they have other shapes.
  bool update(const Side& first, const Side& second);

  PictureSlot slot() const { return slot_; }
  double mse() const { return mse_; }  // of what is shown, values in [0, 1]

 private:
  Pictures& pictures_;
  ImageShape shape_;
  PictureSlot slot_ = kNoPicture;
  std::vector<std::uint8_t> drawn_;  // RGB
  double mse_ = 0;
};

}  // namespace zscape
