#pragma once

#include <string>
#include <string_view>

#include "app/gui/panels/controls/controls.h"

namespace zscape {

// A switch at the right end of a section's heading that shows or hides the rarer options. pending:
// one of them was changed and not applied yet.
void more_switch(const PanelFrame& frame, std::string_view name, bool& open, bool pending,
                 const std::string& help);

// The options of the draft's kind: network, pixels, objective, noise, patches; the rarer ones only
// if "more" is on. nothing: why none can be changed; empty: they can.
void draw_model_options(Controls& controls, const std::string& nothing);
bool rare_options_differ(const ModelSpec& draft, const ModelSpec& held);

// The values of a parameter as the entries of an open list.
void draw_entries(Controls& controls, const Parameter& row);

// Why the draft cannot become this candidate; empty: it can, or the candidate has the same fault.
std::string why_not_become(const ModelSpec& draft, const ModelSpec& candidate);

}  // namespace zscape
