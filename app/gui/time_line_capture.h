#pragma once

#include <future>
#include <optional>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/history.h"
#include "engine/io/png.h"

namespace zscape {

// Makes an animated GIF of a run's moments in the latent view: the window shows moment() and hands
// over each picture, then another thread writes the file. Used on the window's thread, which never
// waits.
class TimeLineCapture {
 public:
  static constexpr std::size_t kFrames = 60;  // at most; evenly spread over the steps

  // Begins. moments: at least one.
  void begin(const Moments& moments, std::string path);

  bool busy() const { return moment() != nullptr || writing_.valid(); }
  MomentPtr moment() const { return next_ < moments_.size() ? moments_[next_] : nullptr; }

  // The picture of moment(): [height, width, 3]. A window of another size than at first ends the
  // capture with an error.
  void take(Picture picture);

  // Once, when the file is there or could not be made: its path, or why not.
  std::optional<Expected<std::string>> take_result();

 private:
  std::vector<MomentPtr> moments_;
  std::size_t next_ = 0;
  std::vector<Picture> pictures_;
  std::string path_;
  std::future<Expected<std::string>> writing_;
};

// The whole path of "name-2026-11-21-143005.ending" in the present folder, by the local clock.
std::string time_stamped(const std::string& name, const std::string& ending);

}  // namespace zscape
