#include "engine/input_gaps.h"

#include "engine/figures.h"
#include "engine/text.h"

namespace zscape {

std::string why_no_exact_likelihood(const ModelSpec& spec) {
  if (!spec.has_prior()) {
    return tr("A model of the kind {} has no prior, so it has no log p(x).", name_of(spec.kind));
  }
  if (spec.latent > kMostExactDimensions) {
    return tr("log p(x) is integrated over one or two latent dimensions; this model has {}.",
              spec.latent);
  }
  if (spec.likelihood == Likelihood::mse) {
    return tr("A mean squared error is no log p(x|z), so there is no log p(x).");
  }
  if (!spec.has_encoder() || !spec.has_decoder()) {
    return tr("The gaps need both an encoder and a decoder.");
  }
  return {};
}

}  // namespace zscape
