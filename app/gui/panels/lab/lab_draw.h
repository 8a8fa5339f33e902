#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/gui/panels/lab/lab_panel.h"

namespace zscape {

// What the parts of the panel hand each other in a frame.
struct LabDraw : PanelDraw {
  const LabShown& shown;
  LabPanelState& state;
  LabRequests& requests;

  const LabPage& page() const { return *shown.page; }
};

// Text that wraps at a width that is good to read.
void read_text(const LabDraw& draw, ImFont* font, const char* text, ImU32 tint);
float reading_width(const LabDraw& draw);

// The words of a text in so many lines at most; what does not fit ends in an ellipsis.
std::vector<std::string> lines_of(ImFont* font, const std::string& text, float width,
                                  std::size_t most);

// A muted word that is clicked like a button. Returns whether it was.
bool link(const LabDraw& draw, const char* name, const char* text, const std::string& help);

// A bar of this width with its first part filled.
void draw_progress(const LabDraw& draw, float width, double part);

void draw_shelf(const LabDraw& draw);       // all questions
void draw_experiment(const LabDraw& draw);  // one of them

// The parts of an experiment's page.
void draw_prediction(const LabDraw& draw);
void draw_measuring(const LabDraw& draw);
void draw_results(const LabDraw& draw);
void draw_claims(const LabDraw& draw);
void draw_models(const LabDraw& draw);

}  // namespace zscape
