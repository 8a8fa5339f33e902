#pragma once

#include <string>
#include <string_view>

#include "app/gui/panels/controls/controls.h"

namespace zscape {

// At the right end of a section's heading: shows or hides the options that few need. pending: one
// of them was changed and not applied yet.
void more_switch(const PanelFrame& frame, std::string_view name, bool& open, bool pending,
                 const std::string& help);

// The draft's options of its kind: network, pixels, objective, noise, patches; the rarer ones only
// where more is asked for. nothing: why none can be changed; empty: they can.
void draw_model_options(Controls& controls, const std::string& nothing);
bool rare_options_differ(const ModelSpec& draft, const ModelSpec& held);

// The words of a parameter of the draft as the entries of an open list.
void draw_entries(Controls& controls, const Parameter& row);

// Why the draft cannot become this; empty: it can, or it is no worse than it is.
std::string why_not_become(const ModelSpec& draft, const ModelSpec& candidate);

}  // namespace zscape
