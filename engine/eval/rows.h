#pragma once

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/eval/team.h"
#include "engine/frozen_model.h"
#include "engine/model/batch.h"
#include "engine/model/corruption.h"
#include "engine/progress.h"
#include "engine/rows_at_once.h"

namespace zscape {

// Where each use of a seed's evaluation stream begins to count. The noise of z counts from 0 by the
// first row of a piece; importance samples, binarisation and corruption by row; few labels by draw.
inline constexpr std::uint64_t kImportanceCounter = std::uint64_t{1} << 32;
inline constexpr std::uint64_t kPriorCounter = std::uint64_t{1} << 33;
inline constexpr std::uint64_t kGapCounter = std::uint64_t{1} << 34;
inline constexpr std::uint64_t kRowCounter = std::uint64_t{1} << 40;
inline constexpr std::uint64_t kSilhouetteCounter = std::uint64_t{1} << 43;
inline constexpr std::uint64_t kLabelDrawCounter = std::uint64_t{1} << 44;
inline constexpr std::uint64_t kClassOrderCounter = std::uint64_t{1} << 45;
inline constexpr std::uint64_t kTuningCounter = std::uint64_t{1} << 46;
// Of certificates: the inputs, those drawn from the model, importance samples, annealing.
inline constexpr std::uint64_t kCertifiedCounter = std::uint64_t{1} << 47;
inline constexpr std::uint64_t kDrawnCounter = std::uint64_t{1} << 48;
inline constexpr std::uint64_t kGrowingCounter = std::uint64_t{1} << 49;
inline constexpr std::uint64_t kAnnealingCounter = std::uint64_t{1} << 50;

// The random numbers that change rows of a split; they depend on the seed and the row.
RowDraws evaluation_draws(std::uint64_t seed, SplitName split, std::span<const std::int64_t> rows);

// Rows of a split, binarised if the spec says so, not corrupted.
Batch read_rows(const ModelSpec& spec, const Dataset& data, SplitName split,
                std::span<const std::int64_t> rows, std::uint64_t seed);

// So many of the rows 0 … count − 1, drawn by the seed, rising.
std::vector<std::int64_t> drawn_rows(std::int64_t count, std::int64_t wanted, std::uint64_t seed,
                                     std::uint64_t counter);

// Calls visit(rows, offset of the first) for all rows in pieces, in order; false: cancelled.
template <class Visit>
bool for_each_piece(const Indices& indices, std::size_t at_once, const Progress& progress,
                    const Visit& visit) {
  const std::span<const std::int64_t> rows(*indices);
  for (std::size_t begin = 0; begin < rows.size(); begin += at_once) {
    if (!report(progress, static_cast<double>(begin) / static_cast<double>(rows.size()))) {
      return false;
    }
    visit(rows.subspan(begin, std::min(at_once, rows.size() - begin)), begin);
  }
  return true;
}

// The same in parallel by the calling thread's team (by_team), in any order.
template <class Visit>
bool share_pieces(const Indices& indices, std::size_t at_once, const Progress& progress,
                  const Visit& visit) {
  const std::span<const std::int64_t> rows(*indices);
  return by_team((rows.size() + at_once - 1) / at_once, progress, [&](std::size_t piece) {
    const std::size_t begin = piece * at_once;
    visit(rows.subspan(begin, std::min(at_once, rows.size() - begin)), begin);
  });
}

// Appends all of a tensor's values, row by row.
void append(std::vector<float>& values, const at::Tensor& tensor);

// Overwrites values from a row on. tensor: [n, columns].
void put(std::vector<float>& values, std::size_t row, const at::Tensor& tensor);

// A tensor [n, columns] that shares their memory.
at::Tensor as_tensor(std::span<const float> values, std::int64_t columns);

}  // namespace zscape
