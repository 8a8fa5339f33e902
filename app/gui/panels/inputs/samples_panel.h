#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "app/gui/panels/frame/lower_tabs.h"
#include "app/gui/panels/latent/latent_panel.h"
#include "app/gui/view/curves/code_figures.h"
#include "app/gui/view/frame/theme.h"
#include "app/gui/view/inputs/input_in_hand.h"
#include "app/gui/view/inputs/samples.h"
#include "app/gui/view/paths/scene.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// One model of the tab Samples.
struct SamplesPane {
  const Snapshot& snapshot;  // at the moment that is shown
  const ModelView& model;    // likewise
  Scene& scene;
  const Points& points;
  Pictures& pictures;
  const LayerContents& contents;
  LatentPanelState& latent;
  const ShownFigures* figures;  // null: no codes yet
  PaneSamples& samples;
  const InputInHand& hand;
  DecoderPtr decoder;  // null: nothing draws pictures
  std::string name;    // "VAE"
};

// What all panes share.
struct SamplesPanelState {
  SamplesView view = SamplesView::prior;
  std::uint64_t draw = 0;  // of the posterior
  std::uint64_t seed = 0;  // of the draws from the prior
};

// Draws the tab Samples: of the active pane or, for draws from the prior, of all panes from the
// left. Returns what the person and the pictures ask for.
std::vector<Command> draw_samples_panel(std::span<SamplesPane> panes, std::size_t active,
                                        SamplesPanelState& state, LowerTab& tab,
                                        const PanelFrame& frame);

// One frame of the panel: what its parts all need.
struct SamplesDraw : PanelDraw {
  SamplesPane& pane;  // the active one
  std::span<SamplesPane> panes;
  SamplesPanelState& state;
  std::vector<Command>& commands;
};

// The parts, each in the room right of the column with the buttons and the input in hand.
void draw_posterior_samples(const SamplesDraw& draw, const Rect& room);
void draw_prior_samples(const SamplesDraw& draw, const Rect& room);
void draw_dimension_strips(const SamplesDraw& draw, const Rect& room);
void draw_input_jacobian(const SamplesDraw& draw, const Rect& room);

// A grid of equal pictures: as many columns as make them largest.
struct SampleGrid {
  SampleGrid(const ImageShape& shape, std::size_t count, const Rect& room, float gap, float most);
  Vec2 place(std::size_t number) const;

  Vec2 origin;
  ImVec2 size;  // of a picture
  std::size_t columns = 1;
  std::size_t fits = 0;  // how many have room
  float gap = 0;
};

// One sample: its picture, which a click pins and the preview shows large while the pointer is on
// it. Returns whether the pointer is on it.
struct SampleItem {
  std::string widget;
  PictureSlot slot = kNoPicture;
  std::vector<float> z;
  int label = 0;
  std::string name;         // for the preview and the pin's tooltip
  std::string tip;          // more lines of the tooltip
  bool is_marked = false;   // a frame of the accent's colour
  bool is_pointed = false;  // its dot in the plot is under the pointer
};
bool draw_sample(const SamplesDraw& draw, SamplesPane& pane, const SampleItem& item, Vec2 low,
                 ImVec2 size);

// A picture in its box: an image, or the plot of a vector.
void draw_sample_picture(const Pictures& pictures, PictureSlot slot, Vec2 low, ImVec2 size,
                         ImU32 tint);

// The point of the input in hand; nothing: it has no code in the plot.
std::optional<std::size_t> point_in_hand(const SamplesPane& pane);

}  // namespace zscape
