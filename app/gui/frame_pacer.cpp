#include "app/gui/frame_pacer.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace zscape {

namespace {

constexpr double kHiddenS = 1;             // between frames that nobody sees
constexpr std::size_t kRestlessHand = 20;  // frames a second by input: more than a hand that points

}  // namespace

double FramePacer::wait_s(const FrameNeeds& needs, double now_s) const {
  double due = std::numeric_limits<double>::infinity();
  if (needs.wake_s > 0) due = std::max(needs.wake_s, last_s_ + shortest_s_);
  if (needs.animating) due = std::min(due, last_s_ + (needs.hidden ? kHiddenS : animation_s_));
  const bool restless = by_input_.size() > kRestlessHand && now_s < by_input_.front() + 1;
  const double after_s = needs.animating ? calm_s_ : shortest_s_;
  if (needs.now) due = std::min(due, last_s_ + after_s);
  if (needs.input) due = std::min(due, last_s_ + (restless ? after_s : shortest_s_));
  return due - now_s;
}

void FramePacer::began(double now_s, bool by_input) {
  last_s_ = now_s;
  began_.push_back(now_s);
  if (by_input) by_input_.push_back(now_s);
  for (std::deque<double>* frames : {&began_, &by_input_}) {
    while (!frames->empty() && frames->front() < now_s - 1) frames->pop_front();
  }
}

double FramePacer::per_second(double now_s) const {
  const auto first =
      std::find_if(began_.begin(), began_.end(), [now_s](double at_s) { return at_s > now_s - 1; });
  const auto frames = began_.end() - first;
  if (frames < 2) return 0;
  return static_cast<double>(frames - 1) / std::max(now_s - *first, 1e-3);
}

double FramePacer::motion_s(double now_s) const {
  return std::floor(now_s / animation_s_) * animation_s_;
}

}  // namespace zscape
