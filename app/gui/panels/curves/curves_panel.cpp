#include "app/gui/panels/curves/curves_panel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "app/gui/panels/curves/evaluation_strip.h"
#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kLowForStrip = 140;  // pixels: the plots then need the second line's room
// NOLINTNEXTLINE(readability-identifier-naming): unscoped, they stand like other constants
enum Series : std::size_t { kTrain, kTest, kTestSample, kGhost, kOther };

struct SeriesStyle {
  const char* name;
  const ImU32& tint;  // of the present theme
  float thickness;
  bool markers;
};
const std::array<SeriesStyle, 5> kSeries = {{
    {tr("training"), color::kAccent, 1.5f, false},
    {tr("test"), color::kText, 1.5f, true},
    {tr("test sample"), color::kSecond, 1.0f, false},
    {tr("former run"), color::kFormer, 1.0f, false},
    {tr("other model"), color::kMuted, 1.0f, false},
}};
constexpr std::array<Series, 5> kDrawOrder = {kGhost, kOther, kTrain, kTestSample, kTest};

struct PlotKind {
  CurveField field;
  const char* title;
  const char* short_title;  // where large text leaves no room
  const char* name;
};
constexpr std::array<PlotKind, 3> kPlots = {{
    {CurveField::loss, tr("Loss"), tr("Loss"), "loss"},
    {CurveField::reconstruction, tr("Reconstruction"), tr("Recon."), "reconstruction"},
    {CurveField::kl, "KL", "KL", "kl"},
}};

// The share of columns that may lie outside the plot at either end.
constexpr double kOutliers = 0.03;

// Pixels between the plots, left of each for its tick labels and above each for its title.
constexpr float kBetweenPlots = 16, kTickLabels = 38, kHeading = 22;

// The model of the panel, and another one; null: there is none.
struct Runs {
  const ModelView& view;
  const ModelView* other;
};

// Whether another run measures this figure in the same unit, so that both share an axis.
bool comparable(const ModelView& view, const ModelSpec& former, CurveField field) {
  const bool same_prior = former.has_prior() == view.spec.has_prior();
  if (field == CurveField::kl) return same_prior && view.spec.has_prior();
  return former.likelihood == view.spec.likelihood &&
         (field == CurveField::reconstruction || same_prior);
}

// The curve of this figure; null: none.
const Curve* curve_of(const Runs& runs, Series series, CurveField field) {
  const ModelView& view = runs.view;
  switch (series) {
    case kTrain:
      return &view.curves.train;
    case kTest:
      return &view.curves.test;
    case kTestSample:
      return &view.curves.test_sample;
    case kGhost:
      return view.ghost && comparable(view, view.ghost_spec, field) ? &view.ghost->train : nullptr;
    case kOther:
      if (runs.other == nullptr || !comparable(view, runs.other->spec, field)) return nullptr;
      return &runs.other->curves.test_sample;
  }
  return nullptr;
}

// Whether any of the plots shows it.
bool is_shown(const Runs& runs, Series series) {
  return std::ranges::any_of(
      kPlots, [&](const PlotKind& kind) { return curve_of(runs, series, kind.field) != nullptr; });
}

double last_step(const Curve* curve) {
  return curve && !curve->empty() ? static_cast<double>(curve->back().step) : 0;
}

// The steps to show: those of this run, and those of the former run if all is shown or this run has
// none.
Range step_range(const Runs& runs, CurveField field, bool all) {
  const ModelView& view = runs.view;
  const double own = std::max({last_step(&view.curves.train), last_step(&view.curves.test),
                               last_step(&view.curves.test_sample)});
  const double former = last_step(curve_of(runs, kGhost, field));
  const double last = all || own == 0 ? std::max(own, former) : own;
  return {0, std::max(last, 1.0)};
}

// What one plot needs, for one frame.
struct PlotDrawing {
  const Runs& runs;
  const ModelView& view;
  const PlotKind& kind;
  CurvePlotState& plot;
  CurvesPanelState& state;
  const PanelFrame& frame;
  Rect area;  // inside the axes

  const Curve* curve(Series series) const { return curve_of(runs, series, kind.field); }
};

// Whether there is a line to draw yet; a single point makes none.
bool has_line(const PlotDrawing& drawing) {
  return std::ranges::any_of(kDrawOrder, [&](Series series) {
    const Curve* curve = drawing.curve(series);
    return curve != nullptr && curve->size() >= 2;
  });
}

