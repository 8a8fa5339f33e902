#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>

#include "app/gui/view/inputs/own_image.h"
#include "engine/backend.h"

namespace zscape {

// Reads the user's own picture from a file on a separate thread; the window's thread, which uses
// this, never waits.
class PictureLoader {
 public:
  // One file at a time. data: on show; may be null.
  void begin(std::shared_ptr<Backend> backend, const std::string& path,
             std::shared_ptr<const Dataset> data);
  bool busy() const { return loading_.valid(); }

  // Once, when it is there or could not be read.
  std::optional<Expected<OwnPicture>> take();

 private:
  std::future<Expected<OwnPicture>> loading_;
};

}  // namespace zscape
