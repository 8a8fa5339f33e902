#include "engine/eval/figures.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "engine/eval/evaluate.h"
#include "engine/eval/likelihood.h"
#include "engine/eval/neighbours.h"
#include "engine/eval/rows.h"
#include "engine/eval/silhouette.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kNeighbours = 10;
constexpr std::int64_t kSilhouetteCodes = 2000;
constexpr std::size_t kInputsAtOnce = 2000;  // for log p(x)

std::vector<int> labels_of(const Split& split) {
  return {split.labels.begin(), split.labels.end()};
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

void set_loss_figures(const InputLosses& losses, bool has_prior, Figures& figures) {
  const auto mean = [](const std::vector<float>& values) {
    return mean_of({values.begin(), values.end()});
  };
  figures.reconstruction = mean(losses.reconstruction);
  figures.mse = mean(losses.mse);
  if (!has_prior) return;
  figures.kl = mean(losses.kl);

  std::vector<double> bounds;  // of each input
  for (std::size_t i = 0; i < losses.kl.size(); ++i) {
    bounds.push_back(-static_cast<double>(losses.reconstruction[i]) - losses.kl[i]);
  }
  figures.elbo = mean_of(bounds);
  if (bounds.size() < 2) return;
  double squares = 0;
  for (const double bound : bounds) squares += (bound - *figures.elbo) * (bound - *figures.elbo);
  const auto count = static_cast<double>(bounds.size());
  figures.elbo_standard_error = std::sqrt(squares / (count - 1) / count);
}

bool has_grey_pixels(const Split& split) {
  return std::ranges::any_of(split.pixels,
                             [](std::uint8_t pixel) { return pixel != 0 && pixel != 255; }) ||
         std::ranges::any_of(split.values, [](float value) { return value != 0 && value != 1; });
}

// On grey pixels the Bernoulli figure is not a density (docs/DESIGN.md).
bool is_mere_score(const ModelSpec& spec, const Split& split) {
  return spec.likelihood == Likelihood::bernoulli && spec.binarise == Binarise::none &&
         has_grey_pixels(split);
}

// The mean over a split of both estimates of log p(x).
Expected<void> set_likelihoods(const Autoencoder& model, const Dataset& data, SplitName split,
                               int samples, std::uint64_t seed, const Progress& progress,
                               Figures& figures) {
  double importance = 0;
  double prior = 0;
  const Indices all = all_rows(data.split(split));
  const auto count = static_cast<double>(all->size());
  Expected<at::Tensor> estimate;
  const bool done = for_each_piece(all, kInputsAtOnce, progress, [&](auto rows, std::size_t begin) {
    if (!estimate) return;
    const Batch batch = read_rows(model.spec(), data, split, rows, seed);
    const double from = static_cast<double>(begin) / count;
    const double to = static_cast<double>(begin + rows.size()) / count;
    const double middle = from + 0.9 * (to - from);
    RowDraws draws{seed, Stream::evaluation, {}};
    for (const std::int64_t row : rows) {
      draws.counters.push_back(kImportanceCounter + static_cast<std::uint64_t>(row));
    }
    estimate =
        importance_log_likelihood(model, batch, samples, draws, part_of(progress, from, middle));
    if (!estimate) return;
    importance += estimate->sum().template item<double>();
    estimate = prior_log_likelihood(model, batch, samples, seed, part_of(progress, middle, to));
    if (estimate) prior += estimate->sum().template item<double>();
  });
  if (!estimate) return tl::unexpected(estimate.error());
  if (!done) return fail(tr("measuring the figures was cancelled"), ErrorCode::cancelled);
  figures.log_likelihood = importance / count;
  figures.log_likelihood_prior = prior / count;
  return {};
}

// The silhouette by label of some codes that the seed chooses.
std::optional<double> code_silhouette(const Codes& codes, const Split& part, std::uint64_t seed) {
  std::vector<std::int64_t> chosen =
      permutation(codes.count(), seed, Stream::evaluation, kSilhouetteCounter);
  chosen.resize(std::min(chosen.size(), static_cast<std::size_t>(kSilhouetteCodes)));
  std::vector<int> labels;
  for (const std::int64_t row : chosen) labels.push_back(part.label(row));
  const at::Tensor rows = at::tensor(chosen, at::kLong);
  return silhouette(as_tensor(codes.mean, codes.latent).index_select(0, rows), labels);
}

Expected<void> set_label_figures(const Autoencoder& model, const Dataset& data, const Codes& codes,
                                 std::uint64_t seed, const Progress& progress, Figures& figures) {
  const Split& part = data.split(codes.split);
  figures.silhouette = code_silhouette(codes, part, seed);
  const bool self = codes.split == SplitName::train;
  if (data.train.count < (self ? 2 : 1)) return {};
  const Expected<Codes> references =
      self ? codes : encode_rows(model, data, SplitName::train, nullptr, part_of(progress, 0, 0.3));
  if (!references) return tl::unexpected(references.error());
  const auto accuracy =
      neighbour_accuracy(as_tensor(references->mean, codes.latent), labels_of(data.train),
                         as_tensor(codes.mean, codes.latent), labels_of(part), kNeighbours, self,
                         part_of(progress, 0.3, 1));
  if (!accuracy) return tl::unexpected(accuracy.error());
  figures.knn_accuracy = *accuracy;
  return {};
}

}  // namespace

Expected<Figures> evaluate_figures(const Autoencoder& model, const Dataset& data, SplitName split,
                                   int importance_samples, const EvaluationSettings& settings,
                                   const Progress& progress) {
  const at::NoGradGuard no_grad;
  const Split& part = data.split(split);
  const bool has_prior = model.spec().has_prior();
  const auto losses =
      input_losses(model, data, split, nullptr, settings, part_of(progress, 0, 0.1));
  if (!losses) return tl::unexpected(losses.error());
  Figures figures;
  figures.images = part.count;
  figures.is_mere_score = is_mere_score(model.spec(), part);
  set_loss_figures(*losses, has_prior, figures);
  if (settings.noise) return figures;

  const auto codes = encode_rows(model, data, split, nullptr, part_of(progress, 0.1, 0.15));
  if (!codes) return tl::unexpected(codes.error());
  figures.codes = code_figures(*codes);
  figures.explained_variance = model.explained_variance;
  if (has_prior && importance_samples > 0) {
    figures.importance_samples = importance_samples;
    if (auto set = set_likelihoods(model, data, split, importance_samples, settings.seed,
                                   part_of(progress, 0.15, 0.8), figures);
        !set) {
      return tl::unexpected(set.error());
    }
  }
  if (!part.labels.empty() && !data.train.labels.empty()) {
    if (auto set = set_label_figures(model, data, *codes, settings.seed, part_of(progress, 0.8, 1),
                                     figures);
        !set) {
      return tl::unexpected(set.error());
    }
  }
  return figures;
}

}  // namespace zscape
