#include "engine/eval/annealing.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>

#include "engine/eval/pair_likelihood.h"
#include "engine/eval/rows.h"
#include "engine/eval/team.h"
#include "engine/random.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::int64_t kRowsTogether = 256;  // of a piece, about
constexpr int kLeapfrogs = 6;                // of a move
constexpr int kTuned = 64;                   // places along the way that have step sizes
constexpr std::int64_t kTuningChains = 4;    // of an input
constexpr int kTuningMoves = 2;              // at a place
constexpr double kWantedAcceptance = 0.75;
constexpr double kFirstStep = 0.4, kLargestStep = 1.2, kSmallestStep = 1e-3;
constexpr double kHaste = 0.4;            // how fast the step size follows the acceptance
constexpr double kSmallestSpread = 1e-3;  // of the encoder's σ
constexpr std::int64_t kAtOnce = 8;       // temperatures between two reports
constexpr double kSteepness = 4;          // of the course of β, as Wu et al. have it

// β at a share of the way: slow at both ends (Wu et al. 2017).
double beta_at(double way) {
  const auto sigmoid = [](double a) { return 1 / (1 + std::exp(-a)); };
  const double low = sigmoid(-kSteepness), high = sigmoid(kSteepness);
  return std::clamp((sigmoid(kSteepness * (2 * way - 1)) - low) / (high - low), 0.0, 1.0);
}

double way_of(std::int64_t temperature, std::int64_t temperatures) {
  return static_cast<double>(temperature) / static_cast<double>(temperatures);
}

at::Tensor for_chains(const at::Tensor& values, std::int64_t chains) {  // [n, …] → [n · chains, …]
  return values.repeat_interleave(chains, 0);
}

// The gradient of log p(x|z) by the decoder's outputs: [n, s, d]; x: [n, 1, d].
at::Tensor output_gradient(const Autoencoder& model, const at::Tensor& outputs,
                           const at::Tensor& x) {
  const ModelSpec& spec = model.spec();
  if (spec.likelihood == Likelihood::bernoulli) {
    at::Tensor gradient = at::sigmoid(outputs);
    return at::sub_out(gradient, x, gradient);
  }
  const at::Tensor predicted = model.reconstruction(outputs);
  const at::Tensor gradient = (x - predicted) / (spec.sigma * spec.sigma);
  return spec.has_sigmoid() ? gradient * predicted * (1 - predicted) : gradient;
}

tl::unexpected<Error> cancelled() {
  return fail(tr("estimating the likelihood was cancelled"), ErrorCode::cancelled);
}

}  // namespace

Annealing::Annealing(const Autoencoder& model, const Batch& batch, const Posterior& posterior,
                     const Settings& settings)
    : model_(model), settings_(settings), inputs_(batch.x.size(0)) {
  const at::NoGradGuard no_grad;
  const std::int64_t most = std::max<std::int64_t>(1, kRowsTogether / settings.chains);
  const std::int64_t count = (inputs_ + most - 1) / most;
  const at::Tensor spread =
      posterior.log_variance.exp().clamp(kSmallestSpread * kSmallestSpread, 1).nan_to_num(1);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t first = inputs_ * i / count, end = inputs_ * (i + 1) / count;
    const auto part = [&](const at::Tensor& all) {
      return all.defined() ? all.narrow(0, first, end - first).contiguous() : all;
    };
    pieces_.push_back({first, end - first, part(batch.x), part(batch.label), part(spread), {}});
  }
}

std::uint64_t Annealing::counter(Phase phase, std::int64_t temperatures, std::size_t piece,
                                 std::int64_t temperature) const {
  constexpr unsigned kTemperature = 24, kPiece = 14, kTemperatures = 6, kPhase = 2;  // bits
  std::uint64_t result = settings_.number;
  result = result << kPhase | static_cast<std::uint64_t>(phase);
  result = result << kTemperatures |
           static_cast<std::uint64_t>(std::bit_width(static_cast<std::uint64_t>(temperatures)));
  result = result << kPiece | piece;
  result = result << kTemperature | static_cast<std::uint64_t>(temperature);
  return kAnnealingCounter + result;
}

at::Tensor Annealing::prior_draws(const Piece& piece, std::int64_t chains,
                                  std::uint64_t counter) const {
  return normal_noise(piece.inputs * chains, model_.spec().latent, settings_.seed,
                      Stream::evaluation, counter);
}

