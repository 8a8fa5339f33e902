#include "app/gui/view/inputs/pictures.h"

#include <algorithm>
#include <cassert>

namespace zscape {
namespace {

constexpr int kSheetWidth = 2048;      // pixels, where a picture is not wider
constexpr int kLargestHeight = 16384;  // what OpenGL 3.3 hardware takes
constexpr int kFirstSlots = 64;

}  // namespace

void Pictures::set_shape(const ImageShape& shape) {
  if (shape == shape_) return;
  shape_ = shape;
  columns_ = shape.size() > 0 ? std::max(1, kSheetWidth / shape.width) : 0;
  rows_ = 0;
  sheet_.clear();
  free_.clear();
  changed_.clear();
  is_changed_.clear();
  ++generation_;
}

bool Pictures::grow() {
  if (columns_ == 0) return false;
  const int first_rows = (kFirstSlots + columns_ - 1) / columns_;
  const int rows = std::min(std::max(first_rows, rows_ * 2), kLargestHeight / shape_.height);
  if (rows <= rows_) return false;
  // The newest slots are handed out last, so that pictures stay together.
  std::vector<PictureSlot> added;
  for (int slot = rows * columns_ - 1; slot >= rows_ * columns_; --slot) added.push_back(slot);
  free_.insert(free_.begin(), added.begin(), added.end());
  rows_ = rows;
  sheet_.resize(static_cast<std::size_t>(width()) * static_cast<std::size_t>(height()) * 4);
  is_changed_.resize(static_cast<std::size_t>(rows_ * columns_));
  ++generation_;
  return true;
}

int Pictures::most() const {
  return columns_ == 0 ? 0 : columns_ * (kLargestHeight / shape_.height);
}

PictureSlot Pictures::acquire() {
  if (free_.empty() && !grow()) return kNoPicture;
  const PictureSlot slot = free_.back();
  free_.pop_back();
  write<std::uint8_t>(slot, {}, [](std::uint8_t value) { return value; });
  return slot;
}

template <class Value, class ToByte>
void Pictures::write(PictureSlot slot, std::span<const Value> picture, ToByte to_byte) {
  if (slot == kNoPicture) return;
  assert(picture.empty() || picture.size() == static_cast<std::size_t>(shape_.size()));
  const Place at = place(slot);
  const auto channels = static_cast<std::size_t>(shape_.channels);
  const std::size_t green = channels >= 3 ? 1 : 0;
  const std::size_t blue = channels >= 3 ? 2 : 0;
  const Value* pixel = picture.empty() ? nullptr : picture.data();
  for (int row = 0; row < shape_.height; ++row) {
    const auto begin = static_cast<std::size_t>(at.y + row) * static_cast<std::size_t>(width()) +
                       static_cast<std::size_t>(at.x);
    std::uint8_t* out = sheet_.data() + begin * 4;
    for (int column = 0; column < shape_.width; ++column, out += 4) {
      out[0] = pixel ? to_byte(pixel[0]) : std::uint8_t{0};
      out[1] = pixel ? to_byte(pixel[green]) : std::uint8_t{0};
      out[2] = pixel ? to_byte(pixel[blue]) : std::uint8_t{0};
      out[3] = 255;
      if (pixel) pixel += channels;
    }
  }
  mark(slot);
}

void Pictures::set(PictureSlot slot, std::span<const float> picture) {
  write(slot, picture, [](float value) {
    // Written so that a value that is no number becomes black.
    const float held = value > 0 ? std::min(value, 1.0f) : 0.0f;
    return static_cast<std::uint8_t>(held * 255.0f + 0.5f);
  });
}

void Pictures::set(PictureSlot slot, std::span<const std::uint8_t> picture) {
  write(slot, picture, [](std::uint8_t value) { return value; });
}

void Pictures::set_colors(PictureSlot slot, std::span<const std::uint8_t> colors) {
  if (slot == kNoPicture) return;
  const Place at = place(slot);
  const std::uint8_t* color = colors.data();
  for (int row = 0; row < shape_.height; ++row) {
    const auto begin = static_cast<std::size_t>(at.y + row) * static_cast<std::size_t>(width()) +
                       static_cast<std::size_t>(at.x);
    std::uint8_t* out = sheet_.data() + begin * 4;
    for (int column = 0; column < shape_.width; ++column, out += 4, color += 3) {
      std::copy_n(color, 3, out);
      out[3] = 255;
    }
  }
  mark(slot);
}

Pictures::Place Pictures::place(PictureSlot slot) const {
  if (slot == kNoPicture) return {};
  Place at;
  at.x = slot % columns_ * shape_.width;
  at.y = slot / columns_ * shape_.height;
  const auto sheet_width = static_cast<float>(width());
  const auto sheet_height = static_cast<float>(height());
  at.u0 = static_cast<float>(at.x) / sheet_width;
  at.v0 = static_cast<float>(at.y) / sheet_height;
  at.u1 = static_cast<float>(at.x + shape_.width) / sheet_width;
  at.v1 = static_cast<float>(at.y + shape_.height) / sheet_height;
  return at;
}

void Pictures::mark(PictureSlot slot) {
  const auto index = static_cast<std::size_t>(slot);
  if (is_changed_[index]) return;
  is_changed_[index] = true;
  changed_.push_back(slot);
}

void Pictures::forget_changed() {
  for (const PictureSlot slot : changed_) is_changed_[static_cast<std::size_t>(slot)] = false;
  changed_.clear();
}

}  // namespace zscape
