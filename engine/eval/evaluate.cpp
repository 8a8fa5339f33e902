#include "engine/eval/evaluate.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "engine/eval/rows.h"
#include "engine/foreign_program.h"
#include "engine/model/loss.h"
#include "engine/text.h"

namespace zscape {
namespace {

// Corrupts binarised rows as present() does, or with the noise of the settings.
Presented presented(const ModelSpec& spec, const at::Tensor& x, const EvaluationSettings& settings,
                    const RowDraws& draws) {
  if (settings.noise) return {x, corrupted(*settings.noise, x, draws), {}};
  ModelSpec as_read = spec;
  as_read.binarise = Binarise::none;  // done
  return present(as_read, x, draws);
}

// Batches are read on the CPU.
Batch on(at::Device device, Batch batch) {
  batch.x = batch.x.to(device);
  if (batch.label.defined()) batch.label = batch.label.to(device);
  return batch;
}

struct PieceLosses {
  at::Tensor reconstruction, mse;  // [n]
  at::Tensor kl;                   // [n]; undefined without a prior

  void put_into(InputLosses& losses, std::size_t row) const {
    put(losses.reconstruction, row, reconstruction);
    put(losses.mse, row, mse);
    if (kl.defined()) put(losses.kl, row, kl);
  }
};

// The losses of one piece of the rows. Its random draws depend on `begin`, its place among all
// measured rows.
PieceLosses losses_of(const Autoencoder& model, const Dataset& data, SplitName split,
                      std::span<const std::int64_t> piece, std::size_t begin,
                      const EvaluationSettings& settings) {
  const ModelSpec& spec = model.spec();
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
  PieceLosses losses;
  losses.mse = mean_square(model.spec(), (at_mean - batch.x).square());

  const at::Tensor noise =
      normal_noise(batch.x.size(0), spec.latent, settings.seed, Stream::evaluation, begin)
          .to(model.device());
  const at::Tensor outputs = model.decode(reparameterise(posterior, noise), batch.label);
  losses.reconstruction = reconstruction_loss(spec, {outputs, batch.x, shown.hidden, {}});
  if (spec.has_prior()) losses.kl = kl_divergence(posterior);
  return losses;
}

}  // namespace

InputLosses::InputLosses(const ModelSpec& spec, std::size_t inputs)
    : reconstruction(inputs), kl(spec.has_prior() ? inputs : 0), mse(inputs) {}

Expected<Codes> encode_rows(const Autoencoder& model, const Dataset& data, SplitName split,
                            const Indices& indices, const Progress& progress) {
  const ModelSpec& spec = model.spec();
  Codes codes;
  codes.split = split;
  codes.latent = spec.latent;
  codes.indices = indices ? indices : all_rows(data.split(split));
  codes.mean.own().resize(codes.indices->size() * static_cast<std::size_t>(codes.latent));
  if (spec.has_prior()) codes.sigma.resize(codes.mean.size());
  const bool done =
      share_pieces(codes.indices, kRowsAtOnce, progress, [&](auto rows, std::size_t begin) {
        const Batch batch = on(model.device(), read_rows(spec, data, split, rows, 0));
        const Posterior posterior = model.encode(batch.x, batch.label);
        put(codes.mean.own(), begin, posterior.mean);
        if (spec.has_prior()) put(codes.sigma, begin, (posterior.log_variance * 0.5).exp());
      });
  if (!done) return fail(tr("encoding was cancelled"), ErrorCode::cancelled);
  return codes;
}

Expected<InputLosses> input_losses(const Autoencoder& model, const Dataset& data, SplitName split,
                                   const Indices& indices, const EvaluationSettings& settings,
                                   const Progress& progress) {
  const ModelSpec& spec = model.spec();
  const Indices rows = indices ? indices : all_rows(data.split(split));
  if (rows->empty()) return fail(tr("{} has no inputs in this split; choose the other", data.name));
  InputLosses losses(spec, rows->size());
  const bool done = share_pieces(rows, kRowsAtOnce, progress, [&](auto piece, std::size_t begin) {
    losses_of(model, data, split, piece, begin, settings).put_into(losses, begin);
  });
  if (!done) return fail(tr("measuring the losses was cancelled"), ErrorCode::cancelled);
  return losses;
}

Expected<LossSums> add_losses(LossSums sums, const Autoencoder& model, const Dataset& data,
                              SplitName split, const Indices& indices,
                              const EvaluationSettings& settings, const Progress& progress) {
  const Indices all = indices ? indices : all_rows(data.split(split));
  const std::span<const std::int64_t> rows(*all);
  if (rows.empty()) return fail(tr("{} has no inputs in this split; choose the other", data.name));
  const auto first = static_cast<std::size_t>(sums.inputs);
  const std::size_t pieces = (rows.size() - first + kRowsAtOnce - 1) / kRowsAtOnce;
  InputLosses losses(model.spec(), rows.size() - first);
  std::vector<char> is_done(pieces, 0);
  by_team(pieces, progress, [&](std::size_t piece) {
    const std::size_t begin = first + piece * kRowsAtOnce;
    const auto part = rows.subspan(begin, std::min(kRowsAtOnce, rows.size() - begin));
    losses_of(model, data, split, part, begin, settings).put_into(losses, begin - first);
    is_done[piece] = 1;
  });
  // After a stop, only the pieces before the first unfinished one count. The sum runs row by row,
  // so that it does not depend on where a slice ends.
  const auto done = static_cast<std::size_t>(std::ranges::find(is_done, 0) - is_done.begin());
  const std::size_t end = std::min(done * kRowsAtOnce, rows.size() - first);
  for (std::size_t i = 0; i < end; ++i) {
    sums.losses.reconstruction += static_cast<double>(losses.reconstruction[i]);
    sums.losses.kl += losses.kl.empty() ? kNotMeasured.kl : static_cast<double>(losses.kl[i]);
    sums.losses.mse += static_cast<double>(losses.mse[i]);
  }
  sums.inputs += static_cast<std::int64_t>(end);
  return sums;
}

namespace {

// What the numbers 0 and 1 of a network are outside it.
PixelRange own_range(const ModelSpec& spec, bool are_bytes) {
  if (spec.range) return *spec.range;
  if (are_bytes) return {0, 255};
  // Without data a program's own range holds.
  return spec.program && !spec.scaling ? spec.program->range : PixelRange{};
}

}  // namespace

std::vector<double> in_own_units(const ModelSpec& spec, bool are_bytes, const at::Tensor& outputs) {
  const at::Tensor values = outputs.to(at::kCPU, at::kDouble).contiguous();
  const double* first = values.data_ptr<double>();
  std::vector<double> own(first, first + values.numel());
  const PixelRange range = own_range(spec, are_bytes);
  if (!(range == PixelRange{0, 1})) {
    for (double& value : own) value = range.low + value * (range.high - range.low);
  }
  if (!spec.scaling) return own;
  const std::size_t inputs = spec.scaling->mean.size();
  for (std::size_t i = 0; i < own.size(); ++i) {
    own[i] = own[i] * spec.scaling->deviation[i % inputs] + spec.scaling->mean[i % inputs];
  }
  return own;
}

Expected<Reconstructions> reconstruct_rows(const Autoencoder& model, const Dataset& data,
                                           SplitName split, const Indices& indices,
                                           std::uint64_t seed) {
  const at::NoGradGuard no_grad;
  Reconstructions result;
  const Indices rows = indices ? indices : all_rows(data.split(split));
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
    const auto values = in_own_units(model.spec(), data.are_bytes(), output);
    result.values.insert(result.values.end(), values.begin(), values.end());
  });
  return result;
}

}  // namespace zscape
