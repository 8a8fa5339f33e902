#pragma once

#include <deque>

namespace zscape {

// Why another frame is wanted.
struct FrameNeeds {
  bool input = false;      // input came
  bool now = false;        // the last input has not fully shown yet, or something else waits
  bool animating = false;  // training, motion, a script: something changes by itself
  double wake_s = 0;       // a time at which a frame is wanted; 0: none
  bool hidden = false;     // the window is minimised: what changes by itself can wait
};

// Decides when the next frame is drawn, and counts frames. Software rendering takes the cores that
// training needs: there only input is followed quickly, and endless input at half that rate. On a
// GPU the display limits the rate; this is a bound for displays that do not.
class FramePacer {
 public:
  explicit FramePacer(bool software)
      : shortest_s_(software ? 1.0 / 60 : 1.0 / 250),
        calm_s_(software ? 1.0 / 30 : 1.0 / 250),
        animation_s_(software ? 0.125 : 1.0 / 250) {}

  // Seconds until the next frame: 0 or less: now; infinity: sleep until something happens.
  double wait_s(const FrameNeeds& needs, double now_s) const;

  void began(double now_s, bool by_input = false);  // a frame begins
  double per_second(double now_s) const;            // frames in the last second; 0 where it slept

  // The time for moving points. They move with the pictures that change by themselves, so that
  // frames in between need not redraw them.
  double motion_s(double now_s) const;

 private:
  double shortest_s_;
  double calm_s_;  // while something else goes on: after input, and under input without end
  double animation_s_;
  std::deque<double> began_;     // of the last second, oldest first
  std::deque<double> by_input_;  // likewise, those for which input had come
  double last_s_ = -1;
};

}  // namespace zscape
