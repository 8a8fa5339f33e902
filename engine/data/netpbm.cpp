#include "engine/data/netpbm.h"

#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kLargest = 65535;  // of a value, and of a side

bool is_space(char letter) {
  return letter == ' ' || (letter >= '\t' && letter <= '\r');
}
bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

class Netpbm {
 public:
  explicit Netpbm(std::string_view file) : file_(file) {}

  // False: it is damaged.
  bool read_header() {
    kind_ = file_[1] - '0';
    at_ = 2;
    const auto width = number(), height = number();
    const auto largest = is_bits() ? std::optional<std::size_t>(1) : number();
    if (!width || !height || !largest || *width == 0 || *height == 0 || *largest == 0) return false;
    width_ = *width;
    height_ = *height;
    largest_ = *largest;
    ++at_;  // one space
    return at_ <= file_.size();
  }

  bool is_bits() const { return kind_ == 1 || kind_ == 4; }
  bool is_text() const { return kind_ <= 3; }
  std::size_t channels() const { return kind_ == 3 || kind_ == 6 ? 3 : 1; }
  std::size_t width() const { return width_; }
  std::size_t height() const { return height_; }
  bool is_deep() const { return largest_ > 255; }

  bool is_long_enough() const {
    const std::size_t values = width_ * height_ * channels();
    const std::size_t needed = kind_ == 4                 ? height_ * ((width_ + 7) / 8)
                               : kind_ == 2 || kind_ == 3 ? 2 * values - 1
                                                          : values * (is_deep() ? 2 : 1);
    return needed <= file_.size() - at_;
  }

  // False: a value is missing or too large.
  bool read_pixels(std::vector<std::uint8_t>& bytes) {
    const std::size_t count = width_ * height_ * channels();
    bytes.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto read = value(i);
      if (!read || *read > largest_) return false;
      const std::size_t shown = is_bits() ? 1 - *read : *read;  // a bit is ink
      bytes.push_back(static_cast<std::uint8_t>((shown * 255 + largest_ / 2) / largest_));
    }
    return true;
  }

 private:
  void skip_space() {
    while (at_ < file_.size() && (is_space(file_[at_]) || file_[at_] == '#')) {
      if (file_[at_] == '#') {
        while (at_ < file_.size() && file_[at_] != '\n' && file_[at_] != '\r') ++at_;
      } else {
        ++at_;
      }
    }
  }

  std::optional<std::size_t> number() {
    skip_space();
    std::size_t value = 0;
    const std::size_t first = at_;
    for (; at_ < file_.size() && is_digit(file_[at_]); ++at_) {
      value = 10 * value + static_cast<std::size_t>(file_[at_] - '0');
      if (value > kLargest) return std::nullopt;
    }
    if (at_ == first) return std::nullopt;
    return value;
  }

  std::size_t byte(std::size_t at) const { return static_cast<unsigned char>(file_[at]); }

  // Of binary ones is_long_enough() has made sure.
  std::optional<std::size_t> value(std::size_t i) {
    if (kind_ == 1) {  // digits need no space between them
      skip_space();
      if (at_ == file_.size() || !is_digit(file_[at_])) return std::nullopt;
      return static_cast<std::size_t>(file_[at_++] - '0');
    }
    if (is_text()) return number();
    if (kind_ == 4) {
      const std::size_t x = i % width_, y = i / width_;
      return byte(at_ + y * ((width_ + 7) / 8) + x / 8) >> (7 - x % 8) & 1U;
    }
    return is_deep() ? 256 * byte(at_ + 2 * i) + byte(at_ + 2 * i + 1) : byte(at_ + i);
  }

  std::string_view file_;
  std::size_t at_ = 0;
  int kind_ = 0;
  std::size_t width_ = 0, height_ = 0, largest_ = 0;
};

}  // namespace

bool is_netpbm(std::string_view start) {
  return start.size() >= 3 && start[0] == 'P' && start[1] >= '1' && start[1] <= '6' &&
         (is_space(start[2]) || start[2] == '#');
}

Expected<ChildPicture> read_netpbm(std::string_view file, const std::string& path, bool pixels) {
  Netpbm netpbm(file);
  if (!netpbm.read_header()) {
    return fail(tr("'{}' cannot be decoded as a picture: its header is damaged", path));
  }
  if (netpbm.width() * netpbm.height() > kMostPicturePixels) {
    return fail(tr("'{}' is a picture of {}x{} pixels; zscape reads up to {} million", path,
                   netpbm.height(), netpbm.width(), kMostPicturePixels / 1'000'000));
  }
  if (!netpbm.is_long_enough()) {
    return fail(tr("'{}' is cut short: its picture's data end early", path));
  }
  ChildPicture picture{.width = static_cast<int>(netpbm.width()),
                       .height = static_cast<int>(netpbm.height()),
                       .channels = static_cast<int>(netpbm.channels()),
                       .bits = netpbm.is_deep() && !pixels ? 16 : 8,
                       .bytes = {}};
  if (pixels && !netpbm.read_pixels(picture.bytes)) {
    return fail(tr("'{}' cannot be decoded as a picture: a value is missing or too large", path));
  }
  return picture;
}

}  // namespace zscape
