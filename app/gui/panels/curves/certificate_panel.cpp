#include "app/gui/panels/curves/certificate_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/given_codes.h"
#include "engine/text.h"

namespace zscape {
namespace {

// Pixels: the line of the verdict, headings, labels of axes, between the plots.
constexpr float kLine = 22, kHeading = 22, kTickLabels = 48, kBelow = 22, kBetween = 24;
constexpr float kReach = 12;  // of the pointer, to a dot

// A line of a plot, left to right.
struct Trace {
  std::string widget;  // of its entry in the legend
  std::string name;
  ImU32 tint = 0;
  std::vector<std::pair<double, double>> dots;  // effort, value
  std::function<std::string(std::size_t)> tell;
};

ImU32 tint_of(Estimator estimator) {
  switch (estimator) {
    case Estimator::prior:
      return color::kMuted;
    case Estimator::importance:
      return color::kSecond;
    case Estimator::annealed:
      return color::kAccent;
  }
  return color::kMuted;
}

const char* name_in_legend(Estimator estimator) {
  switch (estimator) {
    case Estimator::prior:
      return tr("prior");
    case Estimator::importance:
      return tr("importance");
    case Estimator::annealed:
      return tr("annealed");
  }
  return "";
}

std::string point_text(const CertificateCurve& curve, const CertificatePoint& point) {
  const std::string effort = curve.estimator == Estimator::annealed
                                 ? tr("{} temperatures, {} decoded z for each input",
                                      format_count(point.effort), format_count(point.decodings))
                                 : tr("{} samples of z for each input", format_count(point.effort));
  std::string text = tr("{}: log p(x) {:.3f} ± {:.2f} by the choice of inputs\n{}",
                        name_in_legend(curve.estimator), point.mean, point.standard_error, effort);
  if (std::isfinite(point.move)) {
    text += tr("\nThe last doubling moved it by {:.3f} ± {:.3f}, input {} most: {:.2f}", point.move,
               point.move_error, format_count(point.worst), point.worst_move);
  }
  text += tr("\nEffective samples: {:.1f} in the mean, {:.1f} at least", point.effective,
             point.least_effective);
  return text + tr("\n{:.1f} s so far", point.seconds);
}

std::vector<Trace> traces_of(const Certificate& certificate) {
  std::vector<Trace> traces;
  for (const CertificateCurve& curve : certificate.curves) {
    if (curve.points.empty()) continue;
    Trace trace{fmt::format("estimate_{}", name_of(curve.estimator)),
                tr("{} {:.2f}", name_in_legend(curve.estimator), curve.points.back().mean),
                tint_of(curve.estimator),
                {},
                [&curve](std::size_t i) { return point_text(curve, curve.points[i]); }};
    for (const CertificatePoint& point : curve.points) {
      trace.dots.emplace_back(static_cast<double>(point.decodings), point.mean);
    }
    traces.push_back(std::move(trace));
  }
  return traces;
}

std::string both_text(const BothBounds& both) {
  return tr(
      "{} temperatures: log p(x) lies between {:.3f} and {:.3f}\napart {:.3f} ± {:.3f}, at "
      "most {:.2f}\n{:.1f} s so far",
      format_count(both.temperatures), both.lower, both.upper, both.upper - both.lower,
      both.standard_error, both.worst_gap, both.seconds);
}

std::vector<Trace> bounds_of(const Certificate& certificate) {
  std::vector<Trace> traces;
  if (certificate.both.empty()) return traces;
  const auto tell = [&certificate](std::size_t i) { return both_text(certificate.both[i]); };
  traces.push_back(
      {"bound_lower", tr("lower {:.2f}", certificate.both.back().lower), color::kAccent, {}, tell});
  traces.push_back(
      {"bound_upper", tr("upper {:.2f}", certificate.both.back().upper), color::kSecond, {}, tell});
  for (const BothBounds& both : certificate.both) {
    const auto effort = static_cast<double>(both.decodings);
    traces[0].dots.emplace_back(effort, both.lower);
    traces[1].dots.emplace_back(effort, both.upper);
  }
  return traces;
}

// What the value axis holds: the highest estimate, the exact value, and whatever begins or ends
// near them. The prior's estimate in many dimensions would flatten all others.
Range values_of(const std::vector<Trace>& traces, const std::optional<double>& exact) {
  constexpr double kNear = 20;  // nats
  if (traces.empty()) return {0, 1};
  double highest = exact.value_or(traces.front().dots.back().second);
  for (const Trace& trace : traces) highest = std::max(highest, trace.dots.back().second);
  Range range{highest, highest};
  for (const Trace& trace : traces) {
    for (const double value : {trace.dots.front().second, trace.dots.back().second}) {
      if (std::abs(value - highest) > kNear) continue;
      range.low = std::min(range.low, value);
      range.high = std::max(range.high, value);
    }
  }
  const double room = std::max(0.08 * range.span(), 0.05);
  return {range.low - room, range.high + room};
}

Range efforts_of(const std::vector<Trace>& traces) {
  Range range{std::numeric_limits<double>::infinity(), 1};
  for (const Trace& trace : traces) {
    range.low = std::min(range.low, trace.dots.front().first);
    range.high = std::max(range.high, trace.dots.back().first);
  }
  if (!(range.low <= range.high)) return {1, 10};
  return {range.low / 1.3, std::max(range.high, 2 * range.low) * 1.3};
}

struct EstimatePlot {
  const PanelFrame& frame;
  const char* widget;
  std::string title;
  const char* unit;
  const std::vector<Trace>& traces;
  std::optional<double> exact;
  Rect rect;  // with heading and labels
};

void draw_effort_axis(const Theme& theme, const PlotArea& area, Range efforts) {
  const Styled styled(theme.small);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_value_ticks(theme, area, 20);
  const Vec2 low = area.rect.origin, high = area.rect.high();
  const int columns = std::max(2, static_cast<int>(area.rect.size.x / theme.px(70)));
  for (const Tick& tick : log_ticks(efforts, columns)) {
    const float x = std::round(area.x_of(std::log(tick.value)));
    const std::string label = format_count(std::llround(tick.value));
    const float width = ImGui::CalcTextSize(label.c_str()).x;
    list.AddLine({x, high.y}, {x, high.y + theme.px(4)}, color::kAxis);
    const float at = std::clamp(x - width / 2, low.x - width / 2, high.x - width);
    list.AddText({std::round(at), high.y + theme.px(5)}, color::kMuted, label.c_str());
  }
  list.AddLine({low.x, high.y}, high, color::kAxis);
}

void draw_exact(const Theme& theme, const PlotArea& area, double value) {
  const Styled styled(theme.small);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float y = std::round(area.y_of(value)), dash = theme.px(4);
  const Vec2 low = area.rect.origin, high = area.rect.high();
  for (float x = low.x; x < high.x; x += 2 * dash) {
    list.AddRectFilled({x, y}, {std::min(x + dash, high.x), y + theme.px(1)}, color::kText);
  }
  const std::string text = tr("exact {:.2f}", value);
  const float above = y - height_of(theme.small) - theme.px(2);
  list.AddText({low.x + theme.px(6), above < low.y ? y + theme.px(3) : above}, color::kText,
               text.c_str());
}

void draw_traces(const EstimatePlot& plot, const PlotArea& area) {
  const Theme& theme = plot.frame.theme;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 mouse = ImGui::GetMousePos();
  float nearest = theme.px(kReach);
  std::string told;
  list.PushClipRect({area.rect.origin.x - theme.px(4), area.rect.origin.y},
                    {area.rect.high().x + theme.px(4), area.rect.high().y}, true);
  for (const Trace& trace : plot.traces) {
    std::optional<ImVec2> before;
    for (std::size_t i = 0; i < trace.dots.size(); ++i) {
      const auto& [effort, value] = trace.dots[i];
      const ImVec2 at(area.x_of(std::log(effort)), area.y_of(value));
      if (before) list.AddLine(*before, at, trace.tint, theme.px(1.5f));
      list.AddCircleFilled(at, theme.px(2.5f), trace.tint, 12);
      before = at;
      const float distance = std::hypot(at.x - mouse.x, at.y - mouse.y);
      if (distance >= nearest) continue;
      nearest = distance;
      told = trace.tell(i);
    }
  }
  list.PopClipRect();
  if (!told.empty()) tooltip(theme, told.c_str());  // of the plot, the last item
}

// The names of the lines with their last values, from the right end of the heading.
void draw_names(const EstimatePlot& plot, Vec2 right, float least_x) {
  const Theme& theme = plot.frame.theme;
  const Styled styled(theme.small);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  float x = right.x;
  for (auto trace = plot.traces.rbegin(); trace != plot.traces.rend(); ++trace) {
    const float width = ImGui::CalcTextSize(trace->name.c_str()).x;
    const float dash = theme.px(12), gap = theme.px(5);
    x -= width + dash + gap;
    if (x < least_x) return;  // no room beside the title
    const float y = std::round(right.y + height_of(theme.small) / 2);
    list.AddLine({x, y}, {x + dash, y}, trace->tint, theme.px(2));
    list.AddText({x + dash + gap, right.y}, color::kText, trace->name.c_str());
    plot.frame.widgets.note(trace->widget,
                            {{x, right.y}, {width + dash + gap, height_of(theme.small)}});
    x -= theme.px(14);
  }
}

void draw_plot(const EstimatePlot& plot) {
  const Theme& theme = plot.frame.theme;
  const Vec2 low = plot.rect.origin;
  ImGui::SetCursorScreenPos(low);
  small_text(theme, plot.title.c_str(), color::kText);
  float title_end = ImGui::GetItemRectMax().x;
  const float names = std::accumulate(
      plot.traces.begin(), plot.traces.end(), 0.0f, [&](float sum, const Trace& trace) {
        return sum + width_of(theme.small, trace.name.c_str()) + theme.px(31);
      });
  if (title_end + width_of(theme.small, plot.unit) + theme.px(24) < plot.rect.high().x - names) {
    ImGui::SameLine(0, theme.px(6));
    small_text(theme, plot.unit);
    title_end = ImGui::GetItemRectMax().x;
  }
  draw_names(plot, {plot.rect.high().x, low.y}, title_end + theme.px(12));

  const Rect inner{
      {std::round(low.x + theme.px(kTickLabels)), std::round(low.y + theme.px(kHeading))},
      {std::max(plot.rect.size.x - theme.px(kTickLabels), theme.px(20)),
       std::max(plot.rect.size.y - theme.px(kHeading + kBelow), theme.px(20))}};
  ImGui::SetCursorScreenPos(inner.origin);
  ImGui::InvisibleButton(plot.widget, inner.size);
  plot.frame.widgets.note(plot.widget);
  if (plot.traces.empty()) return;
  const Range efforts = efforts_of(plot.traces);
  const PlotArea area{
      inner, {std::log(efforts.low), std::log(efforts.high)}, values_of(plot.traces, plot.exact)};
  draw_effort_axis(theme, area, efforts);
  if (plot.exact) draw_exact(theme, area, *plot.exact);
  draw_traces(plot, area);
}

// The verdict with the button at its right; shortens the room.
std::optional<Command> draw_verdict(const ModelView& view, Rect& room, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const char* label = view.is_certifying ? tr("Estimating …") : tr("Certify");
  const float width = width_of(theme.small, label) + theme.px(20);
  std::optional<Command> command;
  {
    Styled styled(theme.small);
    styled.var(ImGuiStyleVar_FramePadding, {theme.px(6), theme.px(2)});
    ImGui::SetCursorScreenPos({room.high().x - width, room.origin.y});
    std::string why_not = why_no_certificate(view);
    if (view.is_certifying) {
      why_not =
          tr("It is at work. The line below the panels shows how far it is, and its cross ends "
             "it.");
    }
    if (button(frame, "certify", label, width,
               tr("Estimate log p(x) of 100 test inputs in several ways, each with more and more "
                  "effort until it settles. Takes minutes; training goes on meanwhile."),
               why_not)) {
      command = Certify{view.id, {}};
    }
  }
  const float most = room.size.x - width - theme.px(18);
  std::string text;
  if (view.certificate) {
    text = verdict_text(*view.certificate);
    const std::int64_t now = view.steps_before + view.position.step;
    if (view.certificate->step != now) {
      text = tr("{} At step {}.", text, format_count(view.certificate->step));
    }
    if (view.certificate->is_mere_score) text = tr("{} A score on grey pixels, no density.", text);
  } else {
    text = view.is_certifying ? tr("The first estimates come …")
                              : tr("log p(x) of this model has not been estimated yet.");
  }
  ImGui::SetCursorScreenPos({room.origin.x, room.origin.y + theme.px(3)});
  ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + most);
  {
    const Styled styled(theme.small);
    ImGui::TextWrapped("%s", text.c_str());
  }
  ImGui::PopTextWrapPos();
  frame.widgets.note("verdict");
  const float taken =
      std::max(theme.px(kLine), ImGui::GetItemRectSize().y + theme.px(3)) + theme.px(8);
  room.origin.y += taken;
  room.size.y -= taken;
  return command;
}

}  // namespace

