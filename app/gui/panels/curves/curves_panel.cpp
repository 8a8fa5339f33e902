#include "app/gui/panels/curves/curves_panel.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <string>

#include "app/gui/panels/curves/curve_lines.h"
#include "app/gui/panels/curves/evaluation_strip.h"
#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/frame/pane_colors.h"
#include "app/gui/view/latent/comparison.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kLowForStrip = 140;  // pixels: the plots then need the second line's room
constexpr std::array kDrawOrder = {CurveSeries::former, CurveSeries::train,
                                   CurveSeries::test_sample, CurveSeries::test};
constexpr std::array kReadOrder = {CurveSeries::train, CurveSeries::test, CurveSeries::test_sample,
                                   CurveSeries::former};

struct LineStyle {
  ImU32 tint = 0;
  float thickness = 1;
  bool markers = false;
};

// Alone, a model's series have a colour each; several models share the series' styles and have
// their panes' colours.
LineStyle style_of(const CurveRuns& runs, CurveSeries series, const ModelView* model) {
  const bool is_test = series == CurveSeries::test;
  if (series == CurveSeries::former) return {color::kFormer, 1.0f, false};
  if (runs.several()) {
    const ImU32 tint = model ? pane_color(model->id.value) : color::kText;
    const bool is_train = series == CurveSeries::train;
    return {is_train ? with_alpha(tint, 0.5f) : tint, is_train ? 1.0f : 1.5f, is_test};
  }
  if (series == CurveSeries::train) return {color::kAccent, 1.5f, false};
  return is_test ? LineStyle{color::kText, 1.5f, true} : LineStyle{color::kSecond, 1.0f, false};
}

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

// One curve of a plot.
struct Line {
  const ModelView& model;
  CurveSeries series;
  const Curve& curve;
  LineStyle style;
};

bool hides(const CurvesPanelState& state, const ModelView& model, CurveSeries series) {
  return !state.shown[static_cast<std::size_t>(series)] || state.hidden.contains(model.serial);
}

// In the order in which they are drawn: the active model's come last.
std::vector<Line> lines_of(const CurveRuns& runs, const CurvesPanelState& state, CurveField field,
                           std::span<const CurveSeries> order) {
  std::vector<Line> lines;
  const auto add = [&](const ModelView& model) {
    for (const CurveSeries series : order) {
      const Curve* curve = curve_of(runs, model, series, field);
      if (!curve || hides(state, model, series)) continue;
      lines.push_back({model, series, *curve, style_of(runs, series, &model)});
    }
  };
  for (const ModelView* model : runs.models) {
    if (model != &runs.active) add(*model);
  }
  add(runs.active);
  return lines;
}

// Whether any of the plots shows it, of any model.
bool is_listed(const CurveRuns& runs, CurveSeries series) {
  return std::ranges::any_of(kPlots, [&](const PlotKind& kind) {
    return std::ranges::any_of(runs.models, [&](const ModelView* model) {
      return curve_of(runs, *model, series, kind.field) != nullptr;
    });
  });
}

double last_step(const Curve& curve) {
  return curve.empty() ? 0 : static_cast<double>(curve.back().step);
}

// The steps to show: those of all open models, and those of the former run if all is shown or there
// are no others.
Range step_range(const CurveRuns& runs, const CurvesPanelState& state, CurveField field, bool all) {
  double own = 0, former = 0;
  for (const Line& line : lines_of(runs, state, field, kDrawOrder)) {
    double& last = line.series == CurveSeries::former ? former : own;
    last = std::max(last, last_step(line.curve));
  }
  return {0, std::max(all || own == 0 ? std::max(own, former) : own, 1.0)};
}

// What one plot needs, for one frame.
struct PlotDrawing {
  const CurveRuns& runs;
  const PlotKind& kind;
  CurvePlotState& plot;
  CurvesPanelState& state;
  const PanelFrame& frame;
  Rect area;  // inside the axes
  std::vector<Line> lines;

