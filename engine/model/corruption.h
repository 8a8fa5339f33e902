#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "engine/model_spec.h"
#include "engine/random.h"

namespace zscape {

// Which random numbers a batch is changed by: each row has a generator of its own, so that what
// becomes of an input does not depend on the rows beside it.
struct RowDraws {
  std::uint64_t seed = 0;
  Stream stream = Stream::evaluation;
  std::vector<std::uint64_t> counters;  // one a row, each below 2^60
};

// Those of a training step: its rows have counters of their own in the corruption stream.
std::uint64_t training_counter(std::int64_t step, std::int64_t row);  // of one of them
RowDraws training_draws(std::uint64_t seed, std::int64_t step, std::int64_t rows);

// x as the spec's binarisation has it, each pixel 0 or 1; x itself where there is none. x: [N, d]
// in [0, 1].
at::Tensor binarised(const ModelSpec& spec, const at::Tensor& x, const RowDraws& draws);

// x with noise: Gaussian noise is added and not clipped; masking noise sets exactly
// round(amount · d) inputs of each row to 0 (Vincent et al. 2010). x: [N, d].
at::Tensor corrupted(const Noise& noise, const at::Tensor& x, const RowDraws& draws);

// The pixels that mae hides of each row: [N, d], 1 where hidden, else 0; hidden_patch_count(spec)
// patches a row (He et al. 2022).
at::Tensor hidden_pixels(const ModelSpec& spec, const RowDraws& draws);

int hidden_inputs(const ModelSpec& spec);  // how many of each row mae hides

// What an encoder reads while it learns, and what it must answer.
struct Presented {
  at::Tensor target;  // [N, d], binarised
  at::Tensor seen;    // [N, d], corrupted (dae), patches hidden (mae), else the target
  at::Tensor hidden;  // [N, d] for mae, else undefined
};
Presented present(const ModelSpec& spec, const at::Tensor& x, const RowDraws& draws);

// One row of it. target: [d], holds x before; seen: [d]; hidden: [d] for mae, else unused.
void present_row(const ModelSpec& spec, std::uint64_t seed, Stream stream, std::uint64_t counter,
                 std::span<float> target, std::span<float> seen, std::span<float> hidden);

}  // namespace zscape
