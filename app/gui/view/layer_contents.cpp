#include "app/gui/view/layer_contents.h"

namespace zscape {

void LayerContents::fill(const Layers& layers, const Points& points, const HiddenLabels& hidden,
                         const Scene& scene, const LatentView& view, float scale) {
  if (layers.shown(Layer::ellipses) && layers.ellipses_of_all) {
    posteriors.update(points, coloring, scene.axes());
  } else {
    posteriors.clear();
  }
  if (layers.shown(Layer::density) && !points.empty()) {
    density.update(points, hidden, view, scale);
  } else {
    density.clear();
  }
  if (layers.shown(Layer::manifold) && scene.latent() > 0) {
    manifold.cover(view, scene.latent() == 1, scale);
  } else {
    manifold.clear();
  }
}

}  // namespace zscape
