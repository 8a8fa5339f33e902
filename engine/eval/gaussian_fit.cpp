#include "engine/eval/gaussian_fit.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>

#include "engine/eval/gauss_rules.h"
#include "engine/eval/pair_likelihood.h"
#include "engine/eval/team.h"
#include "engine/eval/tile_decoder.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kNodes = 10;                // along each dimension, to climb by
constexpr int kFineNodes = 20;            // for the bounds: a decoder with ReLU bends between fewer
constexpr std::int64_t kRowsAtOnce = 16;  // inputs of one decoding
constexpr int kMostRounds = 100;
constexpr double kSmallestGain = 1e-7;  // nats, of a round
constexpr double kSmallestStep = 1e-3;  // of an input whose steps only lose

// log p(x, z) at the nodes of each Gaussian: [N, P].
class Joint {
 public:
  Joint(const Autoencoder& model, const Batch& batch, int nodes)
      : model_(model),
        label_(batch.label),
        x_(batch.x.to(at::kDouble)),
        rule_(product_rule(gauss_hermite(nodes), model.spec().latent)),
        decoder_(model, rule_.nodes) {}

  const GaussRule& rule() const { return rule_; }

  // Of some inputs by a Gaussian each; false: cancelled. inputs: [n], which of them.
  bool measure(const at::Tensor& inputs, const at::Tensor& mean, const at::Tensor& factor,
               const Progress& progress, at::Tensor& joint) const {
    const std::int64_t rows = mean.size(0), nodes = rule_.weights.numel();
    const at::Tensor x = x_.index_select(0, inputs);
    const at::Tensor one_hot = label_.defined() ? label_.index_select(0, inputs) : label_;
    joint = at::empty({rows, nodes}, at::kDouble);
    const auto pieces = static_cast<std::size_t>((rows + kRowsAtOnce - 1) / kRowsAtOnce);
    return by_team(pieces, progress, [&](std::size_t piece) {
      const auto begin = static_cast<std::int64_t>(piece) * kRowsAtOnce;
      const std::int64_t count = std::min(kRowsAtOnce, rows - begin);
      const at::Tensor z =
          mean.narrow(0, begin, count).unsqueeze(1) +
          at::matmul(rule_.nodes, factor.narrow(0, begin, count).transpose(1, 2));  // [n, P, k]
      at::Tensor label;
      if (one_hot.defined()) {
        label = one_hot.narrow(0, begin, count)
                    .unsqueeze(1)
                    .expand({count, nodes, one_hot.size(1)})
                    .flatten(0, 1);
      }
      const at::Tensor outputs = decoder_.decode(z.flatten(0, 1).to(at::kFloat), label)
                                     .to(at::kDouble)
                                     .view({count, nodes, -1});
      const at::Tensor log_prior = -0.5 * z.square().sum(2) - 0.5 * static_cast<double>(z.size(2)) *
                                                                  std::log(2 * std::numbers::pi);
      joint.narrow(0, begin, count)
          .copy_(log_likelihood_of_draws(model_, outputs, x.narrow(0, begin, count)) + log_prior);
    });
  }

  // E_q log p(x, z) + the entropy of q.
  at::Tensor bound(const at::Tensor& joint, const at::Tensor& factor) const {
    const at::Tensor log_determinant =
        factor.diagonal(0, 1, 2).log().sum(1);  // of the factor: half of the covariance's
    const auto latent = static_cast<double>(factor.size(1));
    return at::mv(joint, rule_.weights) + log_determinant +
           0.5 * latent * std::log(2 * std::numbers::pi * std::numbers::e);
  }

 private:
  const Autoencoder& model_;
  const at::Tensor label_;  // one-hot [N, c], or undefined
  const at::Tensor x_;      // [N, d], float64
  const GaussRule rule_;
  const TileDecoder decoder_;
};

auto cancelled() {
  return fail(tr("fitting Gaussians to posteriors was cancelled"), ErrorCode::cancelled);
}

