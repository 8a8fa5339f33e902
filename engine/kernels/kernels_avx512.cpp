// Compiled for AVX-512; called where the processor has it.
#include <immintrin.h>
#include <sleef.h>

#include "engine/kernels/avx512_transpose.h"
#include "engine/kernels/kernels.h"

#define ZSCAPE_KERNELS avx512
#define ZSCAPE_KERNEL_NAME "avx512"

namespace zscape::ZSCAPE_KERNELS {
namespace {

constexpr int kLanes = 16;
constexpr int kRows = 14;  // of a tile: with two vectors each, what the registers hold
using Vector = float __attribute__((vector_size(kLanes * sizeof(float))));

Vector exp_of(Vector x) {
  return Sleef_expf16_u10(x);
}
Vector log_of(Vector x) {
  return Sleef_logf16_u10(x);
}
Vector root_of(Vector x) {
  return _mm512_sqrt_ps(x);
}
float sum_of(Vector x) {
  return _mm512_reduce_add_ps(x);
}

constexpr int kBlock = kLanes;
void transpose_block(const float* from, std::int64_t from_row, float* to, std::int64_t to_row) {
  __m512 rows[kBlock];
  for (int i = 0; i < kBlock; ++i) rows[i] = _mm512_loadu_ps(from + i * from_row);
  transpose_vectors(rows);
  for (int i = 0; i < kBlock; ++i) _mm512_storeu_ps(to + i * to_row, rows[i]);
}

}  // namespace
}  // namespace zscape::ZSCAPE_KERNELS

#include "engine/kernels/kernels_body.h"
