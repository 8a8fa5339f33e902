#include "engine/input_errors.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <span>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kRowsAtOnce = 500;

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
  for (std::size_t begin = 0; begin < rows.size(); begin += kRowsAtOnce) {
    if (!report(progress, static_cast<double>(begin) / static_cast<double>(rows.size()))) {
      return fail(tr("measuring the reconstruction errors was cancelled"), ErrorCode::cancelled);
    }
    const auto piece = rows.subspan(begin, std::min(kRowsAtOnce, rows.size() - begin));
    const auto made =
        model.reconstruct(data, split, make_indices({piece.begin(), piece.end()}), seed);
    if (!made) return tl::unexpected(made.error());
    if (made->target.size() != piece.size() * inputs ||
        made->output.size() != made->target.size()) {
      return fail(tr("the model gave no reconstruction for some inputs"));
    }
    for (std::size_t row = 0; row < piece.size(); ++row) {
      double squares = 0;
      for (std::size_t i = row * inputs; i < (row + 1) * inputs; ++i) {
        const double off = static_cast<double>(made->output[i]) - made->target[i];
        squares += off * off;
      }
      errors.mse.push_back(static_cast<float>(squares / static_cast<double>(inputs)));
    }
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - began;
  errors.seconds = taken.count();
  return errors;
}

}  // namespace zscape
