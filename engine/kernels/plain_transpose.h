#pragma once

#include <cstdint>

namespace zscape {
namespace {  // each including file has its own copy, compiled for its instruction set

constexpr int kBlock = 8;

// [kBlock, kBlock] → its transpose; reads and writes whole rows.
void transpose_block(const float* from, std::int64_t from_row, float* to, std::int64_t to_row) {
  float block[kBlock][kBlock];
  for (int y = 0; y < kBlock; ++y) {
    for (int x = 0; x < kBlock; ++x) block[x][y] = from[y * from_row + x];
  }
  for (int x = 0; x < kBlock; ++x) __builtin_memcpy(to + x * to_row, block[x], sizeof block[x]);
}

}  // namespace
}  // namespace zscape
