#include "engine/eval/linear_gaussian.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "engine/eval/rows.h"
#include "engine/random.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kInputsAtOnce = 2000;

double standard_error(const at::Tensor& values) {  // of their mean
  const auto count = static_cast<double>(values.numel());
  return count < 2 ? 0 : values.std().item<double>() / std::sqrt(count);
}

// Calls add(batch) for all inputs of a split in pieces; false: cancelled.
template <class Add>
bool for_each_batch(const Autoencoder& model, const Dataset& data, SplitName split,
                    std::uint64_t seed, const Progress& progress, const Add& add) {
  return for_each_piece(
      all_rows(data.split(split)), kInputsAtOnce, progress,
      [&](auto rows, std::size_t) { add(read_rows(model.spec(), data, split, rows, seed)); });
}

tl::unexpected<Error> cancelled() {
  return fail(tr("measuring the figures was cancelled"), ErrorCode::cancelled);
}

}  // namespace

LinearGaussian::LinearGaussian(at::Tensor weight, at::Tensor label_weight, at::Tensor bias,
                               double sigma, int scored_inputs)
    : weight_(std::move(weight)),
      label_weight_(std::move(label_weight)),
      bias_(std::move(bias)),
      sigma_(sigma),
      scored_inputs_(scored_inputs),
      precision_(at::eye(weight_.size(1), at::kDouble) +
                 at::mm(weight_.t(), weight_) / (sigma * sigma)),
      log_determinant_(at::logdet(precision_).item<double>()) {}

std::optional<LinearGaussian> LinearGaussian::of(const Autoencoder& model) {
  const at::NoGradGuard no_grad;
  const ModelSpec& spec = model.spec();
  if (!spec.has_linear_decoder()) return std::nullopt;
  const auto tensors = model.named_tensors();  // encoder weight, bias, decoder weight, bias
  const at::Tensor weight = tensors[2].second.detach().to(at::kCPU, at::kDouble);  // [d, k + c]
  const at::Tensor bias = tensors[3].second.detach().to(at::kCPU, at::kDouble);
  const std::int64_t latent = spec.latent;
  if (!spec.is_linear()) {
    if (!spec.has_prior() || spec.likelihood != Likelihood::gaussian) return std::nullopt;
    const at::Tensor of_label =
        spec.classes > 0 ? weight.narrow(1, latent, spec.classes).contiguous() : at::Tensor();
    return LinearGaussian(weight.narrow(1, 0, latent).contiguous(), of_label, bias, spec.sigma,
                          spec.scored_inputs());
  }
  const int left = spec.scored_inputs() - spec.latent;
  if (model.total_variance <= 0 || left < 1 ||
      model.explained_variance.size() != static_cast<std::size_t>(latent)) {
    return std::nullopt;
  }
  // Equations 7 and 8 of Tipping and Bishop, with R = I: s² is the mean of the variances left out.
  constexpr double kNothing = 1e-12;  // of the whole
  const at::Tensor variance =
      at::tensor(model.explained_variance, at::kDouble) * model.total_variance;
  const double noise = (model.total_variance - variance.sum().item<double>()) / left;
  if (!(noise > kNothing * model.total_variance)) return std::nullopt;
  return LinearGaussian(weight * (variance - noise).clamp_min(0).sqrt(), {}, bias, std::sqrt(noise),
                        spec.scored_inputs());
}

at::Tensor LinearGaussian::centred(const Batch& batch) const {
  const at::Tensor x = batch.x.to(at::kDouble) - bias_;
  return label_weight_.defined() ? x - at::mm(batch.label.to(at::kDouble), label_weight_.t()) : x;
}

at::Tensor LinearGaussian::code_of(const at::Tensor& centred) const {
  const at::Tensor pull = at::mm(centred, weight_) / (sigma_ * sigma_);  // [N, k]
  return at::linalg_solve(precision_, pull.t()).t();
}

at::Tensor LinearGaussian::posterior_mean(const Batch& batch) const {
  return code_of(centred(batch));
}