// Where the mean goes, and the precision that the curvature asks for.
struct Wanted {
  at::Tensor gradient;   // [N, k] E ∇ log p
  at::Tensor precision;  // [N, k, k] −E ∇² log p
};

Wanted wanted_of(const GaussRule& rule, const at::Tensor& joint, const at::Tensor& factor,
                 Covariance covariance) {
  const std::int64_t latent = factor.size(1);
  const at::Tensor inverse = at::linalg_inv(factor);  // L⁻¹
  const at::Tensor back = inverse.transpose(1, 2);
  // A constant changes no expectation of these; without it, they lose fewer digits.
  const at::Tensor centred = joint - at::mv(joint, rule.weights).unsqueeze(1);
  const at::Tensor weighted = centred * rule.weights;
  const at::Tensor first = at::matmul(weighted, rule.nodes);  // [N, k] E f ε
  const at::Tensor squares = rule.nodes.unsqueeze(2) * rule.nodes.unsqueeze(1) -
                             at::eye(latent, at::kDouble);  // [P, k, k]
  const at::Tensor second =
      at::matmul(weighted, squares.flatten(1)).view({-1, latent, latent});  // E f (εεᵀ − I)
  Wanted wanted;
  wanted.gradient = at::matmul(back, first.unsqueeze(2)).squeeze(2);
  wanted.precision = -at::matmul(at::matmul(back, second), inverse);
  if (covariance == Covariance::diagonal) {
    wanted.precision = at::diag_embed(wanted.precision.diagonal(0, 1, 2));
  }
  return wanted;
}

at::Tensor all_of(const GaussianFit& fit) {
  return at::arange(fit.mean.size(0), at::kLong);
}

GaussianFit some_of(const GaussianFit& fit, const at::Tensor& rows) {
  return {fit.mean.index_select(0, rows), fit.factor.index_select(0, rows),
          fit.elbo.defined() ? fit.elbo.index_select(0, rows) : fit.elbo};
}

// Climbs from the Gaussians of some inputs; false: cancelled.
bool climb(const Joint& joint, Covariance covariance, const at::Tensor& inputs, GaussianFit& fit,
           const Progress& progress) {
  at::Tensor all_values;
  if (!joint.measure(inputs, fit.mean, fit.factor, {}, all_values)) return false;
  fit.elbo = joint.bound(all_values, fit.factor);
  at::Tensor steps = at::ones_like(fit.elbo);
  at::Tensor open = all_of(fit);  // those that still climb
  for (int round = 0; round < kMostRounds && open.numel() > 0; ++round) {
    if (!report(progress, static_cast<double>(round) / kMostRounds)) return false;
    const GaussianFit now = some_of(fit, open);
    const at::Tensor values = all_values.index_select(0, open), step = steps.index_select(0, open);
    const Wanted wanted = wanted_of(joint.rule(), values, now.factor, covariance);
    const at::Tensor share = step.view({-1, 1, 1});
    const at::Tensor present = at::cholesky_inverse(now.factor);
    at::Tensor precision = (1 - share) * present + share * wanted.precision;
    // Where the curvature is that of no peak, the present precision stays.
    const auto [tried, info] = at::linalg_cholesky_ex(precision);
    precision = at::where(info.eq(0).view({-1, 1, 1}), precision, present);
    const at::Tensor covariances = at::linalg_inv(precision);
    const at::Tensor mean =
        now.mean + (share * at::matmul(covariances, wanted.gradient.unsqueeze(2))).squeeze(2);
    const auto [factor, bad] =
        at::linalg_cholesky_ex((covariances + covariances.transpose(1, 2)) / 2);
    at::Tensor moved;
    if (!joint.measure(inputs.index_select(0, open), mean, factor, {}, moved)) return false;
    const at::Tensor elbo = joint.bound(moved, factor);
    const at::Tensor gain = elbo - now.elbo;
    const at::Tensor better = gain.gt(0).logical_and(bad.eq(0));  // a NaN is not
    fit.mean.index_copy_(0, open, at::where(better.unsqueeze(1), mean, now.mean));
    fit.factor.index_copy_(0, open, at::where(better.view({-1, 1, 1}), factor, now.factor));
    fit.elbo.index_copy_(0, open, at::where(better, elbo, now.elbo));
    all_values.index_copy_(0, open, at::where(better.unsqueeze(1), moved, values));
    const at::Tensor next = at::where(better, (step * 1.5).clamp_max(1), step / 4);
    steps.index_copy_(0, open, next);
    const at::Tensor climbs =
        better.logical_and(gain.gt(kSmallestGain))
            .logical_or(better.logical_not().logical_and(next.gt(kSmallestStep)));
    open = open.index_select(0, climbs.nonzero().squeeze(1));
  }
  return true;
}