  const ModelView& view() const { return runs.active; }
  SeriesCache& cache(const Line& line) const {
    return plot.series[{line.model.serial, static_cast<std::size_t>(line.series)}];
  }
};

// Whether there is a line to draw yet; a single point makes none.
bool has_line(const PlotDrawing& drawing) {
  return std::ranges::any_of(drawing.lines,
                             [](const Line& line) { return line.curve.size() >= 2; });
}

// Holds the curves of every model, however far apart they are.
Range visible_values(const PlotDrawing& drawing, Range steps, int width) {
  std::map<ModelId, std::vector<Column>> pools;
  Range newest{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (const Line& line : drawing.lines) {
    const auto& columns = drawing.cache(line).columns(line.curve, drawing.kind.field, steps, width);
    std::vector<Column>& pool = pools[line.model.id];
    pool.insert(pool.end(), columns.begin(), columns.end());
    if (line.series == CurveSeries::former || columns.empty()) continue;
    newest.low = std::min<double>(newest.low, columns.back().lowest);
    newest.high = std::max<double>(newest.high, columns.back().highest);
  }
  std::optional<Range> range;
  for (const auto& [model, pool] : pools) {
    if (pool.empty()) continue;
    const Range one = value_range(pool, drawing.plot.show_all ? 0 : kOutliers);
    range = range ? Range{std::min(range->low, one.low), std::max(range->high, one.high)} : one;
  }
  if (!range) return {0, 1};
  // The newest values always stay visible.
  if (newest.low <= newest.high) {
    const double room = 0.04 * range->span();
    range->low = std::min(range->low, newest.low - room);
    range->high = std::max(range->high, newest.high + room);
  }
  return *range;
}

double lowest_value(const PlotDrawing& drawing) {
  double lowest = std::numeric_limits<double>::infinity();
  for (const Line& line : drawing.lines) {
    for (const Column& column : drawing.cache(line).last_columns()) {
      lowest = std::min<double>(lowest, column.lowest);
    }
  }
  return lowest;
}

struct ValueRow : Reading {
  ImU32 tint = 0;  // 0: no line
};

// meant: the label of λ marks under the pointer, or null.
std::vector<ValueRow> values_at(const PlotDrawing& drawing, double step, const MarkLabel* meant) {
  constexpr std::size_t kMostMarks = 6;
  std::vector<ValueRow> rows;
  rows.push_back({{tr("step"), format_count(static_cast<std::int64_t>(step))}});
  for (const Line& line : lines_of(drawing.runs, drawing.state, drawing.kind.field, kReadOrder)) {
    if (line.curve.empty()) continue;
    const char* series = name_of(line.series);
    const std::string name =
        drawing.runs.several() ? tr("{}, {}", name_with_lambda(line.model), series) : series;
    rows.push_back({reading_of(line.curve, drawing.kind.field, step, name), line.style.tint});
  }
  if (const auto weight = kl_weight_at(drawing.view(), step)) {
    rows.push_back({{"λ", format_setting(*weight)}});
  }
  if (meant == nullptr) return rows;
  const std::size_t listed = std::min(meant->marks, kMostMarks);
  for (std::size_t i = 0; i < listed; ++i) {
    const KlWeightMark& mark = drawing.view().curves.marks[meant->begin + i];
    rows.push_back({{mark_name(mark), tr("from step {}", format_count(mark.step))}});
  }
  if (meant->marks > listed) {
    const auto more = static_cast<std::int64_t>(meant->marks - listed);
    rows.push_back({{tr("… and {} more changes of λ", format_count(more)), ""}});
  }
  return rows;
}

// The values at the hovered step, above the plot, where they cover neither curves nor labels.
void draw_values(const PlotDrawing& drawing, const PlotArea& area, double step,
                 const MarkLabel* meant) {
  const Theme& theme = drawing.frame.theme;
  const std::vector<ValueRow> rows = values_at(drawing, step, meant);
  float inner = theme.px(144);
  for (const ValueRow& row : rows) {
    const float both =
        width_of(theme.small, row.name.c_str()) + width_of(theme.small, row.value.c_str());
    inner = std::max(inner, both + theme.px(16 + 12));
  }
  const float width = inner + 2 * ImGui::GetStyle().WindowPadding.x;
  // The tick labels at the left and half the gap at the right belong to the plot.
  const float low = area.rect.origin.x - theme.px(kTickLabels);
  const float high = area.rect.high().x + theme.px(kBetweenPlots / 2);
  const float left_edge = std::max(std::min(area.x_of(step) - width / 2, high - width), low);
  ImGui::SetNextWindowPos({std::round(left_edge), area.rect.origin.y - theme.px(kHeading + 4)},
                          ImGuiCond_Always, {0, 1});
  const Styled styled(theme.small);
  ImGui::BeginTooltip();
  const float left = ImGui::GetCursorPosX(), line = ImGui::GetFontSize();
  for (const ValueRow& row : rows) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::GetWindowDrawList()->AddRectFilled({at.x, at.y + line / 2 - theme.px(1)},
                                              {at.x + theme.px(10), at.y + line / 2 + theme.px(1)},
                                              row.tint);
    ImGui::SetCursorPosX(left + theme.px(16));
    small_text(theme, row.name.c_str());
    ImGui::SameLine();
    ImGui::SetCursorPosX(left + inner - ImGui::CalcTextSize(row.value.c_str()).x);
    ImGui::TextUnformatted(row.value.c_str());
  }
  ImGui::EndTooltip();
}

