#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/certificate.h"
#include "engine/codes.h"
#include "engine/dataset.h"
#include "engine/decoder.h"
#include "engine/error.h"
#include "engine/evidence.h"
#include "engine/figures.h"
#include "engine/input_gaps.h"
#include "engine/input_jacobian.h"
#include "engine/latent_fields.h"
#include "engine/model_spec.h"
#include "engine/progress.h"

namespace zscape {

struct Measured;         // measures.h
struct MeasureRequest;   // likewise
struct MeasureSettings;  // likewise

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

// Losses summed over inputs, so that a mean can be computed in slices.
struct LossSums {
  Losses losses;
  std::int64_t inputs = 0;

  void add(const Losses& means, std::int64_t count);
  Losses means() const;                  // NaN without inputs
  Losses means(double kl_weight) const;  // with the loss for this λ
};

struct EvaluationSettings {
  double kl_weight = 1;        // λ of Losses::loss
  std::uint64_t seed = 0;      // of the evaluation stream, the only one used
  std::optional<Noise> noise;  // corrupts what any kind reads; targets stay clean
  // Figures::exact too, with the gaps of so many inputs. Only a prior of one or two dimensions.
  std::optional<std::int64_t> exact_gap_inputs = {};
};

// Pictures of inputs and their reconstructions: [n, d] each, in [0, 1].
struct Reconstructions {
  std::vector<float> target;   // what the output is compared with
  std::vector<float> seen;     // what the encoder read: corrupted (dae), patches hidden (mae)
  std::vector<float> output;   // z = μ; mae: the visible part as it is, the hidden part restored
  std::vector<double> values;  // the output in the data's own units, not clamped
};

// A classifier on few labels (docs/DESIGN.md, `classify`).
struct FewLabels {
  enum class Mode {
    frozen,    // a shallow classifier on the codes of the unchanged encoder
    finetune,  // encoder and classifier trained together from these weights
    scratch,   // the same from random weights
  };
  Mode mode = Mode::frozen;
  int labels = 100;  // in all, equally many of each class and at least one
  int draws = 10;    // ≥ 1; the i-th draw holds the same inputs for every mode and model
  std::uint64_t seed = 0;
};

struct FewLabelAccuracy {
  std::vector<double> accuracies;  // [draws], share of the test split classified correctly
  double mean() const;
  double standard_deviation() const;  // of the draws (n − 1); 0 for one draw
};

// An immutable copy of a model's weights at one moment, so that training can go on: a decoder with
// its encoder. The same thread count gives the same bits. data must fit spec(). A function with a
// progress can be cancelled by it.
class FrozenModel : public Decoder {
 public:
  virtual const ModelSpec& spec() const = 0;
  virtual std::int64_t step() const = 0;  // optimisation steps behind these weights

  int latent() const final { return spec().latent; }
  ImageShape shape() const final { return spec().shape; }
  int classes() const final { return spec().classes; }

  // What decode() shows as pictures in the data's own units, not clamped: [n, d].
  virtual std::vector<double> decode_values(std::span<const float> z,
                                            std::span<const int> labels) const = 0;

  // The decoder in half the memory, for a history of many; it keeps the revision.
  virtual DecoderPtr half_precision_decoder() const = 0;

  // pca: the share of the training variance along each axis, falling; other kinds: empty.
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

  // The same in slices: adds the losses of the rows that are not in `sums` yet, until all are or
  // progress says stop. The number of stops does not change the bits.
  virtual Expected<LossSums> add_losses(const LossSums& sums, const Dataset& data, SplitName split,
                                        const Indices& indices, const EvaluationSettings& settings,
                                        const Progress& progress) const = 0;

  // All figures of `zscape eval` over a whole split.
  virtual Expected<Figures> figures(const Dataset& data, SplitName split, int importance_samples,
                                    const EvaluationSettings& settings,
                                    const Progress& progress = {}) const = 0;

  // How well log p(x) of a split is known. listen may be empty. Fails for a model without p(x|z)
  // and a prior, saying so.
  virtual Expected<Certificate> certify(const Dataset& data, SplitName split,
                                        const CertificateSettings& settings,
                                        const CertificateListener& listen,
                                        const Progress& progress = {}) const;
  // Both gaps of rows of a split, rising. Fails where why_no_exact_likelihood() says so. seed: of
  // the evaluation stream. before: of the same split by earlier weights, from whose best Gaussians
  // the search begins too; null: none.
  virtual Expected<InputGaps> gaps(const Dataset& data, SplitName split, const Indices& indices,
                                   std::uint64_t seed, const InputGapsPtr& before,
                                   const Progress& progress = {}) const;

  virtual Expected<FewLabelAccuracy> classify(const Dataset& data, const FewLabels& task,
                                              const Progress& progress = {}) const = 0;

  // The shortest path between two codes, measured in the decoder's output: [points, k], points ≥ 2.
  // Minimises Σ ‖x̂(z_{t+1}) − x̂(z_t)‖² with fixed ends, beginning with the straight line and never
  // worse than it. label: for cvae, else ignored.
  virtual Expected<std::vector<float>> geodesic(std::span<const float> from,
                                                std::span<const float> to, int label, int points,
                                                const Progress& progress = {}) const = 0;

  // A lens on these weights, which must outlive it. Decodes nothing yet.
  virtual Expected<std::unique_ptr<EvidenceLens>> evidence_lens() const;

  // What the layers of latent_fields.h need; models without an implementation fail with a sentence.

  // The pulls of the reconstruction at rows of a split, in expectation over q(z|x): by
  // Gauss–Hermite quadrature up to two dimensions, above by fixed draws. Not for mae, which scores
  // hidden pixels.
  virtual Expected<Forces> forces(const Dataset& data, SplitName split, const Indices& indices,
                                  const Progress& progress = {}) const;

  // μ and σ that the encoder reads in the pictures of z: z → x̂ → μ(x̂), σ(x̂). z: [n, k].
  struct RoundTrip {
    std::vector<float> mean, sigma;  // [n, k]; σ empty without a prior
  };
  virtual Expected<RoundTrip> round_trip(std::span<const float> z, int label,
                                         const Progress& progress = {}) const;

  // (J D)ᵀ(J D) of x̂ at each z, [n, m, m]: J = ∂x̂/∂z, D the directions [m, k]. z: [n, k].
  virtual Expected<std::vector<double>> metric(std::span<const float> z,
                                               std::span<const float> directions, int label,
                                               const Progress& progress = {}) const;

  // Lengths in x̂ of the shortest paths between pairs of codes, ends: [pairs, 2, k].
  virtual Expected<PathLengths> path_lengths(std::span<const float> ends, int label,
                                             const Progress& progress = {}) const;

  // ∂x̂/∂x at rows of a split (at least one): of one of them with its factors, else the mean.
  virtual Expected<InputJacobian> input_jacobian(const Dataset& data, SplitName split,
                                                 const std::vector<std::int64_t>& rows,
                                                 const Progress& progress = {}) const;

  // One of the measures of measures.h, on the test split. Fails where the model or the data lack
  // what it needs, saying so.
  virtual Expected<Measured> measure(const MeasureRequest& request, const Dataset& data,
                                     const MeasureSettings& settings,
                                     const Progress& progress = {}) const;
};
using FrozenModelPtr = std::shared_ptr<const FrozenModel>;

}  // namespace zscape
