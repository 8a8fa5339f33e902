#include "app/gui/view/latent/layers.h"

#include <array>

#include "engine/text.h"

namespace zscape {

const char* name_of(LayerGroup group) {
  switch (group) {
    case LayerGroup::there:
      return tr("What is there");
    case LayerGroup::truth:
      return tr("What is true");
    case LayerGroup::why:
      return tr("Why");
  }
  return "";
}

const LayerText& text_of(Layer layer) {
  using enum LayerGroup;
  static constexpr std::array<LayerText, kLayerCount> kTexts{{
      {"points", tr("Points"), "1", there, tr("One point per input, at the mean of its code.")},
      {"ellipses", tr("Posterior ellipses"), "2", there,
       tr("1 σ and 2 σ of the posterior q(z|x) = N(μ, σ²): how certain the encoder is of a code.")},
      {"manifold", tr("Decoded manifold"), "3", there,
       tr("The decoder's pictures over the visible part of the plane. The other dimensions are "
          "those of the selected pin.")},
      {"density", tr("Density"), "4", there,
       tr("How dense the codes are: a Gaussian kernel over the classes that the legend shows, "
          "narrower the more codes there are (Scott's rule).")},
      {"prior", tr("Prior contours"), "5", there,
       tr("1, 2 and 3 σ of the prior N(0, I); in 3-D its spheres at 1 and 3 σ.")},
      {"centroids", tr("Class centroids"), "6", there, tr("The mean of each label's codes.")},
      {"paths", tr("Paths"), "7", there, tr("The interpolations that you have drawn.")},
      {"pins", tr("Pins"), "8", there, tr("The places that you have marked.")},
      {"lens", tr("Evidence lens"), "9", truth,
       tr("Of one input: where its true posterior p(z|x) lies, beside what the encoder says and "
          "what the best Gaussian would say.")},
      {"forces", tr("Forces"), "F", why,
       tr("What pulls each code: the reconstruction one way, the prior the other. Where training "
          "has converged, both cancel on average; what remains at a point is its amortisation "
          "error.")},
      {"trips", tr("Round trip"), "R", why,
       tr("Decode a place, encode the picture: the arrow leads from z to the μ of that picture. "
          "Over a hole it is long, since the encoder has never seen such a picture.")},
      {"stretch", tr("Stretch"), "T", why,
       tr("How much the picture changes for a small move: √det(JᵀJ) of the decoder as shade, and "
          "Tissot's ellipses, along whose edge each move changes the picture equally.")},
      {"mismatch", tr("Codes against the prior"), "Q", why,
       tr("log q(z) − log p(z): where the codes are denser than the prior, and where the prior "
          "expects codes and there are none.")},
  }};
  return kTexts[static_cast<std::size_t>(layer)];
}

std::string why_not(Layer layer, const ModelSpec& spec, bool has_labels, bool spatial) {
  const bool needs_prior = layer == Layer::prior || layer == Layer::ellipses ||
                           layer == Layer::lens || layer == Layer::mismatch;
  if (needs_prior && !spec.has_prior()) {
    return tr("A model of the kind {} has no prior and no σ.", name_of(spec.kind));
  }
  if (layer == Layer::centroids && !has_labels) return tr("These data have no labels.");
  if (layer == Layer::lens && spec.latent > 2) {
    return tr("The true posterior is computed in one or two latent dimensions; this model has {}.",
              spec.latent);
  }
  const bool encodes = layer == Layer::lens || layer == Layer::forces || layer == Layer::trips;
  if (encodes && !spec.has_encoder()) return tr("This model has no encoder.");
  const bool decodes = encodes || layer == Layer::stretch;
  if (decodes && !spec.has_decoder()) return tr("This model has no decoder.");
  if (layer == Layer::forces && spec.hides_patches()) {
    return tr(
        "A masked autoencoder scores hidden pixels only, so nothing pulls the code of a "
        "whole picture.");
  }
  const bool needs_plane = layer == Layer::ellipses || layer == Layer::manifold ||
                           layer == Layer::density || layer == Layer::lens ||
                           layer == Layer::forces || layer == Layer::trips ||
                           layer == Layer::stretch || layer == Layer::mismatch;
  if (needs_plane && spatial) return tr("This layer needs a plane: leave the 3-D view (key D).");
  return {};
}

}  // namespace zscape
