#include "app/gui/view/latent/layer_contents.h"

namespace zscape {
namespace {

constexpr double kRest = 0.2;  // seconds

bool same_part(const LatentView& a, const LatentView& b) {
  return a.center.x == b.center.x && a.center.y == b.center.y &&
         a.pixels_per_unit == b.pixels_per_unit;
}

}  // namespace

void LayerContents::fill(const Layers& layers, const Points& points, const HiddenLabels& hidden,
                         const Scene& scene, const Viewport& viewport) {
  const LatentView& view = viewport.view;
  if (points.moving() || !same_part(view, seen_)) moved_s_ = viewport.now_s;
  seen_ = view;
  refining = false;
  labels.update(points, viewport.selection);
  if (scene.plane().spatial()) {  // they lie in a plane
    posteriors.clear();
    density.clear();
    manifold.clear();
    return;
  }
  if (layers.shown(Layer::ellipses) && (layers.ellipses_of_all || labels.any_selected())) {
    refining = viewport.software && viewport.now_s < moved_s_ + kRest;
    posteriors.update(points, coloring, labels, scene.plane(),
                      refining ? Posteriors::kMost / 10 : Posteriors::kMost);
  } else {
    posteriors.clear();
  }
  if (layers.shown(Layer::density) && !points.empty()) {
    density.update(points, hidden, view, viewport.scale);
  } else {
    density.clear();
  }
  if (layers.shown(Layer::manifold) && scene.latent() > 0) {
    manifold.cover(view, scene.latent() == 1, viewport.scale);
  } else {
    manifold.clear();
  }
}

}  // namespace zscape