Annealing::Chains Annealing::at_places(const Piece& piece, const at::Tensor& z, std::int64_t chains,
                                       bool scores) const {
  const at::AutoGradMode with_gradient(true);
  const at::Tensor place = z.detach().requires_grad_(true);
  const at::Tensor label = piece.label.defined() ? for_chains(piece.label, chains) : piece.label;
  const at::Tensor outputs = model_.decode(place, label);
  const at::Tensor seen = outputs.detach().view({piece.inputs, chains, -1});
  Chains result{place.detach(), {}, {}};
  {
    const at::NoGradGuard no_grad;
    const at::Tensor gradient = output_gradient(model_, seen, piece.x.unsqueeze(1));
    if (scores) {
      result.log_likelihood =
          log_likelihood_of_draws(model_, seen.clone(), piece.x).flatten().to(at::kDouble);
    }
    outputs.backward(gradient.view_as(outputs), /*retain_graph=*/false, /*create_graph=*/false,
                     at::TensorList({place}));
  }
  result.gradient = place.grad();
  return result;
}

at::Tensor Annealing::move(const Piece& piece, Chains& chains, double beta, const at::Tensor& step,
                           std::uint64_t counter) const {
  const std::int64_t rows = chains.z.size(0), latent = chains.z.size(1);
  const std::int64_t each = rows / piece.inputs;
  Random random(settings_.seed, Stream::evaluation, counter);
  const at::Tensor start = at::empty({rows, latent});
  random.fill_normal({start.data_ptr<float>(), static_cast<std::size_t>(rows * latent)});
  const at::Tensor chance = at::empty({rows}, at::kDouble), jitter = at::empty({rows, 1});
  for (std::int64_t i = 0; i < rows; ++i) {
    chance.data_ptr<double>()[i] = random.uniform();
    // Paths of one length would come back to where they began where the posterior is Gaussian.
    jitter.data_ptr<float>()[i] = static_cast<float>(0.5 + 0.5 * random.uniform());
  }
  // Near β = 1 the chains move as far as the encoder's σ, near 0 as the prior's.
  const at::Tensor scale = (1 + beta * (piece.squared_spread.reciprocal() - 1)).rsqrt();  // [n, k]
  const at::Tensor stride = for_chains(scale * step.unsqueeze(1), each) * jitter;

  const auto energy = [&](const Chains& of, const at::Tensor& momentum) {
    const at::Tensor squares = at::cat({of.z, momentum}, 1).to(at::kDouble).square().sum(1);
    return 0.5 * squares - beta * of.log_likelihood;
  };
  const auto pull = [&](const Chains& of) { return stride * (beta * of.gradient - of.z); };
  at::Tensor momentum = start + 0.5 * pull(chains);
  Chains proposed = chains;
  for (int i = 0; i < kLeapfrogs; ++i) {
    const bool is_last = i + 1 == kLeapfrogs;
    proposed = at_places(piece, proposed.z + stride * momentum, each, is_last);
    momentum = momentum + (is_last ? 0.5 : 1.0) * pull(proposed);
  }
  const at::Tensor odds =
      (energy(chains, start) - energy(proposed, momentum)).clamp_max(0).exp().nan_to_num(0);
  const at::Tensor accepted = chance.lt(odds);  // never where a path ran off to infinity
  const at::Tensor rowwise = accepted.unsqueeze(1);
  chains.z = at::where(rowwise, proposed.z, chains.z);
  chains.gradient = at::where(rowwise, proposed.gradient, chains.gradient);
  chains.log_likelihood = at::where(accepted, proposed.log_likelihood, chains.log_likelihood);
  return odds.view({piece.inputs, each}).mean(1);
}

at::Tensor Annealing::step_at(const Piece& piece, double way) const {
  const double place = std::clamp(way, 0.0, 1.0) * kTuned;
  const auto before = std::min(static_cast<std::int64_t>(place), std::int64_t{kTuned} - 1);
  const double share = place - static_cast<double>(before);
  const at::Tensor steps =
      at::from_blob(const_cast<float*>(piece.steps.data()), {kTuned + 1, piece.inputs});
  return steps[before] * (1 - share) + steps[before + 1] * share;
}

