#include "engine/eval/exact_figures.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "engine/eval/decoded_lattice.h"
#include "engine/eval/encoder_bound.h"
#include "engine/eval/input_lattice.h"
#include "engine/eval/lattice_gaussian.h"
#include "engine/eval/linear_gaussian.h"
#include "engine/eval/pair_likelihood.h"
#include "engine/eval/quadrature.h"
#include "engine/eval/rows.h"
#include "engine/eval/team.h"
#include "engine/text.h"

namespace zscape {
namespace {

// Of a piece of inputs, whose tiles are decoded once for all of them.
constexpr std::int64_t kMostNumbers = std::int64_t{1} << 23;  // of doubles: 64 MB
constexpr std::int64_t kMostInputs = 10'000, kLeastInputs = 500;

std::size_t inputs_at_once(const ModelSpec& spec) {
  return static_cast<std::size_t>(
      std::clamp(kMostNumbers / spec.inputs(), kLeastInputs, kMostInputs));
}

constexpr std::size_t kGapsAtOnce = 100;  // by one lattice

// Of the inputs of one piece, [N] each, float64.
struct PieceFigures {
  at::Tensor log_likelihood, error, elbo;
};

Expected<PieceFigures> figures_of_piece(const Autoencoder& model, const Batch& batch,
                                        const Progress& progress) {
  constexpr double kIntegral = 0.8;  // of the work
  const Posterior posterior = model.encode(batch.x, batch.label);
  auto exact = exact_log_likelihood(model, batch, posterior, {}, part_of(progress, 0, kIntegral));
  if (!exact) return tl::unexpected(exact.error());
  const auto bound = encoders_bound(model, batch, posterior, part_of(progress, kIntegral, 1));
  if (!bound) return tl::unexpected(bound.error());
  return PieceFigures{exact->log_likelihood, exact->error, *bound};
}

// Of one input, nats; NaN where the model's outputs are no numbers.
struct Gaps {
  double log_likelihood = std::nan(""), elbo = std::nan("");
  double amortisation = std::nan(""), approximation = std::nan("");
  double full_approximation = std::nan("");
  LatentGaussian best{{std::nan(""), std::nan("")}, {std::nan(""), 0, std::nan("")}};  // diagonal
};

Gaps gaps_of(DecodedLattice& lattice, const at::Tensor& x, const LatentGaussian& code,
             const std::optional<LatentGaussian>& known, bool wants_full) {
  Gaps gaps;
  if (!std::isfinite(code.mean[0] + code.mean[1] + code.covariance[0] + code.covariance[2])) {
    return gaps;
  }
  lattice.trim();
  InputLattice values(lattice, x);
  const ResolvedPosterior resolved = resolve(values, code);
  if (!std::isfinite(resolved.log_likelihood)) return gaps;
  std::vector<LatentGaussian> starts = {code};
  if (known) starts.push_back(*known);
  const LatticeBounds bounds = bounds_on_lattice(values, resolved, std::move(starts), wants_full);
  gaps.log_likelihood = resolved.log_likelihood;
  gaps.elbo = bounds.own.elbo;
  gaps.amortisation = bounds.diagonal.elbo - bounds.own.elbo;
  gaps.approximation = resolved.log_likelihood - bounds.diagonal.elbo;
  gaps.full_approximation = resolved.log_likelihood - bounds.full.elbo;
  gaps.best = bounds.diagonal.gaussian;
  return gaps;
}

// Of rows by one lattice for each label of a piece of them. known(row of the batch): where another
// search for the best Gaussian begins.
Expected<std::vector<Gaps>> gaps_of(
    const Autoencoder& model, const Batch& batch,
    const std::function<std::optional<LatentGaussian>(std::size_t)>& known, bool wants_full,
    const Progress& progress) {
  const Posterior posterior = model.encode(batch.x, batch.label);
  std::vector<Gaps> gaps(static_cast<std::size_t>(batch.x.size(0)));
  const std::vector<LabelGroup> groups = groups_of(batch);
  double done = 0;
  for (const LabelGroup& group : groups) {
    const auto rows = static_cast<std::size_t>(group.rows.numel());
    const double share = static_cast<double>(rows) / static_cast<double>(gaps.size());
    const bool is_whole =
        by_team((rows + kGapsAtOnce - 1) / kGapsAtOnce, part_of(progress, done, done + share),
                [&](std::size_t piece) {
                  DecodedLattice lattice(model, group.label);
                  const std::size_t end = std::min((piece + 1) * kGapsAtOnce, rows);
                  for (std::size_t i = piece * kGapsAtOnce; i < end; ++i) {
                    const std::int64_t row = group.rows.data_ptr<std::int64_t>()[i];
                    const auto at = static_cast<std::size_t>(row);
                    gaps[at] = gaps_of(lattice, batch.x.narrow(0, row, 1),
                                       gaussian_of(posterior, row), known(at), wants_full);
                  }
                });
    if (!is_whole) return fail(tr("measuring the gaps was cancelled"), ErrorCode::cancelled);
    done += share;
  }
  return gaps;
}

// Both gaps of some inputs, and that to the best Gaussian of any covariance.
Expected<void> set_gaps(const Autoencoder& model, const Batch& batch, const Progress& progress,
                        ExactFigures& figures) {
  const auto none = [](std::size_t) { return std::optional<LatentGaussian>(); };
  const auto gaps = gaps_of(model, batch, none, true, progress);
  if (!gaps) return tl::unexpected(gaps.error());
  const auto count = static_cast<double>(gaps->size());
  figures.gap_images = batch.x.size(0);
  figures.amortisation_gap = figures.approximation_gap = figures.full_approximation_gap = 0;
  for (const Gaps& each : *gaps) {
    figures.amortisation_gap += each.amortisation / count;
    figures.approximation_gap += each.approximation / count;
    figures.full_approximation_gap += each.full_approximation / count;
  }
  figures.gap_inference = figures.amortisation_gap + figures.approximation_gap;
  return {};
}

// The best Gaussian of a row as an earlier answer has it.
std::optional<LatentGaussian> known_of(const InputGaps* before, std::int64_t row, int latent) {
  if (before == nullptr) return {};
  const auto found = std::ranges::lower_bound(*before->indices, row);
  if (found == before->indices->end() || *found != row) return {};
  const auto k = static_cast<std::size_t>(latent);
  const auto first = static_cast<std::size_t>(found - before->indices->begin()) * k;
  LatentGaussian known{{}, {1, 0, 1}};
  for (std::size_t d = 0; d < k; ++d) {
    known.mean[d] = before->mean[first + d];
    known.covariance[2 * d] = std::pow(before->sigma[first + d], 2);
    if (!std::isfinite(known.mean[d] + known.covariance[2 * d])) return {};
  }
  return known;
}

}  // namespace

Expected<InputGaps> input_gaps(const Autoencoder& model, const Dataset& data, SplitName split,
                               const Indices& indices, std::uint64_t seed,
                               const InputGapsPtr& before, const Progress& progress) {
  const at::NoGradGuard no_grad;
  const auto count = static_cast<double>(indices->size());
  const int latent = model.spec().latent;
  InputGaps result;
  result.split = split;
  result.indices = indices;
  Expected<void> outcome;
  for_each_piece(indices, kRowsAtOnce, {}, [&](auto rows, std::size_t begin) {
    if (!outcome) return;
    const double from = static_cast<double>(begin) / count;
    const double to = static_cast<double>(begin + rows.size()) / count;
    const auto known = [&](std::size_t i) { return known_of(before.get(), rows[i], latent); };
    const auto gaps = gaps_of(model, read_rows(model.spec(), data, split, rows, seed), known, false,
                              part_of(progress, from, to));
    if (!gaps) {
      outcome = tl::unexpected(gaps.error());
      return;
    }
    for (const Gaps& each : *gaps) {
      result.log_likelihood.push_back(static_cast<float>(each.log_likelihood));
      result.elbo.push_back(static_cast<float>(each.elbo));
      result.amortisation.push_back(static_cast<float>(each.amortisation));
      result.approximation.push_back(static_cast<float>(each.approximation));
      for (std::size_t d = 0; d < static_cast<std::size_t>(latent); ++d) {
        result.mean.push_back(static_cast<float>(each.best.mean[d]));
        result.sigma.push_back(static_cast<float>(std::sqrt(each.best.covariance[2 * d])));
      }
    }
  });
  if (!outcome) return tl::unexpected(outcome.error());
  return result;
}

Expected<ExactFigures> exact_figures(const Autoencoder& model, const Dataset& data, SplitName split,
                                     std::int64_t gap_inputs, std::uint64_t seed,
                                     const Progress& progress) {
  const at::NoGradGuard no_grad;
  if (const auto linear = LinearGaussian::of(model)) {
    return linear_figures(*linear, model, data, split, gap_inputs, seed, progress);
  }
  if (model.spec().is_linear()) {
    return fail(
        tr("this pca has no density: it keeps all of its data's variance, or its file does "
           "not say how much there is; train it anew, with fewer dimensions"));
  }
  constexpr double kSplit = 0.95;  // of the work
  const Indices all = all_rows(data.split(split));
  const auto count = static_cast<double>(all->size());
  std::vector<at::Tensor> likelihoods, errors, bounds;
  Expected<PieceFigures> piece;
  for_each_piece(all, inputs_at_once(model.spec()), {}, [&](auto rows, std::size_t begin) {
    if (!piece) return;
    const double from = static_cast<double>(begin) / count;
    const double to = static_cast<double>(begin + rows.size()) / count;
    piece = figures_of_piece(model, read_rows(model.spec(), data, split, rows, seed),
                             part_of(progress, kSplit * from, kSplit * to));
    if (!piece) return;
    likelihoods.push_back(piece->log_likelihood);
    errors.push_back(piece->error);
    bounds.push_back(piece->elbo);
  });
  if (!piece) return tl::unexpected(piece.error());
  const at::Tensor log_likelihood = at::cat(likelihoods), error = at::cat(errors);
  ExactFigures figures;
  figures.log_likelihood = log_likelihood.mean().item<double>();
  figures.standard_error =
      all->size() < 2 ? 0 : log_likelihood.std().item<double>() / std::sqrt(count);
  figures.error = error.mean().item<double>();
  figures.worst_error = error.max().item<double>();
  figures.elbo = at::cat(bounds).mean().item<double>();
  figures.inference_gap = figures.log_likelihood - figures.elbo;
  const auto some = drawn_rows(data.split(split).count, gap_inputs, seed, kGapCounter);
  if (auto set = set_gaps(model, read_rows(model.spec(), data, split, some, seed),
                          part_of(progress, kSplit, 1), figures);
      !set) {
    return tl::unexpected(set.error());
  }
  return figures;
}

}  // namespace zscape
