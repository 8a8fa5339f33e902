#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace zscape {

// The bytes of an NPY file (format 1.0) of float32 in C order, little endian, for NumPy's load().
// values: as many as the product of shape. The data begin at a multiple of 64 bytes.
std::vector<std::byte> npy_bytes(std::span<const std::int64_t> shape,
                                 std::span<const float> values);

}  // namespace zscape
