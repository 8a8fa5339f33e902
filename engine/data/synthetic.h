#pragma once

#include <cstdint>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

inline constexpr std::int64_t kSyntheticTrainCount = 60000;
inline constexpr std::int64_t kSyntheticTestCount = 10000;
inline constexpr std::uint64_t kSyntheticSeed = 2013;

// The embedded data set: handwritten-looking digits, 28×28, white on black, with labels and with
// the factors that made them:
//   slant      sideways shift per height; 0 upright, positive leans to the right
//   thickness  of the line, in pixels
//   rotation   in degrees, positive turns clockwise
//   scale      height of the digit's box, in pixels
//   width      of the digit relative to its drawing
//   shift_x, shift_y   of the digit's centre from the picture's, in pixels
//
// Each image depends on (seed, split, index) alone and has the same bits on every machine. Ten
// successive images show each digit once, in random order. threads ≥ 1 includes the calling thread,
// on which progress is called. Fails only when cancelled.
Expected<Dataset> make_synthetic(std::int64_t train_count = kSyntheticTrainCount,
                                 std::int64_t test_count = kSyntheticTestCount,
                                 std::uint64_t seed = kSyntheticSeed, const Progress& progress = {},
                                 int threads = 2);

}  // namespace zscape
