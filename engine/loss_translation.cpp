#include "engine/loss_translation.h"

#include <cmath>

#include "engine/text.h"

namespace zscape {
namespace {

// What the sum over an input is multiplied by, up to a factor 1 / batch that all share.
double factor_of(Reduction reduction, std::int64_t terms, std::int64_t batch) {
  switch (reduction) {
    case Reduction::sum:
      return 1;
    case Reduction::mean:
      return 1 / static_cast<double>(terms);
    case Reduction::batch_sum:
      return static_cast<double>(batch);
  }
  return 1;
}

std::string term(double weight, Reduction reduction, const char* what) {
  const char* sum = reduction == Reduction::mean        ? tr("mean")
                    : reduction == Reduction::batch_sum ? tr("batch sum")
                                                        : tr("sum");
  return weight == 1 ? fmt::format("{} {}", sum, what)
                     : fmt::format("{:g} · {} {}", weight, sum, what);
}

}  // namespace

LossTranslation translated(const ForeignLoss& loss) {
  const double error =
      loss.reconstruction_weight * factor_of(loss.reconstruction, loss.inputs, loss.batch);
  const double kl = loss.kl_weight * factor_of(loss.kl, loss.latent, loss.batch);
  LossTranslation result;
  result.kl_over_reconstruction = kl / error;
  if (loss.is_cross_entropy) {
    result.lambda_bernoulli = result.kl_over_reconstruction;
    return result;
  }
  result.kl_over_reconstruction /= loss.span * loss.span;
  // Σ (x − x̂)² / (2 s²) + λ KL is the trade λ · 2 s².
  result.lambda_gaussian = result.kl_over_reconstruction / 2;
  result.sigma_gaussian = std::sqrt(*result.lambda_gaussian);
  return result;
}

std::optional<double> kl_weight_for(const LossTranslation& found, const ModelSpec& spec,
                                    double sigma) {
  switch (spec.likelihood) {
    case Likelihood::bernoulli:
      return found.lambda_bernoulli;
    case Likelihood::gaussian:
      if (!found.lambda_gaussian) return std::nullopt;
      return *found.lambda_gaussian / (sigma * sigma);
    case Likelihood::mse:  // no model with a prior has it
      return std::nullopt;
  }
  return std::nullopt;
}

std::string formula_of(const ForeignLoss& loss) {
  return fmt::format("{} + {}",
                     term(loss.reconstruction_weight, loss.reconstruction,
                          loss.is_cross_entropy ? "BCE(x, y)" : "(x − y)²"),
                     term(loss.kl_weight, loss.kl, "KL"));
}

bool needs_batch(const ForeignLoss& loss) {
  return (loss.kl == Reduction::batch_sum) != (loss.reconstruction == Reduction::batch_sum);
}

bool needs_latent(const ForeignLoss& loss) {
  return loss.kl == Reduction::mean;
}

}  // namespace zscape
