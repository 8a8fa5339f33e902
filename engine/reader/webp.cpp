#include <webp/decode.h>
#include <webp/demux.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "engine/data/reader_protocol.h"
#include "engine/reader/pictures.h"
#include "engine/text.h"

namespace zscape {
namespace {

struct DeleteDemuxer {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};

tl::unexpected<Error> cannot_decode(const std::string& path) {
  return fail(tr("'{}' cannot be decoded as a WebP picture: it is damaged or cut short", path));
}

}  // namespace

bool begins_as_webp(const std::string& first_bytes) {
  return first_bytes.size() >= 12 && first_bytes.starts_with("RIFF") &&
         first_bytes.compare(8, 4, "WEBP") == 0;
}

// Of an animation its first picture.
Expected<Picture> read_webp(const std::string& path, bool pixels, bool) {
  std::ifstream stream(path, std::ios::binary);
  const std::string file(std::istreambuf_iterator<char>(stream), {});
  const WebPData data{reinterpret_cast<const std::uint8_t*>(file.data()), file.size()};
  const std::unique_ptr<WebPDemuxer, DeleteDemuxer> demuxer(WebPDemux(&data));
  WebPIterator frame{};
  if (!demuxer || WebPDemuxGetFrame(demuxer.get(), 1, &frame) == 0) return cannot_decode(path);
  const std::unique_ptr<WebPIterator, void (*)(WebPIterator*)> release(&frame,
                                                                       WebPDemuxReleaseIterator);
  Picture picture{frame.width, frame.height, frame.has_alpha != 0 ? 4 : 3, 8, {}};
  const auto count =
      static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
  if (count > kMostPicturePixels) {
    return fail(tr("'{}' is a picture of {}x{} pixels; zscape reads up to {} million", path,
                   picture.height, picture.width, kMostPicturePixels / 1'000'000));
  }
  if (!pixels) return picture;
  picture.bytes.resize(count * static_cast<std::size_t>(picture.channels));
  const auto decode = picture.channels == 4 ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
  if (decode(frame.fragment.bytes, frame.fragment.size,
             reinterpret_cast<std::uint8_t*>(picture.bytes.data()), picture.bytes.size(),
             picture.width * picture.channels) == nullptr) {
    return cannot_decode(path);
  }
  return picture;
}

}  // namespace zscape
