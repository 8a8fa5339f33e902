#include "engine/eval/exact_figures.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "engine/eval/gaussian_fit.h"
#include "engine/eval/linear_gaussian.h"
#include "engine/eval/quadrature.h"
#include "engine/eval/rows.h"
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
  const auto own =
      encoders_gaussian(model, batch, posterior, Fineness::usual, part_of(progress, kIntegral, 1));
  if (!own) return tl::unexpected(own.error());
  return PieceFigures{exact->log_likelihood, exact->error, own->elbo};
}

// Of some inputs, [N] each, float64.
struct Gaps {
  at::Tensor log_likelihood, elbo, amortisation, approximation;
  GaussianFit best;  // the best diagonal Gaussians
};

// known: best Gaussians of earlier weights, or undefined.
Expected<Gaps> gaps_of(const Autoencoder& model, const Batch& batch,
                       const QuadratureSettings& settings, const GaussianFit& known,
                       const Progress& progress) {
  const Posterior posterior = model.encode(batch.x, batch.label);
  const auto exact =
      exact_log_likelihood(model, batch, posterior, settings, part_of(progress, 0, 0.4));
  if (!exact) return tl::unexpected(exact.error());
  const auto own = encoders_gaussian(model, batch, posterior, Fineness::fine, {});
  if (!own) return tl::unexpected(own.error());
  auto best = best_gaussian(model, batch, *own,
                            {.mode = exact->mode, .mean = known.mean, .factor = known.factor},
                            Covariance::diagonal, part_of(progress, 0.4, 1));
  if (!best) return tl::unexpected(best.error());
  return Gaps{exact->log_likelihood, own->elbo, best->elbo - own->elbo,
              exact->log_likelihood - best->elbo, *std::move(best)};
}

// Both gaps of some inputs, and that to the best Gaussian of any covariance.
Expected<void> set_gaps(const Autoencoder& model, const Batch& batch, const Progress& progress,
                        ExactFigures& figures) {
  const auto gaps = gaps_of(model, batch, {}, {}, part_of(progress, 0, 0.8));
  if (!gaps) return tl::unexpected(gaps.error());
  const auto full =
      best_gaussian(model, batch, gaps->best, {}, Covariance::full, part_of(progress, 0.8, 1));
  if (!full) return tl::unexpected(full.error());
  const auto mean = [](const at::Tensor& values) { return values.mean().item<double>(); };
  figures.gap_images = batch.x.size(0);
  figures.amortisation_gap = mean(gaps->amortisation);
  figures.approximation_gap = mean(gaps->approximation);
  figures.full_approximation_gap = mean(gaps->log_likelihood - full->elbo);
  figures.gap_inference = figures.amortisation_gap + figures.approximation_gap;
  return {};
}

// In the window, where many inputs and soon an answer count more than the last digit.
constexpr QuadratureSettings kQuick{.tolerance = 4e-3};
constexpr std::size_t kGapsAtOnce = 200;

// The best Gaussians of rows as an earlier answer has them; undefined where it lacks one.
GaussianFit known_of(const InputGaps* before, std::span<const std::int64_t> rows, int latent) {
  if (before == nullptr) return {};
  std::vector<float> mean, sigma;
  const auto k = static_cast<std::size_t>(latent);
  for (const std::int64_t row : rows) {
    const auto found = std::ranges::lower_bound(*before->indices, row);
    if (found == before->indices->end() || *found != row) return {};
    const auto at = static_cast<std::size_t>(found - before->indices->begin()) * k;
    for (std::size_t i = at; i < at + k; ++i) {
      mean.push_back(before->mean[i]);
      sigma.push_back(before->sigma[i]);
    }
  }
  return {as_tensor(mean, latent).clone(), at::diag_embed(as_tensor(sigma, latent)), {}};
}

}  // namespace

Expected<InputGaps> input_gaps(const Autoencoder& model, const Dataset& data, SplitName split,
                               const Indices& indices, std::uint64_t seed,
                               const InputGapsPtr& before, const Progress& progress) {
  const at::NoGradGuard no_grad;
  const auto count = static_cast<double>(indices->size());
  InputGaps result;
  result.split = split;
  result.indices = indices;
  Expected<Gaps> gaps;
  for_each_piece(indices, kGapsAtOnce, {}, [&](auto rows, std::size_t begin) {
    if (!gaps) return;
    const double from = static_cast<double>(begin) / count;
    const double to = static_cast<double>(begin + rows.size()) / count;
    gaps = gaps_of(model, read_rows(model.spec(), data, split, rows, seed), kQuick,
                   known_of(before.get(), rows, model.spec().latent), part_of(progress, from, to));
    if (!gaps) return;
    append(result.log_likelihood, gaps->log_likelihood.to(at::kFloat));
    append(result.elbo, gaps->elbo.to(at::kFloat));
    append(result.amortisation, gaps->amortisation.to(at::kFloat));
    append(result.approximation, gaps->approximation.to(at::kFloat));
    append(result.mean, gaps->best.mean.to(at::kFloat));
    append(result.sigma, gaps->best.factor.diagonal(0, 1, 2).to(at::kFloat));
  });
  if (!gaps) return tl::unexpected(gaps.error());
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
  constexpr double kSplit = 0.7;  // of the work
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
