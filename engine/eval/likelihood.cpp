#include "engine/eval/likelihood.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <span>
#include <vector>

#include "engine/eval/pair_likelihood.h"
#include "engine/eval/rows.h"
#include "engine/eval/team.h"
#include "engine/model/loss.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::int64_t kRowsPerDecode = 1024;  // their outputs stay in the cache
constexpr std::int64_t kInputsPerDecode = 16;  // at least, if there are so many inputs
constexpr std::int64_t kDrawsPerDecode = 512;  // of the prior

// The next draws of N(0, 1) of each generator, [b, count]: Box and Muller as in Random::normal, but
// many at once, since single draws would take a good part of the decoding time.
at::Tensor draw(std::span<Random> generators, std::int64_t count) {
  const auto inputs = static_cast<std::int64_t>(generators.size());
  const std::int64_t pairs = (count + 1) / 2;
  const at::Tensor uniform = at::empty({inputs, 2 * pairs});
  float* value = uniform.data_ptr<float>();
  for (Random& generator : generators) {
    for (std::int64_t i = 0; i < 2 * pairs; ++i) {
      *value++ = static_cast<float>(1 - generator.uniform());  // in (0, 1]
    }
  }
  const at::Tensor radius = uniform.narrow(1, 0, pairs).log().mul_(-2).sqrt_();
  const at::Tensor angle = uniform.narrow(1, pairs, pairs).mul(2 * std::numbers::pi);
  return at::cat({radius * angle.cos(), radius * angle.sin()}, 1).narrow(1, 0, count);
}

// log w of `count` draws for each of b inputs: [b, count].
at::Tensor log_weights(const Autoencoder& model, const Batch& batch, const Posterior& posterior,
                       std::int64_t count, std::span<Random> generators) {
  const std::int64_t inputs = batch.x.size(0);
  const std::int64_t latent = model.spec().latent;
  const at::Tensor noise = draw(generators, count * latent).reshape({inputs, count, latent});
  const at::Tensor log_variance = posterior.log_variance.unsqueeze(1);
  const at::Tensor z = at::addcmul(posterior.mean.unsqueeze(1), (log_variance * 0.5).exp(), noise);
  at::Tensor label;
  if (batch.label.defined()) {
    label = batch.label.unsqueeze(1).expand({inputs, count, batch.label.size(1)}).flatten(0, 1);
  }
  const at::Tensor outputs = model.decode(z.flatten(0, 1), label).view({inputs, count, -1});
  // log p(z) − log q(z|x); the constants of both normal densities cancel.
  const at::Tensor log_ratio = 0.5 * (noise.square() + log_variance - z.square()).sum(2);
  return log_likelihood_of_draws(model, outputs, batch.x) + log_ratio;
}

Posterior rows_of(const Posterior& posterior, std::int64_t begin, std::int64_t count) {
  return {posterior.mean.narrow(0, begin, count), posterior.log_variance.narrow(0, begin, count)};
}

Batch rows_of(const Batch& batch, std::int64_t begin, std::int64_t count) {
  return {batch.x.narrow(0, begin, count),
          batch.label.defined() ? batch.label.narrow(0, begin, count) : batch.label};
}

at::Tensor log_of_nothing(std::int64_t rows) {
  return at::full({rows}, -std::numeric_limits<double>::infinity(), at::kDouble);
}

double share(std::int64_t done, std::int64_t all) {
  return static_cast<double>(done) / static_cast<double>(all);
}

// log Σ_i p(x|z_i) over one piece of the prior's draws: [n].
at::Tensor log_sum_over_draws(const Autoencoder& model, const at::Tensor& x,
                              const LabelGroup& group, const at::Tensor& z) {
  const at::Tensor label =
      group.label.defined() ? group.label.expand({z.size(0), -1}) : group.label;
  return at::logsumexp(log_likelihood_of_pairs(model, model.decode(z, label), x), 0);
}

}  // namespace

Expected<at::Tensor> importance_log_likelihood(const Autoencoder& model, const Batch& batch,
                                               int samples, const RowDraws& draws,
                                               const Progress& progress) {
  const at::NoGradGuard no_grad;
  const std::int64_t rows = batch.x.size(0);
  const Posterior all = model.encode(batch.x, batch.label);
  const std::int64_t inputs_at_once =
      std::max(kInputsPerDecode, kRowsPerDecode / std::int64_t{samples});
  const at::Tensor totals = log_of_nothing(rows);  // log Σ w
  for (std::int64_t begin = 0; begin < rows; begin += inputs_at_once) {
    const std::int64_t inputs = std::min(inputs_at_once, rows - begin);
    const Batch piece = rows_of(batch, begin, inputs);
    const Posterior posterior = rows_of(all, begin, inputs);
    std::vector<Random> generators;
    for (std::int64_t i = begin; i < begin + inputs; ++i) {
      generators.emplace_back(draws.seed, draws.stream,
                              draws.counters[static_cast<std::size_t>(i)]);
    }
    at::Tensor total = totals.narrow(0, begin, inputs);
    const std::int64_t draws_at_once = kRowsPerDecode / std::min(inputs, kRowsPerDecode);
    for (std::int64_t done = 0; done < samples; done += draws_at_once) {
      if (!report(progress, (share(done, samples) * static_cast<double>(inputs) +
                             static_cast<double>(begin)) /
                                static_cast<double>(rows))) {
        return fail(tr("estimating the likelihood was cancelled"), ErrorCode::cancelled);
      }
      const std::int64_t count = std::min(draws_at_once, samples - done);
      const at::Tensor weights = log_weights(model, piece, posterior, count, generators);
      at::logaddexp_out(total, total, at::logsumexp(weights.to(at::kDouble), 1));
    }
  }
  return totals - std::log(static_cast<double>(samples));
}

