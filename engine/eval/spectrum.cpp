#include "engine/eval/spectrum.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/eval/rows.h"
#include "engine/model/batch.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::int64_t kMostSide = 8192;  // of the matrix: 512 MB of doubles

Error cancelled() {
  return {tr("measuring the spectrum was cancelled"), ErrorCode::cancelled};
}

}  // namespace

Expected<Spectrum> spectrum_of(const Dataset& data, const SpectrumKind& kind,
                               const Progress& progress) {
  const at::NoGradGuard no_grad;
  const bool is_bernoulli = kind.likelihood == Likelihood::bernoulli;
  const bool is_drawn = kind.binarise == Binarise::dynamic;
  if (is_bernoulli && data.scaling) {
    return fail(tr("{}: the bernoulli likelihood reads numbers from 0 to 1 alone", data.name));
  }
  if (kind.binarise != Binarise::none && data.scaling) {
    return fail(tr("{}: only numbers from 0 to 1 are binarised", data.name));
  }
  const std::int64_t rows = data.train.count, inputs = data.inputs();
  // X Xᵀ has the same eigenvalues as Xᵀ X, but for zeros.
  const bool by_rows = rows < inputs && !is_drawn;
  if ((by_rows ? rows : inputs) > kMostSide) {
    return fail(
        tr("{}: inputs of {} numbers are too many for their spectrum; at most {}, or so many "
           "inputs",
           data.name, inputs, kMostSide));
  }
  const ModelSpec spec = reference_spec(ModelKind::vae, data, 1);
  const Indices all = all_rows(data.train);
  const auto read = [&](std::span<const std::int64_t> piece) {
    const at::Tensor x = gather(spec, data.train, piece).x.to(at::kDouble);
    return kind.binarise == Binarise::threshold ? x.gt(0.5).to(at::kDouble) : x;
  };
  at::Tensor mean = at::zeros({inputs}, at::kDouble);
  at::Tensor drawn = at::zeros({inputs}, at::kDouble);  // Σ p (1 − p), the variance of the draw
  if (!for_each_piece(all, kRowsAtOnce, part_of(progress, 0, 0.2), [&](auto piece, std::size_t) {
        const at::Tensor x = read(piece);
        mean += x.sum(0);
        if (is_drawn) drawn += (x * (1 - x)).sum(0);
      })) {
    return tl::unexpected(cancelled());
  }
  mean /= static_cast<double>(rows);
  // Whatever never changes has no variance, and with it no part in either spectrum.
  const at::Tensor scale = is_bernoulli
                               ? at::where(mean.gt(0).logical_and(mean.lt(1)),
                                           (mean * (1 - mean)).rsqrt(), at::zeros_like(mean))
                               : at::ones_like(mean);
  const auto centred = [&](std::span<const std::int64_t> piece) {
    return (read(piece) - mean) * scale;
  };
  at::Tensor matrix;
  if (by_rows) {
    const at::Tensor x = centred(std::span(*all));
    matrix = at::mm(x, x.t());
  } else {
    matrix = at::zeros({inputs, inputs}, at::kDouble);
    if (!for_each_piece(all, kRowsAtOnce, part_of(progress, 0.2, 0.9),
                        [&](auto piece, std::size_t) {
                          const at::Tensor x = centred(piece);
                          matrix.addmm_(x.t(), x);
                        })) {
      return tl::unexpected(cancelled());
    }
    if (is_drawn) matrix.diagonal().add_(drawn * scale.square());
  }
  const at::Tensor values =
      at::linalg_eigvalsh(matrix / static_cast<double>(rows)).flip(0).clamp_min(0).contiguous();
  Spectrum spectrum;
  spectrum.kind = kind;
  spectrum.eigenvalues.assign(values.data_ptr<double>(),
                              values.data_ptr<double>() + values.numel());
  spectrum.rows = rows;
  spectrum.scored_inputs = spec.scored_inputs();
  return spectrum;
}

}  // namespace zscape