// The title of a plot, with its two switches at the right.
void draw_heading(PlotDrawing& drawing, float width, bool can_log) {
  const Theme& theme = drawing.frame.theme;
  const std::string name = drawing.kind.name;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float all = switch_width(theme, "all"), log = switch_width(theme, "log");
  const bool fits = width_of(theme.small, drawing.kind.title) < width - all - log - theme.px(8);
  small_text(theme, fits ? drawing.kind.title : drawing.kind.short_title, color::kText);
  if (ImGui::GetItemRectSize().x + theme.px(52) < width - all - log) {
    ImGui::SameLine(0, theme.px(6));
    small_text(theme,
               drawing.kind.field == CurveField::kl ? tr("nats") : term_unit(drawing.view().spec));
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
  for (const Line& line : drawing.lines) {
    draw_line(area, drawing.cache(line).last_columns(), line.style.tint,
              theme.px(line.style.thickness), line.style.markers ? theme.px(3) : 0);
  }
}

// How many columns of the curves run through a rectangle.
int covered_columns(const PlotDrawing& drawing, const PlotArea& area, const Rect& rect) {
  int covered = 0;
  for (const Line& line : drawing.lines) {
    for (const Column& column : drawing.cache(line).last_columns()) {
      const float x = area.rect.origin.x + static_cast<float>(column.x);
      const float low = area.y_of(column.lowest), high = area.y_of(column.highest);  // y down
      covered +=
          x >= rect.origin.x && x <= rect.high().x && low >= rect.origin.y && high <= rect.high().y;
    }
  }
  return covered;
}

// The corner of the plot where a text of this size covers least of the curves.
Vec2 free_corner(const PlotDrawing& drawing, const PlotArea& area, Vec2 size) {
  const float pad = drawing.frame.px(4);
  const Vec2 low = area.rect.origin, last = area.rect.high() - size;
  Vec2 best;
  int least = std::numeric_limits<int>::max();
  for (const Vec2 corner : {Vec2{last.x - pad, last.y - pad}, Vec2{last.x - pad, low.y + pad},
                            Vec2{low.x + pad, low.y + pad}, Vec2{low.x + pad, last.y - pad}}) {
    const int covered = covered_columns(drawing, area, {corner, size});
    if (covered >= least) continue;
    least = covered;
    best = {std::round(corner.x), std::round(corner.y)};
  }
  return best;
}

// A line in a corner of the plot, with more to read where the pointer is on it; true: it is.
bool draw_remark(const PlotDrawing& drawing, const PlotArea& area, const std::string& name,
                 const std::string& text, const char* help) {
  const Theme& theme = drawing.frame.theme;
  const Styled styled(theme.small);
  const std::string shown = beginning_that_fits(text, area.rect.size.x - theme.px(8));
  const ImVec2 size = ImGui::CalcTextSize(shown.c_str());
  const Vec2 low = free_corner(drawing, area, size);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled({low.x - theme.px(3), low.y}, {low.x + size.x + theme.px(2), low.y + size.y},
                     with_alpha(color::kPanel, 0.8f));
  list.AddText(low, color::kMuted, shown.c_str());
  const Rect place{low, size};
  drawing.frame.widgets.note(name, place);
  if (!place.contains(ImGui::GetMousePos())) return false;
  tooltip(theme, help);  // of the plot, the last item
  return true;
}

constexpr const char* kWhyKlRises =
    tr("This is how a VAE learns, not a fault. The encoder comes to tell more about each input, so "
       "its posterior q(z|x) moves away from the prior, and the KL rises. The reconstruction gains "
       "more than λ · KL costs: their sum, the loss, falls, of test inputs too.");
constexpr const char* kWhyItOverfits =
    tr("The training loss falls while the test loss rises: the model learns its training inputs by "
       "heart. The KL rises since the codes tell more of them, which helps with no other input.");

// What the plot cannot show by itself; true: the pointer is on it.
bool draw_remarks(const PlotDrawing& drawing, const PlotArea& area) {
  const ModelView& view = drawing.view();
  if (drawing.kind.field == CurveField::kl) {
    const bool is_told = view.spec.has_prior() && view.spec.objective == Objective::elbo;
    switch (is_told ? kl_rise(view.curves) : KlRise::none) {
      case KlRise::learns:
        return draw_remark(drawing, area, "kl_rises", tr("rises: z tells more of x"), kWhyKlRises);
      case KlRise::overfits:
        return draw_remark(drawing, area, "kl_overfits", tr("rises, and the test loss: overfits"),
                           kWhyItOverfits);
      case KlRise::none:
        return false;
    }
  }
  const std::vector<std::string> reasons = left_out(drawing.runs, drawing.kind.field);
  if (reasons.empty()) return false;
  const std::string all =
      tr("Curves in another unit are not on this axis.\n{}", fmt::join(reasons, "\n"));
  return draw_remark(drawing, area, std::string("left_out_") + drawing.kind.name, reasons.front(),
                     all.c_str());
}

void draw_plot(PlotDrawing& drawing) {
  const Theme& theme = drawing.frame.theme;
  const Rect& rect = drawing.area;
  const CurveField field = drawing.kind.field;
  drawing.lines = lines_of(drawing.runs, drawing.state, field, kDrawOrder);
  const Range steps = step_range(drawing.runs, drawing.state, field, drawing.plot.show_all);
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
    const bool no_prior = field == CurveField::kl && !drawing.view().spec.has_prior();
    const bool is_pca = drawing.view().spec.is_linear();
    draw_axes(theme, area, false);
    draw_centred(theme, rect,
                 is_pca     ? tr("PCA is fitted in one step and has no curves")
                 : no_prior ? tr("This model has no prior and therefore no KL")
                            : tr("The curves begin with the first steps"));
    return;
  }
  draw_axes(theme, area, true);
  draw_curves(drawing, area);
  const auto labels = label_marks(theme, area, drawing.view().curves.marks);
  draw_marks(theme, area, drawing.view().curves.marks, labels);
  const bool on_remark = draw_remarks(drawing, area);
  if (!drawing.state.hovered_step) return;
  const double step = *drawing.state.hovered_step;
  if (step < steps.low || step > steps.high) return;
  draw_crosshair(theme, area, step);
  for (const Line& line : drawing.lines) {
    const auto index = index_at(line.curve, step);
    if (!index) continue;
    const CurvePoint& point = line.curve[*index];
    draw_dot(theme, area, static_cast<double>(point.step), value_of(point, field),
             line.style.tint | IM_COL32_A_MASK);
  }
  if (hovered && !on_remark) {
    draw_values(drawing, area, step, label_at(theme, labels, ImGui::GetMousePos().x));
  }
}

