#pragma once

#include <string>
#include <vector>

#include "app/gui/view/latent/latent_view.h"

namespace zscape {

// Letters of the last Dear ImGui frame that nobody can read: cut off by the edge of what they stand
// in, or lying on other letters. For tests; a script's screenshot is checked.
struct TextFault {
  enum class Kind { cut, covered };
  Kind kind = Kind::cut;
  std::string window;  // Dear ImGui's name of it
  Rect place;          // of the letter
};

// except: where letters may lie on one another, since things move there (the plot). Lists that
// scroll may cut a line at their upper and lower edge.
std::vector<TextFault> text_faults(const Rect& except);

// All of them in a line, for the log; empty: there are none.
std::string unreadable_text(const LatentView& plot);

}  // namespace zscape
