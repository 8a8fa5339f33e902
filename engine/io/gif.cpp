#include "engine/io/gif.h"

#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/io/atomic_file.h"
#include "engine/io/png.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kLargestSide = 65535;
constexpr int kColours = 256;
constexpr int kColourBits = 8;
constexpr int kLeastDelay = 2;  // hundredths of a second

struct FreeColours {
  void operator()(ColorMapObject* colours) const { GifFreeMapObject(colours); }
};
using Colours = std::unique_ptr<ColorMapObject, FreeColours>;

// A frame as GIF stores it: the colour number of each pixel.
struct IndexedFrame {
  std::vector<GifByteType> pixels;  // [height, width]
  Colours colours;                  // null: the file's
};

Colours grey_colours() {
  Colours colours(GifMakeMapObject(kColours, nullptr));
  for (int i = 0; colours && i < kColours; ++i) {
    const auto value = static_cast<GifByteType>(i);
    colours->Colors[i] = {value, value, value};
  }
  return colours;
}

std::uint32_t packed(const std::uint8_t* rgb) {
  return std::uint32_t{rgb[0]} << 16U | std::uint32_t{rgb[1]} << 8U | rgb[2];
}

// The colours of an RGB picture, sorted; nothing if there are too many for GIF.
std::optional<std::vector<std::uint32_t>> few_colours(const Picture& picture) {
  std::vector<std::uint32_t> colours;
  for (std::size_t i = 0; i < picture.pixels.size(); i += 3) {
    const std::uint32_t colour = packed(&picture.pixels[i]);
    const auto place = std::ranges::lower_bound(colours, colour);
    if (place != colours.end() && *place == colour) continue;
    if (colours.size() == kColours) return std::nullopt;
    colours.insert(place, colour);
  }
  return colours;
}

void keep_colours(const Picture& picture, const std::vector<std::uint32_t>& colours,
                  IndexedFrame& frame) {
  for (std::size_t i = 0; i < colours.size(); ++i) {
    frame.colours->Colors[i] = {static_cast<GifByteType>(colours[i] >> 16U),
                                static_cast<GifByteType>(colours[i] >> 8U & 0xFFU),
                                static_cast<GifByteType>(colours[i] & 0xFFU)};
  }
  for (std::size_t i = 0; i < frame.pixels.size(); ++i) {
    const auto place = std::ranges::lower_bound(colours, packed(&picture.pixels[3 * i]));
    frame.pixels[i] = static_cast<GifByteType>(place - colours.begin());
  }
}

// Colours with the same upper five bits, represented by their mean.
struct Shade {
  std::array<std::uint64_t, 3> sum{};
  std::uint64_t count = 0;

  std::uint8_t part(std::size_t c) const { return static_cast<std::uint8_t>(sum[c] / count); }
};

std::size_t shade_of(const std::uint8_t* rgb) {
  return std::size_t{rgb[0]} >> 3U << 10U | std::size_t{rgb[1]} >> 3U << 5U | rgb[2] >> 3U;
}

// Shades that are shown as one colour.
struct ShadeBox {
  std::span<Shade> shades;
  std::array<double, 3> mean{};
  std::array<double, 3> spread{};  // Σ count · (value − mean)²

  explicit ShadeBox(std::span<Shade> all) : shades(all) {
    double count = 0;
    for (const Shade& shade : shades) count += static_cast<double>(shade.count);
    for (std::size_t c = 0; c < 3; ++c) {
      for (const Shade& shade : shades) mean[c] += static_cast<double>(shade.sum[c]);
      mean[c] /= count;
      for (const Shade& shade : shades) {
        const double difference = shade.part(c) - mean[c];
        spread[c] += static_cast<double>(shade.count) * difference * difference;
      }
    }
  }
  std::size_t widest() const {
    return static_cast<std::size_t>(std::ranges::max_element(spread) - spread.begin());
  }
};

