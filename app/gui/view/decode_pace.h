#pragma once

#include <array>
#include <cstddef>
#include <limits>

namespace zscape {

// Decides how many pictures may be decoded in a frame, from how long the last ones took. A decoder
// that needs more than 2 ms a picture is too slow for the frame itself: it is asked ten times a
// second at most, until a worker takes it over.
class DecodePace {
 public:
  static constexpr double kSlowMs = 2;       // a picture
  static constexpr double kSlowPause = 0.1;  // seconds between two decodes of a slow one
  static constexpr double kBudgetMs = 5;     // a frame
  static constexpr int kMostPictures = 128;  // a frame

  // How many pictures this frame may decode: 0 (not yet) … kMostPictures, at least `least` where
  // any may.
  int allowance(double now_s, int least) const;

  void measured(int pictures, double milliseconds, double now_s);
  void forget();  // another model

  bool immediate() const { return picture_ms() <= kSlowMs; }

  // The best of the last measurements, since a busy machine only ever adds to them; 0 before any.
  double picture_ms() const;

 private:
  std::array<double, 8> recent_ = filled();
  std::size_t next_ = 0;
  double last_s_ = -std::numeric_limits<double>::infinity();

  static std::array<double, 8> filled();
};

}  // namespace zscape
