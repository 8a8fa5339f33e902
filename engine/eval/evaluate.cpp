#include "engine/eval/evaluate.h"

#include <torch/torch.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "engine/eval/likelihood.h"
#include "engine/eval/neighbours.h"
#include "engine/model/batch.h"
#include "engine/model/loss.h"

namespace zscape {
namespace {

constexpr std::int64_t kRowsAtOnce = 500;
constexpr int kNeighbours = 10;
constexpr double kActiveVariance = 0.01;  // Burda et al. 2016, appendix C
// Importance sampling and losses draw from one stream; their counters lie this far apart.
constexpr std::uint64_t kImportanceCounter = std::uint64_t{1} << 32;

Indices whole(const Split& split) {
  std::vector<std::int64_t> indices(static_cast<std::size_t>(split.count));
  std::iota(indices.begin(), indices.end(), std::int64_t{0});
  return std::make_shared<const std::vector<std::int64_t>>(std::move(indices));
}

// Calls visit(rows of indices, offset of the first) for pieces of all rows; false: cancelled.
template <class Visit>
bool for_each_piece(const Indices& indices, const Progress& progress, const Visit& visit) {
  const std::span<const std::int64_t> rows(*indices);
  for (std::size_t begin = 0; begin < rows.size(); begin += kRowsAtOnce) {
    if (!report(progress, static_cast<double>(begin) / static_cast<double>(rows.size()))) {
      return false;
    }
    const std::size_t count = std::min<std::size_t>(kRowsAtOnce, rows.size() - begin);
    visit(rows.subspan(begin, count), begin);
  }
  return true;
}

void append(std::vector<float>& values, const at::Tensor& tensor) {
  const at::Tensor flat = tensor.contiguous();
  const float* data = flat.data_ptr<float>();
  values.insert(values.end(), data, data + flat.numel());
}

at::Tensor as_tensor(const std::vector<float>& values, std::int64_t columns) {
  const auto rows = static_cast<std::int64_t>(values.size()) / columns;
  return at::from_blob(const_cast<float*>(values.data()), {rows, columns});
}

// KL of the Gaussian with the mean and covariance of the aggregate posterior (1/N) Σ q(z|x_n) to
// N(0, I): ½ (tr S + mᵀm − k − log det S), S = Cov μ + diag E σ².
double aggregate_kl(const Codes& codes) {
  const at::Tensor mean = as_tensor(codes.mean, codes.latent).to(at::kDouble);  // [n, k]
  const at::Tensor sigma = as_tensor(codes.sigma, codes.latent).to(at::kDouble);
  const at::Tensor center = mean.mean(0);
  const at::Tensor centred = mean - center;
  const at::Tensor covariance =
      at::mm(centred.t(), centred) / mean.size(0) + at::diag(sigma.square().mean(0));
  const at::Tensor kl = 0.5 * (covariance.trace() + center.square().sum() -
                               static_cast<double>(codes.latent) - at::logdet(covariance));
  return kl.item<double>();
}

int active_units(const Codes& codes) {
  const at::Tensor mean = as_tensor(codes.mean, codes.latent).to(at::kDouble);
  const at::Tensor variance = mean.var(0, /*unbiased=*/false);
  return static_cast<int>(variance.gt(kActiveVariance).sum().item<std::int64_t>());
}

std::vector<int> labels_of(const Split& split) {
  return {split.labels.begin(), split.labels.end()};
}

Expected<double> mean_log_likelihood(const Autoencoder& model, const Split& split, int samples,
                                     std::uint64_t seed, const Progress& progress) {
  double sum = 0;
  const Indices all = whole(split);
  // Few inputs at a time: their samples fill the rows of a decode.
  constexpr std::size_t kInputsAtOnce = 50;
  const std::span<const std::int64_t> rows(*all);
  for (std::size_t begin = 0; begin < rows.size(); begin += kInputsAtOnce) {
    if (!report(progress, static_cast<double>(begin) / static_cast<double>(rows.size()))) {
      return fail("cancelled");
    }
    const auto piece = rows.subspan(begin, std::min(kInputsAtOnce, rows.size() - begin));
    sum += importance_log_likelihood(model, gather(model.spec(), split, piece), samples, seed,
                                     kImportanceCounter + begin)
               .sum()
               .item<double>();
  }
  return sum / static_cast<double>(rows.size());
}

Progress part_of(const Progress& progress, double from, double to) {
  return [=](double fraction) { return report(progress, from + fraction * (to - from)); };
}

}  // namespace

Expected<Codes> encode_rows(const Autoencoder& model, const Dataset& data, SplitName split,
                            const Indices& indices, const Progress& progress) {
  const at::NoGradGuard no_grad;
  Codes codes;
  codes.split = split;
  codes.latent = model.spec().latent;
  codes.indices = indices ? indices : whole(data.split(split));
  codes.mean.reserve(codes.indices->size() * static_cast<std::size_t>(codes.latent));
  if (model.spec().has_prior()) codes.sigma.reserve(codes.mean.capacity());
  const bool done = for_each_piece(codes.indices, progress, [&](auto rows, std::size_t) {
    const Batch batch = gather(model.spec(), data.split(split), rows);
    const Posterior posterior = model.encode(batch.x, batch.label);
    append(codes.mean, posterior.mean);
    if (model.spec().has_prior()) append(codes.sigma, (posterior.log_variance * 0.5).exp());
  });
  if (!done) return fail("cancelled");
  return codes;
}

Expected<Losses> evaluate_losses(const Autoencoder& model, const Dataset& data, SplitName split,
                                 const Indices& indices, double kl_weight, std::uint64_t seed,
                                 const Progress& progress) {
  const at::NoGradGuard no_grad;
  const ModelSpec& spec = model.spec();
  const Indices rows = indices ? indices : whole(data.split(split));
  if (rows->empty()) return fail(data.name + " has no inputs to evaluate");
  Losses sum;
  const bool done = for_each_piece(rows, progress, [&](auto piece, std::size_t begin) {
    const Batch batch = gather(spec, data.split(split), piece);
    const Posterior posterior = model.encode(batch.x, batch.label);
    const at::Tensor at_mean = model.decode(posterior.mean, batch.label);
    sum.mse += (at::sigmoid(at_mean) - batch.x).square().mean(1).sum().item<double>();
    if (!spec.has_prior()) {
      sum.reconstruction += reconstruction_loss(spec, at_mean, batch.x).sum().item<double>();
      return;
    }
    const at::Tensor noise =
        normal_noise(batch.x.size(0), spec.latent, seed, Stream::evaluation, begin);
    const at::Tensor logits = model.decode(reparameterise(posterior, noise), batch.label);
    sum.reconstruction += reconstruction_loss(spec, logits, batch.x).sum().item<double>();
    sum.kl += kl_divergence(posterior).sum().item<double>();
  });
  if (!done) return fail("cancelled");
  const auto count = static_cast<double>(rows->size());
  Losses mean{0, sum.reconstruction / count, sum.kl / count, sum.mse / count};
  if (!spec.has_prior()) mean.kl = std::numeric_limits<double>::quiet_NaN();
  mean.loss = spec.has_prior() ? mean.reconstruction + kl_weight * mean.kl : mean.reconstruction;
  return mean;
}

Expected<Figures> evaluate_figures(const Autoencoder& model, const Dataset& data, SplitName split,
                                   int importance_samples, std::uint64_t seed,
                                   const Progress& progress) {
  const Split& part = data.split(split);
  const bool has_prior = model.spec().has_prior();
  const auto losses =
      evaluate_losses(model, data, split, nullptr, 1.0, seed, part_of(progress, 0, 0.1));
  if (!losses) return tl::unexpected(losses.error());
  const auto codes = encode_rows(model, data, split, nullptr, part_of(progress, 0.1, 0.15));
  if (!codes) return tl::unexpected(codes.error());

  Figures figures;
  figures.images = part.count;
  figures.reconstruction = losses->reconstruction;
  figures.mse = losses->mse;
  if (has_prior) {
    figures.kl = losses->kl;
    figures.elbo = -losses->loss;
    figures.active_units = active_units(*codes);
    figures.aggregate_kl = aggregate_kl(*codes);
    const auto likelihood =
        mean_log_likelihood(model, part, importance_samples, seed, part_of(progress, 0.15, 0.6));
    if (!likelihood) return tl::unexpected(likelihood.error());
    figures.log_likelihood = *likelihood;
  }
  if (data.classes() > 0 && data.train.count > 1) {
    const bool self = split == SplitName::train;
    Expected<Codes> references =
        self ? *codes
             : encode_rows(model, data, SplitName::train, nullptr, part_of(progress, 0.6, 0.7));
    if (!references) return tl::unexpected(references.error());
    const auto accuracy =
        neighbour_accuracy(as_tensor(references->mean, codes->latent), labels_of(data.train),
                           as_tensor(codes->mean, codes->latent), labels_of(part), kNeighbours,
                           self, part_of(progress, 0.7, 1));
    if (!accuracy) return tl::unexpected(accuracy.error());
    figures.knn_accuracy = *accuracy;
  }
  return figures;
}

}  // namespace zscape
