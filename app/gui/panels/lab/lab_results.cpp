#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/gui/panels/lab/lab_chart_view.h"
#include "app/gui/panels/lab/lab_draw.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kChartShare = 0.55f, kChartLow = 220, kChartHigh = 380;

// What is not there yet, in the room of a plot.
void draw_nothing(const LabDraw& draw, const char* name, const char* text) {
  const Rect room{ImGui::GetCursorScreenPos(), {ImGui::GetContentRegionAvail().x, draw.px(72)}};
  {
    const Styled styled(draw.theme().body);
    draw_centred(draw.theme(), room, text);
  }
  ImGui::Dummy(room.size);
  draw.frame.widgets.note(name, room);
}

// One switch for each plot of the experiment, and one for the map.
void draw_plot_choice(const LabDraw& draw) {
  const LabPage& page = draw.page();
  const float end = ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x;
  const auto entry = [&](std::size_t number, const std::string& label, const std::string& help) {
    const std::string shown = shorten_words(label, 40);
    if (number > 0) {
      ImGui::SameLine(0, draw.px(4));
      if (ImGui::GetCursorPosX() + switch_width(draw.theme(), shown.c_str()) > end) {
        ImGui::NewLine();
      }
    }
    if (small_switch(draw.frame, fmt::format("lab_plot_{}", number), shown.c_str(),
                     draw.state.plot == number, help)) {
      draw.state.plot = number;
    }
  };
  for (std::size_t i = 0; i < page.charts.size(); ++i) {
    const LabChart& chart = page.charts[i];
    entry(i, chart.title.empty() ? tr("{} over {}", chart.y_label, chart.x_label) : chart.title,
          tr("{} over {}", chart.y_label, chart.x_label));
  }
  if (page.columns.size() > 1) {
    entry(page.charts.size(), tr("Map"), tr("Any two figures against each other, a dot a place"));
  }
}

// The figures of the map's axes.
void draw_axis_choice(const LabDraw& draw, const char* label, const char* name,
                      std::string& column) {
  inner_label(draw.frame, label);
  ImGui::SameLine(0, draw.px(8));
  if (!begin_choices(draw.frame, name, label_of_column(column), draw.px(190),
                     tr("The figure along this axis"))) {
    return;
  }
  for (std::size_t i = 0; i < draw.page().columns.size(); ++i) {
    const std::string& each = draw.page().columns[i];
    if (ImGui::Selectable(fmt::format("{}##{}", label_of_column(each), i).c_str(),
                          each == column)) {
      column = each;
    }
    draw.frame.widgets.note(fmt::format("{}_{}", name, i));
  }
  ImGui::EndCombo();
}

LabChart shown_chart(const LabDraw& draw) {
  const LabPage& page = draw.page();
  LabPanelState& state = draw.state;
  if (state.plot < page.charts.size()) return page.charts[state.plot];
  const auto is_known = [&page](const std::string& column) {
    return std::ranges::find(page.columns, column) != page.columns.end();
  };
  if (!is_known(state.map_x) || !is_known(state.map_y)) {
    const LabPair first = first_pair(page.columns);
    state.map_x = first.x;
    state.map_y = first.y;
  }
  draw_axis_choice(draw, tr("Upward"), "lab_map_y", state.map_y);
  ImGui::SameLine(0, draw.px(16));
  draw_axis_choice(draw, tr("Rightward"), "lab_map_x", state.map_x);
  return map_of(*page.table, state.map_x, state.map_y);
}

