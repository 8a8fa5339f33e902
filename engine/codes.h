#pragma once

#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "engine/dataset.h"
#include "engine/input_block.h"

namespace zscape {

using Indices = std::shared_ptr<const std::vector<std::int64_t>>;

inline Indices make_indices(std::vector<std::int64_t> rows) {
  return std::make_shared<const std::vector<std::int64_t>>(std::move(rows));
}

inline Indices all_rows(const Split& split) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(split.count));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  return make_indices(std::move(rows));
}

// The codes of some inputs. Immutable. Codes that lie in memory as data do share that block.
struct Codes {
  SplitName split = SplitName::train;
  int latent = 0;              // k
  Indices indices;             // [n]: which rows of the split; the same pointer while unchanged
  InputBlock<float> mean;      // [n, k]
  std::vector<float> sigma;    // [n, k]; empty for kinds without a prior
  std::int64_t step = 0;       // of the weights that made them
  std::uint64_t revision = 0;  // Decoder::revision() of those weights

  std::int64_t count() const { return indices ? static_cast<std::int64_t>(indices->size()) : 0; }
};
using CodesPtr = std::shared_ptr<const Codes>;

}  // namespace zscape
