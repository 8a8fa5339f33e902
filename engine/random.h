#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace zscape {

// What a random number is for. Streams never share numbers: drawing more from one changes no other.
enum class Stream : std::uint32_t {
  initialisation = 0,
  order = 1,
  corruption = 2,
  posterior = 3,
  evaluation = 4,
  synthetic = 5,
  program = 6,  // noise that a PyTorch program draws itself, such as dropout's
};

// Counter-based generator Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", 2011). Its numbers depend only on (seed, stream, counter), so that any step of a run
// can be repeated. uniform() and below() give the same bits on every machine. Cheap to construct;
// not for two threads at once.
class Random {
 public:
  Random(std::uint64_t seed, Stream stream, std::uint64_t counter);

  std::uint32_t bits();                       // 32 random bits
  double uniform();                           // in [0, 1), 32 bits deep
  std::uint32_t below(std::uint32_t bound);   // in [0, bound), unbiased; bound > 0
  double normal();                            // N(0, 1) by Box and Muller; uses libm
  void fill_normal(std::span<float> values);  // each N(0, 1)

 private:
  void refill();

  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;  // block, stream, counter low, counter high
  std::array<std::uint32_t, 4> block_{};
  int used_ = 4;
  double spare_normal_ = 0;
  bool has_spare_normal_ = false;
};

// A permutation of 0 … count-1 (Fisher and Yates) that depends on (seed, stream, counter).
std::vector<std::int64_t> permutation(std::int64_t count, std::uint64_t seed, Stream stream,
                                      std::uint64_t counter);

}  // namespace zscape
