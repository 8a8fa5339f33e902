#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/model_spec.h"
#include "engine/progress.h"

namespace zscape {

using Indices = std::shared_ptr<const std::vector<std::int64_t>>;

// Where some inputs lie in latent space. Immutable.
struct Codes {
  SplitName split = SplitName::train;
  int latent = 0;              // k
  Indices indices;             // [n]: which rows of the split; the same pointer while unchanged
  std::vector<float> mean;     // [n, k]
  std::vector<float> sigma;    // [n, k]; empty for kinds without a prior
  std::int64_t step = 0;       // of the weights that made them
  std::uint64_t revision = 0;  // likewise: FrozenModel::revision()

  std::int64_t count() const { return indices ? static_cast<std::int64_t>(indices->size()) : 0; }
};
using CodesPtr = std::shared_ptr<const Codes>;

// Mean losses per input, in nats (the mean squared error excepted).
struct Losses {
  double loss = 0;  // reconstruction + λ · kl
  double reconstruction = 0;
  double kl = 0;   // NaN for kinds without a prior
  double mse = 0;  // per pixel, with z = μ; only evaluations fill it
};

inline constexpr Losses kNotMeasured = {
    std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN(),
    std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};

// The figures of `zscape eval`; absent where a model has no such figure.
struct Figures {
  std::int64_t images = 0;
  double reconstruction = 0;  // one sampled z
  std::optional<double> kl;
  std::optional<double> elbo;            // λ = 1
  std::optional<double> log_likelihood;  // importance estimate (Burda et al. 2016)
  double mse = 0;                        // per pixel, z = μ
  std::optional<int> active_units;       // variance of μ_i over the inputs above 0.01
  std::optional<double> knn_accuracy;    // k = 10 on μ, the training split as reference
  std::optional<double> aggregate_kl;    // moment-matched Gaussian of the codes to N(0, I)
};

// The weights of a model at one moment, never changed again. Any thread may use it; a thread that
// does must have set its ATen thread count (Backend::enter_thread). Holds a copy of its own, so
// that training goes on meanwhile. Results are the same bits for the same thread count.
class FrozenModel {
 public:
  virtual ~FrozenModel() = default;

  virtual const ModelSpec& spec() const = 0;
  virtual std::int64_t step() const = 0;       // optimisation steps behind these weights
  virtual std::uint64_t revision() const = 0;  // differs for different weights

  // z: [n, k], labels: [n] for cvae, else empty; pictures: [n, d], each in [0, 1].
  virtual void decode(std::span<const float> z, std::span<const int> labels,
                      std::span<float> pictures) const = 0;

  // μ and σ of rows of a split, in the order of indices. data must fit spec().
  virtual Expected<Codes> encode(const Dataset& data, SplitName split, const Indices& indices,
                                 const Progress& progress = {}) const = 0;

  // Test losses over rows of a split (null: all) with one sampled z and this λ. z is drawn from
  // the evaluation stream of the seed.
  virtual Expected<Losses> evaluate(const Dataset& data, SplitName split, const Indices& indices,
                                    double kl_weight, std::uint64_t seed,
                                    const Progress& progress = {}) const = 0;

  // All figures of `zscape eval` over a whole split.
  virtual Expected<Figures> figures(const Dataset& data, SplitName split, int importance_samples,
                                    std::uint64_t seed, const Progress& progress = {}) const = 0;
};
using FrozenModelPtr = std::shared_ptr<const FrozenModel>;

}  // namespace zscape
