#pragma once

#include <vector>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/frame/theme.h"
#include "app/gui/view/latent/comparison.h"
#include "engine/snapshot.h"

namespace zscape {

struct CompareMenuState {
  bool opens = false;     // by its key
  bool closes = false;    // the last model shall go; the caller takes it back
  double kl_weight = 20;  // of "same model, other λ"
  FieldEdit kl_weight_edit;
  bool restart = false;           // the first begins again too
  std::vector<Command> commands;  // what the person asked for; the caller takes them
};

// The button that opens a model beside the first, from a list of those worth comparing, or, where
// there is no room for more, closes the last one again.
void draw_compare_menu(const Snapshot& snapshot, CompareMenuState& state, bool escape,
                       const PanelFrame& frame);

}  // namespace zscape