Expected<at::Tensor> prior_log_likelihood(const Autoencoder& model, const Batch& batch, int samples,
                                          std::uint64_t seed, const Progress& progress) {
  const at::NoGradGuard no_grad;
  const at::Tensor totals = log_of_nothing(batch.x.size(0));
  const std::vector<LabelGroup> groups = groups_of(batch);
  std::int64_t groups_done = 0;
  for (const LabelGroup& group : groups) {
    const at::Tensor x = batch.x.index_select(0, group.rows).to(at::kDouble);
    at::Tensor total = log_of_nothing(x.size(0));
    for (std::int64_t done = 0; done < samples; done += kDrawsPerDecode) {
      if (!report(progress, (static_cast<double>(groups_done) + share(done, samples)) /
                                static_cast<double>(groups.size()))) {
        return fail(tr("estimating the likelihood was cancelled"), ErrorCode::cancelled);
      }
      // Each piece of draws has a counter of its own, so that all inputs meet the same.
      const at::Tensor z =
          normal_noise(std::min(kDrawsPerDecode, samples - done), model.spec().latent, seed,
                       Stream::evaluation, kPriorCounter + static_cast<std::uint64_t>(done));
      total = at::logaddexp(total, log_sum_over_draws(model, x, group, z));
    }
    totals.index_copy_(0, group.rows, total);
    ++groups_done;
  }
  return totals - std::log(static_cast<double>(samples));
}

WeightSums::WeightSums(std::int64_t inputs)
    : log_sum(log_of_nothing(inputs)), log_sum_of_squares(log_of_nothing(inputs)) {}

at::Tensor WeightSums::log_likelihood() const {
  return log_sum - std::log(static_cast<double>(samples));
}

at::Tensor WeightSums::effective() const {
  return (2 * log_sum - log_sum_of_squares).exp();
}

GrowingImportance::GrowingImportance(const Autoencoder& model, const Batch& batch,
                                     const Posterior& posterior, const RowDraws& draws)
    : model_(model), batch_(batch), posterior_(posterior), sums_(batch.x.size(0)) {
  for (const std::uint64_t counter : draws.counters) {
    generators_.emplace_back(draws.seed, draws.stream, counter);
  }
}

bool GrowingImportance::grow_to(std::int64_t samples, const Progress& progress) {
  const std::int64_t rows = batch_.x.size(0), wanted = samples - sums_.samples;
  const auto pieces = static_cast<std::size_t>((rows + kInputsPerDecode - 1) / kInputsPerDecode);
  const bool done = by_team(pieces, progress, [&](std::size_t piece) {
    const std::int64_t begin = static_cast<std::int64_t>(piece) * kInputsPerDecode;
    const std::int64_t inputs = std::min(kInputsPerDecode, rows - begin);
    const Batch part = rows_of(batch_, begin, inputs);
    const Posterior posterior = rows_of(posterior_, begin, inputs);
    const auto generators =
        std::span(generators_)
            .subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(inputs));
    at::Tensor sum = sums_.log_sum.narrow(0, begin, inputs);
    at::Tensor squares = sums_.log_sum_of_squares.narrow(0, begin, inputs);
    const std::int64_t at_once = kRowsPerDecode / inputs;
    for (std::int64_t drawn = 0; drawn < wanted; drawn += at_once) {
      const at::Tensor weights =
          log_weights(model_, part, posterior, std::min(at_once, wanted - drawn), generators)
              .to(at::kDouble);
      at::logaddexp_out(sum, sum, at::logsumexp(weights, 1));
      at::logaddexp_out(squares, squares, at::logsumexp(2 * weights, 1));
    }
  });
  sums_.samples = samples;
  return done;
}

GrowingPrior::GrowingPrior(const Autoencoder& model, const Batch& batch, std::uint64_t seed)
    : model_(model),
      x_(batch.x.to(at::kDouble)),
      groups_(groups_of(batch)),
      seed_(seed),
      sums_(batch.x.size(0)) {}

bool GrowingPrior::grow_to(std::int64_t samples, const Progress& progress) {
  const at::NoGradGuard no_grad;
  const std::int64_t from = sums_.samples, wanted = samples - from;
  const auto pieces = static_cast<std::size_t>((wanted + kDrawsPerDecode - 1) / kDrawsPerDecode);
  std::vector<WeightSums> parts(pieces, WeightSums(0));
  const bool done = by_team(pieces, progress, [&](std::size_t piece) {
    const std::int64_t first = from + static_cast<std::int64_t>(piece) * kDrawsPerDecode;
    const at::Tensor z =
        normal_noise(std::min(kDrawsPerDecode, samples - first), model_.spec().latent, seed_,
                     Stream::evaluation, kPriorCounter + static_cast<std::uint64_t>(first));
    WeightSums part(x_.size(0));
    for (const LabelGroup& group : groups_) {
      const at::Tensor label =
          group.label.defined() ? group.label.expand({z.size(0), -1}) : group.label;
      const at::Tensor weights =
          log_likelihood_of_pairs(model_, model_.decode(z, label), x_.index_select(0, group.rows));
      part.log_sum.index_copy_(0, group.rows, at::logsumexp(weights, 0));
      part.log_sum_of_squares.index_copy_(0, group.rows, at::logsumexp(2 * weights, 0));
    }
    parts[piece] = part;
  });
  sums_.samples = samples;
  if (!done) return false;
  for (const WeightSums& part : parts) {  // in their order: the same bits for any team
    sums_.log_sum = at::logaddexp(sums_.log_sum, part.log_sum);
    sums_.log_sum_of_squares = at::logaddexp(sums_.log_sum_of_squares, part.log_sum_of_squares);
  }
  return true;
}

}  // namespace zscape
