#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/codes.h"
#include "engine/kl_split.h"

namespace zscape {

// What acts in latent space, for the layers that say why codes are where they are. Plain values, of
// k latent dimensions. Losses are in nats per input; those of MSE in its own unit.

// The pull of the reconstruction at the codes of some inputs. That of the prior is −λμ on the mean
// and −λ(σ − 1/σ) on the deviation; it needs no measuring.
struct Forces {
  SplitName split = SplitName::train;
  int latent = 0;
  Indices rows;                   // [n] of the split, rising
  std::vector<float> mean;        // [n, k]
  std::vector<float> sigma;       // [n, k]; empty for kinds without a prior
  std::vector<float> pull_mean;   // [n, k] −∂ E_q[reconstruction loss] / ∂μ
  std::vector<float> pull_sigma;  // [n, k] −∂ E_q[reconstruction loss] / ∂σ; empty likewise
  std::uint64_t revision = 0;     // of the weights
  std::int64_t step = 0;          // likewise

  std::int64_t count() const { return rows ? static_cast<std::int64_t>(rows->size()) : 0; }
};

// The sum of both pulls, averaged over the inputs. The encoder's last bias has it as its gradient,
// so that it vanishes where training has converged.
struct MeanForce {
  std::vector<double> mean;            // [k] on μ
  std::vector<double> standard_error;  // [k] by the choice of inputs
  std::vector<double> breathing;       // [k] on σ, times σ: on log σ; empty without a prior
  double length = 0;                   // of `mean`
  double typical = 0;                  // the mean length of the sum at an input
};
MeanForce mean_force(const Forces& forces, double kl_weight);

// Places of a plane of latent space, or of a line: z = origin + a · directions[0] + b ·
// directions[1] with a = left + column · step and b = low + row · step.
struct PlaneGrid {
  std::vector<float> origin;      // [k]
  std::vector<float> directions;  // [m, k], orthonormal; m = 1 or 2
  float left = 0, low = 0;
  float step = 1;  // > 0
  int columns = 0;
  int rows = 1;  // 1 of a line

  int latent() const { return static_cast<int>(origin.size()); }
  int axes() const {
    return origin.empty() ? 0 : static_cast<int>(directions.size() / origin.size());
  }
  std::size_t count() const {
    return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows);
  }
  std::array<float, 2> place(std::size_t at) const;  // row by row, the lowest first
  std::vector<float> z() const;                      // [count, k]

  bool operator==(const PlaneGrid&) const = default;
};

enum class PlaneMeasure {
  round_trip,  // where the encoder reads the picture of z: z → x̂ → μ(x̂), σ(x̂)
  stretch,     // JᵀJ of the decoder along the plane's directions; J = ∂x̂/∂z
  mismatch,    // log q(z) − log p(z), in the plane's coordinates (the others are integrated out)
};

struct PlaneQuestion {
  PlaneMeasure measure = PlaneMeasure::stretch;
  PlaneGrid grid;
  int label = 0;           // of cvae, else ignored
  CodesPtr codes = {};     // of mismatch: they make up q(z)
  int prior_draws = 0;     // of round_trip: behind the share that comes back; 0: none
  std::uint64_t seed = 0;  // of them

  bool operator==(const PlaneQuestion&) const = default;
};

// The share of the prior's mass that comes back: the root of the mean over the dimensions of
// ((z − μ(x̂)) / σ(x̂))² is 1 at most.
struct HomeShare {
  std::int64_t draws = 0;
  double share = 0;           // in [0, 1]
  double standard_error = 0;  // by the choice of draws
};

// The answer to a PlaneQuestion.
struct PlaneField {
  PlaneQuestion asked;
  std::uint64_t revision = 0;      // of the weights, or of the codes
  std::int64_t step = 0;           // likewise
  std::vector<float> mean, sigma;  // [count, k] of round_trip; σ empty without a prior
  std::optional<HomeShare> home;   // of round_trip, with a prior
  std::vector<double> metric;      // [count, m, m] of stretch
  std::vector<float> log_ratio;    // [count] of mismatch, in nats
};
using PlaneFieldPtr = std::shared_ptr<const PlaneField>;

// √det of a metric [m, m]: how many times as large pictures of a small area are; m = 1 or 2.
double stretch_of(std::span<const double> metric);

struct ForcesQuestion {
  SplitName split = SplitName::train;
  Indices rows;  // rising

  bool operator==(const ForcesQuestion&) const = default;
};

// How long the shortest ways between codes are, beside the straight ones: pairs of them, drawn by
// the seed.
struct LengthsQuestion {
  CodesPtr codes;
  int label = 0;  // of cvae, else ignored
  int pairs = 500;
  std::uint64_t seed = 0;
};

// Lengths in the decoder's output of the shortest path between two codes and of the picture of the
// straight line. Both stay as they are when latent space is mapped linearly.
struct PathLengths {
  std::vector<double> shortest, straight;  // [pairs]
  int points = 0;                          // of each path
  std::uint64_t revision = 0;              // of the weights
  std::int64_t step = 0;                   // likewise
};

// The split of the KL term over these codes, which have σ.
struct SplitQuestion {
  CodesPtr codes;
  int draws = 2000;  // ≥ 2
  std::uint64_t seed = 0;
};
struct SplitOfCodes {
  KlSplit split;
  CodesPtr codes;  // as asked
};

using FieldQuestion = std::variant<PlaneQuestion, ForcesQuestion, LengthsQuestion, SplitQuestion>;

// The newest answers of one run; null: never asked. In ModelView.
struct LatentFields {
  std::shared_ptr<const Forces> forces;
  PlaneFieldPtr trips;  // of round_trip
  PlaneFieldPtr field;  // of the other measures
  std::shared_ptr<const PathLengths> lengths;
  std::shared_ptr<const SplitOfCodes> split;
};

}  // namespace zscape
