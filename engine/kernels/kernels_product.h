// The matrix product of one set of kernels, for floats and for pairs of bf16. Included like
// kernels_body.h. The including file defines Vector (kLanes floats) and kRows, and for bf16 also
// Pairs (kLanes of them) with lanes_of, all and multiplied_to.
namespace zscape::ZSCAPE_KERNELS {

constexpr int kColumns = 2 * kLanes;  // of one tile of C

inline Vector load(const float* from) {
  Vector value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}
inline void store(float* to, Vector value) {
  __builtin_memcpy(to, &value, sizeof value);
}
inline Vector all(float value) {
  return value - Vector{};
}
inline Vector lanes_of(const float* from) {
  return load(from);
}
inline Vector multiplied_to(Vector sum, Vector a, Vector b) {
  return sum + a * b;
}

// Prefetches the rows of the arrays ahead at this tile of C.
template <class Element>
void fetch_ahead(const ProductOf<Element>& of, std::int64_t at, int row, int end,
                 std::int64_t c_row) {
  constexpr int kLine = 16;  // floats
  for (const float* array : of.ahead) {
    if (!array) return;
    for (int i = row; i < end; ++i) {
      for (int j = 0; j < kColumns; j += kLine)
        __builtin_prefetch(array + at + i * c_row + j, 1, 2);
    }
  }
}

// One tile of C, [R, V vectors], in registers.
template <int R, int V, class Element>
void tile(const ProductOf<Element>& of, const Element* a, const Element* b, float* c,
          std::int64_t c_row) {
  Vector left[R], right[R];
  for (int i = 0; i < R; ++i) {
    left[i] = of.adds ? load(c + i * c_row) : Vector{};
    if constexpr (V == 2) right[i] = of.adds ? load(c + i * c_row + kLanes) : Vector{};
  }
  for (int segment = 0; segment < of.segments; ++segment) {
    fetch_ahead(of, c - of.c, R * segment / of.segments, R * (segment + 1) / of.segments, c_row);
    const Element* from = a;
    const Element* row = b;
    for (int p = 0; p < of.length; ++p) {
      const auto b_left = lanes_of(row), b_right = lanes_of(row + (V - 1) * kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < R; ++i) {
        const auto factor = all(from[i * of.a_row]);
        left[i] = multiplied_to(left[i], factor, b_left);
        if constexpr (V == 2) right[i] = multiplied_to(right[i], factor, b_right);
      }
      from += of.a_column;
      row += of.b_row;
    }
    a += of.a_segment;
    b += of.b_segment;
  }
  for (int i = 0; i < R; ++i) {
    store(c + i * c_row, left[i]);
    if constexpr (V == 2) store(c + i * c_row + kLanes, right[i]);
  }
}

// A tile of any number of rows up to R.
template <int R, int V, class Element>
void tile_of(int rows, const ProductOf<Element>& of, const Element* a, const Element* b, float* c,
             std::int64_t c_row) {
  if constexpr (R > 0) {
    if (rows < R) return tile_of<R - 1, V>(rows, of, a, b, c, c_row);
    tile<R, V>(of, a, b, c, c_row);
  }
}

template <class Element>
void multiply_of(const ProductOf<Element>& of) {
  for (int i = 0; i < of.rows; i += kRows) {
    const int rows = of.rows - i < kRows ? of.rows - i : kRows;
    const Element* a = of.a + i * of.a_row;
    int j = 0;
    const auto b = [&] { return of.b + j / kPanel * of.b_panel + j % kPanel; };
    const auto c = [&] { return of.c + i * of.c_row + j / kPanel * of.c_panel + j % kPanel; };
    for (; j + kColumns <= of.columns; j += kColumns) {
      tile_of<kRows, 2>(rows, of, a, b(), c(), of.c_row);
    }
    for (; j + kLanes <= of.columns; j += kLanes) {
      tile_of<kRows, 1>(rows, of, a, b(), c(), of.c_row);
    }
    const int width = of.columns - j;
    if (width == 0) continue;
    // The last columns do not fill a vector, so compute them in a copy.
    ProductOf<Element> rest = of;
    rest.ahead[0] = nullptr;
    float copy[kRows * kLanes] = {};
    for (int y = 0; of.adds && y < rows; ++y) {
      for (int x = 0; x < width; ++x) copy[y * kLanes + x] = c()[y * of.c_row + x];
    }
    tile_of<kRows, 1>(rows, rest, a, b(), copy, kLanes);
    for (int y = 0; y < rows; ++y) {
      for (int x = 0; x < width; ++x) c()[y * of.c_row + x] = copy[y * kLanes + x];
    }
  }
}

}  // namespace zscape::ZSCAPE_KERNELS
