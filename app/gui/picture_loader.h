#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>

#include "app/gui/view/inputs/drawing.h"
#include "engine/backend.h"

namespace zscape {

// Reads the user's own picture from a file on a separate thread; the window's thread, which uses
// this, never waits.
class PictureLoader {
 public:
  void begin(std::shared_ptr<Backend> backend, const std::string& path);  // one file at a time
  bool busy() const { return loading_.valid(); }

  // Once, when it is there or could not be read: light ink on a dark ground.
  std::optional<Expected<GreyImage>> take();

 private:
  std::future<Expected<GreyPicture>> loading_;
};

}  // namespace zscape
