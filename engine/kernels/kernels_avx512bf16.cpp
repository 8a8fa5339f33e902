// Compiled for AVX-512 with AVX512_BF16; called where the processor has it.
#include <immintrin.h>

#include "engine/kernels/avx512_transpose.h"
#include "engine/kernels/kernels.h"

#define ZSCAPE_KERNELS avx512bf16

namespace zscape::ZSCAPE_KERNELS {
namespace {

constexpr int kLanes = 16;
constexpr int kRows = 14;  // of a tile: with two vectors each, what the registers hold
using Vector = float __attribute__((vector_size(kLanes * sizeof(float))));
using Pairs = Bf16Pair __attribute__((vector_size(kLanes * sizeof(Bf16Pair))));

Pairs lanes_of(const Bf16Pair* from) {
  Pairs value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}
Pairs all(Bf16Pair value) {
  return Pairs{} + value;
}
Vector multiplied_to(Vector sum, Pairs a, Pairs b) {
  return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
}

// The first `count` of 16 lanes.
__mmask16 first(int count) {
  return static_cast<__mmask16>(count >= kLanes ? 0xffffU : (1U << (count > 0 ? count : 0)) - 1);
}

// (low, high) lane by lane.
__m512i paired(__m512 low, __m512 high) {
  const __m512i lower = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(low));
  const __m512i upper = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(high));
  return _mm512_or_si512(lower, _mm512_slli_epi32(upper, 16));
}

// (0, 1), (2, 3), … of 32 neighbours.
__m512i neighbours(__m512 low, __m512 high) {
  return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

}  // namespace
}  // namespace zscape::ZSCAPE_KERNELS

#include "engine/kernels/kernels_product.h"

namespace zscape::ZSCAPE_KERNELS {
namespace {

void multiply(const PairProduct& of) {
  multiply_of(of);
}

void pair_features(const float* panel, int features, Bf16Pair* out) {
  for (std::int64_t feature = 0; feature < features; feature += 2) {
    const float* row = panel + feature * kPanel;
    for (int i = 0; i < kPanel; i += kLanes) {
      const __m512 next =
          feature + 1 < features ? _mm512_loadu_ps(row + kPanel + i) : _mm512_setzero_ps();
      _mm512_storeu_si512(out + feature / 2 * kPanel + i, paired(_mm512_loadu_ps(row + i), next));
    }
  }
}

static_assert(kPanel == 2 * kLanes);

void pair_samples(const float* panel, int features, Bf16Pair* out) {
  for (std::int64_t feature = 0; feature < features; ++feature) {
    const float* row = panel + feature * kPanel;
    _mm512_storeu_si512(out + feature * kLanes,
                        neighbours(_mm512_loadu_ps(row), _mm512_loadu_ps(row + kLanes)));
  }
}

void pair_tiles(const float* panel, int features, Bf16Pair* out) {
  for (std::int64_t feature = 0; feature < features; feature += kLanes) {
    const int here = features - static_cast<int>(feature);
    __m512 block[kLanes];
    for (std::int64_t i = 0; i < kLanes; ++i) {
      const float* row = panel + (feature + (i < here ? i : 0)) * kPanel;
      block[i] =
          _mm512_castsi512_ps(neighbours(_mm512_loadu_ps(row), _mm512_loadu_ps(row + kLanes)));
    }
    transpose_vectors(block);
    Bf16Pair* to = out + feature / kPanel * (std::int64_t{kPanel} / 2 * kPanel) + feature % kPanel;
    for (std::int64_t i = 0; i < kLanes; ++i) {
      _mm512_mask_storeu_ps(to + i * kPanel, first(here), block[i]);
    }
  }
}

void pair_weights(const float* weights, int rows, int columns, Bf16Pair* along_rows,
                  Bf16Pair* of_rows) {
  const int width = (columns + 1) / 2;
  for (int row = 0; row < rows; row += 2) {
    const float* upper = weights + static_cast<std::int64_t>(row) * columns;
    const float* lower = upper + columns;
    const bool both = row + 1 < rows;
    Bf16Pair* along = along_rows + static_cast<std::int64_t>(row) * width;
    for (int j = 0; j < columns; j += 2 * kLanes) {
      const __mmask16 left = first(columns - j), right = first(columns - j - kLanes);
      const __mmask16 pairs = first(width - j / 2);
      const __m512 u0 = _mm512_maskz_loadu_ps(left, upper + j);
      const __m512 u1 = _mm512_maskz_loadu_ps(right, upper + j + kLanes);
      const __m512 l0 = _mm512_maskz_loadu_ps(both ? left : 0, lower + j);
      const __m512 l1 = _mm512_maskz_loadu_ps(both ? right : 0, lower + j + kLanes);
      _mm512_mask_storeu_epi32(along + j / 2, pairs, neighbours(u0, u1));
      if (both) _mm512_mask_storeu_epi32(along + width + j / 2, pairs, neighbours(l0, l1));
      if (!of_rows) continue;
      Bf16Pair* of = of_rows + static_cast<std::int64_t>(row / 2) * columns + j;
      _mm512_mask_storeu_epi32(of, left, paired(u0, l0));
      _mm512_mask_storeu_epi32(of + kLanes, right, paired(u1, l1));
    }
  }
}

}  // namespace

extern const Bf16Kernels kernels;
const Bf16Kernels kernels = {multiply, pair_features, pair_samples, pair_tiles, pair_weights};

}  // namespace zscape::ZSCAPE_KERNELS
