#pragma once

#include <algorithm>

namespace zscape {

// Where a path is being played, and whether it goes on by itself.
class Playback {
 public:
  static constexpr double kSecondsPerLeg = 2.5;

  bool playing() const { return playing_; }
  bool loops() const { return loops_; }
  void set_loops(bool loops) { loops_ = loops; }

  // Along the path, in [0, 1], each leg the same share of it.
  double position() const { return position_; }

  // Played or moved since it was rewound, so its position is shown.
  bool engaged() const { return engaged_; }

  void play() {
    if (position_ >= 1) position_ = 0;
    playing_ = engaged_ = true;
    began_ = false;
  }
  void pause() { playing_ = false; }
  void move_to(double position) {
    position_ = std::clamp(position, 0.0, 1.0);
    engaged_ = true;
    began_ = false;  // goes on from here
  }
  void rewind() {
    playing_ = engaged_ = false;
    position_ = 0;
  }

  // Advances the position to this time. Once a frame. seconds: that all of it takes.
  void advance(double now_s, int legs) { advance_over(now_s, kSecondsPerLeg * std::max(legs, 1)); }
  void advance_over(double now_s, double seconds) {
    if (!playing_) return;
    // The first frame shows the beginning; a window that slept does not jump.
    const double passed = began_ ? std::clamp(now_s - last_s_, 0.0, 0.25) : 0;
    began_ = true;
    last_s_ = now_s;
    position_ += passed / seconds;
    if (position_ < 1) return;
    if (loops_) {
      position_ -= 1;
    } else {
      position_ = 1;
      playing_ = false;
    }
  }

 private:
  bool playing_ = false;
  bool loops_ = false;
  bool engaged_ = false;
  bool began_ = false;  // last_s_ holds
  double position_ = 0;
  double last_s_ = 0;
};

}  // namespace zscape
