// The body of one set of kernels. Each including file is compiled for one instruction set, so
// nothing here may be a template or inline function of the standard library: the linker keeps a
// single copy of those for the whole program. The including file defines ZSCAPE_KERNELS (its
// namespace), Vector (kLanes floats), kRows, exp, log, root and sum of a Vector, and
// transpose_block, which transposes [kBlock, kBlock].
#include "engine/kernels/kernels_product.h"

namespace zscape::ZSCAPE_KERNELS {

constexpr int kFactors = 32;  // each at most 2: their product is far from overflow

void multiply(const Product& of) {
  multiply_of(of);
}

void transpose(const float* from, std::int64_t from_row, int rows, int columns, float* to,
               std::int64_t to_row) {
  for (int i = 0; i < rows; i += kBlock) {
    const int height = rows - i < kBlock ? rows - i : kBlock;
    for (int j = 0; j < columns; j += kBlock) {
      const int width = columns - j < kBlock ? columns - j : kBlock;
      const float* block = from + i * from_row + j;
      float* out = to + j * to_row + i;
      if (height == kBlock && width == kBlock) {
        transpose_block(block, from_row, out, to_row);
        continue;
      }
      for (int x = 0; x < width; ++x) {
        for (int y = 0; y < height; ++y) out[x * to_row + y] = block[y * from_row + x];
      }
    }
  }
}

void unit_floats(const std::uint8_t* bytes, std::int64_t n, float* out) {
  // A product and one correction: equal to the division for all 256 bytes.
  constexpr float kInverse = 1.0F / 255.0F;
  for (std::int64_t i = 0; i < n; ++i) {
    const float byte = bytes[i], near = byte * kInverse;
    out[i] = near + (byte - near * 255.0F) * kInverse;
  }
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
    sums[feature] += sum_of(total);
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
        total += static_cast<double>(sum_of(mask > 0 ? losses : Vector{}));
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

double softplus(const float* logits, std::int64_t n) {
  double total = 0;
  std::int64_t i = 0;
  while (i < n) {
    Vector product = Vector{} + 1, sums{};
    for (int factor = 0; factor < kFactors && i < n; ++factor, i += kLanes) {
      Vector logit{};
      Vector weight = Vector{} + 1;
      if (i + kLanes <= n) {
        logit = load(logits + i);
      } else {
        for (int lane = 0; lane < kLanes; ++lane) {
          if (i + lane < n) {
            logit[lane] = logits[i + lane];
          } else {
            weight[lane] = 0;
          }
        }
      }
      const Vector size = larger(logit, -logit);
      sums += size * 0.5F;
      product *= 1.0F + weight * exp_of(-size);
    }
    total += static_cast<double>(sum_of(sums + log_of(product)));
  }
  return total;
}

double dot(const float* a, const double* b, std::int64_t n) {
  constexpr int kSums = 16;  // independent of each other
  double sums[kSums] = {};
  std::int64_t i = 0;
  for (; i + kSums <= n; i += kSums) {
    for (int k = 0; k < kSums; ++k) sums[k] += static_cast<double>(a[i + k]) * b[i + k];
  }
  double sum = 0;
  for (; i < n; ++i) sum += static_cast<double>(a[i]) * b[i];
  for (int k = 0; k < kSums; ++k) sum += sums[k];
  return sum;
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
      total += static_cast<double>(sum_of(mask > 0 ? square : Vector{}));
    }
  }
  return total;
}

void adam(const AdamStep& step, const float* gradient, std::int64_t n, float* weights,
          float* first_moments, float* second_moments) {
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Vector slope = load(gradient + i);
    const Vector m0 = load(first_moments + i);
    const Vector m = m0 + (1 - step.first_decay) * (slope - m0);
    const Vector v =
        step.second_decay * load(second_moments + i) + (1 - step.second_decay) * slope * slope;
    store(first_moments + i, m);
    store(second_moments + i, v);
    store(weights + i,
          load(weights + i) - step.rate * m / (root_of(v) * step.second_correction + step.epsilon));
  }
  for (; i < n; ++i) {
    const float m = first_moments[i] + (1 - step.first_decay) * (gradient[i] - first_moments[i]);
    const float v =
        step.second_decay * second_moments[i] + (1 - step.second_decay) * gradient[i] * gradient[i];
    first_moments[i] = m;
    second_moments[i] = v;
    weights[i] -= step.rate * m / (__builtin_sqrtf(v) * step.second_correction + step.epsilon);
  }
}

extern const Kernels kernels;
const Kernels kernels = {ZSCAPE_KERNEL_NAME,
                         kRows,
                         multiply,
                         transpose,
                         unit_floats,
                         add_bias,
                         activation_gradient,
                         add_row_sums,
                         exponential,
                         bernoulli,
                         softplus,
                         dot,
                         squares,
                         adam};

}  // namespace zscape::ZSCAPE_KERNELS