at::Tensor LinearGaussian::log_likelihood(const Batch& batch) const {
  // |s² I + W Wᵀ| and its inverse by the matrices of z (Sylvester, Woodbury).
  const at::Tensor off = centred(batch);
  const at::Tensor mean = code_of(off);
  const at::Tensor left = off - at::mm(mean, weight_.t());
  const at::Tensor distance = left.square().sum(1) / (sigma_ * sigma_) + mean.square().sum(1);
  const double constant =
      scored_inputs_ * std::log(2 * std::numbers::pi * sigma_ * sigma_) + log_determinant_;
  return -0.5 * (distance + constant);
}

at::Tensor LinearGaussian::posterior_kl(const Batch& batch) const {
  const auto latent = static_cast<double>(weight_.size(1));
  const double trace = at::inverse(precision_).trace().item<double>();
  return 0.5 * (posterior_mean(batch).square().sum(1) + (trace - latent + log_determinant_));
}

at::Tensor LinearGaussian::gap_of(const Batch& batch, const Posterior& q) const {
  const at::Tensor off = q.mean.to(at::kDouble) - posterior_mean(batch);
  const at::Tensor log_variance = q.log_variance.to(at::kDouble);
  const at::Tensor spread = (log_variance.exp() * precision_.diagonal()).sum(1);
  const at::Tensor distance = (at::mm(off, precision_) * off).sum(1);
  const auto latent = static_cast<double>(weight_.size(1));
  return 0.5 * (spread + distance - latent - log_determinant_ - log_variance.sum(1));
}

double LinearGaussian::approximation_gap() const {
  return std::max(0.0, 0.5 * (precision_.diagonal().log().sum().item<double>() - log_determinant_));
}

Expected<ExactFigures> linear_figures(const LinearGaussian& linear, const Autoencoder& model,
                                      const Dataset& data, SplitName split, std::int64_t gap_inputs,
                                      std::uint64_t seed, const Progress& progress) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> likelihoods, gaps;
  const bool done = for_each_batch(model, data, split, seed, progress, [&](const Batch& batch) {
    likelihoods.push_back(linear.log_likelihood(batch));
    if (model.spec().has_prior()) {
      gaps.push_back(linear.gap_of(batch, model.encode(batch.x, batch.label)));
    } else {  // pca: the encoder's is the posterior
      gaps.push_back(at::zeros_like(likelihoods.back()));
    }
  });
  if (!done) return cancelled();
  const at::Tensor likelihood = at::cat(likelihoods), gap = at::cat(gaps);
  ExactFigures figures;
  figures.log_likelihood = likelihood.mean().item<double>();
  figures.standard_error = standard_error(likelihood);
  figures.inference_gap = gap.mean().item<double>();
  figures.elbo = figures.log_likelihood - figures.inference_gap;
  figures.gap_images = std::min(gap_inputs, likelihood.numel());
  const std::vector<std::int64_t> some =
      drawn_rows(likelihood.numel(), figures.gap_images, seed, kGapCounter);
  figures.gap_inference = gap.index_select(0, at::tensor(some, at::kLong)).mean().item<double>();
  figures.approximation_gap = model.spec().has_prior() ? linear.approximation_gap() : 0;
  figures.amortisation_gap = figures.gap_inference - figures.approximation_gap;
  return figures;
}

Expected<ProbabilisticPca> probabilistic_pca(const LinearGaussian& linear, const Autoencoder& model,
                                             const Dataset& data, SplitName split,
                                             const Progress& progress) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> likelihoods, rates;
  const bool done = for_each_batch(model, data, split, 0, progress, [&](const Batch& batch) {
    likelihoods.push_back(linear.log_likelihood(batch));
    rates.push_back(linear.posterior_kl(batch));
  });
  if (!done) return cancelled();
  const at::Tensor likelihood = at::cat(likelihoods);
  ProbabilisticPca figures;
  figures.sigma = linear.sigma();
  figures.log_likelihood = likelihood.mean().item<double>();
  figures.standard_error = standard_error(likelihood);
  figures.rate = at::cat(rates).mean().item<double>();
  const at::Tensor deviation = linear.precision().diagonal().rsqrt().contiguous();
  figures.posterior_sigma.assign(deviation.data_ptr<double>(),
                                 deviation.data_ptr<double>() + deviation.numel());
  return figures;
}

}  // namespace zscape
