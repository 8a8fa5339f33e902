#include "engine/eval/figures.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

#include "engine/aggregate_posterior.h"
#include "engine/eval/evaluate.h"
#include "engine/eval/exact_figures.h"
#include "engine/eval/likelihood.h"
#include "engine/eval/linear_gaussian.h"
#include "engine/eval/rows.h"
#include "engine/figure_errors.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kNeighbours = 10;
constexpr std::size_t kInputsAtOnce = 2000;  // for log p(x)

std::vector<int> labels_of(const Split& split) {
  return {split.labels.begin(), split.labels.end()};
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::optional<double> standard_error_of(const std::vector<double>& values) {
  return values.size() < 2 ? std::nullopt : std::optional(standard_error(values));
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
  figures.elbo_standard_error = standard_error_of(bounds);
}

bool has_grey_pixels(const Split& split) {
  return std::ranges::any_of(split.pixels,
                             [](std::uint8_t pixel) { return pixel != 0 && pixel != 255; }) ||
         std::ranges::any_of(split.values, [](float value) { return value != 0 && value != 1; });
}

// The mean over a split of both estimates of log p(x).
Expected<void> set_likelihoods(const Autoencoder& model, const Dataset& data, SplitName split,
                               int samples, std::uint64_t seed, const Progress& progress,
                               Figures& figures) {
  std::vector<double> importance, prior;  // of each input
  const auto append = [](std::vector<double>& values, const at::Tensor& estimates) {
    const double* first = estimates.data_ptr<double>();
    values.insert(values.end(), first, first + estimates.numel());
  };
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
    append(importance, *estimate);
    estimate = prior_log_likelihood(model, batch, samples, seed, part_of(progress, middle, to));
    if (estimate) append(prior, *estimate);
  });
  if (!estimate) return tl::unexpected(estimate.error());
  if (!done) return fail(tr("measuring the figures was cancelled"), ErrorCode::cancelled);
  figures.log_likelihood = mean_of(importance);
  figures.log_likelihood_prior = mean_of(prior);
  figures.log_likelihood_standard_error = standard_error_of(importance);
  figures.log_likelihood_prior_standard_error = standard_error_of(prior);
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

constexpr std::int64_t kQueriesAtOnce = 128;  // × 60,000 references: 30 MB of distances

// neighbours: nearest first.
int vote(std::span<const std::int64_t> neighbours, std::span<const int> labels) {
  std::map<int, int> count;
  for (const std::int64_t neighbour : neighbours) ++count[labels[neighbour]];
  int best = labels[neighbours.front()];
  for (const std::int64_t neighbour : neighbours) {
    const int label = labels[neighbour];
    if (count[label] > count[best]) best = label;
  }
  return best;
}