Range visible_values(PlotDrawing& drawing, Range steps, int width) {
  std::vector<Column> pool;
  Range newest{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (const Series series : kDrawOrder) {
    const Curve* curve = drawing.curve(series);
    if (!curve || !drawing.state.shown[series]) continue;
    const auto& columns =
        drawing.plot.series[series].columns(*curve, drawing.kind.field, steps, width);
    pool.insert(pool.end(), columns.begin(), columns.end());
    if (series == kGhost || series == kOther || columns.empty()) continue;
    newest.low = std::min<double>(newest.low, columns.back().lowest);
    newest.high = std::max<double>(newest.high, columns.back().highest);
  }
  Range range = value_range(pool, drawing.plot.show_all ? 0 : kOutliers);
  // The newest values always stay visible.
  if (newest.low <= newest.high) {
    const double room = 0.04 * range.span();
    range.low = std::min(range.low, newest.low - room);
    range.high = std::max(range.high, newest.high + room);
  }
  return range;
}

double lowest_value(const PlotDrawing& drawing) {
  double lowest = std::numeric_limits<double>::infinity();
  for (const Series series : kDrawOrder) {
    if (!drawing.curve(series) || !drawing.state.shown[series]) continue;
    for (const Column& column : drawing.plot.series[series].last_columns()) {
      lowest = std::min<double>(lowest, column.lowest);
    }
  }
  return lowest;
}

// λ at a step of this run, if known; before the first mark it is not.
std::optional<double> weight_at(const ModelView& view, double step) {
  if (!view.spec.has_prior()) return std::nullopt;
  const auto& marks = view.curves.marks;
  if (const Curve& train = view.curves.train; !train.empty()) {  // a schedule leaves no marks
    const float known = train[nearest_index(train, step)].kl_weight;
    if (std::isfinite(known)) return known;
  }
  if (marks.empty()) return view.settings.kl_weight;
  const auto after =
      std::ranges::upper_bound(marks, static_cast<std::int64_t>(step), {}, &KlWeightMark::step);
  if (after == marks.begin()) return std::nullopt;
  return std::prev(after)->kl_weight;
}

// The values at the hovered step, above the plot, where they cover neither curves nor labels.
void draw_values(const PlotDrawing& drawing, const PlotArea& area, double step) {
  const Theme& theme = drawing.frame.theme;
  const float inner = theme.px(144), width = inner + 2 * ImGui::GetStyle().WindowPadding.x;
  // The tick labels at the left and half the gap at the right belong to the plot.
  const float low = area.rect.origin.x - theme.px(kTickLabels);
  const float high = area.rect.high().x + theme.px(kBetweenPlots / 2);
  const float left_edge = std::max(std::min(area.x_of(step) - width / 2, high - width), low);
  ImGui::SetNextWindowPos({std::round(left_edge), area.rect.origin.y - theme.px(kHeading + 4)},
                          ImGuiCond_Always, {0, 1});
  const Styled styled(theme.small);
  ImGui::BeginTooltip();
  const float left = ImGui::GetCursorPosX(), line = ImGui::GetFontSize();
  const auto row = [&](const char* name, const std::string& value, ImU32 tint) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::GetWindowDrawList()->AddRectFilled({at.x, at.y + line / 2 - theme.px(1)},
                                              {at.x + theme.px(10), at.y + line / 2 + theme.px(1)},
                                              tint);
    ImGui::SetCursorPosX(left + theme.px(16));
    small_text(theme, name);
    ImGui::SameLine();
    ImGui::SetCursorPosX(left + inner - ImGui::CalcTextSize(value.c_str()).x);
    ImGui::TextUnformatted(value.c_str());
  };
  row(tr("step"), format_count(static_cast<std::int64_t>(step)), 0);
  for (const Series series : {kTrain, kTestSample, kTest, kOther, kGhost}) {
    const Curve* curve = drawing.curve(series);
    if (!curve || curve->empty() || !drawing.state.shown[series]) continue;
    const CurvePoint& point = (*curve)[nearest_index(*curve, step)];
    const bool far = (series == kGhost || series == kOther) && last_step(curve) < step;
    row(kSeries[series].name, far ? "–" : format_value(value_of(point, drawing.kind.field)),
        kSeries[series].tint);
  }
  if (const auto weight = weight_at(drawing.view, step)) row("λ", format_setting(*weight), 0);
  ImGui::EndTooltip();
}

