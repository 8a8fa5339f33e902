// Compiled for every processor of its family.
#include "engine/kernels/kernels.h"
#include "engine/kernels/plain_transpose.h"

#define ZSCAPE_KERNELS portable
#define ZSCAPE_KERNEL_NAME "portable"

namespace zscape::ZSCAPE_KERNELS {
namespace {

constexpr int kLanes = 4;
constexpr int kRows = 4;  // of a tile: with two vectors each, what the registers hold
using Vector = float __attribute__((vector_size(kLanes * sizeof(float))));

Vector exp_of(Vector x) {
  for (int i = 0; i < kLanes; ++i) x[i] = __builtin_expf(x[i]);
  return x;
}
Vector log_of(Vector x) {
  for (int i = 0; i < kLanes; ++i) x[i] = __builtin_logf(x[i]);
  return x;
}
Vector root_of(Vector x) {
  for (int i = 0; i < kLanes; ++i) x[i] = __builtin_sqrtf(x[i]);
  return x;
}
float sum_of(Vector x) {
  return (x[0] + x[2]) + (x[1] + x[3]);
}

}  // namespace
}  // namespace zscape::ZSCAPE_KERNELS

#include "engine/kernels/kernels_body.h"
