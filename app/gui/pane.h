#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "app/gui/input_browser.h"
#include "app/gui/panels/curves/figures_panel.h"
#include "app/gui/panels/latent/latent_panel.h"
#include "app/gui/panels/preview/preview_panel.h"
#include "app/gui/renderer.h"
#include "app/gui/time_line_capture.h"
#include "app/gui/view/curves/code_figures.h"
#include "app/gui/view/latent/code_axes.h"
#include "app/gui/view/latent/time_line.h"
#include "app/gui/view/paths/source_codes.h"

namespace zscape {

// One model as the window shows it: its plot, its pictures, what a person has marked in it. The
// window has one, or two side by side. Lives on the window's thread.
struct Pane {
  Pane(ModelId id, std::unique_ptr<Renderer> own_renderer, Selection& selection)
      : model(id), renderer(std::move(own_renderer)), inputs(pictures, selection) {
    pictures.texture = renderer->picture_texture();
  }

  const ModelId model;
  std::unique_ptr<Renderer> renderer;
  Pictures pictures;
  std::uint64_t sheet_generation = 0;

  SnapshotPtr shown;  // what latent view and preview show: now, or a moment of the time line
  TimeLine time_line;
  TimeLineCapture capture;
  bool narrowed = false;  // the sample is shown though all codes are there: the other has no more

  Scene scene{pictures};
  SourceCodes source_codes;
  CodeAxesFit code_axes;
  Points points;
  LayerContents contents{pictures};
  LatentPanelState latent;
  OwnImage own_image{pictures};  // the second's mirrors the first's
  InputBrowser inputs;
  PreviewPanelState preview;
  FiguresPanelState figures;
  FiguresCache figures_cache;

  std::string model_path;    // to save to, while the other pane is the active one
  std::string decode_error;  // told once, until decoding works again
  Scene::Drawn drawn;        // in this frame
  Manifold::Drawn manifold;
};

}  // namespace zscape
