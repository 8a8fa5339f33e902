#include "engine/eval/pair_likelihood.h"

#include <ATen/ATen.h>

#include <cmath>
#include <numbers>

namespace zscape {
namespace {

constexpr std::int64_t kFactors = 64;  // each in (1, 2]: their product is finite

// Σ_j log(1 + e^−a_j) for a ≥ 0: [n, d] → [n]; overwrites a. Logarithms are the expensive part, so
// this takes them of products.
at::Tensor log_sum_of_products(at::Tensor a) {
  a.neg_().exp_().add_(1);
  for (std::int64_t factors = 1; factors < kFactors && a.size(1) > 1; factors *= 2) {
    const std::int64_t half = a.size(1) / 2;
    const std::int64_t odd = a.size(1) % 2;  // the last column stays unchanged
    a.narrow(1, 0, half).mul_(a.narrow(1, half + odd, half));
    a = a.narrow(1, 0, half + odd);
  }
  return a.log().sum(1);
}

}  // namespace

at::Tensor bernoulli_normaliser(const at::Tensor& logits, at::ScalarType sums) {
  // Σ softplus(l) − ½ Σ l = ½ Σ |l| + Σ log(1 + e^−|l|).
  logits.abs_();
  const at::Tensor half_sum = logits.sum(1, false, sums).mul_(0.5);
  return half_sum + log_sum_of_products(logits);
}

double gaussian_normaliser(const ModelSpec& spec) {
  return 0.5 * spec.scored_inputs() * std::log(2 * std::numbers::pi * spec.sigma * spec.sigma);
}

at::Tensor log_likelihood_of_draws(const Autoencoder& model, const at::Tensor& outputs,
                                   const at::Tensor& x) {
  const ModelSpec& spec = model.spec();
  if (spec.likelihood == Likelihood::bernoulli) {
    const at::Tensor centred = x - 0.5;
    at::Tensor result = at::empty({outputs.size(0), outputs.size(1)}, outputs.options());
    for (std::int64_t i = 0; i < x.size(0); ++i) {  // bmm is ten times slower at this
      at::Tensor row = result[i];
      at::mv_out(row, outputs[i], centred[i]);
    }
    return result.sub_(
        bernoulli_normaliser(outputs.flatten(0, 1), outputs.scalar_type()).view_as(result));
  }
  const at::Tensor error = model.reconstruction(outputs).sub_(x.unsqueeze(1));
  return error.square_().sum(2).div_(-2 * spec.sigma * spec.sigma).sub_(gaussian_normaliser(spec));
}

at::Tensor log_likelihood_of_pairs(const Autoencoder& model, const at::Tensor& outputs,
                                   const at::Tensor& x) {
  const ModelSpec& spec = model.spec();
  if (spec.likelihood == Likelihood::bernoulli) {
    const at::Tensor product = at::mm(outputs.to(at::kDouble), (x - 0.5).t());
    return product - bernoulli_normaliser(outputs, outputs.scalar_type()).unsqueeze(1);
  }
  const at::Tensor predicted = model.reconstruction(outputs).to(at::kDouble);
  const at::Tensor norms =
      predicted.square().sum(1).unsqueeze(1) + x.square().sum(1).unsqueeze(0);  // [s, n]
  const at::Tensor squares = at::addmm(norms, predicted, x.t(), 1, -2).clamp_min_(0);
  return squares.div_(-2 * spec.sigma * spec.sigma).sub_(gaussian_normaliser(spec));
}

std::vector<LabelGroup> groups_of(const Batch& batch) {
  if (!batch.label.defined()) return {{at::arange(batch.x.size(0), at::kLong), {}}};
  std::vector<LabelGroup> groups;
  for (std::int64_t label = 0; label < batch.label.size(1); ++label) {
    const at::Tensor rows = batch.label.select(1, label).nonzero().squeeze(1);
    if (rows.numel() > 0) groups.push_back({rows, batch.label.index_select(0, rows[0].view({1}))});
  }
  return groups;
}

}  // namespace zscape