// The title of a plot, with its two switches at the right.
void draw_heading(PlotDrawing& drawing, float width, bool can_log) {
  const Theme& theme = drawing.frame.theme;
  const std::string name = drawing.kind.name;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const bool mse = drawing.view.spec.likelihood == Likelihood::mse;
  const float all = switch_width(theme, "all"), log = switch_width(theme, "log");
  const bool fits = width_of(theme.small, drawing.kind.title) < width - all - log - theme.px(8);
  small_text(theme, fits ? drawing.kind.title : drawing.kind.short_title, color::kText);
  if (ImGui::GetItemRectSize().x + theme.px(52) < width - all - log) {
    ImGui::SameLine(0, theme.px(6));
    small_text(theme, drawing.kind.field == CurveField::kl || !mse ? "nats" : "MSE");
  }
  ImGui::SetCursorScreenPos({at.x + width - all - log - theme.px(4), at.y - theme.px(2)});
  if (small_switch(drawing.frame, name + "_log", "log", drawing.plot.log_scale && can_log,
                   tr("Use a logarithmic scale"),
                   can_log ? "" : tr("A logarithmic scale needs positive values."))) {
    drawing.plot.log_scale = !drawing.plot.log_scale;
  }
  ImGui::SetCursorScreenPos({at.x + width - all, at.y - theme.px(2)});
  if (small_switch(
          drawing.frame, name + "_all", "all", drawing.plot.show_all,
          tr("Show all values, with outliers, and the former run in full length. A double-click in "
             "the plot does the same."))) {
    drawing.plot.show_all = !drawing.plot.show_all;
  }
}

void draw_curves(const PlotDrawing& drawing, const PlotArea& area) {
  const Theme& theme = drawing.frame.theme;
  for (const Series series : kDrawOrder) {
    if (!drawing.state.shown[series] || !drawing.curve(series)) continue;
    const SeriesStyle& style = kSeries[series];
    draw_line(area, drawing.plot.series[series].last_columns(), style.tint,
              theme.px(style.thickness), style.markers ? theme.px(3) : 0);
  }
}

void draw_plot(PlotDrawing& drawing) {
  const Theme& theme = drawing.frame.theme;
  const Rect& rect = drawing.area;
  const Range steps = step_range(drawing.runs, drawing.kind.field, drawing.plot.show_all);
  const int width = std::max(1, static_cast<int>(rect.size.x));
  const Range values = visible_values(drawing, steps, width);
  const double lowest = lowest_value(drawing);
  const bool empty = !std::isfinite(lowest) || !has_line(drawing);
  const bool can_log = !empty && lowest > 0;
  const bool log = drawing.plot.log_scale && can_log;
  PlotArea area{rect, steps, values, log};
  if (log) area.values.low = std::max(values.low, std::min(lowest, values.high / 10) * 0.9);

  ImGui::SetCursorScreenPos({rect.origin.x, rect.origin.y - theme.px(kHeading)});
  draw_heading(drawing, rect.size.x, can_log);

  ImGui::SetCursorScreenPos(rect.origin);
  const std::string name = std::string("plot_") + drawing.kind.name;
  ImGui::InvisibleButton(name.c_str(), {std::max(rect.size.x, 1.0f), std::max(rect.size.y, 1.0f)});
  drawing.frame.widgets.note(name);
  const bool hovered = ImGui::IsItemHovered();
  if (hovered && ImGui::IsMouseDoubleClicked(0)) drawing.plot.show_all = !drawing.plot.show_all;

  if (empty) {
    const bool no_prior = drawing.kind.field == CurveField::kl && !drawing.view.spec.has_prior();
    const bool is_pca = drawing.view.spec.is_linear();
    draw_axes(theme, area, false);
    draw_centred(theme, rect,
                 is_pca     ? tr("PCA is fitted in one step and has no curves")
                 : no_prior ? tr("This model has no prior and therefore no KL")
                            : tr("The curves begin with the first steps"));
    return;
  }
  draw_axes(theme, area, true);
  draw_curves(drawing, area);
  draw_marks(theme, area, drawing.view.curves.marks);
  if (!drawing.state.hovered_step) return;
  const double step = *drawing.state.hovered_step;
  if (step < steps.low || step > steps.high) return;
  draw_crosshair(theme, area, step);
  for (const Series series : kDrawOrder) {
    const Curve* curve = drawing.curve(series);
    if (!curve || curve->empty() || !drawing.state.shown[series]) continue;
    const CurvePoint& point = (*curve)[nearest_index(*curve, step)];
    draw_dot(theme, area, static_cast<double>(point.step), value_of(point, drawing.kind.field),
             kSeries[series].tint);
  }
  if (hovered) draw_values(drawing, area, step);
}

