#pragma once

#include <array>
#include <chrono>
#include <cstddef>

namespace zscape {

// Decides how many pictures a frame may decode, by the time of the last ones. The worker decodes
// where a picture takes more than 2 ms.
class DecodePace {
 public:
  static constexpr double kSlowMs = 2;       // a picture
  static constexpr double kBudgetMs = 5;     // a frame
  static constexpr int kMostPictures = 128;  // a frame, or a request to the worker
  static constexpr int kFewest = 4;          // measurements before a decoder is called slow

  // How many pictures may be decoded at once: at least `least`, at most kMostPictures.
  int allowance(int least) const;

  void measured(int pictures, double milliseconds);
  template <class Decoding>
  double measure(int pictures, Decoding decode) {  // returns the milliseconds that it took
    const auto began = std::chrono::steady_clock::now();
    decode();
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - began;
    measured(pictures, taken.count());
    return taken.count();
  }
  void forget() { *this = {}; }  // another model

  // Whether frames may wait for it. The first decodings of a program are the slowest, so a decoder
  // is called slow only after a few.
  bool immediate() const { return count_ < kFewest || picture_ms() <= kSlowMs; }

  // The best of the last measurements, since a busy machine only ever adds to them; 0 before any.
  double picture_ms() const;

 private:
  std::array<double, 8> recent_ = filled();
  std::size_t next_ = 0;
  int count_ = 0;  // of measurements, kFewest at most

  static std::array<double, 8> filled();
};

}  // namespace zscape
