#include "engine/eval/likelihood.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/model/loss.h"

namespace zscape {
namespace {

constexpr std::int64_t kRowsPerDecode = 2048;

at::Tensor repeat_rows(const at::Tensor& tensor, std::int64_t times) {
  return tensor.defined() ? tensor.repeat_interleave(times, 0) : tensor;
}

}  // namespace

at::Tensor importance_log_likelihood(const Autoencoder& model, const Batch& batch, int samples,
                                     std::uint64_t seed, std::uint64_t counter) {
  const at::NoGradGuard no_grad;
  const Posterior posterior = model.encode(batch.x, batch.label);
  const std::int64_t rows = batch.x.size(0);
  const std::int64_t latent = model.spec().latent;
  const std::int64_t piece =
      std::clamp<std::int64_t>(kRowsPerDecode / std::max<std::int64_t>(rows, 1), 1, samples);
  // One generator for all pieces, so that their size changes no draw's place in the stream.
  Random random(seed, Stream::evaluation, counter);

  at::Tensor total =
      at::full({rows}, -std::numeric_limits<double>::infinity(), at::kDouble);  // log Σ w
  for (std::int64_t done = 0; done < samples; done += piece) {
    const std::int64_t count = std::min<std::int64_t>(piece, samples - done);
    const Posterior repeated = {repeat_rows(posterior.mean, count),
                                repeat_rows(posterior.log_variance, count)};
    const at::Tensor noise = at::empty({rows * count, latent});
    random.fill_normal({noise.data_ptr<float>(), static_cast<std::size_t>(noise.numel())});
    const at::Tensor z = reparameterise(repeated, noise);
    const at::Tensor logits = model.decode(z, repeat_rows(batch.label, count));
    const at::Tensor log_p_x =
        -reconstruction_loss(model.spec(), logits, repeat_rows(batch.x, count));
    // log p(z) − log q(z|x); the constants of both normal densities cancel.
    const at::Tensor log_ratio = 0.5 * (noise.square() + repeated.log_variance - z.square()).sum(1);
    const at::Tensor log_weight = (log_p_x + log_ratio).to(at::kDouble).view({rows, count});
    total = at::logaddexp(total, at::logsumexp(log_weight, 1));
  }
  return total - std::log(static_cast<double>(samples));
}

}  // namespace zscape
