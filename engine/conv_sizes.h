#pragma once

#include <cstdint>

#include "engine/dataset.h"

namespace zscape {

// The sizes of the convolutional pair of networks (--network conv): two convolutions halve the
// sides, a linear layer reads what they leave.
inline constexpr int kConvKernel = 4, kConvStride = 2, kConvPadding = 1;
inline constexpr int kConvOuterChannels = 32, kConvInnerChannels = 64;
inline constexpr int kConvReduction = kConvStride * kConvStride;  // of each side

// The numbers between the convolutions and the linear layer. The sides must be divisible by
// kConvReduction.
inline std::int64_t conv_inner_size(const ImageShape& shape) {
  return std::int64_t{kConvInnerChannels} * (shape.height / kConvReduction) *
         (shape.width / kConvReduction);
}

}  // namespace zscape