// The names of the curves to the right of the tabs; a click hides or shows one.
void draw_legend(const Runs& runs, CurvesPanelState& state, const PanelFrame& frame, float left,
                 float right) {
  const Theme& theme = frame.theme;
  const float dash = theme.px(14), gap = theme.px(6), between = theme.px(16);
  const Styled styled(theme.small);
  float width = 0;
  for (const Series series : {kTrain, kTest, kTestSample, kOther, kGhost}) {
    if (!is_shown(runs, series)) continue;
    width += dash + gap + ImGui::CalcTextSize(kSeries[series].name).x + between;
  }
  ImVec2 at(right - width + between, ImGui::GetWindowPos().y + ImGui::GetStyle().WindowPadding.y);
  const float height = height_of(theme.title);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  for (const Series series : {kTrain, kTest, kTestSample, kOther, kGhost}) {
    if (!is_shown(runs, series)) continue;
    const SeriesStyle& style = kSeries[series];
    const float text = ImGui::CalcTextSize(style.name).x;
    if (at.x < left) {  // no room beside the tabs
      at.x += dash + gap + text + between;
      continue;
    }
    const std::string name = std::string("legend_") + style.name;
    ImGui::SetCursorScreenPos(at);
    if (ImGui::InvisibleButton(name.c_str(), {dash + gap + text, height})) {
      state.shown[series] = !state.shown[series];
    }
    frame.widgets.note(name);
    const bool hovered = ImGui::IsItemHovered();
    const float opacity = state.shown[series] ? 1.0f : 0.35f;
    const float y = std::round(at.y + height / 2);
    list.AddLine({at.x, y}, {at.x + dash, y}, with_alpha(style.tint, opacity),
                 theme.px(style.thickness + 0.5f));
    if (style.markers) {
      list.AddCircleFilled({at.x + dash / 2, y}, theme.px(3), with_alpha(style.tint, opacity), 12);
    }
    list.AddText({at.x + dash + gap, std::round(at.y + (height - ImGui::GetFontSize()) / 2)},
                 with_alpha(hovered ? color::kText : color::kMuted, opacity), style.name);
    at.x += dash + gap + text + between;
  }
}

}  // namespace

std::vector<Command> draw_curves_panel(const Snapshot& snapshot, ModelId model,
                                       CurvesPanelState& state, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  std::vector<Command> commands;
  begin_panel("##curves", frame, kNoScroll);
  draw_lower_tabs(snapshot, state.tab, state.figures_warn, frame);
  const float tabs_end = ImGui::GetItemRectMax().x + theme.px(16);
  const ModelView* view = snapshot.find(model);
  if (!view) {
    ImGui::End();
    return commands;
  }
  Rect room = below_tabs(frame);
  if (view->opened) {
    const bool is_low = room.size.y < theme.px(kLowForStrip);
    const StripLines lines = is_low ? StripLines::one : StripLines::two;
    if (auto asked = draw_evaluation_strip(*view, lines, room, frame)) {
      commands.push_back(*std::move(asked));
    }
  }
  const float left = room.origin.x, right = left + room.size.x;
  Runs runs{*view, nullptr};
  for (const ModelView& each : snapshot.models) {
    if (each.id != model) runs.other = &each;
  }
  const bool empty = view->curves.train.empty() && view->curves.test_sample.empty();
  const CsvExport csv{
      "curves", tr("Write the curves to a file, with one row for each measured step"),
      tr("Write the curves as CSV to"), empty ? tr("There are no curves yet.") : ""};
  float export_at = right;
  if (auto path = draw_csv_export(csv, state.csv, export_at, frame)) {
    commands.emplace_back(ExportCurves{view->id, *path});
  }
  draw_legend(runs, state, frame, tabs_end, export_at - theme.px(12));

  const float labels = theme.px(kTickLabels), between = theme.px(kBetweenPlots);
  const float top = room.origin.y + theme.px(20);
  const float bottom = room.high().y - theme.px(22);  // the steps stand below
  const float width = (right - left - 2 * between) / 3 - labels;
  std::array<Rect, 3> areas;
  for (std::size_t index = 0; index < areas.size(); ++index) {
    const auto place = static_cast<float>(index);
    areas[index] = {
        {std::round(left + place * (width + labels + between) + labels), std::round(top)},
        {std::floor(width), std::floor(std::max(bottom - top, theme.px(20)))}};
  }

  // The step at the pointer, before anything is drawn: all three plots show it.
  state.hovered_step = state.marked_step;
  const ImVec2 mouse = ImGui::GetMousePos();
  for (std::size_t index = 0; index < areas.size() && ImGui::IsWindowHovered(); ++index) {
    const Rect& area = areas[index];
    if (!area.contains(mouse)) continue;
    const Range steps = step_range(runs, kPlots[index].field, state.plots[index].show_all);
    const double step = steps.low + (mouse.x - area.origin.x) / area.size.x * steps.span();
    const Curve& train = view->curves.train;
    state.hovered_step =
        train.empty() ? step : static_cast<double>(train[nearest_index(train, step)].step);
  }
  for (std::size_t index = 0; index < areas.size(); ++index) {
    PlotDrawing drawing{runs, *view, kPlots[index], state.plots[index], state, frame, areas[index]};
    draw_plot(drawing);
  }
  ImGui::End();
  return commands;
}

}  // namespace zscape
