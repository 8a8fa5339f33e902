#pragma once

#include <optional>
#include <string_view>

#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/view/lab/lab_chart.h"
#include "app/gui/view/lab/lab_guess.h"

namespace zscape {

// The inside of a chart's axes within this rectangle, with room for the labels around.
PlotArea area_of(const LabChart& chart, const Rect& rect, const Theme& theme);

// Axes with ticks and names. numbers: at the values too; a curve that is to be drawn freely has
// none.
void draw_chart_axes(const LabChart& chart, const PlotArea& area, bool numbers, const Theme& theme);

// Lines, error bars and dots. Notes each dot as "lab_dot_SERIES_DOT" and returns the one under the
// pointer. ringed: the place of the dot that was clicked; null: none.
std::optional<LabHit> draw_chart_dots(const LabChart& chart, const PlotArea& area,
                                      const LabPlace* ringed, const PanelFrame& frame);

// What a person has predicted, as a dashed line.
void draw_guess(std::span<const GuessPlace> places, const LabChart& chart, const PlotArea& area,
                const Theme& theme);

ImU32 series_color(const LabChart& chart, std::size_t series);

// The names of the series in rows; one entry for a prediction at the end.
void draw_chart_legend(const LabChart& chart, bool has_guess, float width, const PanelFrame& frame);

}  // namespace zscape
