#include "app/gui/view/latent/layers.h"

#include <array>

namespace zscape {

const LayerText& text_of(Layer layer) {
  static constexpr std::array<LayerText, kLayerCount> kTexts{{
      {"points", "Points", "One point an input, at its code's mean."},
      {"ellipses", "Posterior ellipses",
       "1 σ and 2 σ of the posterior q(z|x) = N(μ, σ²): how sure the encoder is of a code."},
      {"manifold", "Decoded manifold",
       "What the decoder draws, over the part of the plane that is in view. The other dimensions "
       "keep to the selected pin."},
      {"density", "Density",
       "Where codes are many: a Gaussian kernel of 10 pixels over those that the legend shows."},
      {"prior", "Prior contours", "1, 2 and 3 σ of the prior N(0, I)."},
      {"centroids", "Class centroids", "The mean of each label's codes."},
      {"paths", "Paths", "The interpolations that you have drawn."},
      {"pins", "Pins", "The places that you have marked."},
  }};
  return kTexts[static_cast<std::size_t>(layer)];
}

std::string why_not(Layer layer, const ModelSpec& spec, bool has_labels, bool spatial) {
  const bool needs_prior = layer == Layer::prior || layer == Layer::ellipses;
  if (needs_prior && !spec.has_prior()) {
    return "A model of the kind " + std::string(name_of(spec.kind)) + " has no prior and no σ.";
  }
  if (layer == Layer::centroids && !has_labels) return "These data have no labels.";
  const bool needs_plane = layer == Layer::prior || layer == Layer::ellipses ||
                           layer == Layer::manifold || layer == Layer::density;
  if (needs_plane && spatial) return "It lies in a plane: leave three dimensions (key D).";
  return {};
}

}  // namespace zscape
