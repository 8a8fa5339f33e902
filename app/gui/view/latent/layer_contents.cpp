#include "app/gui/view/latent/layer_contents.h"

namespace zscape {

constexpr double kRest = 0.2;  // seconds

void LayerContents::fill(const Layers& layers, const Points& points, const HiddenLabels& hidden,
                         const Scene& scene, const Viewport& viewport) {
  const LatentView& view = viewport.view;
  const bool same_part =
      view.center == seen_.center && view.pixels_per_unit == seen_.pixels_per_unit;
  if (points.moving() || !same_part) moved_s_ = viewport.now_s;
  seen_ = view;
  refining = false;
  dimming.update(points, hidden, viewport.selection, metadata);
  const bool flat = !scene.plane().spatial();  // the other layers lie in a plane
  if (flat && layers.shown(Layer::ellipses) && (layers.ellipses_of_all || dimming.any_selected())) {
    refining = viewport.software && viewport.now_s < moved_s_ + kRest;
    posteriors.update(points, coloring, dimming, scene.plane(),
                      refining ? Posteriors::kMost / 10 : Posteriors::kMost);
  } else {
    posteriors.clear();
  }
  if (flat && layers.shown(Layer::density) && !points.empty()) {
    density.update(points, hidden, view, viewport.scale);
  } else {
    density.clear();
  }
  if (scene.latent() == 1 && layers.shown(Layer::points) && !points.empty()) {
    line.update(points, hidden, view, coloring.shows_labels(), viewport.scale);
  } else {
    line.clear();
  }
  if (flat && layers.shown(Layer::manifold) && scene.latent() > 0) {
    manifold.cover(view, scene.latent() == 1, viewport.scale);
  } else {
    manifold.clear();
  }
}

}  // namespace zscape
