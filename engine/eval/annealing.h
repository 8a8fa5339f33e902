#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "engine/error.h"
#include "engine/model/autoencoder.h"
#include "engine/model/batch.h"
#include "engine/progress.h"

namespace zscape {

// Annealed importance sampling of log p(x) (Neal 2001; Wu et al. 2017): each chain begins with a
// draw of the prior and follows p(z) p(x|z)^β from β = 0 to 1 by Hamiltonian Monte Carlo. Its
// weight is an unbiased estimate of p(x) whatever the encoder says, so that log of a mean of
// weights is a lower bound of log p(x) in expectation. Works with the calling thread's team; the
// seed alone decides the numbers.
class Annealing {
 public:
  struct Settings {
    int chains = 8;  // of an input
    std::uint64_t seed = 0;
    std::uint64_t number = 0;  // of this use of the seed, below 2
  };

  // posterior: the encoder's, whose σ only scales the steps. The model must outlive it.
  Annealing(const Autoencoder& model, const Batch& batch, const Posterior& posterior,
            const Settings& settings);

  // Finds step sizes for each input along the way by chains of their own, so that those of the
  // estimates are unbiased. Once, before the estimates; false: cancelled.
  bool tune(const Progress& progress);

  // log w of each chain, [N, chains], float64: a power of two of temperatures, ≥ 2.
  Expected<at::Tensor> log_weights(std::int64_t temperatures, const Progress& progress) const;

  // log w of one chain from the posterior back to the prior, [N], float64: E log(1/w) ≥ −log p(x).
  // z: [N, k], a draw of the true posterior of each input (Grosse et al. 2015).
  Expected<at::Tensor> reverse_log_weights(std::int64_t temperatures, const at::Tensor& z,
                                           const Progress& progress) const;

  // Of one input and all its chains, by log_weights().
  std::int64_t decodings(std::int64_t temperatures) const;

 private:
  // Inputs whose chains are moved together.
  struct Piece {
    std::int64_t first = 0, inputs = 0;
    at::Tensor x;               // [n, d]
    at::Tensor label;           // one-hot [n, c], or undefined
    at::Tensor squared_spread;  // [n, k], σ² of the encoder
    std::vector<float> steps;   // [kTuned + 1, n], the step sizes along the way
  };
  enum class Phase { tuning, forward, reverse };

  // Chains of a piece: [rows, …], those of an input one after the other.
  struct Chains {
    at::Tensor z;               // [rows, k]
    at::Tensor log_likelihood;  // [rows], float64: log p(x|z)
    at::Tensor gradient;        // [rows, k], of log p(x|z)
  };

  // scores: log p(x|z) too.
  Chains at_places(const Piece& piece, const at::Tensor& z, std::int64_t chains,
                   bool scores = true) const;
  // Moves the chains by HMC at one β. step: [n]. Returns the chance of acceptance, [n].
  at::Tensor move(const Piece& piece, Chains& chains, double beta, const at::Tensor& step,
                  std::uint64_t counter) const;
  at::Tensor step_at(const Piece& piece, double way) const;  // [n]
  std::uint64_t counter(Phase phase, std::int64_t temperatures, std::size_t piece,
                        std::int64_t temperature) const;
  at::Tensor prior_draws(const Piece& piece, std::int64_t chains, std::uint64_t counter) const;

  const Autoencoder& model_;
  const Settings settings_;
  std::int64_t inputs_;
  std::vector<Piece> pieces_;
};

}  // namespace zscape
