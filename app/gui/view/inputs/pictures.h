#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/dataset.h"

namespace zscape {

// Names one picture of a Pictures store; -1: none.
using PictureSlot = int;
inline constexpr PictureSlot kNoPicture = -1;

// Small pictures of one shape, side by side in one sheet of RGBA bytes: the renderer needs one
// texture and uploads only changes. Lives on the window's thread; uses no OpenGL.
class Pictures {
 public:
  // Where a picture lies: pixels of the sheet, and fractions of it.
  struct Place {
    int x = 0, y = 0;
    float u0 = 0, v0 = 0, u1 = 0, v1 = 0;
  };

  // The shape of every picture from now on. Another shape than before drops all pictures.
  void set_shape(const ImageShape& shape);
  const ImageShape& shape() const { return shape_; }

  // A slot to draw into, black at first; kNoPicture if there is no shape or no room (above 16,384
  // rows of pixels).
  PictureSlot acquire();
  void release(PictureSlot slot) {
    if (slot != kNoPicture) free_.push_back(slot);
  }
  int most() const;  // how many pictures of this shape there is room for

  // One picture, [height, width, channels]: values in [0, 1], or bytes. One channel is grey, two
  // grey and ignored, three and more red, green, blue.
  void set(PictureSlot slot, std::span<const float> picture);
  void set(PictureSlot slot, std::span<const std::uint8_t> picture);
  // In colours, whatever the channels: red, green and blue of each pixel.
  void set_colors(PictureSlot slot, std::span<const std::uint8_t> colors);

  // The same; acquires a slot where there is none.
  template <class Picture>
  void draw(PictureSlot& slot, const Picture& picture) {
    if (slot == kNoPicture) slot = acquire();
    set(slot, picture);
  }

  Place place(PictureSlot slot) const;

  // For the renderer. Another generation means another sheet: upload it whole.
  std::uint64_t generation() const { return generation_; }
  int width() const { return columns_ * shape_.width; }
  int height() const { return rows_ * shape_.height; }
  std::span<const std::uint8_t> sheet() const { return sheet_; }  // [height, width, 4]
  std::span<const PictureSlot> changed() const { return changed_; }
  void forget_changed();

  // The renderer's name for the sheet as a texture (an ImTextureID); 0 without a renderer.
  std::uintptr_t texture = 0;

 private:
  bool grow();
  void mark(PictureSlot slot);
  template <class Value, class ToByte>
  void write(PictureSlot slot, std::span<const Value> picture, ToByte to_byte);

  ImageShape shape_{};
  int columns_ = 0;
  int rows_ = 0;
  std::vector<std::uint8_t> sheet_;
  std::vector<PictureSlot> free_;
  std::vector<PictureSlot> changed_;
  std::vector<bool> is_changed_;  // [slots]
  std::uint64_t generation_ = 0;
};

}  // namespace zscape