// Splits the box with the largest spread at its mean until there is one for each colour of GIF
// (median cut, Heckbert 1982; at the mean, as Wu does).
std::vector<ShadeBox> boxes_of(std::span<Shade> shades) {
  std::vector<ShadeBox> boxes = {ShadeBox(shades)};
  while (boxes.size() < std::size_t{kColours}) {
    const auto box =
        std::ranges::max_element(boxes, {}, [](const ShadeBox& b) { return b.spread[b.widest()]; });
    const std::size_t c = box->widest();
    if (box->spread[c] <= 0) break;
    const std::span<Shade> all = box->shades;
    const auto border = std::partition(
        all.begin(), all.end(), [&](const Shade& shade) { return shade.part(c) <= box->mean[c]; });
    const auto below = static_cast<std::size_t>(border - all.begin());
    if (below == 0 || below == all.size()) break;
    *box = ShadeBox(all.first(below));
    boxes.emplace_back(all.subspan(below));
  }
  return boxes;
}

// Reduces a picture to 256 colours. (giflib's GifQuantizeBuffer turned the window's background from
// 18, 20, 24 into 2, 4, 0.)
void quantise(const Picture& picture, IndexedFrame& frame) {
  std::vector<Shade> shades(std::size_t{1} << 15U);
  for (std::size_t i = 0; i < picture.pixels.size(); i += 3) {
    Shade& shade = shades[shade_of(&picture.pixels[i])];
    for (std::size_t c = 0; c < 3; ++c) shade.sum[c] += picture.pixels[i + c];
    ++shade.count;
  }
  std::vector<Shade> seen;
  std::ranges::copy_if(shades, std::back_inserter(seen),
                       [](const Shade& s) { return s.count > 0; });
  const std::vector<ShadeBox> boxes = boxes_of(seen);
  std::vector<GifByteType> number(shades.size());
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    std::array<std::uint8_t, 3> rgb{};
    for (std::size_t c = 0; c < 3; ++c) rgb[c] = static_cast<std::uint8_t>(boxes[i].mean[c] + 0.5);
    frame.colours->Colors[i] = {rgb[0], rgb[1], rgb[2]};
    for (const Shade& shade : boxes[i].shades) {
      const std::array<std::uint8_t, 3> own = {shade.part(0), shade.part(1), shade.part(2)};
      number[shade_of(own.data())] = static_cast<GifByteType>(i);
    }
  }
  for (std::size_t i = 0; i < frame.pixels.size(); ++i) {
    frame.pixels[i] = number[shade_of(&picture.pixels[3 * i])];
  }
}

// Nothing if memory ran out.
std::optional<IndexedFrame> indexed(const Picture& picture) {
  IndexedFrame frame;
  if (picture.channels == 1) {
    frame.pixels = picture.pixels;
    return frame;
  }
  frame.pixels.resize(picture.pixels.size() / 3);
  frame.colours.reset(GifMakeMapObject(kColours, nullptr));
  if (!frame.colours) return std::nullopt;
  if (const auto colours = few_colours(picture)) {
    keep_colours(picture, *colours, frame);
  } else {
    quantise(picture, frame);
  }
  return frame;
}

// Writes a GIF into memory. Each function returns whether it succeeded.
class GifWriter {
 public:
  GifWriter() : file_(EGifOpen(&bytes_, &GifWriter::append, nullptr)) {}
  GifWriter(const GifWriter&) = delete;
  GifWriter& operator=(const GifWriter&) = delete;
  ~GifWriter() {
    if (file_ != nullptr) EGifCloseFile(file_, nullptr);
  }

  bool begin(int width, int height, const ColorMapObject* colours) {
    if (file_ == nullptr) return false;
    EGifSetGifVersion(file_, true);  // 89a: animations
    return EGifPutScreenDesc(file_, width, height, kColourBits, 0, colours) == GIF_OK && loop();
  }

  bool put(IndexedFrame& frame, int width, int height, int delay) {
    GraphicsControlBlock control{DISPOSE_DO_NOT, false, delay, NO_TRANSPARENT_COLOR};
    std::array<GifByteType, 4> block{};
    const std::size_t size = EGifGCBToExtension(&control, block.data());
    if (EGifPutExtension(file_, GRAPHICS_EXT_FUNC_CODE, static_cast<int>(size), block.data()) !=
            GIF_OK ||
        EGifPutImageDesc(file_, 0, 0, width, height, false, frame.colours.get()) != GIF_OK) {
      return false;
    }
    for (std::size_t at = 0; at < frame.pixels.size(); at += static_cast<std::size_t>(width)) {
      if (EGifPutLine(file_, &frame.pixels[at], width) != GIF_OK) return false;
    }
    return true;
  }

