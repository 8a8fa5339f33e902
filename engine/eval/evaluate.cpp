#include "engine/eval/evaluate.h"

#include <torch/torch.h>

#include <numeric>

#include "engine/eval/rows.h"
#include "engine/model/loss.h"
#include "engine/text.h"

namespace zscape {
namespace {

// What the encoder reads of binarised rows: present()'s corruption, or the settings' own.
Presented presented(const ModelSpec& spec, const at::Tensor& x, const EvaluationSettings& settings,
                    const RowDraws& draws) {
  if (settings.noise) return {x, corrupted(*settings.noise, x, draws), {}};
  ModelSpec as_read = spec;
  as_read.binarise = Binarise::none;  // done
  return present(as_read, x, draws);
}

double mean_of(const std::vector<float>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Read on the CPU, whatever the model is on.
Batch on(at::Device device, Batch batch) {
  batch.x = batch.x.to(device);
  if (batch.label.defined()) batch.label = batch.label.to(device);
  return batch;
}

}  // namespace

Expected<Codes> encode_rows(const Autoencoder& model, const Dataset& data, SplitName split,
                            const Indices& indices, const Progress& progress) {
  const ModelSpec& spec = model.spec();
  Codes codes;
  codes.split = split;
  codes.latent = spec.latent;
  codes.indices = indices ? indices : whole(data.split(split));
  codes.mean.resize(codes.indices->size() * static_cast<std::size_t>(codes.latent));
  if (spec.has_prior()) codes.sigma.resize(codes.mean.size());
  const bool done =
      share_pieces(codes.indices, kRowsAtOnce, progress, [&](auto rows, std::size_t begin) {
        const Batch batch = on(model.device(), read_rows(spec, data, split, rows, 0));
        const Posterior posterior = model.encode(batch.x, batch.label);
        put(codes.mean, begin, posterior.mean);
        if (spec.has_prior()) put(codes.sigma, begin, (posterior.log_variance * 0.5).exp());
      });
  if (!done) return fail(tr("encoding was cancelled"), ErrorCode::cancelled);
  return codes;
}

Expected<InputLosses> input_losses(const Autoencoder& model, const Dataset& data, SplitName split,
                                   const Indices& indices, const EvaluationSettings& settings,
                                   const Progress& progress) {
  const ModelSpec& spec = model.spec();
  const Indices rows = indices ? indices : whole(data.split(split));
  if (rows->empty()) return fail(data.name + " has no inputs to evaluate");
  InputLosses losses;
  losses.mse.resize(rows->size());
  losses.reconstruction.resize(rows->size());
  if (spec.has_prior()) losses.kl.resize(rows->size());
  const bool done = share_pieces(rows, kRowsAtOnce, progress, [&](auto piece, std::size_t begin) {
    const Batch as_read = read_rows(spec, data, split, piece, settings.seed);
    const Batch batch = on(model.device(), as_read);
    const auto moved = [&](const at::Tensor& tensor) {
      if (tensor.is_same(as_read.x)) return batch.x;
      return tensor.defined() ? tensor.to(model.device()) : tensor;
    };
    const Presented drawn =
        presented(spec, as_read.x, settings, evaluation_draws(settings.seed, split, piece));
    const Presented shown = {moved(drawn.target), moved(drawn.seen), moved(drawn.hidden)};
    const at::Tensor read = settings.noise ? shown.seen : batch.x;
    const Posterior posterior = model.encode(shown.seen, batch.label);
    const at::Tensor mean =
        read.is_same(shown.seen) ? posterior.mean : model.encode(read, batch.label).mean;
    const at::Tensor at_mean = model.reconstruction(model.decode(mean, batch.label));
    put(losses.mse, begin, (at_mean - batch.x).square().mean(1));

    const at::Tensor noise =
        normal_noise(batch.x.size(0), spec.latent, settings.seed, Stream::evaluation, begin)
            .to(model.device());
    const at::Tensor outputs = model.decode(reparameterise(posterior, noise), batch.label);
    put(losses.reconstruction, begin,
        reconstruction_loss(spec, {outputs, batch.x, shown.hidden, {}}));
    if (spec.has_prior()) put(losses.kl, begin, kl_divergence(posterior));
  });
  if (!done) return fail(tr("measuring the losses was cancelled"), ErrorCode::cancelled);
  return losses;
}

Expected<Losses> evaluate_losses(const Autoencoder& model, const Dataset& data, SplitName split,
                                 const Indices& indices, const EvaluationSettings& settings,
                                 const Progress& progress) {
  const auto losses = input_losses(model, data, split, indices, settings, progress);
  if (!losses) return tl::unexpected(losses.error());
  Losses mean;
  mean.reconstruction = mean_of(losses->reconstruction);
  mean.mse = mean_of(losses->mse);
  if (!model.spec().has_prior()) {
    mean.kl = kNotMeasured.kl;
    mean.loss = mean.reconstruction;
    return mean;
  }
  mean.kl = mean_of(losses->kl);
  mean.loss = mean.reconstruction + settings.kl_weight * mean.kl;
  return mean;
}

Expected<Reconstructions> reconstruct_rows(const Autoencoder& model, const Dataset& data,
                                           SplitName split, const Indices& indices,
                                           std::uint64_t seed) {
  const at::NoGradGuard no_grad;
  Reconstructions result;
  const Indices rows = indices ? indices : whole(data.split(split));
  for_each_piece(rows, kRowsAtOnce, {}, [&](auto piece, std::size_t) {
    const Batch batch = read_rows(model.spec(), data, split, piece, seed);
    const Presented shown = presented(model.spec(), batch.x, {1, seed, std::nullopt},
                                      evaluation_draws(seed, split, piece));
    const Posterior posterior = model.encode(shown.seen, batch.label);
    at::Tensor output = model.reconstruction(model.decode(posterior.mean, batch.label));
    if (shown.hidden.defined()) output = at::where(shown.hidden.gt(0), output, batch.x);
    append(result.target, model.picture(batch.x));
    append(result.seen, model.picture(shown.seen));
    append(result.output, model.picture(output));
  });
  return result;
}

}  // namespace zscape