bool Annealing::tune(const Progress& progress) {
  std::vector<Chains> chains(pieces_.size());
  std::vector<at::Tensor> step(pieces_.size());
  for (std::int64_t first = 0; first <= kTuned; first += kAtOnce) {
    if (!report(progress, way_of(first, kTuned))) return false;
    const bool done = by_team(pieces_.size(), {}, [&](std::size_t i) {
      Piece& piece = pieces_[i];
      if (first == 0) {
        chains[i] = at_places(
            piece, prior_draws(piece, kTuningChains, counter(Phase::tuning, kTuned, i, 0)),
            kTuningChains);
        step[i] = at::full({piece.inputs}, kFirstStep);
      }
      for (std::int64_t t = first; t < std::min<std::int64_t>(first + kAtOnce, kTuned + 1); ++t) {
        const double beta = beta_at(way_of(t, kTuned));
        for (std::int64_t move_number = 0; move_number < kTuningMoves; ++move_number) {
          const at::Tensor odds =
              move(piece, chains[i], beta, step[i],
                   counter(Phase::tuning, kTuned, i, 1 + t * kTuningMoves + move_number));
          const at::Tensor towards = ((odds - kWantedAcceptance) * kHaste).exp().to(at::kFloat);
          step[i] = (step[i] * towards).clamp(kSmallestStep, kLargestStep);
        }
        append(piece.steps, step[i]);
      }
    });
    if (!done) return false;
  }
  return true;
}

Expected<at::Tensor> Annealing::log_weights(std::int64_t temperatures,
                                            const Progress& progress) const {
  const at::NoGradGuard no_grad;
  TORCH_CHECK(!pieces_.front().steps.empty(), "annealing needs tuned steps");
  std::vector<Chains> chains(pieces_.size());
  std::vector<at::Tensor> weights(pieces_.size());
  for (std::int64_t first = 1; first <= temperatures; first += kAtOnce) {
    if (!report(progress, way_of(first - 1, temperatures))) return cancelled();
    by_team(pieces_.size(), {}, [&](std::size_t i) {
      const Piece& piece = pieces_[i];
      if (first == 1) {
        const std::uint64_t place = counter(Phase::forward, temperatures, i, 0);
        chains[i] = at_places(piece, prior_draws(piece, settings_.chains, place), settings_.chains);
        weights[i] = at::zeros({piece.inputs * settings_.chains}, at::kDouble);
      }
      for (std::int64_t t = first; t < std::min(first + kAtOnce, temperatures + 1); ++t) {
        const double way = way_of(t, temperatures), beta = beta_at(way);
        const double rise = beta - beta_at(way_of(t - 1, temperatures));
        weights[i] = weights[i] + rise * chains[i].log_likelihood;
        if (t == temperatures) break;
        move(piece, chains[i], beta, step_at(piece, way),
             counter(Phase::forward, temperatures, i, t));
      }
    });
  }
  return at::cat(weights).view({inputs_, settings_.chains});
}

Expected<at::Tensor> Annealing::reverse_log_weights(std::int64_t temperatures, const at::Tensor& z,
                                                    const Progress& progress) const {
  const at::NoGradGuard no_grad;
  TORCH_CHECK(!pieces_.front().steps.empty(), "annealing needs tuned steps");
  std::vector<Chains> chains(pieces_.size());
  std::vector<at::Tensor> weights(pieces_.size());
  for (std::int64_t last = temperatures; last >= 1; last -= kAtOnce) {
    if (!report(progress, 1 - way_of(last, temperatures))) return cancelled();
    by_team(pieces_.size(), {}, [&](std::size_t i) {
      const Piece& piece = pieces_[i];
      if (last == temperatures) {
        chains[i] = at_places(piece, z.narrow(0, piece.first, piece.inputs), 1);
        weights[i] = at::zeros({piece.inputs}, at::kDouble);
      }
      for (std::int64_t t = last; t > std::max<std::int64_t>(last - kAtOnce, 0); --t) {
        const double before = way_of(t - 1, temperatures), beta = beta_at(before);
        weights[i] =
            weights[i] + (beta_at(way_of(t, temperatures)) - beta) * chains[i].log_likelihood;
        if (t == 1) break;
        move(piece, chains[i], beta, step_at(piece, before),
             counter(Phase::reverse, temperatures, i, t));
      }
    });
  }
  return at::cat(weights);
}

std::int64_t Annealing::decodings(std::int64_t temperatures) const {
  return settings_.chains * ((temperatures - 1) * kLeapfrogs + 1);
}

}  // namespace zscape
