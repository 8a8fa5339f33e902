#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/gui/panels/curves/figures_panel.h"

namespace zscape {

// One figure of several models, and between each two neighbours the first's minus the second's.
struct ComparedFigure {
  std::string key;
  std::string name;  // with the unit, where they share one
  std::string help;
  std::vector<std::string> values;       // "–" where a model does not have it
  std::vector<std::string> differences;  // one less; empty where they do not compare
  std::vector<std::string> why_not;      // likewise: why they do not; empty: they do
  bool warns = false;                    // the differences belong beside those below
};

// Losses of the test split and the figures of the codes on show. What is of another unit, of
// other inputs, or of the past beside the present is not subtracted. What the models have measured
// at unequal steps follows a row that says which.
std::vector<ComparedFigure> compared_figures(std::span<const ComparedModel> models);

// "VAE λ 1 − VAE λ 0", with both steps where these are unequal.
std::string difference_name(const ModelView& one, const ModelView& other);

// Draws them as a table, a column a model in its pane's colour, as many rows as fit.
void draw_compared_figures(std::span<const ComparedModel> models, const Rect& rect,
                           const PanelFrame& frame);
float compared_width(std::size_t models, const Theme& theme);

}  // namespace zscape
