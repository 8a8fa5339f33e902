#include "engine/eval/latent_forces.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <span>
#include <vector>

#include "engine/eval/gauss_rules.h"
#include "engine/eval/rows.h"
#include "engine/model/batch.h"
#include "engine/model/loss.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::uint64_t kForceCounter = std::uint64_t{1} << 50;  // of the evaluation stream
constexpr std::int64_t kPairs = 8;                               // of draws, above two dimensions
constexpr std::size_t kInputsAtOnce = 32;

// Places of ε, [b or 1, s, k], and their weights, [s].
struct Nodes {
  at::Tensor places;
  at::Tensor weights;
};

Nodes nodes_of(const ModelSpec& spec, std::span<const std::int64_t> rows) {
  const std::int64_t latent = spec.latent;
  if (!spec.has_prior()) return {at::zeros({1, 1, latent}), at::ones({1})};
  if (latent <= 2) {
    const GaussRule rule = product_rule(gauss_hermite(latent == 1 ? 7 : 5), spec.latent);
    return {rule.nodes.to(at::kFloat).unsqueeze(0), rule.weights.to(at::kFloat)};
  }
  std::vector<at::Tensor> draws;
  for (const std::int64_t row : rows) {
    draws.push_back(normal_noise(kPairs, latent, 0, Stream::evaluation,
                                 kForceCounter + static_cast<std::uint64_t>(row)));
  }
  const at::Tensor half = at::stack(draws);
  return {at::cat({half, -half}, 1), at::full({2 * kPairs}, 0.5 / static_cast<double>(kPairs))};
}

struct Pulls {
  at::Tensor mean, sigma;  // [b, k]; sigma undefined without a prior
};

Pulls pulls_of(const Autoencoder& model, const Batch& batch, const at::Tensor& mean,
               const at::Tensor& sigma, const Nodes& nodes) {
  const at::AutoGradMode with_gradients(true);
  const std::int64_t inputs = mean.size(0), places = nodes.weights.size(0);
  const at::Tensor at_mean = mean.detach().clone().requires_grad_();
  std::vector<at::Tensor> moves = {at_mean};
  at::Tensor z = at_mean.unsqueeze(1).expand({inputs, places, -1});
  if (sigma.defined()) {
    moves.push_back(sigma.detach().clone().requires_grad_());
    z = z + moves.back().unsqueeze(1) * nodes.places;
  }
  const auto repeated = [&](const at::Tensor& rows) {
    return rows.unsqueeze(1).expand({inputs, places, rows.size(1)}).flatten(0, 1);
  };
  const at::Tensor label = batch.label.defined() ? repeated(batch.label) : batch.label;
  const at::Tensor losses =
      reconstruction_loss(model.spec(), {model.decode(z.flatten(0, 1), label), repeated(batch.x),
                                         at::Tensor(), model.log_sigma})
          .view({inputs, places});
  const at::Tensor total = (losses * nodes.weights).sum();
  const std::vector<at::Tensor> gradients = torch::autograd::grad({total}, moves);
  return {-gradients[0], sigma.defined() ? -gradients[1] : at::Tensor()};
}

}  // namespace

Expected<Forces> measure_forces(const Autoencoder& model, const Dataset& data, SplitName split,
                                const Indices& indices, const Progress& progress) {
  const ModelSpec& spec = model.spec();
  if (spec.hides_patches()) {
    return fail(
        tr("a masked autoencoder scores hidden pixels only, so nothing pulls the code of "
           "a whole picture"));
  }
  Forces forces;
  forces.split = split;
  forces.latent = spec.latent;
  forces.rows = indices ? indices : all_rows(data.split(split));
  const std::size_t size = forces.rows->size() * static_cast<std::size_t>(spec.latent);
  forces.mean.resize(size);
  forces.pull_mean.resize(size);
  if (spec.has_prior()) {
    forces.sigma.resize(size);
    forces.pull_sigma.resize(size);
  }
  const bool done = share_pieces(forces.rows, kInputsAtOnce, progress,
                                 [&](std::span<const std::int64_t> rows, std::size_t begin) {
                                   const Batch batch = read_rows(spec, data, split, rows, 0);
                                   at::Tensor mean, sigma;
                                   {
                                     const at::NoGradGuard no_grad;
                                     const Posterior posterior = model.encode(batch.x, batch.label);
                                     mean = posterior.mean;
                                     if (spec.has_prior())
                                       sigma = (posterior.log_variance * 0.5).exp();
                                   }
                                   const Pulls pulls =
                                       pulls_of(model, batch, mean, sigma, nodes_of(spec, rows));
                                   put(forces.mean, begin, mean);
                                   put(forces.pull_mean, begin, pulls.mean);
                                   if (!spec.has_prior()) return;
                                   put(forces.sigma, begin, sigma);
                                   put(forces.pull_sigma, begin, pulls.sigma);
                                 });
  if (!done) return fail(tr("measuring the forces was cancelled"), ErrorCode::cancelled);
  return forces;
}

}  // namespace zscape
