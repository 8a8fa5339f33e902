#pragma once

#include <cstdint>
#include <span>

namespace zscape {

// Samples are grouped in panels of [features, kPanel] floats, row by row, so that one instruction
// works on several samples.
inline constexpr int kPanel = 32;

// Two neighbours along the inner dimension of a product as bf16, the first in the lower half.
using Bf16Pair = std::uint32_t;

// C (+)= A · B. The inner dimension consists of `segments` pieces of `length`. B's panels are
// whole: the kernel reads columns after the last one and drops them.
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
  // Up to three arrays with C's layout that are needed next: the kernel prefetches them.
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

// The hot loops of training, compiled once for each instruction set. Pure functions of their
// arguments; any thread. n counts floats; arrays need no alignment.
struct Kernels {
  const char* name;  // "avx512", "avx2", "portable"
  int tile_rows;     // even: rows of a product that are computed together

  void (*multiply)(const Product& product);

  // [rows, columns] → its transpose; from_row, to_row: distances between rows.
  void (*transpose)(const float* from, std::int64_t from_row, int rows, int columns, float* to,
                    std::int64_t to_row);
  void (*unit_floats)(const std::uint8_t* bytes, std::int64_t n, float* out);  // byte / 255

  // Adds the feature's bias, then x = x > 0 ? x : leak · x; leak 1: only the bias.
  void (*add_bias)(float* panel, int features, const float* bias, float leak);
  // The gradient before that activation; activated: its results.
  void (*activation_gradient)(float* gradient, const float* activated, std::int64_t n, float leak);
  void (*add_row_sums)(const float* panel, int features, float* sums);

  void (*exponential)(const float* x, std::int64_t n, float scale, float* out);  // exp(scale · x)

  // Replaces a panel of logits by (σ(logit) − x) · scale in the first `samples` columns, by 0 in
  // the others. Returns the sum of −x log σ − (1 − x) log(1 − σ) over the first.
  double (*bernoulli)(float* panel, const float* x, int features, int samples, float scale);
  // Σ log(1 + e^l) − l / 2 over logits l.
  double (*softplus)(const float* logits, std::int64_t n);
  double (*dot)(const float* a, const double* b, std::int64_t n);  // Σ a b
  // Replaces outputs o, with predictions p = σ(o) or o, by 2 (p − x) · weight · dp/do · scale.
  // Returns the sum of (p − x)² · weight. weight: [features, kPanel], null: 1.
  double (*squares)(float* panel, const float* x, const float* weight, bool sigmoid, int features,
                    int samples, float scale);

  void (*adam)(const AdamStep& step, const float* gradient, std::int64_t n, float* weights,
               float* first_moments, float* second_moments);
};

// Products of bf16 numbers, summed in single precision. Operands are rounded to the nearest and
// paired along the inner dimension; an odd last one is paired with 0.
struct Bf16Kernels {
  void (*multiply)(const PairProduct& product);

  // [features, kPanel] → [⌈features / 2⌉, kPanel]: pairs of features.
  void (*pair_features)(const float* panel, int features, Bf16Pair* out);
  // → [features, kPanel / 2]: pairs of samples.
  void (*pair_samples)(const float* panel, int features, Bf16Pair* out);
  // → [⌈features / kPanel⌉, kPanel / 2, kPanel]: the same with samples as rows. Leaves places after
  // the last feature unchanged.
  void (*pair_tiles)(const float* panel, int features, Bf16Pair* out);
  // Weights [rows, columns] → [rows, ⌈columns / 2⌉] pairs along the rows and, unless of_rows is
  // null, [⌈rows / 2⌉, columns] pairs of rows.
  void (*pair_weights)(const float* weights, int rows, int columns, Bf16Pair* along_rows,
                       Bf16Pair* of_rows);
};

// The kernels that this processor can run, the widest first; the last runs everywhere.
std::span<const Kernels* const> usable_kernels();

// Null if this processor has no AVX512_BF16.
const Bf16Kernels* usable_bf16_kernels();

}  // namespace zscape
