#pragma once

#include <vector>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/frame/theme.h"
#include "app/gui/view/latent/comparison.h"
#include "engine/snapshot.h"

namespace zscape {

struct CompareMenuState {
  bool opens = false;     // by its key
  bool closes = false;    // close the last model; the caller takes it back
  double kl_weight = 20;  // of "same model, other λ"
  FieldEdit kl_weight_edit;
  bool restart = false;           // the first model starts again too
  std::vector<Command> commands;  // what the person asked for; the caller takes them
};

// The button that opens a model from a list beside the first one or, if there is no room for more,
// closes the last one.
void draw_compare_menu(const Snapshot& snapshot, CompareMenuState& state, bool escape,
                       const PanelFrame& frame);

}  // namespace zscape