// The dot that was clicked, in words, with its model's buttons.
void draw_chosen(const LabDraw& draw, const LabChart& chart) {
  const Theme& theme = draw.theme();
  const LabPage& page = draw.page();
  const LabDot* dot = nullptr;
  for (const LabSeries& series : chart.series) {
    for (const LabDot& each : series.dots) {
      if (draw.state.chosen && each.place == *draw.state.chosen) dot = &each;
    }
  }
  if (dot == nullptr) {
    small_text(theme, tr("Click a point to open its model in the explorer, Shift-click another to "
                         "compare the two."));
    draw.frame.widgets.note("lab_click_hint");
    return;
  }
  const auto run = run_of(*page.table, *dot, draw.state.seed);
  read_text(draw, theme.small, place_text(dot->place).c_str(), color::kText);
  draw.frame.widgets.note("lab_chosen");
  if (!run) return small_text(theme, tr("None of its runs has a model."));
  const std::uint64_t seed = page.table->runs[*run].seed;
  const auto wide = [&](const char* label) { return width_of(theme.body, label) + draw.px(24); };
  if (dot->runs.size() > 1) {
    if (button(draw.frame, "lab_seed", tr("Seed {}", seed).c_str(), draw.px(84),
               tr("The next of its {} runs", dot->runs.size()))) {
      ++draw.state.seed;
    }
    ImGui::SameLine(0, draw.px(6));
  }
  const char* open = tr("Open");
  const bool is_open = draw.shown.in_explorer == run;
  if (button(draw.frame, "lab_open", open, wide(open), tr("This run's model in the explorer"),
             is_open ? tr("It is open in the explorer.") : "")) {
    draw.requests.open_run = run;
  }
  ImGui::SameLine(0, draw.px(6));
  const char* beside = tr("Compare");
  if (button(draw.frame, "lab_beside", beside, wide(beside),
             tr("This run's model beside the one that is open (Shift-click a point)"),
             is_open || draw.shown.beside == run ? tr("It is open in the explorer.") : "")) {
    draw.requests.beside_run = run;
  }
}

void click_dot(const LabDraw& draw, const LabDot& dot) {
  const bool compares = ImGui::GetIO().KeyShift;
  if (draw.state.chosen != dot.place) draw.state.seed = 0;
  draw.state.chosen = dot.place;
  const auto run = run_of(*draw.page().table, dot, draw.state.seed);
  if (!run) return;
  (compares ? draw.requests.beside_run : draw.requests.open_run) = run;
}

}  // namespace

void draw_results(const LabDraw& draw) {
  const PanelFrame& frame = draw.frame;
  const LabPage& page = draw.page();
  section(frame, tr("Results"));
  if (!page.is_measured()) {
    return draw_nothing(draw, "lab_unmeasured",
                        tr("Points appear here as runs finish, with their errors."));
  }
  if (!page.may_see()) {
    return draw_nothing(draw, "lab_covered",
                        tr("Results are there. They are covered until you have predicted."));
  }
  draw_plot_choice(draw);
  draw.state.plot = std::min(draw.state.plot, page.charts.size());
  const LabChart chart = shown_chart(draw);
  const float width = ImGui::GetContentRegionAvail().x;
  const float height = std::clamp(kChartShare * width, draw.px(kChartLow), draw.px(kChartHigh));
  const Rect room{ImGui::GetCursorScreenPos(), {width, height}};
  const PlotArea area = area_of(chart, room, frame.theme);
  draw_chart_axes(chart, area, true, frame.theme);
  std::vector<GuessPlace> guess;
  if (page.asks() && !page.guess.skipped &&
      page.experiment().prediction->kind == LabPrediction::Kind::curve &&
      page.experiment().prediction->plot == draw.state.plot) {
    guess = curve_on(page.guess, chart,
                     predicted_series(chart, *page.table, *page.experiment().prediction));
  }
  draw_guess(guess, chart, area, frame.theme);
  const LabPlace* ringed = draw.state.chosen ? &*draw.state.chosen : nullptr;
  const auto hit = draw_chart_dots(chart, area, ringed, frame);
  const LabDot* dot = dot_at(chart, hit);
  ImGui::SetCursorScreenPos(area.rect.origin);
  const bool clicked = ImGui::InvisibleButton("lab_chart", area.rect.size);
  frame.widgets.note("lab_chart");
  if (dot != nullptr && ImGui::IsItemHovered()) {
    ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    tooltip(frame.theme, text_of_dot(chart, *dot).c_str());
  }
  if (dot != nullptr && clicked) click_dot(draw, *dot);
  if (chart.is_empty()) draw_centred(frame.theme, area.rect, tr("No run has these figures yet"));
  ImGui::SetCursorScreenPos({room.origin.x, room.high().y + draw.px(2)});
  draw_chart_legend(chart, !guess.empty(), width, frame);
  draw_chosen(draw, chart);
}

}  // namespace zscape
