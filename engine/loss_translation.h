#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/model_spec.h"

namespace zscape {

// How code of others adds up a term of its loss.
enum class Reduction {
  sum,        // over an input's pixels or dimensions, averaged over the batch
  mean,       // averaged over pixels or dimensions and over the batch
  batch_sum,  // over an input's and over the batch: reduction="sum"
};

// A loss as somebody's code writes it: reconstruction_weight · (squared error or cross entropy) +
// kl_weight · KL, each with a reduction of its own. Weights, inputs, latent, batch and span are
// positive.
struct ForeignLoss {
  bool is_cross_entropy = false;  // else the squared error
  Reduction reconstruction = Reduction::sum;
  Reduction kl = Reduction::sum;
  double reconstruction_weight = 1;  // ½ for half the squared error
  double kl_weight = 1;
  std::int64_t inputs = 1;  // d: numbers of an input
  int latent = 1;           // k
  std::int64_t batch = 1;   // matters only where one term alone is summed over it
  // From the darkest to the brightest pixel, which is 1 here: 2 for −1 to 1, 255 for bytes. Of
  // squared errors alone; cross entropy is of numbers from 0 to 1.
  double span = 1;
};

// The same trade here: losses that differ by a factor have the same optimum.
struct LossTranslation {
  double kl_over_reconstruction = 0;  // the KL's factor by the error's, both summed over an input
  std::optional<double> lambda_bernoulli;  // of cross entropy
  // Of squared errors, one trade in two ways:
  std::optional<double> lambda_gaussian;  // with s = 1; in general λ s²
  std::optional<double> sigma_gaussian;   // with λ = 1
};

LossTranslation translated(const ForeignLoss& loss);

// λ for a model of this spec to make the same trade, summed over an input; nothing: its error is of
// another kind. sigma: its s.
std::optional<double> kl_weight_for(const LossTranslation& found, const ModelSpec& spec,
                                    double sigma);

// The loss as a formula for people: "mean (x − y)² + 0.00025 · sum KL".
std::string formula_of(const ForeignLoss& loss);

// Whether the size of the batch decides, or the number of latent dimensions.
bool needs_batch(const ForeignLoss& loss);
bool needs_latent(const ForeignLoss& loss);

}  // namespace zscape
