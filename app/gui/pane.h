#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "app/gui/frame_pacer.h"
#include "app/gui/input_browser.h"
#include "app/gui/panels/curves/figures_panel.h"
#include "app/gui/panels/latent/latent_panel.h"
#include "app/gui/panels/latent/time_line_panel.h"
#include "app/gui/panels/preview/preview_panel.h"
#include "app/gui/renderer.h"
#include "app/gui/time_line_capture.h"
#include "app/gui/view/curves/code_figures.h"
#include "app/gui/view/inputs/input_in_hand.h"
#include "app/gui/view/inputs/nearest_inputs.h"
#include "app/gui/view/inputs/picture_difference.h"
#include "app/gui/view/inputs/samples.h"
#include "app/gui/view/latent/code_axes.h"
#include "app/gui/view/latent/evidence_view.h"
#include "app/gui/view/latent/time_line.h"
#include "app/gui/view/paths/source_codes.h"
#include "engine/engine.h"

namespace zscape {

// One model in the window: its plot, its pictures, its marks. Lives on the window's thread, in
// Panes.
struct Pane {
  Pane(ModelId id, std::unique_ptr<Renderer> own_renderer, Selection& selection,
       const ChosenSequences& chosen)
      : model(id),
        renderer(std::move(own_renderer)),
        sequences(chosen),
        inputs(pictures, selection) {
    pictures.texture = renderer->picture_texture();
    samples.jacobian.texture = renderer->jacobian_texture();
  }

  // What the window may not sleep through.
  void add_needs(FrameNeeds& needs, const Snapshot& now) const;

  // The steps of a frame. First: which moment is on show.
  void choose_moment(const SnapshotPtr& now, double now_s);

  // Before the panels: updates points and layers. True: pins and paths were removed because they
  // belonged to another latent space or to other data.
  bool follow(const Snapshot& now, double now_s, double motion_s);

  // After the latent panel: fills the layers that are in view.
  void fill(const Selection& selection, const Theme& theme, double now_s);

  // Shows the code of the picture under the pointer in the preview or a list.
  void show_hovered_picture();

  // Decodes the displayed pictures, or asks the engine to. If a decoder fails, the last pictures
  // stay; returns its message, once.
  std::string decode(Engine& engine, double now_s);

  // What draws the pictures of places; null: nothing yet.
  DecoderPtr decoder_of(const ModelView& view);

  // After the frame: captures the plot for the time line's GIF once all of it shows the wanted
  // moment. pixel_ratio, framebuffer_height: of the window.
  void capture_plot(float pixel_ratio, float framebuffer_height);

  const ModelId model;
  std::uint64_t serial = 0;  // of the model: another one of its id gets a pane of its own
  std::unique_ptr<Renderer> renderer;
  Pictures pictures;
  std::uint64_t sheet_generation = 0;

  SnapshotPtr shown;  // what latent view and preview show: now, or a moment of the time line
  TimeLine time_line;
  TimeLinePanelState time_line_panel;
  TimeLineCapture capture;
  int latent_dimensions = 0;  // of the model on show; 0: none yet
  bool narrowed = false;      // the sample is shown though all codes are there: another has no more

  Scene scene{pictures};
  SourceCodes source_codes;
  CodeAxesFit code_axes;
  Points points;
  LayerContents contents{pictures};
  LatentPanelState latent;
  OwnImage own_image{pictures};      // of the panes beside the first: mirrors its
  const ChosenSequences& sequences;  // in all panes
  SequenceCodes sequence_codes;
  std::optional<Encode> encode;  // to ask of the engine
  InputInHand in_hand;
  EvidenceView evidence;
  std::optional<FindEvidence> find_evidence;  // likewise
  InputBrowser inputs;
  PaneSamples samples{pictures};
  PreviewPanelState preview;
  const Codes* given_codes = nullptr;            // on show, whose principal axes were chosen once
  std::shared_ptr<const NearestInputs> nearest;  // where codes came without a decoder; else null
  PictureDifference difference{pictures};        // of its picture and that of the pane at its right
  FiguresPanelState figures;
  FiguresCache figures_cache;

  std::string model_path;    // to save to, while another pane is the active one
  std::string decode_error;  // told once, until decoding works again
  Scene::Drawn drawn;        // in this frame
  Manifold::Drawn manifold;

 private:
  void follow_hand(const Selection& selection, const Theme& theme);
  EvidenceView::Hand hand_of_lens() const;  // what the evidence lens may be on
};

}  // namespace zscape
