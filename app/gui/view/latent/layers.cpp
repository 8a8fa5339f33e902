#include "app/gui/view/latent/layers.h"

#include <array>

#include "engine/text.h"

namespace zscape {

const LayerText& text_of(Layer layer) {
  static constexpr std::array<LayerText, kLayerCount> kTexts{{
      {"points", "Points", tr("One point an input, at its code's mean.")},
      {"ellipses", tr("Posterior ellipses"),
       tr("1 σ and 2 σ of the posterior q(z|x) = N(μ, σ²): how sure the encoder is of a code.")},
      {"manifold", tr("Decoded manifold"),
       tr("What the decoder draws, over the part of the plane that is in view. The other "
          "dimensions "
          "keep to the selected pin.")},
      {"density", "Density",
       tr("Where codes are many: a Gaussian kernel of 10 pixels over those that the legend "
          "shows.")},
      {"prior", tr("Prior contours"), tr("1, 2 and 3 σ of the prior N(0, I).")},
      {"centroids", tr("Class centroids"), tr("The mean of each label's codes.")},
      {"paths", "Paths", tr("The interpolations that you have drawn.")},
      {"pins", "Pins", tr("The places that you have marked.")},
  }};
  return kTexts[static_cast<std::size_t>(layer)];
}

std::string why_not(Layer layer, const ModelSpec& spec, bool has_labels, bool spatial) {
  const bool needs_prior = layer == Layer::prior || layer == Layer::ellipses;
  if (needs_prior && !spec.has_prior()) {
    return tr("A model of the kind ") + std::string(name_of(spec.kind)) +
           tr(" has no prior and no σ.");
  }
  if (layer == Layer::centroids && !has_labels) return tr("These data have no labels.");
  const bool needs_plane = layer == Layer::prior || layer == Layer::ellipses ||
                           layer == Layer::manifold || layer == Layer::density;
  if (needs_plane && spatial) return tr("It lies in a plane: leave three dimensions (key D).");
  return {};
}

}  // namespace zscape
