#include "engine/data/picture_file.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

// As a folder of pictures and as a picture of one's own: the header first.
bool read_one_picture(FuzzBytes bytes) {
  static const FuzzFolder folder;
  const std::string path = folder.put("picture.png", bytes);
  const auto info = read_picture_info(path);
  if (!info) return false;
  const ImageShape shape{28, 20, info->grey ? 1 : 3};
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(shape.size()));
  bool is_read = false;
  for (const PictureRules rules :
       {PictureRules{Fit::crop, Ground::black}, {Fit::pad, Ground::white}}) {
    is_read = read_picture(path, *info, shape, rules, pixels).has_value();
  }
  return is_read;
}

}  // namespace

FuzzTarget picture_target() {
  return {.name = "picture", .formats = {"a folder of pictures"}, .run = read_one_picture};
}

}  // namespace zscape
