#include "app/gui/time_line_capture.h"

#include <fmt/chrono.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/io/gif.h"

namespace zscape {
namespace {

constexpr int kDelayMs = 80;

std::vector<MomentPtr> spread(const Moments& moments, std::size_t most) {
  std::vector<MomentPtr> chosen;
  const auto newest = static_cast<double>(moments.back()->position.step);
  for (std::size_t i = 0; i < most; ++i) {
    const double part = static_cast<double>(i) / static_cast<double>(most - 1);
    const MomentPtr& moment = moments[nearest_moment(moments, part * newest)];
    if (chosen.empty() || chosen.back() != moment) chosen.push_back(moment);
  }
  return chosen;
}

}  // namespace

void TimeLineCapture::begin(const Moments& moments, std::string path) {
  if (busy()) return;
  moments_ = spread(moments, kFrames);
  next_ = 0;
  pictures_.clear();
  path_ = std::move(path);
}

void TimeLineCapture::take(Picture picture) {
  pictures_.push_back(std::move(picture));
  if (++next_ < moments_.size()) return;
  moments_.clear();
  next_ = 0;
  writing_ =
      std::async(std::launch::async, [pictures = std::exchange(pictures_, {}), path = path_]() {
        return write_gif(path, pictures, kDelayMs).map([&] { return path; });
      });
}

std::optional<Expected<std::string>> TimeLineCapture::take_result() {
  if (!writing_.valid() ||
      writing_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    return {};
  }
  return writing_.get();
}

std::string time_stamped(const std::string& name, const std::string& ending) {
  const std::string file =
      fmt::format("{}-{:%Y-%m-%d-%H%M%S}.{}", name, fmt::localtime(std::time(nullptr)), ending);
  std::error_code error;
  const auto whole = std::filesystem::absolute(file, error);
  return error ? file : whole.string();
}

}  // namespace zscape
