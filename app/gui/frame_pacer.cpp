#include "app/gui/frame_pacer.h"

#include <algorithm>
#include <limits>

namespace zscape {

namespace {

constexpr double kHiddenS = 1;  // between frames that nobody sees

}  // namespace

double FramePacer::wait_s(const FrameNeeds& needs, double now_s) const {
  double due = std::numeric_limits<double>::infinity();
  if (needs.wake_s > 0) due = std::max(needs.wake_s, last_s_ + shortest_s_);
  if (needs.animating) due = std::min(due, last_s_ + (needs.hidden ? kHiddenS : animation_s_));
  if (needs.now) due = std::min(due, last_s_ + shortest_s_);
  return due - now_s;
}

void FramePacer::began(double now_s) {
  last_s_ = now_s;
  began_.push_back(now_s);
  while (began_.front() < now_s - 1) began_.pop_front();
}

double FramePacer::per_second(double now_s) const {
  const auto first =
      std::find_if(began_.begin(), began_.end(), [now_s](double at_s) { return at_s > now_s - 1; });
  const auto frames = began_.end() - first;
  if (frames < 2) return 0;
  return static_cast<double>(frames - 1) / std::max(now_s - *first, 1e-3);
}

}  // namespace zscape