// Replaces those Gaussians whose bound is below that of another.
void take_better(GaussianFit& fit, const GaussianFit& other) {
  const at::Tensor better = other.elbo.gt(fit.elbo);
  fit.mean = at::where(better.unsqueeze(1), other.mean, fit.mean);
  fit.factor = at::where(better.view({-1, 1, 1}), other.factor, fit.factor);
  fit.elbo = at::where(better, other.elbo, fit.elbo);
}

}  // namespace

Expected<GaussianFit> encoders_gaussian(const Autoencoder& model, const Batch& batch,
                                        const Posterior& posterior, Fineness fineness,
                                        const Progress& progress) {
  const at::NoGradGuard no_grad;
  const Joint joint(model, batch, fineness == Fineness::fine ? kFineNodes : kNodes);
  GaussianFit fit{posterior.mean.to(at::kDouble),
                  at::diag_embed((posterior.log_variance.to(at::kDouble) * 0.5).exp()),
                  {}};
  at::Tensor values;
  if (!joint.measure(all_of(fit), fit.mean, fit.factor, progress, values)) return cancelled();
  fit.elbo = joint.bound(values, fit.factor);
  return fit;
}

Expected<GaussianFit> best_gaussian(const Autoencoder& model, const Batch& batch,
                                    const GaussianFit& start, const GaussianStarts& also,
                                    Covariance covariance, const Progress& progress) {
  const at::NoGradGuard no_grad;
  const Joint joint(model, batch, kNodes), fine(model, batch, kFineNodes);
  GaussianFit best = start;
  const auto try_from = [&](const at::Tensor& rows, GaussianFit from, const Progress& part) {
    if (!climb(joint, covariance, rows, from, part)) return false;
    at::Tensor values;
    if (!fine.measure(rows, from.mean, from.factor, {}, values)) return false;
    from.elbo = fine.bound(values, from.factor);
    GaussianFit present = some_of(best, rows);
    take_better(present, from);
    best.mean = best.mean.index_copy(0, rows, present.mean);
    best.factor = best.factor.index_copy(0, rows, present.factor);
    best.elbo = best.elbo.index_copy(0, rows, present.elbo);
    return true;
  };
  const at::Tensor all = all_of(start);
  const auto copy_of = [](const at::Tensor& tensor) { return tensor.to(at::kDouble).clone(); };
  GaussianFit first{copy_of(also.mean.defined() ? also.mean : start.mean),
                    copy_of(also.mean.defined() ? also.factor : start.factor),
                    {}};
  if (!try_from(all, std::move(first), part_of(progress, 0, also.mode.defined() ? 0.5 : 1))) {
    return cancelled();
  }
  if (!also.mode.defined()) return best;
  at::Tensor rows = all;
  if (also.mean.defined()) {  // the peak in which the search already was needs no other
    const at::Tensor off = at::linalg_solve_triangular(
        best.factor, (also.mode.to(at::kDouble) - best.mean).unsqueeze(2), false);
    rows = off.squeeze(2).square().sum(1).gt(1).nonzero().squeeze(1);
    if (rows.numel() == 0) return best;
  }
  GaussianFit second{
      copy_of(also.mode.index_select(0, rows)), copy_of(start.factor.index_select(0, rows)), {}};
  if (!try_from(rows, std::move(second), part_of(progress, 0.5, 1))) return cancelled();
  return best;
}

}  // namespace zscape