Expected<Figures> measured_figures(const Autoencoder& model, const Dataset& data, SplitName split,
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
  if (const auto linear = model.spec().is_linear() ? LinearGaussian::of(model) : std::nullopt) {
    const auto pca = probabilistic_pca(*linear, model, data, split, part_of(progress, 0.15, 0.2));
    if (!pca) return tl::unexpected(pca.error());
    figures.probabilistic_pca = *pca;
  }
  if (has_prior) {
    const auto split_up =
        split_kl(*codes, split_draws(*codes), settings.seed, part_of(progress, 0.15, 0.16));
    if (!split_up) return tl::unexpected(split_up.error());
    figures.kl_split = *split_up;
  }
  if (has_prior && importance_samples > 0) {
    figures.importance_samples = importance_samples;
    if (auto set = set_likelihoods(model, data, split, importance_samples, settings.seed,
                                   part_of(progress, 0.16, settings.exact_gap_inputs ? 0.4 : 0.8),
                                   figures);
        !set) {
      return tl::unexpected(set.error());
    }
  }
  if (settings.exact_gap_inputs) {
    const auto exact = exact_figures(model, data, split, *settings.exact_gap_inputs, settings.seed,
                                     part_of(progress, 0.4, 0.8));
    if (!exact) return tl::unexpected(exact.error());
    figures.exact = *exact;
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

}  // namespace

bool is_mere_score(const ModelSpec& spec, const Split& split) {
  return spec.likelihood == Likelihood::bernoulli && spec.binarise == Binarise::none &&
         has_grey_pixels(split);
}

Expected<Figures> evaluate_figures(const Autoencoder& model, const Dataset& data, SplitName split,
                                   int importance_samples, const EvaluationSettings& settings,
                                   const Progress& progress) {
  auto figures = measured_figures(model, data, split, importance_samples, settings, progress);
  if (!figures) return figures;
  if (auto fine = check_finite(*figures); !fine) {
    return fail(tr("{}: {}", data.name, fine.error().message));
  }
  return figures;
}

Expected<double> neighbour_accuracy(const at::Tensor& references,
                                    std::span<const int> reference_labels,
                                    const at::Tensor& queries, std::span<const int> query_labels,
                                    int k, bool self, const Progress& progress) {
  const at::NoGradGuard no_grad;
  const std::int64_t count = queries.size(0);
  const std::int64_t wanted = std::min<std::int64_t>(k + (self ? 1 : 0), references.size(0));
  if (count == 0 || wanted - (self ? 1 : 0) < 1) return fail(tr("there are no neighbours to ask"));
  const at::Tensor norms = references.square().sum(1);  // [M]
  std::int64_t right = 0;
  for (std::int64_t begin = 0; begin < count; begin += kQueriesAtOnce) {
    if (!report(progress, static_cast<double>(begin) / static_cast<double>(count))) {
      return fail(tr("classifying by neighbours was cancelled"), ErrorCode::cancelled);
    }
    const std::int64_t rows = std::min(kQueriesAtOnce, count - begin);
    // ‖r‖² − 2 q·r orders the references as the distance does.
    const at::Tensor distance =
        at::addmm(norms, queries.narrow(0, begin, rows), references.t(), 1, -2);
    const at::Tensor nearest =
        std::get<1>(distance.topk(wanted, 1, /*largest=*/false, /*sorted=*/true)).contiguous();
    for (std::int64_t row = 0; row < rows; ++row) {
      std::span<std::int64_t> neighbours(nearest.data_ptr<std::int64_t>() + row * wanted,
                                         static_cast<std::size_t>(wanted));
      if (self) {
        const auto rest = std::ranges::remove(neighbours, begin + row);
        neighbours = neighbours.first(std::min<std::size_t>(static_cast<std::size_t>(wanted - 1),
                                                            neighbours.size() - rest.size()));
      }
      right +=
          vote(neighbours, reference_labels) == query_labels[static_cast<std::size_t>(begin + row)];
    }
  }
  return static_cast<double>(right) / static_cast<double>(count);
}

std::optional<double> silhouette(const at::Tensor& points, std::span<const int> labels) {
  const at::NoGradGuard no_grad;
  const std::vector<std::int64_t> values(labels.begin(), labels.end());
  const auto [unique, inverse, counts] =
      at::_unique2(at::tensor(values, at::kLong), /*sorted=*/true, /*return_inverse=*/true,
                   /*return_counts=*/true);
  const std::int64_t classes = unique.numel();
  if (classes < 2) return std::nullopt;
  const at::Tensor member = at::one_hot(inverse, classes).to(at::kDouble);  // [n, c]
  const at::Tensor size = counts.to(at::kDouble);                           // [c]
  const at::Tensor own = inverse.unsqueeze(1);                              // [n, 1]
  const at::Tensor own_size = size.index_select(0, inverse);                // [n]
  const at::Tensor x = points.to(at::kDouble);
  constexpr int kWithoutMatrixProduct = 2;  // it would lose small distances
  const at::Tensor distance = at::cdist(x, x, 2, kWithoutMatrixProduct);  // [n, n]
  const at::Tensor sum = at::mm(distance, member);                        // [n, c]

  // A point's own distance of 0 must not enter its mean.
  const at::Tensor within = sum.gather(1, own).squeeze(1) / (own_size - 1).clamp_min(1);
  const at::Tensor between =
      std::get<0>((sum / size).scatter(1, own, std::numeric_limits<double>::infinity()).min(1));
  const at::Tensor score =
      ((between - within) / at::maximum(between, within)).nan_to_num(0);  // 0/0: all in one place
  return at::where(own_size.gt(1), score, 0.0).mean().item<double>();
}

}  // namespace zscape
