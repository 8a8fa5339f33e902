#include "app/gui/picture_loader.h"

#include <chrono>
#include <utility>

namespace zscape {
namespace {

// The longer side that it is read at, several times that of the data.
constexpr int kSide = 280;

}  // namespace

void PictureLoader::begin(std::shared_ptr<Backend> backend, const std::string& path) {
  if (busy()) return;
  loading_ = std::async(std::launch::async, [backend = std::move(backend), path] {
    return backend->load_picture(path, kSide);
  });
}

std::optional<Expected<GreyImage>> PictureLoader::take() {
  if (!busy() || loading_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return {};
  const Expected<GreyPicture> loaded = loading_.get();
  if (!loaded) return tl::unexpected(loaded.error());
  GreyImage image{loaded->width, loaded->height, {}};
  for (const std::uint8_t value : loaded->pixels) {
    image.values.push_back(static_cast<float>(value) / 255.0F);
  }
  make_ink_light(image);
  return image;
}

}  // namespace zscape
