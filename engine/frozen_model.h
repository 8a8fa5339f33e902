#pragma once

#include <cstddef>
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
  double mse = 0;  // per input, with z = μ; only evaluations fill it
};

inline constexpr Losses kNotMeasured = {
    std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN(),
    std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};

// The figures of `zscape eval`; absent where a model has no such figure.
struct Figures {
  std::int64_t images = 0;
  double reconstruction = 0;  // one sampled z
  std::optional<double> kl;
  std::optional<double> elbo;  // λ = 1
  std::optional<double> elbo_standard_error;
  std::optional<double> log_likelihood;        // importance estimate (Burda et al. 2016)
  std::optional<double> log_likelihood_prior;  // prior estimate, with as many samples
  double mse = 0;                              // per input, z = μ
  std::optional<int> active_units;             // variance of μ_i over the inputs above 0.01
  std::vector<double> kl_per_dimension;        // [k]; empty without a prior
  std::optional<double> knn_accuracy;          // k = 10 on μ, the training split as reference
  std::optional<double> silhouette;            // of 2,000 seeded codes, by label
  std::optional<double> aggregate_kl;          // moment-matched Gaussian of the codes to N(0, I)
};

// How losses and figures are to be taken.
struct EvaluationSettings {
  double kl_weight = 1;        // λ of Losses::loss
  std::uint64_t seed = 0;      // of the evaluation stream, the only one drawn from
  std::optional<Noise> noise;  // corrupts what any kind reads; targets stay clean
};

// Pictures of inputs and of what a model makes of them: [n, d] each, in [0, 1].
struct Reconstructions {
  std::vector<float> target;  // what the output is compared with
  std::vector<float> seen;    // what the encoder read: corrupted (dae), patches hidden (mae)
  std::vector<float> output;  // z = μ; mae: the visible part as it is, the hidden part restored
};

// A classifier on few labels (DESIGN.md, `classify`).
struct FewLabels {
  enum class Mode {
    frozen,    // the encoder as it is, a shallow classifier on its codes
    finetune,  // encoder and classifier trained together, from these weights
    scratch,   // the same from random weights
  };
  Mode mode = Mode::frozen;
  int labels = 100;  // in all, as many of each class; at least one of each
  int draws = 10;    // ≥ 1; the i-th draw holds the same inputs for every mode and model
  std::uint64_t seed = 0;
};

struct FewLabelAccuracy {
  std::vector<double> accuracies;  // [draws], share of the test split that is right, in [0, 1]
  double mean() const;
  double standard_deviation() const;  // of the draws (n − 1); 0 for one draw
};

// The weights of a model at one moment, never changed again. Any thread may use it; a thread that
// does must have set its ATen thread count (Backend::enter_thread). Holds a copy of its own, so
// that training goes on meanwhile. Results are the same bits for the same thread count. data must
// fit spec(); what takes a progress ends with ErrorCode::cancelled where it says stop.
class FrozenModel {
 public:
  virtual ~FrozenModel() = default;

  virtual const ModelSpec& spec() const = 0;
  virtual std::int64_t step() const = 0;       // optimisation steps behind these weights
  virtual std::uint64_t revision() const = 0;  // differs for different weights
  virtual std::size_t bytes() const = 0;       // of memory that the weights take

  // The decoder of these weights at half precision, for a history of many; step and revision stay.
  // decode() decodes; whatever needs the encoder ends with an Error.
  virtual std::shared_ptr<const FrozenModel> decoder_alone() const = 0;

  // Share of the training split's variance along each axis of pca, falling; empty for other kinds.
  virtual std::span<const double> explained_variance() const = 0;

  // z: [n, k], labels: [n] for cvae, else empty; pictures: [n, d], each in [0, 1]. Where the spec
  // has a scaling, 0.5 stands for an input's mean and the ends for three deviations from it.
  virtual void decode(std::span<const float> z, std::span<const int> labels,
                      std::span<float> pictures) const = 0;

  // μ and σ of rows of a split, in the order of indices (null: all).
  virtual Expected<Codes> encode(const Dataset& data, SplitName split, const Indices& indices,
                                 const Progress& progress = {}) const = 0;

  virtual Expected<Reconstructions> reconstruct(const Dataset& data, SplitName split,
                                                const Indices& indices,
                                                std::uint64_t seed) const = 0;

  // Test losses over rows of a split (null: all) with one sampled z.
  virtual Expected<Losses> evaluate(const Dataset& data, SplitName split, const Indices& indices,
                                    const EvaluationSettings& settings,
                                    const Progress& progress = {}) const = 0;

  // All figures of `zscape eval` over a whole split.
  virtual Expected<Figures> figures(const Dataset& data, SplitName split, int importance_samples,
                                    const EvaluationSettings& settings,
                                    const Progress& progress = {}) const = 0;

  virtual Expected<FewLabelAccuracy> classify(const Dataset& data, const FewLabels& task,
                                              const Progress& progress = {}) const = 0;

  // The shortest path between two codes as the decoder's output measures it, [points, k]: ends
  // fixed, Σ ‖x̂(z_{t+1}) − x̂(z_t)‖² minimised from the straight line on, and never above its.
  // points ≥ 2. label: of a cvae, else ignored.
  virtual Expected<std::vector<float>> geodesic(std::span<const float> from,
                                                std::span<const float> to, int label, int points,
                                                const Progress& progress = {}) const = 0;
};
using FrozenModelPtr = std::shared_ptr<const FrozenModel>;

}  // namespace zscape
