#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/codes.h"
#include "engine/error.h"
#include "engine/kl_split.h"

namespace zscape {

// A dimension is an active unit if the variance of its μ over the inputs exceeds this (Burda et al.
// 2016, appendix C).
inline constexpr double kActiveVariance = 0.01;

// The silhouette takes the distances of so many codes at most.
inline constexpr std::int64_t kSilhouetteCodes = 2000;

// The σ histogram is logarithmic: a collapsed dimension has σ = 1, an unconstrained one about a
// thousandth. The outermost bins also count what lies beyond them.
inline constexpr int kSigmaBins = 28;
inline constexpr double kLowestSigma = 1e-3;  // each bin an eighth of a decade

// Quadrature over latent space takes so many dimensions at most.
inline constexpr int kMostExactDimensions = 2;

// The bin of a σ, and the σ at which a bin begins.
int sigma_bin(double sigma);
double sigma_at(int bin);

// The KL of one posterior to N(0, I), in nats: ½ Σ (μ² + σ² − log σ² − 1).
double posterior_kl(std::span<const float> mean, std::span<const float> sigma);

// Figures of each latent dimension from codes; means over the inputs.
struct CodeFigures {
  int latent = 0;                // k
  std::int64_t count = 0;        // inputs behind the figures; 0: nothing is measured
  std::int64_t step = 0;         // of the weights that made the codes
  std::vector<double> variance;  // [k] of μ
  double spread = 0;             // root of the mean square of μ; 1 under the prior
  // Only with a prior:
  std::vector<double> kl;                  // [k] ½ (μ² + σ² − log σ² − 1)
  std::vector<std::int64_t> sigma_counts;  // [k, kSigmaBins]
  std::optional<double> mean_sigma;        // of all dimensions
  std::optional<int> active_units;
  std::optional<double> aggregate_kl;  // absent too where it would take too long

  // The share of each bin of σ in percent, [kSigmaBins]: of one dimension, or of all.
  std::vector<double> sigma_shares(std::optional<int> dimension) const;
};

// Takes evenly spread rows if μ has more than most_values numbers, and leaves out the aggregate KL
// if it needs more than 32 times as many products.
inline constexpr std::int64_t kAllValues = std::numeric_limits<std::int64_t>::max();
CodeFigures code_figures(const Codes& codes, std::int64_t most_values = kAllValues);

// What bounds and approximations leave, exactly: means over the inputs, in nats. Only for one or
// two latent dimensions. log p(x) = ELBO + amortisation gap + approximation gap (Cremer et al.
// 2018).
struct ExactFigures {
  double log_likelihood = 0;  // by quadrature; log p(x | label) for cvae
  double standard_error = 0;  // by the choice of inputs
  double error = 0;           // of the quadrature, estimated
  double worst_error = 0;     // of an input
  double elbo = 0;            // the expectation under q(z|x) by quadrature too
  double inference_gap = 0;   // log p(x) − ELBO
  // Of a draw of the inputs, so that the first is the sum of the next two.
  std::int64_t gap_images = 0;
  double gap_inference = 0;
  double amortisation_gap = 0;        // from the encoder's q to the best diagonal Gaussian
  double approximation_gap = 0;       // from there to log p(x)
  double full_approximation_gap = 0;  // from the best Gaussian of any covariance
};

// pca read as the probabilistic PCA of Tipping and Bishop (1999): x = W z + mean + s ε with z and ε
// from N(0, I), where W and s are those of maximum likelihood. Means over the inputs, in nats.
struct ProbabilisticPca {
  double sigma = 0;                     // s, in the units that the model reads
  double log_likelihood = 0;            // log p(x)
  double standard_error = 0;            // by the choice of inputs
  double rate = 0;                      // KL of the posterior to N(0, I); log p(x) is the ELBO
  std::vector<double> posterior_sigma;  // [k] of the posterior, the same for all inputs
};

struct FigureErrors;

inline constexpr double kNoFigure = std::numeric_limits<double>::quiet_NaN();

// All figures of `zscape eval`; the window shows those that codes alone determine. A figure that
// the model does not have is absent.
struct Figures {
  std::int64_t images = 0;
  double reconstruction = kNoFigure;  // one sampled z
  std::optional<double> kl;           // else the table takes that of the codes
  std::optional<double> elbo;         // λ = 1
  std::optional<double> elbo_standard_error;
  std::optional<double> log_likelihood;                 // importance estimate (Burda et al. 2016)
  std::optional<double> log_likelihood_prior;           // prior estimate, with as many samples
  std::optional<double> log_likelihood_standard_error;  // by the choice of inputs, of both
  std::optional<double> log_likelihood_prior_standard_error;
  std::optional<ExactFigures> exact;   // only where it was asked for
  std::optional<KlSplit> kl_split;     // of the KL term
  double mse = kNoFigure;              // per input, z = μ
  std::optional<double> knn_accuracy;  // k = 10 on μ, the training split as reference
  std::optional<double> silhouette;    // of 2,000 seeded codes, by label
  CodeFigures codes;
  std::vector<double> explained_variance;  // [k] shares, falling; pca only
  // pca only, of a model that knows its data's variance.
  std::optional<ProbabilisticPca> probabilistic_pca;

  int importance_samples = 0;  // behind the log likelihoods
  bool is_mere_score = false;  // Bernoulli on grey pixels: no density
};

// Fails if a figure is not a finite number, naming it.
Expected<void> check_finite(const Figures& figures);

// The figures that codes alone determine.
Figures figures_of(const Codes& codes, std::int64_t most_values = kAllValues);

// One row of the table behind JSON, the text of `zscape eval` and the window's panel. Either value
// or values is set.
struct Figure {
  const char* key = "";    // in JSON; with spaces, in text
  const char* label = "";  // for people
  const char* help = "";   // what it tells, in a sentence or two
  const char* formula = "";
  const char* unit = "";
  const char* needs = "";  // why it can be absent
  int decimals = 4;        // in text; 0: a whole number
  bool in_window = false;
  std::optional<double> (*value)(const Figures&) = nullptr;
  const std::vector<double>& (*values)(const Figures&) = nullptr;  // [k]; empty: absent
  int (*of)(const Figures&) = nullptr;                             // "3 of 8"
  std::optional<double> (*error)(const FigureErrors&) = nullptr;   // of value, in a sample
  std::vector<std::string> (*remarks)(const Figures&) = nullptr;
  bool is_share = false;    // the window shows percents, and sums
  bool when_asked = false;  // left out where it is absent

  bool is_left_out(const Figures& figures) const;
  std::string tooltip() const;  // help and formula
};
std::span<const Figure> figure_table();

}  // namespace zscape
