#include "app/gui/picture_loader.h"

#include <chrono>
#include <utility>

namespace zscape {
namespace {

// The longer side that it is read at, several times that of the data.
constexpr int kSide = 280;

GreyImage light_ink(const GreyPicture& picture) {
  GreyImage image{picture.width, picture.height, {}};
  for (const std::uint8_t value : picture.pixels) {
    image.values.push_back(static_cast<float>(value) / 255.0F);
  }
  make_ink_light(image);
  return image;
}

}  // namespace

void PictureLoader::begin(std::shared_ptr<Backend> backend, const std::string& path,
                          std::shared_ptr<const Dataset> data) {
  if (busy()) return;
  loading_ = std::async(
      std::launch::async,
      [backend = std::move(backend), path, data = std::move(data)]() -> Expected<OwnPicture> {
        if (data && data->pictures) return backend->load_input(path, data->shape, *data->pictures);
        return backend->load_picture(path, kSide).map(light_ink);
      });
}

std::optional<Expected<OwnPicture>> PictureLoader::take() {
  if (!busy() || loading_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return {};
  return loading_.get();
}

}  // namespace zscape
