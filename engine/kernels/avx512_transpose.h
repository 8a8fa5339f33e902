#pragma once

#include <immintrin.h>

namespace zscape {
namespace {  // each including file has its own copy, compiled for its instruction set

// Transposes 16 × 16 numbers of 32 bits. (Not inline: the linker would keep one copy for all
// instruction sets.)
[[maybe_unused]] void transpose_vectors(__m512 (&rows)[16]) {
  // Of each four rows the columns c, 4 + c, 8 + c, 12 + c come together in vector c.
  for (int i = 0; i < 16; i += 4) {
    const __m512d low01 = _mm512_castps_pd(_mm512_unpacklo_ps(rows[i], rows[i + 1]));
    const __m512d high01 = _mm512_castps_pd(_mm512_unpackhi_ps(rows[i], rows[i + 1]));
    const __m512d low23 = _mm512_castps_pd(_mm512_unpacklo_ps(rows[i + 2], rows[i + 3]));
    const __m512d high23 = _mm512_castps_pd(_mm512_unpackhi_ps(rows[i + 2], rows[i + 3]));
    rows[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(low01, low23));
    rows[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low01, low23));
    rows[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(high01, high23));
    rows[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(high01, high23));
  }
  constexpr int kEven = 0x88, kOdd = 0xdd;  // of four quarters
  for (int c = 0; c < 4; ++c) {
    const __m512 even_left = _mm512_shuffle_f32x4(rows[c], rows[c + 4], kEven);
    const __m512 odd_left = _mm512_shuffle_f32x4(rows[c], rows[c + 4], kOdd);
    const __m512 even_right = _mm512_shuffle_f32x4(rows[c + 8], rows[c + 12], kEven);
    const __m512 odd_right = _mm512_shuffle_f32x4(rows[c + 8], rows[c + 12], kOdd);
    rows[c] = _mm512_shuffle_f32x4(even_left, even_right, kEven);
    rows[c + 4] = _mm512_shuffle_f32x4(odd_left, odd_right, kEven);
    rows[c + 8] = _mm512_shuffle_f32x4(even_left, even_right, kOdd);
    rows[c + 12] = _mm512_shuffle_f32x4(odd_left, odd_right, kOdd);
  }
}

}  // namespace
}  // namespace zscape
