// Compiled for AVX2 and FMA; called where the processor has them.
#include <immintrin.h>
#include <sleef.h>

#include "engine/kernels/kernels.h"
#include "engine/kernels/plain_transpose.h"

#define ZSCAPE_KERNELS avx2
#define ZSCAPE_KERNEL_NAME "avx2"

namespace zscape::ZSCAPE_KERNELS {
namespace {

constexpr int kLanes = 8;
constexpr int kRows = 6;  // of a tile: with two vectors each, what the registers hold
using Vector = float __attribute__((vector_size(kLanes * sizeof(float))));

Vector exp_of(Vector x) {
  return Sleef_expf8_u10avx2(x);
}
Vector log_of(Vector x) {
  return Sleef_logf8_u10avx2(x);
}
Vector root_of(Vector x) {
  return _mm256_sqrt_ps(x);
}
float sum_of(Vector x) {
  const __m128 half = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  const __m128 quarter = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(quarter, _mm_movehdup_ps(quarter)));
}

}  // namespace
}  // namespace zscape::ZSCAPE_KERNELS

#include "engine/kernels/kernels_body.h"
