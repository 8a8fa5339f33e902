// The body of one set of kernels. Included by files that are compiled for one instruction set each,
// so nothing here may be a template or inline function of the standard library: the linker keeps
// one copy of those for the whole program.
// The including file defines ZSCAPE_KERNELS (its namespace), Vector (kLanes floats), kRows, and
// exp and log of a Vector.
namespace zscape::ZSCAPE_KERNELS {

constexpr int kColumns = 2 * kLanes;  // of one tile of C
constexpr int kFactors = 32;          // each at most 2: their product is far from overflow

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
inline float sum(Vector value) {
  float total = 0;
  for (int i = 0; i < kLanes; ++i) total += value[i];
  return total;
}

// One tile of C, [R, 2 vectors], in registers.
template <int R>
void tile(const Product& of, const float* a, const float* b, std::int64_t b_row,
          std::int64_t b_segment, float* c, std::int64_t c_row, bool adds) {
  Vector left[R], right[R];
  for (int i = 0; i < R; ++i) {
    left[i] = adds ? load(c + i * c_row) : Vector{};
    right[i] = adds ? load(c + i * c_row + kLanes) : Vector{};
  }
  for (int segment = 0; segment < of.segments; ++segment) {
    const float* from = a;
    const float* row = b;
    for (int p = 0; p < of.length; ++p) {
      const Vector b_left = load(row), b_right = load(row + kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < R; ++i) {
        const Vector factor = all(from[i * of.a_row]);
        left[i] += factor * b_left;
        right[i] += factor * b_right;
      }
      from += of.a_column;
      row += b_row;
    }
    a += of.a_segment;
    b += b_segment;
  }
  for (int i = 0; i < R; ++i) {
    store(c + i * c_row, left[i]);
    store(c + i * c_row + kLanes, right[i]);
  }
}

// The rows of A that one tile takes, whatever their number.
template <int R>
void tile_of(int rows, const Product& of, const float* a, const float* b, std::int64_t b_row,
             std::int64_t b_segment, float* c, std::int64_t c_row, bool adds) {
  if constexpr (R > 0) {
    if (rows < R) return tile_of<R - 1>(rows, of, a, b, b_row, b_segment, c, c_row, adds);
    tile<R>(of, a, b, b_row, b_segment, c, c_row, adds);
  }
}

void multiply(const Product& of) {
  for (int i = 0; i < of.rows; i += kRows) {
    const int rows = of.rows - i < kRows ? of.rows - i : kRows;
    const float* a = of.a + i * of.a_row;
    float* c = of.c + i * of.c_row;
    int j = 0;
    for (; j + kColumns <= of.columns; j += kColumns) {
      const int panel = j / kPanel, within = j % kPanel;
      tile_of<kRows>(rows, of, a, of.b + panel * of.b_panel + within, of.b_row, of.b_segment,
                     c + panel * of.c_panel + within, of.c_row, of.adds);
    }
  }
  // The last columns, where they do not fill a tile: in copies that do.
  const int rest = of.columns % kColumns;
  if (rest == 0) return;
  const int first = of.columns - rest;
  const std::int64_t b_first = first / kPanel * of.b_panel + first % kPanel;
  const std::int64_t c_first = first / kPanel * of.c_panel + first % kPanel;
  constexpr int kPiece = 256;
  float b[kPiece * kColumns], c[kRows * kColumns];
  bool adds = of.adds;
  for (int segment = 0; segment < of.segments; ++segment) {
    for (int from = 0; from < of.length; from += kPiece) {
      Product piece = of;
      piece.segments = 1;
      piece.length = of.length - from < kPiece ? of.length - from : kPiece;
      for (int p = 0; p < piece.length; ++p) {
        const float* row = of.b + segment * of.b_segment + (from + p) * of.b_row + b_first;
        for (int j = 0; j < kColumns; ++j) b[p * kColumns + j] = j < rest ? row[j] : 0;
      }
      for (int i = 0; i < of.rows; i += kRows) {
        const int rows = of.rows - i < kRows ? of.rows - i : kRows;
        const float* a = of.a + segment * of.a_segment + i * of.a_row + from * of.a_column;
        tile_of<kRows>(rows, piece, a, b, kColumns, 0, c, kColumns, false);
        for (int row = 0; row < rows; ++row) {
          float* to = of.c + (i + row) * of.c_row + c_first;
          for (int j = 0; j < rest; ++j) to[j] = (adds ? to[j] : 0) + c[row * kColumns + j];
        }
      }
      adds = true;
    }
  }
}

void transpose(const float* from, std::int64_t from_row, int rows, int columns, float* to,
               std::int64_t to_row) {
  constexpr int kBlock = 16;
  for (int i = 0; i < rows; i += kBlock) {
    const int height = rows - i < kBlock ? rows - i : kBlock;
    for (int j = 0; j < columns; j += kBlock) {
      const int width = columns - j < kBlock ? columns - j : kBlock;
      float block[kBlock][kBlock];
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) block[x][y] = from[(i + y) * from_row + j + x];
      }
      for (int x = 0; x < width; ++x) {
        for (int y = 0; y < height; ++y) to[(j + x) * to_row + i + y] = block[x][y];
      }
    }
  }
}

void unit_floats(const std::uint8_t* bytes, std::int64_t n, float* out) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = static_cast<float>(bytes[i]) / 255.0F;
}

