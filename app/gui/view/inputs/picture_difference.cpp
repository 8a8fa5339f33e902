#include "app/gui/view/inputs/picture_difference.h"

#include <cmath>

namespace zscape {
namespace {

// RGB, [pixels, 3], as the sheet has them.
std::vector<std::uint8_t> colors_of(const Pictures& pictures, PictureSlot slot) {
  const Pictures::Place at = pictures.place(slot);
  const ImageShape& shape = pictures.shape();
  std::vector<std::uint8_t> colors;
  for (int row = 0; row < shape.height; ++row) {
    const auto begin =
        (static_cast<std::size_t>(at.y + row) * static_cast<std::size_t>(pictures.width()) +
         static_cast<std::size_t>(at.x)) *
        4;
    for (int column = 0; column < shape.width; ++column) {
      const auto pixel = pictures.sheet().subspan(begin + static_cast<std::size_t>(column) * 4, 3);
      colors.insert(colors.end(), pixel.begin(), pixel.end());
    }
  }
  return colors;
}

}  // namespace

bool PictureDifference::update(const Side& first, const Side& second) {
  if (!(shape_ == pictures_.shape())) {  // the sheet has forgotten it
    shape_ = pictures_.shape();
    slot_ = kNoPicture;
    drawn_.clear();
  }
  const bool can = first.slot != kNoPicture && second.slot != kNoPicture &&
                   first.pictures.shape() == second.pictures.shape() &&
                   first.pictures.shape() == shape_;
  if (!can) return false;
  const std::vector<std::uint8_t> one = colors_of(first.pictures, first.slot);
  const std::vector<std::uint8_t> other = colors_of(second.pictures, second.slot);
  std::vector<std::uint8_t> drawn(one.size());
  double squares = 0;
  for (std::size_t pixel = 0; pixel + 2 < one.size(); pixel += 3) {
    int sum = 0;  // of the three channels
    for (std::size_t channel = pixel; channel < pixel + 3; ++channel) {
      const int by = one[channel] - other[channel];
      sum += by;
      squares += by * by;
    }
    const ImU32 color = sum > 0 ? first.color : second.color;
    const double size = std::sqrt(std::abs(sum) / (3 * 255.0));  // small ones are seen too
    for (const unsigned shift : {0U, 8U, 16U}) {                 // red lowest
      const auto full = static_cast<double>((color >> shift) & 255U);
      drawn[pixel + shift / 8] = static_cast<std::uint8_t>(full * size);
    }
  }
  mse_ = squares / (255.0 * 255.0) / static_cast<double>(one.size());
  if (drawn == drawn_ && slot_ != kNoPicture) return true;
  if (slot_ == kNoPicture) slot_ = pictures_.acquire();
  pictures_.set_colors(slot_, drawn);
  drawn_ = std::move(drawn);
  return slot_ != kNoPicture;
}

}  // namespace zscape
