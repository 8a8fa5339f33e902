#include "engine/input_errors.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kRowsAtOnce = 500;

// −log p of one pixel, no part below −100, as in PyTorch's binary_cross_entropy.
double surprise(double target, double mean) {
  const auto log_of = [](double part) { return std::max(std::log(part), -100.0); };
  return -target * log_of(mean) - (1 - target) * log_of(1 - mean);
}

// What the outputs lack of one input, [inputs], in the numbers that the network sees: pictures of
// standardised ones end at three deviations, where the worst errors begin.
std::vector<double> differences(const Reconstructions& made, std::size_t piece_row,
                                const Dataset& data, SplitName split, std::int64_t row) {
  const auto inputs = static_cast<std::size_t>(data.inputs());
  const std::size_t begin = piece_row * inputs;
  std::vector<double> differences(inputs);
  if (!data.scaling) {
    for (std::size_t i = 0; i < inputs; ++i) {
      differences[i] = static_cast<double>(made.output[begin + i]) - made.target[begin + i];
    }
    return differences;
  }
  const Split& rows = data.split(split);
  const std::size_t at = rows.first(row, inputs);
  for (std::size_t i = 0; i < inputs; ++i) {
    if (data.scaling->is_constant(i)) continue;
    const double own = rows.values[at + i] + (rows.offset ? (*rows.offset)[i] : 0.0);
    differences[i] = (made.values[begin + i] - own) / data.scaling->deviation[i];
  }
  return differences;
}

}  // namespace

Expected<InputErrors> measure_errors(const FrozenModel& model, const Dataset& data, SplitName split,
                                     const Indices& indices, std::uint64_t seed,
                                     const Progress& progress) {
  const auto began = std::chrono::steady_clock::now();
  InputErrors errors;
  errors.split = split;
  errors.indices = indices;
  errors.revision = model.revision();
  const std::span<const std::int64_t> rows(*indices);
  const auto inputs = static_cast<std::size_t>(model.spec().inputs());
  const bool is_bernoulli = model.spec().likelihood == Likelihood::bernoulli;
  for (std::size_t begin = 0; begin < rows.size(); begin += kRowsAtOnce) {
    if (!report(progress, static_cast<double>(begin) / static_cast<double>(rows.size()))) {
      return fail(tr("measuring the reconstruction errors was cancelled"), ErrorCode::cancelled);
    }
    const auto piece = rows.subspan(begin, std::min(kRowsAtOnce, rows.size() - begin));
    const auto made =
        model.reconstruct(data, split, make_indices({piece.begin(), piece.end()}), seed);
    if (!made) return tl::unexpected(made.error());
    if (made->target.size() != piece.size() * inputs ||
        made->output.size() != made->target.size() ||
        (data.scaling && made->values.size() != made->target.size())) {
      return fail(tr("the model gave no reconstruction for some inputs"));
    }
    for (std::size_t row = 0; row < piece.size(); ++row) {
      double squares = 0, nats = 0;
      for (const double off : differences(*made, row, data, split, piece[row])) {
        squares += off * off;
      }
      for (std::size_t i = row * inputs; is_bernoulli && i < (row + 1) * inputs; ++i) {
        nats += surprise(made->target[i], made->output[i]);
      }
      errors.mse.push_back(static_cast<float>(squares / model.spec().scored_inputs()));
      if (is_bernoulli) errors.term.push_back(static_cast<float>(nats));
    }
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - began;
  errors.seconds = taken.count();
  return errors;
}

}  // namespace zscape
