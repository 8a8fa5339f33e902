// The matrix product of one set of kernels, for floats and where it has them for pairs of bf16.
// Included as kernels_body.h is. The including file defines Vector (kLanes floats) and kRows, and
// for pairs Pairs (kLanes of them) with lanes_of, all and multiplied_to.
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

// The rows of A that one tile takes, whatever their number.
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
    for (int j = 0; j < of.columns; j += kColumns) {
      const int panel = j / kPanel, within = j % kPanel, width = of.columns - j;
      const Element* b = of.b + panel * of.b_panel + within;
      float* c = of.c + i * of.c_row + panel * of.c_panel + within;
      if (width >= kColumns) {
        tile_of<kRows, 2>(rows, of, a, b, c, of.c_row);
        continue;
      }
      // The last columns do not fill a tile of C: in a copy that they do.
      float copy[kRows * kColumns];
      for (int y = 0; y < rows; ++y) {
        for (int x = 0; x < kColumns; ++x) {
          copy[y * kColumns + x] = of.adds && x < width ? c[y * of.c_row + x] : 0;
        }
      }
      if (width > kLanes) {
        tile_of<kRows, 2>(rows, of, a, b, copy, kColumns);
      } else {
        tile_of<kRows, 1>(rows, of, a, b, copy, kColumns);
      }
      for (int y = 0; y < rows; ++y) {
        for (int x = 0; x < width; ++x) c[y * of.c_row + x] = copy[y * kColumns + x];
      }
    }
  }
}

}  // namespace zscape::ZSCAPE_KERNELS
