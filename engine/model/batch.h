#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/dataset.h"
#include "engine/model_spec.h"
#include "engine/random.h"

namespace zscape {

struct Batch {
  at::Tensor x;      // [N, d], scaled where the spec has a scaling, else in [0, 1]
  at::Tensor label;  // one-hot [N, c] for kinds that read labels, else undefined
};

// Reads inputs of a split, standardised if the spec says so. The split must outlive it.
class RowReader {
 public:
  RowReader(const ModelSpec& spec, const Split& split);
  void read(std::int64_t index, std::span<float> out) const;  // [d]

 private:
  const Split& split_;
  std::vector<float> centres_, divisors_;  // [d]; empty: as they are
};

// The rows of a split, in the order of indices, as floats. Throws if mapped inputs are gone.
Batch gather(const ModelSpec& spec, const Split& split, std::span<const std::int64_t> indices);

// One-hot [N, classes]; each label must be in [0, classes).
at::Tensor one_hot(std::span<const int> labels, int classes);

// N(0, 1) draws of one (seed, stream, counter): [rows, columns].
at::Tensor normal_noise(std::int64_t rows, std::int64_t columns, std::uint64_t seed, Stream stream,
                        std::uint64_t counter);

}  // namespace zscape
