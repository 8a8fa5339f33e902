// Compiled for AVX2 and FMA; called where the processor has them.
#include <immintrin.h>
#include <sleef.h>

#include "engine/kernels/kernels.h"

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

}  // namespace
}  // namespace zscape::ZSCAPE_KERNELS

#include "engine/kernels/kernels_body.h"