// An entry of the legend.
struct LegendEntry {
  std::string name;
  std::string widget;
  LineStyle style;
  bool is_on = true;
  std::function<void()> flip;
};

// Of the widgets, by CurveSeries: the same in every language.
constexpr std::array kLegendIds = {"legend_training", "legend_test", "legend_test_sample",
                                   "legend_former_run"};

std::vector<LegendEntry> legend_of(const CurveRuns& runs, CurvesPanelState& state) {
  std::vector<LegendEntry> entries;
  for (const CurveSeries series : kReadOrder) {
    if (!is_listed(runs, series)) continue;
    bool& shown = state.shown[static_cast<std::size_t>(series)];
    entries.push_back({name_of(series), kLegendIds[static_cast<std::size_t>(series)],
                       style_of(runs, series, nullptr), shown, [&shown] { shown = !shown; }});
  }
  for (const ModelView* model : runs.models) {
    if (!runs.several()) break;
    const ModelId id = model->id;
    entries.push_back({name_with_lambda(*model),
                       fmt::format("legend_model_{}", id.value),
                       {pane_color(id.value), 3, false},
                       !state.hidden.contains(model->serial),
                       [&state, serial = model->serial] {
                         if (state.hidden.erase(serial) == 0) state.hidden.insert(serial);
                       }});
  }
  return entries;
}