void add_bias(float* panel, int features, const float* bias, float leak) {
  for (int feature = 0; feature < features; ++feature) {
    for (int i = 0; i < kPanel; ++i) {
      float& value = panel[feature * kPanel + i];
      const float biased = value + bias[feature];
      value = biased > 0 ? biased : leak * biased;
    }
  }
}

void activation_gradient(float* gradient, const float* activated, std::int64_t n, float leak) {
  for (std::int64_t i = 0; i < n; ++i) gradient[i] *= activated[i] > 0 ? 1.0F : leak;
}

void add_row_sums(const float* panel, int features, float* sums) {
  for (int feature = 0; feature < features; ++feature) {
    Vector total{};
    for (int i = 0; i < kPanel; i += kLanes) total += load(panel + feature * kPanel + i);
    sums[feature] += sum(total);
  }
}

void exponential(const float* x, std::int64_t n, float scale, float* out) {
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(out + i, exp_of(load(x + i) * scale));
  if (i == n) return;
  Vector rest{};
  for (std::int64_t j = i; j < n; ++j) rest[j - i] = x[j];
  rest = exp_of(rest * scale);
  for (std::int64_t j = i; j < n; ++j) out[j] = rest[j - i];
}

// 1 in the first `samples` of a panel's columns that begin at `column`, else 0.
inline Vector of_samples(int column, int samples) {
  Vector mask{};
  for (int i = 0; i < kLanes; ++i) mask[i] = column + i < samples ? 1.0F : 0.0F;
  return mask;
}

inline Vector larger(Vector value, Vector than) {
  return value > than ? value : than;
}

double bernoulli(float* panel, const float* x, int features, int samples, float scale) {
  double total = 0;
  for (int column = 0; column < kPanel; column += kLanes) {
    const Vector mask = of_samples(column, samples);
    const Vector scales = mask * scale;
    // Σ log(1 + e^−|logit|) as the logarithm of a product of factors in (1, 2].
    Vector product = Vector{} + 1, losses{};
    for (int feature = 0; feature < features; ++feature) {
      float* place = panel + feature * kPanel + column;
      const Vector logit = load(place);
      const Vector target = load(x + feature * kPanel + column);
      const Vector away = exp_of(-larger(logit, -logit));  // exp(−|logit|), in (0, 1]
      losses += larger(logit, Vector{}) - logit * target;
      product *= 1.0F + away;
      if (feature % kFactors == kFactors - 1 || feature == features - 1) {
        losses += log_of(product);
        total += static_cast<double>(sum(mask > 0 ? losses : Vector{}));
        product = Vector{} + 1;
        losses = Vector{};
      }
      const Vector nearer = 1.0F / (1.0F + away);  // σ(|logit|)
      const Vector sigmoid = logit > 0 ? nearer : away * nearer;
      store(place, (sigmoid - target) * scales);
    }
  }
  return total;
}

double squares(float* panel, const float* x, const float* weight, bool sigmoid, int features,
               int samples, float scale) {
  double total = 0;
  for (int column = 0; column < kPanel; column += kLanes) {
    const Vector mask = of_samples(column, samples);
    for (int feature = 0; feature < features; ++feature) {
      const std::int64_t at = feature * kPanel + column;
      Vector predicted = load(panel + at);
      Vector slope = mask * (2 * scale);
      if (sigmoid) {
        const Vector away = exp_of(-larger(predicted, -predicted));
        const Vector nearer = 1.0F / (1.0F + away);
        predicted = predicted > 0 ? nearer : away * nearer;
        slope *= predicted * (1.0F - predicted);
      }
      if (weight) slope *= load(weight + at);
      const Vector off = predicted - load(x + at);
      store(panel + at, off * slope);
      Vector square = off * off;
      if (weight) square *= load(weight + at);
      total += static_cast<double>(sum(mask > 0 ? square : Vector{}));
    }
  }
  return total;
}

void adam(const AdamStep& step, const float* const* gradients, int parts, std::int64_t n,
          float* weights, float* first_moments, float* second_moments) {
  const float* first = gradients[0];
  const float* second = parts > 1 ? gradients[1] : nullptr;
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    Vector gradient = load(first + i);
    if (second) gradient += load(second + i);
    for (int part = 2; part < parts; ++part) gradient += load(gradients[part] + i);
    const Vector m0 = load(first_moments + i);
    const Vector m = m0 + (1 - step.first_decay) * (gradient - m0);
    const Vector v = step.second_decay * load(second_moments + i) +
                     (1 - step.second_decay) * gradient * gradient;
    store(first_moments + i, m);
    store(second_moments + i, v);
    Vector root;
    for (int lane = 0; lane < kLanes; ++lane) root[lane] = __builtin_sqrtf(v[lane]);
    store(weights + i,
          load(weights + i) - step.rate * m / (root / step.second_correction + step.epsilon));
  }
  for (; i < n; ++i) {
    float gradient = first[i];
    for (int part = 1; part < parts; ++part) gradient += gradients[part][i];
    const float m = first_moments[i] + (1 - step.first_decay) * (gradient - first_moments[i]);
    const float v =
        step.second_decay * second_moments[i] + (1 - step.second_decay) * gradient * gradient;
    first_moments[i] = m;
    second_moments[i] = v;
    weights[i] -= step.rate * m / (__builtin_sqrtf(v) / step.second_correction + step.epsilon);
  }
}

extern const Kernels kernels;
const Kernels kernels = {
    ZSCAPE_KERNEL_NAME, multiply,    transpose, unit_floats, add_bias, activation_gradient,
    add_row_sums,       exponential, bernoulli, squares,     adam};

}  // namespace zscape::ZSCAPE_KERNELS
