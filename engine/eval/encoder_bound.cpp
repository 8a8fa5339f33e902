#include "engine/eval/encoder_bound.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "engine/eval/gauss_rules.h"
#include "engine/eval/team.h"
#include "engine/eval/tile_likelihood.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kNodes = 10;                  // along each dimension
constexpr std::int64_t kInputsAtOnce = 16;  // of one decoding

}  // namespace

Expected<at::Tensor> encoders_bound(const Autoencoder& model, const Batch& batch,
                                    const Posterior& posterior, const Progress& progress) {
  const at::NoGradGuard no_grad;
  const GaussRule rule = product_rule(gauss_hermite(kNodes), model.spec().latent);
  const TileLikelihood likelihood(model, rule.nodes);
  const ComparedInputs compared = likelihood.compared(batch.x);
  const at::Tensor mean = posterior.mean.to(at::kDouble);
  const at::Tensor log_deviation = posterior.log_variance.to(at::kDouble) * 0.5;
  const at::Tensor deviation = log_deviation.exp();
  const std::int64_t rows = batch.x.size(0), nodes = likelihood.nodes();
  const at::Tensor joint = at::empty({rows, nodes}, at::kDouble);
  const auto pieces = static_cast<std::size_t>((rows + kInputsAtOnce - 1) / kInputsAtOnce);
  const bool done = by_team(pieces, progress, [&](std::size_t piece) {
    const auto begin = static_cast<std::int64_t>(piece) * kInputsAtOnce;
    const std::int64_t count = std::min(kInputsAtOnce, rows - begin);
    const at::Tensor z = mean.narrow(0, begin, count).unsqueeze(1) +
                         rule.nodes * deviation.narrow(0, begin, count).unsqueeze(1);  // [n, P, k]
    at::Tensor label;
    if (batch.label.defined()) {
      label = batch.label.narrow(0, begin, count)
                  .unsqueeze(1)
                  .expand({count, nodes, batch.label.size(1)})
                  .flatten(0, 1);
    }
    const DecodedTiles decoded = likelihood.decode(z.flatten(0, 1), label);
    const std::int64_t features = compared.slope.size(1);
    for (std::int64_t i = begin; i < begin + count; ++i) {
      decoded.joint(i - begin, compared.slope.data_ptr<double>() + i * features,
                    joint.data_ptr<double>() + i * nodes);
    }
  });
  if (!done) return fail(tr("measuring the encoder's bound was cancelled"), ErrorCode::cancelled);
  const double latent = model.spec().latent;
  return at::mv(joint, rule.weights) + compared.offset + log_deviation.sum(1) +
         0.5 * latent * std::log(2 * std::numbers::pi * std::numbers::e);
}

}  // namespace zscape