// The names of the curves to the right of the tabs; a click hides or shows one.
void draw_legend(const CurveRuns& runs, CurvesPanelState& state, const PanelFrame& frame,
                 float left, float right) {
  const Theme& theme = frame.theme;
  const float dash = theme.px(14), gap = theme.px(6), between = theme.px(16);
  const Styled styled(theme.small);
  const std::vector<LegendEntry> entries = legend_of(runs, state);
  float width = 0;
  for (const LegendEntry& entry : entries) {
    width += dash + gap + ImGui::CalcTextSize(entry.name.c_str()).x + between;
  }
  ImVec2 at(right - width + between, ImGui::GetWindowPos().y + ImGui::GetStyle().WindowPadding.y);
  const float height = height_of(theme.title);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  for (const LegendEntry& entry : entries) {
    const float text = ImGui::CalcTextSize(entry.name.c_str()).x;
    if (at.x < left) {  // no room beside the tabs
      at.x += dash + gap + text + between;
      continue;
    }
    ImGui::SetCursorScreenPos(at);
    if (ImGui::InvisibleButton(entry.widget.c_str(), {dash + gap + text, height})) entry.flip();
    frame.widgets.note(entry.widget);
    const bool hovered = ImGui::IsItemHovered();
    const float opacity = entry.is_on ? 1.0f : 0.35f;
    const float y = std::round(at.y + height / 2);
    const ImU32 tint = entry.is_on ? entry.style.tint : with_alpha(entry.style.tint, opacity);
    list.AddLine({at.x, y}, {at.x + dash, y}, tint, theme.px(entry.style.thickness + 0.5f));
    if (entry.style.markers) {
      list.AddCircleFilled({at.x + dash / 2, y}, theme.px(3), tint, 12);
    }
    list.AddText({at.x + dash + gap, std::round(at.y + (height - ImGui::GetFontSize()) / 2)},
                 with_alpha(hovered ? color::kText : color::kMuted, opacity), entry.name.c_str());
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
  const CurveRuns runs = runs_of(snapshot, *view);
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
    const Range steps = step_range(runs, state, kPlots[index].field, state.plots[index].show_all);
    const double step = steps.low + (mouse.x - area.origin.x) / area.size.x * steps.span();
    const Curve& train = view->curves.train;
    state.hovered_step =
        train.empty() ? step : static_cast<double>(train[nearest_index(train, step)].step);
  }
  for (std::size_t index = 0; index < areas.size(); ++index) {
    PlotDrawing drawing{runs, kPlots[index], state.plots[index], state, frame, areas[index], {}};
    draw_plot(drawing);
  }
  ImGui::End();
  return commands;
}

}  // namespace zscape
