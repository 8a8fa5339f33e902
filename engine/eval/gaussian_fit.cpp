#include "engine/eval/gaussian_fit.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "engine/eval/gauss_rules.h"
#include "engine/eval/pair_likelihood.h"
#include "engine/eval/team.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kNodes = 10;                // along each dimension
constexpr std::int64_t kRowsAtOnce = 16;  // inputs of one decoding
constexpr int kMostRounds = 100;
constexpr double kSmallestGain = 1e-7;  // nats, of a round
constexpr double kSmallestStep = 1e-3;  // of an input whose steps only lose

// log p(x, z) at the nodes of each Gaussian: [N, P].
class Joint {
 public:
  Joint(const Autoencoder& model, const Batch& batch)
      : model_(model),
        batch_(batch),
        x_(batch.x.to(at::kDouble)),
        rule_(product_rule(gauss_hermite(kNodes), model.spec().latent)) {}

  const GaussRule& rule() const { return rule_; }

  bool measure(const at::Tensor& mean, const at::Tensor& factor, const Progress& progress,
               at::Tensor& joint) const {
    const std::int64_t rows = mean.size(0), nodes = rule_.weights.numel();
    joint = at::empty({rows, nodes}, at::kDouble);
    const auto pieces = static_cast<std::size_t>((rows + kRowsAtOnce - 1) / kRowsAtOnce);
    return by_team(pieces, progress, [&](std::size_t piece) {
      const auto begin = static_cast<std::int64_t>(piece) * kRowsAtOnce;
      const std::int64_t count = std::min(kRowsAtOnce, rows - begin);
      const at::Tensor z =
          mean.narrow(0, begin, count).unsqueeze(1) +
          at::matmul(rule_.nodes, factor.narrow(0, begin, count).transpose(1, 2));  // [n, P, k]
      at::Tensor label;
      if (batch_.label.defined()) {
        label = batch_.label.narrow(0, begin, count)
                    .unsqueeze(1)
                    .expand({count, nodes, batch_.label.size(1)})
                    .flatten(0, 1);
      }
      const at::Tensor outputs = model_.decode(z.flatten(0, 1).to(at::kFloat), label)
                                     .to(at::kDouble)
                                     .view({count, nodes, -1});
      const at::Tensor log_prior = -0.5 * z.square().sum(2) - 0.5 * static_cast<double>(z.size(2)) *
                                                                  std::log(2 * std::numbers::pi);
      joint.narrow(0, begin, count)
          .copy_(log_likelihood_of_draws(model_, outputs, x_.narrow(0, begin, count)) + log_prior);
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
  const Batch& batch_;
  const at::Tensor x_;  // [N, d], float64
  const GaussRule rule_;
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

// Climbs from a Gaussian; false: cancelled.
bool climb(const Joint& joint, Covariance covariance, GaussianFit& fit, const Progress& progress) {
  at::Tensor values;
  if (!joint.measure(fit.mean, fit.factor, {}, values)) return false;
  fit.elbo = joint.bound(values, fit.factor);
  at::Tensor step = at::ones_like(fit.elbo);
  for (int round = 0; round < kMostRounds; ++round) {
    if (!report(progress, static_cast<double>(round) / kMostRounds)) return false;
    const Wanted wanted = wanted_of(joint.rule(), values, fit.factor, covariance);
    const at::Tensor share = step.view({-1, 1, 1});
    const at::Tensor present = at::cholesky_inverse(fit.factor);
    at::Tensor precision = (1 - share) * present + share * wanted.precision;
    // Where the curvature is that of no peak, the present precision stays.
    const auto [tried, info] = at::linalg_cholesky_ex(precision);
    precision = at::where(info.eq(0).view({-1, 1, 1}), precision, present);
    const at::Tensor covariances = at::linalg_inv(precision);
    const at::Tensor mean =
        fit.mean + (share * at::matmul(covariances, wanted.gradient.unsqueeze(2))).squeeze(2);
    const auto [factor, bad] =
        at::linalg_cholesky_ex((covariances + covariances.transpose(1, 2)) / 2);
    at::Tensor moved;
    if (!joint.measure(mean, factor, {}, moved)) return false;
    const at::Tensor elbo = joint.bound(moved, factor);
    const at::Tensor gain = elbo - fit.elbo;
    const at::Tensor better = gain.gt(0).logical_and(bad.eq(0));  // a NaN is not
    fit.mean = at::where(better.unsqueeze(1), mean, fit.mean);
    fit.factor = at::where(better.view({-1, 1, 1}), factor, fit.factor);
    fit.elbo = at::where(better, elbo, fit.elbo);
    values = at::where(better.unsqueeze(1), moved, values);
    step = at::where(better, (step * 1.5).clamp_max(1), step / 4);
    const bool climbs = better.logical_and(gain.gt(kSmallestGain))
                            .logical_or(better.logical_not().logical_and(step.gt(kSmallestStep)))
                            .any()
                            .item<bool>();
    if (!climbs) break;
  }
  return true;
}

}  // namespace

Expected<GaussianFit> encoders_gaussian(const Autoencoder& model, const Batch& batch,
                                        const Posterior& posterior, const Progress& progress) {
  const at::NoGradGuard no_grad;
  const Joint joint(model, batch);
  GaussianFit fit{posterior.mean.to(at::kDouble),
                  at::diag_embed((posterior.log_variance.to(at::kDouble) * 0.5).exp()),
                  {}};
  at::Tensor values;
  if (!joint.measure(fit.mean, fit.factor, progress, values)) return cancelled();
  fit.elbo = joint.bound(values, fit.factor);
  return fit;
}

Expected<GaussianFit> best_gaussian(const Autoencoder& model, const Batch& batch,
                                    const GaussianFit& start, const at::Tensor& mode,
                                    Covariance covariance, const Progress& progress) {
  const at::NoGradGuard no_grad;
  const Joint joint(model, batch);
  GaussianFit best = start;
  if (!climb(joint, covariance, best, part_of(progress, 0, mode.defined() ? 0.5 : 1))) {
    return cancelled();
  }
  if (!mode.defined()) return best;
  GaussianFit other{mode.to(at::kDouble), start.factor, {}};
  if (!climb(joint, covariance, other, part_of(progress, 0.5, 1))) return cancelled();
  const at::Tensor better = other.elbo.gt(best.elbo);
  best.mean = at::where(better.unsqueeze(1), other.mean, best.mean);
  best.factor = at::where(better.view({-1, 1, 1}), other.factor, best.factor);
  best.elbo = at::where(better, other.elbo, best.elbo);
  return best;
}

}  // namespace zscape
