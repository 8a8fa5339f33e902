// What the ELBO lacks of log p(x): over the steps, and of which inputs most.
#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/panels/inputs/input_list.h"
#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/given_codes.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kPicture = 58, kGap = 10, kBetween = 18;
constexpr float kHeading = 20;                  // above plot and lists
constexpr float kTickLabels = 38, kSteps = 20;  // left of and below the plot
constexpr float kPlotShare = 0.36f, kNarrowest = 190, kWidest = 420;

struct GapLine {
  const char* name;
  float GapPoint::*value;
  ImU32 tint;
};
std::array<GapLine, 2> lines_of_gaps() {
  return {{{tr("amortisation"), &GapPoint::amortisation, color::kSecond},
           {tr("approximation"), &GapPoint::approximation, color::kAccent}}};
}

struct Draw : PanelDraw {
  const Snapshot& snapshot;
  const ModelView& model;
  const InputListInput& input;
  const GapLedger& ledger;
  GapsPanelState& state;
  InputListRequests& requests;

  std::span<const GapPoint> points() const { return model.curves.gaps; }
};

// The last point at or before the hovered step, else the newest; null: none.
const GapPoint* point_shown(const Draw& draw) {
  const std::span<const GapPoint> points = draw.points();
  if (points.empty()) return nullptr;
  if (!draw.state.hovered_step) return &points.back();
  const auto after = std::ranges::upper_bound(
      points, *draw.state.hovered_step, {},
      [](const GapPoint& point) { return static_cast<double>(point.step); });
  return after == points.begin() ? nullptr : &*std::prev(after);
}

PlotArea area_of(const Draw& draw, const Rect& rect) {
  const std::span<const GapPoint> points = draw.points();
  double highest = 0, lowest = 0;
  for (const GapPoint& point : points) {
    for (const GapLine& line : lines_of_gaps()) {
      highest = std::max<double>(highest, point.*line.value);
      lowest = std::min<double>(lowest, point.*line.value);
    }
  }
  const double last = std::max<double>(points.empty() ? 1 : static_cast<double>(points.back().step),
                                       static_cast<double>(draw.model.position.step));
  return {
      rect, {0, std::max(last, 1.0)}, {1.05 * lowest, highest > 0 ? 1.08 * highest : 1.0}, false};
}

// The names of both lines with the values at the step in hand.
void draw_plot_heading(const Draw& draw, const Rect& room) {
  const Theme& theme = draw.theme();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Styled styled(theme.small);
  const GapPoint* point = point_shown(draw);
  float x = room.origin.x;
  const float y = room.origin.y, middle = std::round(y + ImGui::GetFontSize() / 2);
  for (const GapLine& line : lines_of_gaps()) {
    const std::string value = point ? format_value(point->*line.value, 3) : std::string("–");
    const float name = ImGui::CalcTextSize(line.name).x;
    const float wide = theme.px(19) + name + theme.px(5) + ImGui::CalcTextSize("00.00").x;
    if (x + wide > room.high().x) break;
    list.AddRectFilled({x, middle - theme.px(1)}, {x + theme.px(14), middle + theme.px(1)},
                       line.tint);
    list.AddText({x + theme.px(19), y}, color::kMuted, line.name);
    list.AddText({x + theme.px(24) + name, y}, color::kText, value.c_str());
    x += wide + theme.px(14);
  }
  draw.frame.widgets.note("gaps_values", {room.origin, {x - room.origin.x, ImGui::GetFontSize()}});
}

void draw_gap_plot(const Draw& draw, const Rect& room) {
  const Theme& theme = draw.theme();
  draw_plot_heading(draw, room);
  const Rect rect{room.origin + Vec2{theme.px(kTickLabels), theme.px(kHeading)},
                  room.size - Vec2{theme.px(kTickLabels), theme.px(kHeading + kSteps)}};
  if (rect.size.x < theme.px(60) || rect.size.y < theme.px(30)) return;
  ImGui::SetCursorScreenPos(rect.origin);
  ImGui::InvisibleButton("gaps_plot", rect.size);
  draw.frame.widgets.note("gaps_plot");
  const PlotArea area = area_of(draw, rect);
  const bool hovered = ImGui::IsItemHovered();
  draw.state.hovered_step.reset();
  if (hovered) {
    const double part = (ImGui::GetMousePos().x - rect.origin.x) / std::max(rect.size.x - 1, 1.0f);
    draw.state.hovered_step = area.steps.low + part * area.steps.span();
  }
  const std::span<const GapPoint> points = draw.points();
  draw_axes(theme, area, !points.empty());
  if (points.empty()) {
    draw_centred(theme, rect, tr("Measuring {} test inputs …", kGapCurveInputs).c_str());
    return;
  }
  ImDrawList& list = *ImGui::GetWindowDrawList();
  for (const GapLine& line : lines_of_gaps()) {
    const auto place = [&](const GapPoint& point) {
      return ImVec2(area.x_of(static_cast<double>(point.step)), area.y_of(point.*line.value));
    };
    for (std::size_t i = 1; i < points.size(); ++i) {
      list.AddLine(place(points[i - 1]), place(points[i]), line.tint, theme.px(1.5f));
    }
    const bool dotted = points.size() < static_cast<std::size_t>(rect.size.x / theme.px(10));
    for (const GapPoint& point : points) {
      if (dotted || &point == &points.back()) {
        list.AddCircleFilled(place(point), theme.px(2.5f), line.tint, 12);
      }
    }
  }
  if (!hovered) return;
  const GapPoint* point = point_shown(draw);
  if (!point) return;
  draw_crosshair(theme, area, static_cast<double>(point->step));
  const std::string step = format_count(point->step), inputs = format_count(point->inputs);
  tooltip(
      theme,
      tr("Step {}, means over {} test inputs, nats\nlog p(x) {} = ELBO {} + amortisation gap {} "
         "+ approximation gap {}",
         step, inputs, format_value(point->log_likelihood, 5), format_value(point->elbo, 5),
         format_value(point->amortisation, 3), format_value(point->approximation, 3))
          .c_str());
}

