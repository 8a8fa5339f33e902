#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/codes.h"
#include "engine/dataset.h"
#include "engine/decoder.h"
#include "engine/error.h"
#include "engine/figures.h"
#include "engine/model_spec.h"
#include "engine/progress.h"

namespace zscape {

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

// Losses summed over inputs, so that a mean over many can be taken in slices.
struct LossSums {
  Losses losses;
  std::int64_t inputs = 0;

  void add(const Losses& means, std::int64_t count);
  Losses means() const;                  // NaN of no input
  Losses means(double kl_weight) const;  // the loss by this λ
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

// A classifier on few labels (docs/DESIGN.md, `classify`).
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

// The weights of a model at one moment, never changed again: a decoder that has its encoder too.
// Holds a copy of its own, so that training goes on meanwhile. Results are the same bits for the
// same thread count. data must fit spec(); what takes a progress ends with ErrorCode::cancelled
// where it says stop.
class FrozenModel : public Decoder {
 public:
  virtual const ModelSpec& spec() const = 0;
  virtual std::int64_t step() const = 0;  // optimisation steps behind these weights

  int latent() const final { return spec().latent; }
  ImageShape shape() const final { return spec().shape; }
  int classes() const final { return spec().classes; }

  // The decoder of these weights in half the memory, for a history of many; revision stays.
  virtual DecoderPtr half_precision_decoder() const = 0;

  // Share of the training split's variance along each axis of pca, falling; empty for other kinds.
  virtual std::span<const double> explained_variance() const = 0;

  // μ and σ of rows of a split, in the order of indices (null: all).
  virtual Expected<Codes> encode(const Dataset& data, SplitName split, const Indices& indices,
                                 const Progress& progress = {}) const = 0;

  virtual Expected<Reconstructions> reconstruct(const Dataset& data, SplitName split,
                                                const Indices& indices,
                                                std::uint64_t seed) const = 0;

  // Test losses over rows of a split (null: all) with one sampled z.
  Expected<Losses> evaluate(const Dataset& data, SplitName split, const Indices& indices,
                            const EvaluationSettings& settings) const;

  // The same in slices: adds the losses of the rows behind those that are in `sums` already, until
  // all are or progress says stop. The sums are the same bits however often it stops.
  virtual Expected<LossSums> add_losses(const LossSums& sums, const Dataset& data, SplitName split,
                                        const Indices& indices, const EvaluationSettings& settings,
                                        const Progress& progress) const = 0;

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
