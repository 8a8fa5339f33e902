#pragma once

#include <optional>
#include <string>

#include "app/gui/view/frame/theme.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// "Saved at step 9,380: test loss 96.8 = 91.2 + λ · 5.61"; empty: the model came from no file.
std::string file_losses_text(const ModelView& view);

// "ELBO −96.81 ± 0.21   log p(x) −93.4   10,000 test inputs"; empty: nothing was evaluated.
std::string evaluation_text(const ModelView& view);

// A line at the top of `room`, which it shortens: the losses that the model's file names, what an
// evaluation found, and a button that asks for one. Where both do not fit beside each other, the
// latter goes to a second line, or alone remains.
enum class StripLines { one, two };
std::optional<Command> draw_evaluation_strip(const ModelView& view, StripLines most, Rect& room,
                                             const PanelFrame& frame);

}  // namespace zscape