std::string why_no_certificate(const ModelView& view) {
  if (shows_given_codes(view)) return kCodesAlone;
  if (!view.weights) return tr("Return to now: the past keeps its decoder alone.");
  if (!view.spec.has_prior() && !view.spec.is_linear()) {
    return tr("This kind has no prior and therefore no log p(x).");
  }
  return {};
}

std::vector<Command> draw_certificate_panel(const Snapshot& snapshot, ModelId model,
                                            CertificatePanelState& state, LowerTab& tab,
                                            const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  std::vector<Command> commands;
  begin_panel("##certificate", frame, kNoScroll);
  draw_lower_tabs(snapshot, tab, false, frame);
  const ModelView* view = snapshot.find(model);
  if (!view) {
    ImGui::End();
    return commands;
  }
  Rect room = below_tabs(frame);
  const CsvExport csv{
      "certificate", tr("Write every estimate to a file, as CSV or as a table in Markdown"),
      tr("Write the estimates as CSV, or as Markdown where the name ends in .md, to"),
      view->certificate ? "" : tr("There are no estimates yet.")};
  float export_at = room.high().x;
  if (auto path = draw_csv_export(csv, state.csv, export_at, frame)) {
    commands.emplace_back(ExportCertificate{view->id, *path});
  }
  if (auto asked = draw_verdict(*view, room, frame)) commands.push_back(*std::move(asked));
  if (view->certificate) {
    const Certificate& shown = *view->certificate;
    const std::vector<Trace> estimates = traces_of(shown), bounds = bounds_of(shown);
    const bool has_both = shown.drawn > 0 && !bounds.empty();
    const float between = theme.px(kBetween);
    const float first = std::floor(has_both ? 0.58f * (room.size.x - between) : room.size.x);
    std::optional<double> exact;
    if (shown.exact) exact = shown.exact->mean;
    if (estimates.empty() && shown.is_done) {
      draw_centred(theme, room, tr("A closed form needs no estimate."));
    } else {
      draw_plot({frame,
                 "plot_estimates",
                 tr("log p(x) of {} test inputs", shown.inputs),
                 tr("nats, over decoded z for each"),
                 estimates,
                 exact,
                 {room.origin, {first, room.size.y}}});
    }
    if (has_both) {
      draw_plot({frame,
                 "plot_bounds",
                 tr("of {} inputs drawn from the model", shown.drawn),
                 tr("by annealing"),
                 bounds,
                 std::nullopt,
                 {{room.origin.x + first + between, room.origin.y},
                  {room.size.x - first - between, room.size.y}}});
    }
  }
  ImGui::End();
  return commands;
}

}  // namespace zscape
