#include "app/gui/view/latent/layers.h"

#include <array>

#include "engine/text.h"

namespace zscape {

const LayerText& text_of(Layer layer) {
  static constexpr std::array<LayerText, kLayerCount> kTexts{{
      {"points", tr("Points"), tr("One point per input, at the mean of its code.")},
      {"ellipses", tr("Posterior ellipses"),
       tr("1 σ and 2 σ of the posterior q(z|x) = N(μ, σ²): how certain the encoder is of a code.")},
      {"manifold", tr("Decoded manifold"),
       tr("The decoder's pictures over the visible part of the plane. The other dimensions are "
          "those of the selected pin.")},
      {"density", tr("Density"),
       tr("How dense the codes are: a Gaussian kernel over the classes that the legend shows, "
          "narrower the more codes there are (Scott's rule).")},
      {"prior", tr("Prior contours"),
       tr("1, 2 and 3 σ of the prior N(0, I); in 3-D its spheres at 1 and 3 σ.")},
      {"centroids", tr("Class centroids"), tr("The mean of each label's codes.")},
      {"paths", tr("Paths"), tr("The interpolations that you have drawn.")},
      {"pins", tr("Pins"), tr("The places that you have marked.")},
  }};
  return kTexts[static_cast<std::size_t>(layer)];
}

std::string why_not(Layer layer, const ModelSpec& spec, bool has_labels, bool spatial) {
  const bool needs_prior = layer == Layer::prior || layer == Layer::ellipses;
  if (needs_prior && !spec.has_prior()) {
    return tr("A model of the kind {} has no prior and no σ.", name_of(spec.kind));
  }
  if (layer == Layer::centroids && !has_labels) return tr("These data have no labels.");
  const bool needs_plane =
      layer == Layer::ellipses || layer == Layer::manifold || layer == Layer::density;
  if (needs_plane && spatial) return tr("This layer needs a plane: leave the 3-D view (key D).");
  return {};
}

}  // namespace zscape