  bool end() { return EGifCloseFile(std::exchange(file_, nullptr), nullptr) == GIF_OK; }

  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  static int append(GifFileType* file, const GifByteType* data, int size) {
    const auto* first = reinterpret_cast<const std::byte*>(data);
    auto& bytes = *static_cast<std::vector<std::byte>*>(file->UserData);
    bytes.insert(bytes.end(), first, first + size);
    return size;
  }

  // Netscape's extension: how many times to repeat, 0 for ever.
  bool loop() {
    const std::array<GifByteType, 3> forever = {1, 0, 0};
    return EGifPutExtensionLeader(file_, APPLICATION_EXT_FUNC_CODE) == GIF_OK &&
           EGifPutExtensionBlock(file_, 11, "NETSCAPE2.0") == GIF_OK &&
           EGifPutExtensionBlock(file_, static_cast<int>(forever.size()), forever.data()) ==
               GIF_OK &&
           EGifPutExtensionTrailer(file_) == GIF_OK;
  }

  std::vector<std::byte> bytes_;
  GifFileType* file_;
};

Expected<void> check_frames(std::span<const Picture> frames) {
  if (frames.empty()) return fail(tr("an animation needs one picture at least"));
  const Picture& first = frames.front();
  if (first.width < 1 || first.height < 1 || first.width > kLargestSide ||
      first.height > kLargestSide || (first.channels != 1 && first.channels != 3)) {
    return fail(
        tr("a picture of {}x{} pixels with {} channels is not possible in GIF: sides go up to {}, "
           "grey and RGB are",
           first.height, first.width, first.channels, kLargestSide));
  }
  for (const Picture& frame : frames) {
    if (frame.width != first.width || frame.height != first.height ||
        frame.channels != first.channels) {
      return fail(tr("the pictures of an animation must be of one size, all grey or all RGB"));
    }
    assert(frame.pixels.size() == static_cast<std::size_t>(frame.width) *
                                      static_cast<std::size_t>(frame.height) *
                                      static_cast<std::size_t>(frame.channels));
  }
  return {};
}

constexpr int kFrameMs = 80;

}  // namespace

Expected<std::vector<std::byte>> gif_bytes(std::span<const Picture> frames, int delay_ms) {
  if (auto fine = check_frames(frames); !fine) return tl::unexpected(fine.error());
  const auto out_of_memory = [] {
    return fail(tr("there is not enough memory for the animation"));
  };
  const Picture& first = frames.front();
  const int delay = std::max((delay_ms + 5) / 10, kLeastDelay);
  const Colours greys = grey_colours();
  GifWriter writer;
  if (!greys || !writer.begin(first.width, first.height, greys.get())) return out_of_memory();
  for (const Picture& picture : frames) {
    auto frame = indexed(picture);
    if (!frame || !writer.put(*frame, picture.width, picture.height, delay)) {
      return out_of_memory();
    }
  }
  if (!writer.end()) return out_of_memory();
  return writer.take();
}

Expected<void> write_gif(const std::string& path, std::span<const Picture> frames, int delay_ms) {
  if (auto fits = check_ending(path, ".gif"); !fits) return fits;
  const auto bytes = gif_bytes(frames, delay_ms);
  if (!bytes) return fail(tr("{} cannot be written: {}", path, bytes.error().message));
  return write_file_atomically(path, *bytes);
}

Expected<void> write_walk(const std::string& path, std::span<const float> pictures,
                          const ImageShape& shape) {
  const auto size = static_cast<std::size_t>(shape.size());
  const std::size_t count = pictures.size() / size;
  if (ending_of(path) != ".gif") {
    return write_png(path, picture_grid(pictures, shape, static_cast<int>(count)));
  }
  std::vector<Picture> frames;
  for (std::size_t i = 0; i < count; ++i) {
    frames.push_back(picture_grid(pictures.subspan(i * size, size), shape));
  }
  return write_gif(path, frames, kFrameMs);
}

}  // namespace zscape
