#pragma once

#include <cstdint>
#include <span>

namespace zscape {

// Samples lie side by side in panels: a panel is [features, kPanel] floats, row by row, so that
// what is done to one sample is done to all of them in one instruction.
inline constexpr int kPanel = 32;

// Two neighbours along the inner dimension of a product as bf16, the first in the lower half.
using Bf16Pair = std::uint32_t;

// C (+)= A · B, where the inner dimension lies in `segments` pieces of `length`. B's panels are
// whole: what lies behind its last column is read, and dropped.
template <class Element>
struct ProductOf {
  const Element* a = nullptr;  // A(i, p) of segment s: a[s·a_segment + i·a_row + p·a_column]
  std::int64_t a_row = 0, a_column = 0, a_segment = 0;
  const Element* b =
      nullptr;  // B(p, j): b[s·b_segment + p·b_row + panel(j)·b_panel + j mod kPanel]
  std::int64_t b_row = 0, b_segment = 0, b_panel = kPanel;
  float* c = nullptr;  // C(i, j): c[i·c_row + panel(j)·c_panel + j mod kPanel]
  std::int64_t c_row = 0, c_panel = kPanel;
  int rows = 0, columns = 0, length = 0, segments = 1;
  bool adds = false;  // to what is in C; else C need not be initialised
  // Up to three arrays that lie as C does and will be worked on next: fetched meanwhile.
  const float* ahead[3] = {nullptr, nullptr, nullptr};
};
using Product = ProductOf<float>;
using PairProduct = ProductOf<Bf16Pair>;  // length: pairs

// Adam's settings of one step (Kingma and Ba 2015), corrections included.
struct AdamStep {
  float first_decay = 0.9F, second_decay = 0.999F;
  float rate = 0;               // learning rate / (1 − β1^t)
  float second_correction = 0;  // 1 / √(1 − β2^t)
  float epsilon = 1e-8F;
};

// The loops that training spends its time in, compiled once for each instruction set. Plain
// functions of their arguments; from any thread. n: floats; arrays need no alignment.
struct Kernels {
  const char* name;  // "avx512", "avx2", "portable"
  int tile_rows;     // even: of a product, worked on together

  void (*multiply)(const Product& product);

  // [rows, columns] → its transpose; both row by row with these distances.
  void (*transpose)(const float* from, std::int64_t from_row, int rows, int columns, float* to,
                    std::int64_t to_row);
  void (*unit_floats)(const std::uint8_t* bytes, std::int64_t n, float* out);  // byte / 255

  // x = x > 0 ? x : leak · x with the feature's bias added before: leak 1 is the bias alone.
  void (*add_bias)(float* panel, int features, const float* bias, float leak);
  // What comes back through that activation; activated: its results.
  void (*activation_gradient)(float* gradient, const float* activated, std::int64_t n, float leak);
  void (*add_row_sums)(const float* panel, int features, float* sums);

  void (*exponential)(const float* x, std::int64_t n, float scale, float* out);  // exp(scale · x)

  // A panel of logits becomes (σ(logit) − x) · scale in its first `samples` columns, 0 beyond.
  // Returns the sum of −x log σ − (1 − x) log(1 − σ) over these.
  double (*bernoulli)(float* panel, const float* x, int features, int samples, float scale);
  // Outputs o, predictions p = σ(o) or o: becomes 2 (p − x) · weight · dp/do · scale. Returns the
  // sum of (p − x)² · weight. weight: [features, kPanel], null: 1.
  double (*squares)(float* panel, const float* x, const float* weight, bool sigmoid, int features,
                    int samples, float scale);

  void (*adam)(const AdamStep& step, const float* gradient, std::int64_t n, float* weights,
               float* first_moments, float* second_moments);
};

// Products of bf16 numbers, summed in single precision, and how their operands are made: rounded to
// the nearest, two by two along the inner dimension, an odd one with a 0.
struct Bf16Kernels {
  void (*multiply)(const PairProduct& product);

  // [features, kPanel] → [⌈features / 2⌉, kPanel]: pairs of features.
  void (*pair_features)(const float* panel, int features, Bf16Pair* out);
  // → [features, kPanel / 2]: pairs of samples.
  void (*pair_samples)(const float* panel, int features, Bf16Pair* out);
  // → [⌈features / kPanel⌉, kPanel / 2, kPanel]: these with the samples as rows. What lies behind
  // the features is left as it is.
  void (*pair_tiles)(const float* panel, int features, Bf16Pair* out);
  // Weights [rows, columns] → [rows, ⌈columns / 2⌉] pairs along the rows, and, where it is not
  // null, [⌈rows / 2⌉, columns] pairs of rows.
  void (*pair_weights)(const float* weights, int rows, int columns, Bf16Pair* along_rows,
                       Bf16Pair* of_rows);
};

// Those that this processor can run, the widest first; the last runs everywhere.
std::span<const Kernels* const> usable_kernels();

// Null where this processor has no products of bf16 (AVX512_BF16).
const Bf16Kernels* usable_bf16_kernels();

}  // namespace zscape
