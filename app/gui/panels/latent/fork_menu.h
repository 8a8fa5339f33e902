#pragma once

#include <cstdint>
#include <optional>

#include "app/gui/panels/frame/widgets.h"
#include "engine/snapshot.h"

namespace zscape {

// What a fork of the past is to change. Lives on the window's thread.
struct ForkMenuState {
  std::uint64_t serial = 0;  // of the model and …
  std::int64_t step = -1;    // … the step that the values are of
  double kl_weight = 1, seed = 0, noise = 0;
  FieldEdit kl_weight_edit, seed_edit, noise_edit;
};

// A button, and below it the fields of λ, seed and noise. Returns the fork that was asked for; what
// was not changed is not in it. snapshot: now; moment: of the model's past.
std::optional<Fork> draw_fork_menu(const Snapshot& snapshot, const ModelView& model,
                                   const Moment& moment, ForkMenuState& state, float width,
                                   const std::string& why_not, const PanelFrame& frame);

}  // namespace zscape