// A list with its heading.
struct PairList {
  const char* name;  // of the table's widget
  std::string heading;
  std::size_t count = 0;
  std::string instead;  // where it is empty
};

template <class Pair>
void draw_pairs(const Draw& draw, const PairList& pairs, const Rect& room, const Pair& pair) {
  const Theme& theme = draw.theme();
  {
    const Styled styled(theme.small);
    ImGui::GetWindowDrawList()->AddText(room.origin, color::kMuted,
                                        beginning_that_fits(pairs.heading, room.size.x).c_str());
  }
  const float heading = theme.px(kHeading);
  const Rect below{room.origin + Vec2{0, heading}, room.size - Vec2{0, heading}};
  if (pairs.count == 0) {
    draw_centred(theme, below, pairs.instead.c_str());
    return;
  }
  const PairSize size = pair_size(draw.input.pictures, theme, kPicture);
  CellTable table(pairs.name, below, pairs.count, size.cell, theme.px(kGap), draw.frame);
  draw.requests.hovered =
      draw.requests.hovered || ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows);
  for (std::size_t number = table.first(); number < table.last(); ++number) {
    draw_picture_pair(draw.snapshot, draw.input, pair(number), size, table.place(number),
                      draw.requests, draw.frame);
  }
  table.end();
}

void draw_lists(const Draw& draw, const Rect& room) {
  const float between = draw.px(kBetween), width = (room.size.x - between) / 2;
  const GapLedger& ledger = draw.ledger;
  const WorstInputs& worst = draw.input.worst;
  const std::string of = format_count(static_cast<std::int64_t>(ledger.measured()));
  draw_pairs(draw,
             {"gaps_list",
              ledger.measured() == 0 ? tr("Worst encoded")
                                     : tr("Worst encoded of {}, amortisation gap in nats", of),
              ledger.entries().size(), tr("Measuring gaps …")},
             {room.origin, {width, room.size.y}}, [&](std::size_t number) {
               const GapLedger::Entry& entry = ledger.entries()[number];
               const std::string name = input_name(draw.snapshot, entry.input);
               return PicturePair{
                   fmt::format("gaps_{}", number), entry.input, entry.amortisation,
                   tr("{}\namortisation gap {} nats, approximation gap {}\nlog p(x) {}", name,
                      format_value(entry.amortisation, 4), format_value(entry.approximation, 3),
                      format_value(entry.log_likelihood, 5))};
             });
  const std::string all = format_count(static_cast<std::int64_t>(worst.measured()));
  draw_pairs(draw,
             {"gaps_worst_list",
              worst.measured() == 0 ? tr("Worst reconstructed")
              : worst.in_nats()     ? tr("Worst reconstructed of {}, in nats", all)
                                    : tr("Worst reconstructed of {}, mse", all),
              worst.entries().size(), tr("Measuring every input …")},
             {room.origin + Vec2{width + between, 0}, {width, room.size.y}},
             [&](std::size_t number) { return pair_of_worst(draw.snapshot, worst, number); });
}

}  // namespace

InputListRequests draw_gaps_panel(const Snapshot& snapshot, ModelId model,
                                  const InputListInput& input, const GapLedger& ledger,
                                  GapsPanelState& state, LowerTab& tab, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  InputListRequests requests;
  begin_panel("##gaps", frame, kNoScroll);
  draw_lower_tabs(snapshot, tab, false, frame);
  const Rect room = below_tabs(frame);
  const ModelView* view = snapshot.find(model);
  const std::string why =
      !view || !snapshot.data    ? tr("The gaps come with the first codes")
      : shows_given_codes(*view) ? std::string(kCodesAlone)
      : view->past_decoder ? tr("Gaps are measured with the present weights. Return to now to see "
                                "them.")
                           : why_no_exact_likelihood(view->spec);
  if (!why.empty()) {
    draw_centred(theme, room, why.c_str());
    ImGui::End();
    return requests;
  }
  const Draw draw{{frame}, snapshot, *view, input, ledger, state, requests};
  const float width = std::clamp(kPlotShare * room.size.x, theme.px(kNarrowest), theme.px(kWidest));
  draw_gap_plot(draw, {room.origin, {width, room.size.y}});
  const float left = width + theme.px(kBetween);
  draw_lists(draw, {room.origin + Vec2{left, 0}, {room.size.x - left, room.size.y}});
  ImGui::End();
  return requests;
}

}  // namespace zscape
