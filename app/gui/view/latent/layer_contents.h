#pragma once

#include "app/gui/view/latent/class_means.h"
#include "app/gui/view/latent/code_line.h"
#include "app/gui/view/latent/coloring.h"
#include "app/gui/view/latent/density.h"
#include "app/gui/view/latent/layers.h"
#include "app/gui/view/latent/manifold.h"
#include "app/gui/view/latent/metadata_matches.h"
#include "app/gui/view/latent/posteriors.h"
#include "app/gui/view/latent/selection.h"
#include "app/gui/view/latent/why_layers.h"

namespace zscape {

// What the latent view's layers show besides points, pins and paths. Lives on the window's thread.
struct LayerContents {
  explicit LayerContents(Pictures& pictures) : manifold(pictures) {}

  ClassMeans means;
  Coloring coloring;
  MetadataMatches metadata;
  PointDimming dimming;
  Posteriors posteriors;
  Density density;
  CodeLine line;  // of one dimension
  Manifold manifold;
  WhyLayers why;

  // Before the panels are drawn: follows the points, of which it leaves out what a filter does.
  void follow(Points& points, const ModelView& view, const Dataset& data, ColorChoice choice,
              const MetadataChoice& wanted = {}) {
    metadata.update(points, data, wanted);
    points.leave_out(metadata.left_out());
    means.update(points, data.classes());
    coloring.update(points, means, view, data, choice);
  }

  // Where and when the layers are seen.
  struct Viewport {
    const LatentView& view;
    float scale = 1;  // of the display
    double now_s = 0;
    bool software = false;  // without a GPU only a tenth of the ellipses is drawn while all moves
    const Selection* selection = nullptr;
  };

  // After the latent panel: fills the visible part of the layers that are on.
  void fill(const Layers& layers, const Points& points, const HiddenLabels& hidden,
            const Scene& scene, const Viewport& viewport);

  bool refining = false;  // something is drawn coarsely, and wholly a little later

 private:
  LatentView seen_;
  double moved_s_ = 0;  // when view or points last moved
};

}  // namespace zscape
