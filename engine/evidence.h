#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// A normal distribution over one or two latent dimensions; of one, the rest is 0.
struct LatentGaussian {
  std::array<double, 2> mean{};
  std::array<double, 3> covariance{};  // xx, xy, yy
};

// The smallest part of latent space that holds so much of the posterior's mass.
struct PosteriorRegion {
  double mass = 0;           // 0.5: half of it
  double log_threshold = 0;  // log p(x, z) on its border, nats
  // Two dimensions: corners of triangles that fill it, [n, 3, 2], and closed lines around it, each
  // [n, 2] without its first corner again.
  std::vector<float> triangles;
  std::vector<std::vector<float>> outlines;
  // One dimension: its parts, from … to, rising.
  std::vector<std::array<double, 2>> intervals;
};

// What is true of one input under a model with one or two latent dimensions: the posterior p(z|x),
// log p(x), and how far below it the ELBO of the encoder's Gaussian lies (Cremer et al. 2018):
//   log p(x) = elbo + amortisation_gap + approximation_gap.
// Nats. Immutable.
struct Evidence {
  std::uint64_t request = 0;   // FindEvidence::number
  std::uint64_t revision = 0;  // of the weights
  std::int64_t step = 0;       // of the weights, without those before this run
  int latent = 0;              // 1 or 2

  double log_likelihood = 0;          // log p(x); for cvae log p(x | label)
  double error = 0;                   // of it, estimated
  double elbo = 0;                    // of the encoder's q(z|x), by quadrature
  double amortisation_gap = 0;        // to the best diagonal Gaussian
  double approximation_gap = 0;       // from that to log p(x)
  double full_approximation_gap = 0;  // from the best Gaussian of any covariance to log p(x)

  LatentGaussian encoder, best_diagonal, best_full;
  std::vector<PosteriorRegion> regions;  // of 95 % and of 50 % of the mass, the larger one first
  // One dimension: p(z|x) where it is not all but 0, z rising.
  std::vector<float> curve_z, curve_density;

  double milliseconds = 0;  // that it took
  // For so long the next answer is of these weights too, while the model trains: newer ones take
  // time from training.
  double settled_ms = 0;
};
using EvidencePtr = std::shared_ptr<const Evidence>;

// Looks at inputs through unchanging weights, whose decoder's outputs it keeps: the first look
// takes long, each other some milliseconds. One thread at a time, after Backend::enter_thread().
class EvidenceLens {
 public:
  virtual ~EvidenceLens() = default;
  virtual std::uint64_t revision() const = 0;  // of the weights

  // One row of a split that fits the model. seed: of dynamic binarisation.
  virtual Expected<Evidence> look(const Dataset& data, SplitName split, std::int64_t index,
                                  std::uint64_t seed, const Progress& progress) = 0;
};

}  // namespace zscape
