#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "engine/model_spec.h"
#include "engine/random.h"

namespace zscape {

// The random numbers that change a batch. Each row has its own generator, so that a row does not
// depend on its neighbours.
struct RowDraws {
  std::uint64_t seed = 0;
  Stream stream = Stream::evaluation;
  std::vector<std::uint64_t> counters;  // one a row, each below 2^60
};

// The draws of a training step, from the corruption stream, for the batch's rows from `first` on.
std::uint64_t training_counter(std::int64_t step, std::int64_t row);  // of one row
RowDraws training_draws(std::uint64_t seed, std::int64_t step, std::int64_t rows,
                        std::int64_t first = 0);

// x binarised as the spec says, each pixel 0 or 1; x itself without binarisation. x: [N, d] in
// [0, 1].
at::Tensor binarised(const ModelSpec& spec, const at::Tensor& x, const RowDraws& draws);

// x with noise: Gaussian noise is added and not clipped; masking noise sets exactly
// round(amount · d) inputs of each row to 0 (Vincent et al. 2010). x: [N, d].
at::Tensor corrupted(const Noise& noise, const at::Tensor& x, const RowDraws& draws);

// The pixels of each row that mae hides: [N, d], 1 if hidden, else 0; hidden_patch_count(spec)
// patches a row (He et al. 2022).
at::Tensor hidden_pixels(const ModelSpec& spec, const RowDraws& draws);

int hidden_inputs(const ModelSpec& spec);  // pixels of each row that mae hides

// What a model reads while it learns, and its target.
struct Presented {
  at::Tensor target;  // [N, d], binarised
  at::Tensor seen;    // [N, d], corrupted (dae), patches hidden (mae), else the target
  at::Tensor hidden;  // [N, d] for mae, else undefined
};
Presented present(const ModelSpec& spec, const at::Tensor& x, const RowDraws& draws);

// The same for one row. target: [d], x at first; seen: [d]; hidden: [d] for mae, else unused.
void present_row(const ModelSpec& spec, std::uint64_t seed, Stream stream, std::uint64_t counter,
                 std::span<float> target, std::span<float> seen, std::span<float> hidden);

}  // namespace zscape
