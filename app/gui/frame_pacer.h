#pragma once

#include <deque>

namespace zscape {

// Why another frame is wanted.
struct FrameNeeds {
  bool now = false;        // input came, or the last input has not fully shown yet
  bool animating = false;  // training, motion, a script: something changes by itself
  double wake_s = 0;       // a time at which a frame is wanted; 0: none
  bool hidden = false;     // the window is minimised: what changes by itself can wait
};

// Decides when the next frame is drawn, and counts them. A window drawn by software takes the
// cores that training needs: there only input is followed quickly. On a GPU the display's rate
// holds frames back, here is only a bound for displays that do not.
class FramePacer {
 public:
  explicit FramePacer(bool software)
      : shortest_s_(software ? 1.0 / 60 : 1.0 / 250), animation_s_(software ? 0.125 : 1.0 / 250) {}

  // Seconds until the next frame: 0 or less: now; infinity: sleep until something happens.
  double wait_s(const FrameNeeds& needs, double now_s) const;

  void began(double now_s);               // a frame begins
  double per_second(double now_s) const;  // frames in the last second; 0 where it slept

 private:
  double shortest_s_;
  double animation_s_;
  std::deque<double> began_;  // of the last second, oldest first
  double last_s_ = -1;
};

}  // namespace zscape
