#include "app/gui/panels/curves/rate_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "app/gui/panels/curves/curve_lines.h"
#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/view/curves/rate_points.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/frame/pane_colors.h"
#include "app/gui/view/latent/comparison.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kMostTrail = 200;
constexpr std::int64_t kSettledSteps = 300;                   // before that, a dot is hollow
constexpr float kTickLabels = 44, kTable = 330, kRow = 18;    // pixels
constexpr std::array<float, 4> kColumns = {0, 62, 134, 230};  // left ends in the table

bool is_settled(const RatePoint& point) {
  return point.steps_held >= kSettledSteps && !point.of_training;
}

// One run's part of the plane.
struct Shown {
  const ModelView* model = nullptr;  // null: the run before the last Reset
  ImU32 tint = 0;
  std::vector<RatePoint> points;
};

struct Draw : PanelDraw {
  const Snapshot& snapshot;
  const ModelView& view;
  PlotArea area;
};

// −ELBO: models with a prior are scored by likelihoods, so both are nats.
double negative_elbo(const RatePoint& point) {
  return point.distortion + point.rate;
}

std::vector<Shown> shown_runs(const Snapshot& snapshot, const ModelView& view) {
  const CurveRuns runs = runs_of(snapshot, view);
  std::vector<Shown> shown;
  if (view.ghost && view.ghost_spec.has_prior() && share_term(view.spec, view.ghost_spec)) {
    shown.push_back({nullptr, color::kFormer, rate_points(*view.ghost)});
  }
  for (const ModelView* model : runs.models) {
    if (model == &view || !model->spec.has_prior() || !share_term(view.spec, model->spec)) continue;
    shown.push_back({model, pane_color(model->id.value), rate_points(model->curves)});
  }
  const ImU32 tint = runs.several() ? pane_color(view.id.value) : color::kAccent;
  shown.push_back({&view, tint, rate_points(view.curves)});
  return shown;
}

// A range around these values with room at both ends.
Range around(double low, double high, double least_span) {
  const double span = std::max(high - low, least_span);
  const double middle = (low + high) / 2;
  return {middle - 0.62 * span, middle + 0.62 * span};
}

ImVec2 place(const PlotArea& area, double rate, double distortion) {
  return {area.x_of(rate), area.y_of(distortion)};
}

bool is_visible(const PlotArea& area, const RatePoint& point) {
  return point.rate >= area.steps.low && point.rate <= area.steps.high &&
         point.distortion >= area.values.low && point.distortion <= area.values.high;
}

// Axes with numbers at both.
void draw_frame(const Draw& draw, const char* unit) {
  const Theme& theme = draw.theme();
  const PlotArea& area = draw.area;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Styled styled(theme.small);
  draw_value_ticks(theme, area, 26);
  const Vec2 low = area.rect.origin, high = area.rect.high();
  const int columns = std::max(2, static_cast<int>(area.rect.size.x / theme.px(64)));
  for (const Tick& tick : ticks(area.steps, columns)) {
    const float x = std::round(area.x_of(tick.value));
    const float wide = ImGui::CalcTextSize(tick.label.c_str()).x;
    list.AddLine({x, high.y}, {x, high.y + theme.px(4)}, color::kAxis);
    list.AddText({std::round(std::min(x - wide / 2, high.x - wide)), high.y + theme.px(5)},
                 color::kMuted, tick.label.c_str());
  }
  list.AddLine({low.x, high.y}, high, color::kAxis);
  list.AddLine({low.x, low.y}, {low.x, high.y}, color::kAxis);
  ImGui::SetCursorScreenPos({low.x, low.y - theme.px(20)});
  small_text(theme, tr("Distortion over rate"), color::kText);
  ImGui::SameLine(0, theme.px(6));
  small_text(theme, tr("reconstruction, {}, over KL, nats", unit).c_str());
}

// Where distortion + rate is the same.
void draw_diagonals(const Draw& draw) {
  const Theme& theme = draw.theme();
  const PlotArea& area = draw.area;
  const Styled styled(theme.small);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Vec2 low = area.rect.origin, high = area.rect.high();
  const Range sums{area.values.low + area.steps.low, area.values.high + area.steps.high};
  for (const Tick& tick : ticks(sums, 9)) {
    const auto distortion = [&](double rate) { return tick.value - rate; };
    list.PushClipRect(low, high, true);
    list.AddLine(place(area, area.steps.low, distortion(area.steps.low)),
                 place(area, area.steps.high, distortion(area.steps.high)),
                 with_alpha(color::kAxis, 0.8f));
    list.PopClipRect();
    // Its name where it leaves at the right or, steeper ones, below.
    const float wide = ImGui::CalcTextSize(tick.label.c_str()).x, tall = ImGui::GetFontSize();
    const float y = area.y_of(distortion(area.steps.high));
    ImVec2 at{high.x - wide - theme.px(4), y - tall - theme.px(1)};
    if (y > high.y) {
      const double rate = (tick.value - area.values.low);
      at = {area.x_of(rate) - wide - theme.px(8), high.y - tall - theme.px(1)};
    }
    if (at.x < low.x + theme.px(30) || at.y < low.y || at.y + tall > high.y + 1) continue;
    list.AddText({std::round(at.x), std::round(at.y)}, color::kMuted, tick.label.c_str());
  }
}

std::vector<ImVec2> places_of(const PlotArea& area, const std::vector<RatePoint>& points) {
  std::vector<ImVec2> places;
  for (const RatePoint& point : points) places.push_back(place(area, point.rate, point.distortion));
  return places;
}

// What the linear case reaches: the whole curve with a Gaussian decoder, its rate with a Bernoulli.
void draw_linear(const Draw& draw, const KlForecast& known, const std::vector<RatePoint>& curve) {
  if (!known.at) return;
  const Theme& theme = draw.theme();
  const PlotArea& area = draw.area;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_path(area, places_of(area, curve), color::kSecond, theme.px(1.5f), theme.px(5));
  const double rate = known.at->rate;
  if (!std::isfinite(rate) || rate < area.steps.low || rate > area.steps.high) return;
  const float x = std::round(area.x_of(rate)), top = area.rect.origin.y;
  const float bottom = area.rect.high().y;
  if (curve.empty()) {
    for (float y = top; y < bottom; y += theme.px(8)) {
      list.AddLine({x, y}, {x, std::min(y + theme.px(4), bottom)}, color::kSecond, theme.px(1.5f));
    }
    draw.frame.widgets.note("rate_linear", {{x - 2, top}, {4, bottom - top}});
    return;
  }
  const double distortion = linear_reconstruction(
      *known.at, *known.spectrum, draw.view.spec.likelihood, present_sigma(draw.view));
  const ImVec2 at = place(area, rate, distortion);
  if (at.y < top || at.y > bottom) return;
  const float side = theme.px(4.5f);
  list.AddQuadFilled({at.x, at.y - side}, {at.x + side, at.y}, {at.x, at.y + side},
                     {at.x - side, at.y}, color::kPanel);
  list.AddQuad({at.x, at.y - side}, {at.x + side, at.y}, {at.x, at.y + side}, {at.x - side, at.y},
               color::kSecond, theme.px(1.5f));
  draw.frame.widgets.note("rate_linear", {{at.x - side, at.y - side}, {2 * side, 2 * side}});
}

// The objective's own direction at the present dot: with this λ, a nat of rate is worth so much.
void draw_slope(const Draw& draw, const RatePoint& now) {
  const PlotArea& area = draw.area;
  const double weight = coming_kl_weight(draw.view);
  const double per_x = area.steps.span() / area.rect.size.x;
  const double per_y = area.values.span() / area.rect.size.y;
  const double down = weight * per_x / per_y;  // pixels down for each to the right
  const double part = draw.px(46) / std::hypot(1.0, down);
  const ImVec2 at = place(area, now.rate, now.distortion);
  const auto dx = static_cast<float>(part), dy = static_cast<float>(part * down);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.PushClipRect(area.rect.origin, area.rect.high(), true);
  list.AddLine({at.x - dx, at.y - dy}, {at.x + dx, at.y + dy}, color::kText, draw.px(1));
  list.PopClipRect();
}

struct Hit {
  const Shown* run = nullptr;
  const RatePoint* point = nullptr;
};

// The dots of a run, with the λ of those that have room for it. Returns the one under the pointer.
Hit draw_dots(const Draw& draw, const Shown& run, bool is_active) {
  const Theme& theme = draw.theme();
  const PlotArea& area = draw.area;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Styled styled(theme.small);
  const auto now = is_active ? present_point(draw.view.curves) : std::nullopt;
  Hit hit;
  float nearest = theme.px(10);
  std::vector<Rect> named;
  std::size_t number = 0;
  draw_path(area, places_of(area, run.points), with_alpha(run.tint, 0.45f), theme.px(1), 0);
  for (const RatePoint& point : run.points) {
    if (!is_visible(area, point)) continue;
    const ImVec2 at = place(area, point.rate, point.distortion);
    const bool is_now = now && now->kl_weight == point.kl_weight;
    const float radius = theme.px(is_now ? 5.5f : 4);
    list.AddCircleFilled(at, radius + theme.px(1.5f), color::kPanel, 20);
    if (!is_settled(point)) {
      list.AddCircle(at, radius, run.tint, 20, theme.px(1.5f));
    } else {
      list.AddCircleFilled(at, radius, run.tint, 20);
    }
    if (is_now) list.AddCircle(at, radius + theme.px(2), color::kText, 20, theme.px(1));
    if (is_active) {
      draw.frame.widgets.note(fmt::format("rate_dot_{}", number++),
                              {{at.x - radius, at.y - radius}, {2 * radius, 2 * radius}});
    }
    const ImVec2 mouse = ImGui::GetMousePos();
    if (const float away = std::hypot(mouse.x - at.x, mouse.y - at.y); away < nearest) {
      nearest = away;
      hit = {&run, &point};
    }
    if (!is_active) continue;
    const std::string name = tr("λ {}", format_setting(point.kl_weight));
    const ImVec2 size = ImGui::CalcTextSize(name.c_str());
    const Rect rect{{at.x + radius + theme.px(4), at.y - size.y - theme.px(1)},
                    {size.x + theme.px(2), size.y}};
    const bool covers = std::ranges::any_of(named, [&](const Rect& other) {
      return rect.origin.x < other.high().x && rect.high().x > other.origin.x &&
             rect.origin.y < other.high().y && rect.high().y > other.origin.y;
    });
    if (covers || rect.high().x > area.rect.high().x) continue;
    named.push_back(rect);
    list.AddText(rect.origin, color::kText, name.c_str());
  }
  return hit;
}

void tell(const Draw& draw, const Hit& hit) {
  const RatePoint& point = *hit.point;
  const std::string whose = hit.run->model == nullptr      ? std::string(tr("the former run"))
                            : hit.run->model != &draw.view ? name_with_lambda(*hit.run->model)
                                                           : std::string();
  std::string text = whose.empty() ? tr("λ {}", format_setting(point.kl_weight))
                                   : tr("λ {} of {}", format_setting(point.kl_weight), whose);
  text += tr("\nrate (KL) {} nats\ndistortion {} {}\n{} {}", format_value(point.rate),
             format_value(point.distortion), term_unit(draw.view.spec), tr("−ELBO"),
             format_value(negative_elbo(point)));
  text += tr("\nstep {}, after {} steps with this λ", format_count(point.step),
             format_count(point.steps_held));
  if (point.of_training) {
    text +=
        tr("\nHollow: of training inputs, since the test inputs were not measured with this λ.");
  } else if (!is_settled(point)) {
    text += tr("\nHollow: too few steps to have settled.");
  }
  tooltip(draw.theme(), text.c_str());
}

// The visited λ as rows; the newest measurement of each.
void draw_table(const Draw& draw, const std::vector<RatePoint>& points, const Rect& rect) {
  const Theme& theme = draw.theme();
  const Styled styled(theme.small);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const auto now = present_point(draw.view.curves);
  float y = rect.origin.y;
  const auto row = [&](const std::array<std::string, 4>& cells, ImU32 tint) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      list.AddText({std::round(rect.origin.x + draw.px(kColumns[i])), std::round(y)}, tint,
                   cells[i].c_str());
    }
    y += draw.px(kRow);
  };
  row({"λ", tr("KL"), tr("Reconstruction"), tr("−ELBO")}, color::kMuted);
  const auto fits =
      static_cast<std::size_t>(std::max(0.0f, std::floor((rect.high().y - y) / draw.px(kRow))));
  const std::size_t first = points.size() > fits ? points.size() - fits : 0;
  for (std::size_t i = first; i < points.size(); ++i) {
    const RatePoint& point = points[i];
    const bool is_now = now && now->kl_weight == point.kl_weight;
    row({format_setting(point.kl_weight), format_value(point.rate, 3),
         format_value(point.distortion), format_value(negative_elbo(point))},
        is_now ? color::kAccent : color::kText);
  }
}

void draw_legend(const Draw& draw, const KlForecast& known, float left, float right) {
  const Theme& theme = draw.theme();
  const Styled styled(theme.small);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float y = ImGui::GetWindowPos().y + ImGui::GetStyle().WindowPadding.y + theme.px(3);
  const float middle = std::round(y + ImGui::GetFontSize() / 2), dash = theme.px(14);
  const auto entry = [&](const std::string& name, ImU32 tint, bool dashed) {
    const float wide = ImGui::CalcTextSize(name.c_str()).x + dash + theme.px(6);
    if (right - wide < left) return;
    right -= wide;
    if (dashed) {
      list.AddLine({right, middle}, {right + theme.px(5), middle}, tint, theme.px(1.5f));
      list.AddLine({right + theme.px(9), middle}, {right + dash, middle}, tint, theme.px(1.5f));
    } else {
      list.AddLine({right, middle - theme.px(3)}, {right + dash, middle + theme.px(3)}, tint);
    }
    list.AddText({right + dash + theme.px(6), y}, color::kMuted, name.c_str());
    right -= theme.px(16);
  };
  if (known.at) {
    entry(draw.view.spec.likelihood == Likelihood::bernoulli ? tr("rate of the linear forecast")
                                                             : tr("a linear decoder, at every λ"),
          color::kSecond, true);
  }
  entry(tr("equal −ELBO"), color::kAxis, false);
}

// What the axes must hold.
void set_ranges(Draw& draw, const std::vector<Shown>& runs, const KlForecast& known) {
  double left = std::numeric_limits<double>::infinity(), right = -left, low = left, high = -left;
  for (const Shown& run : runs) {
    for (const RatePoint& point : run.points) {
      left = std::min(left, point.rate);
      right = std::max(right, point.rate);
      low = std::min(low, point.distortion);
      high = std::max(high, point.distortion);
    }
  }
  if (known.at && std::isfinite(known.at->rate)) {
    const double rate = known.at->rate;
    left = std::min(left, rate), right = std::max(right, rate);
    const double linear = linear_reconstruction(
        *known.at, *known.spectrum, draw.view.spec.likelihood, present_sigma(draw.view));
    if (std::isfinite(linear)) low = std::min(low, linear), high = std::max(high, linear);
  }
  draw.area.steps = around(left, right, std::max(2.0, 0.2 * right));
  draw.area.values = around(low, high, draw.area.steps.span());
  draw.area.steps.low = std::max(draw.area.steps.low, -0.04 * draw.area.steps.high);
}

}  // namespace

std::vector<Command> draw_rate_panel(const Snapshot& snapshot, ModelId model,
                                     KlForecastState& forecast, LowerTab& tab, bool figures_warn,
                                     const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  std::vector<Command> commands;
  begin_panel("##rate", frame, kNoScroll);
  draw_lower_tabs(snapshot, tab, figures_warn, frame);
  const float tabs_end = ImGui::GetItemRectMax().x + theme.px(16);
  const ModelView* view = snapshot.find(model);
  const Rect room = below_tabs(frame);
  const auto say = [&](const char* text) {
    draw_centred(theme, room, text);
    frame.widgets.note("rate_empty", room);
    ImGui::End();
    return commands;
  };
  if (!view) return say("");
  if (!view->spec.has_prior()) return say(tr("This model has no prior and therefore no rate"));
  if (view->state != RunState::loading) {
    if (auto ask = ask_spectrum(forecast, snapshot, *view)) commands.push_back(*ask);
  }
  const std::vector<Shown> runs = shown_runs(snapshot, *view);
  const auto now = present_point(view->curves);
  if (!now) return say(tr("The first dot comes with the first measurement"));

  const bool has_table = room.size.x > theme.px(700);
  const float right = room.high().x - (has_table ? theme.px(kTable) : 0);
  const float left = room.origin.x + theme.px(kTickLabels), top = room.origin.y + theme.px(20);
  const float bottom = room.high().y - theme.px(22);
  Draw draw{{frame}, snapshot, *view, {}};
  draw.area.rect = {{std::round(left), std::round(top)},
                    {std::floor(right - left), std::floor(std::max(bottom - top, theme.px(20)))}};
  const double weight = coming_kl_weight(*view);
  const KlForecast known = kl_forecast(snapshot, *view, weight);
  set_ranges(draw, runs, known);

  draw_frame(draw, term_unit(view->spec));
  draw_diagonals(draw);
  std::vector<RatePoint> linear;
  if (known.at) {
    linear = linear_curve(*known.spectrum, view->spec.likelihood, present_sigma(*view),
                          view->spec.latent, draw.area.steps.high);
  }
  draw_linear(draw, known, linear);
  draw_path(draw.area, places_of(draw.area, present_trail(view->curves, kMostTrail)),
            with_alpha(color::kText, 0.35f), theme.px(1), 0);
  draw_slope(draw, *now);

  ImGui::SetCursorScreenPos(draw.area.rect.origin);
  ImGui::InvisibleButton("plot_rate", draw.area.rect.size);
  frame.widgets.note("plot_rate");
  Hit hit;
  for (const Shown& run : runs) {
    const Hit of_run = draw_dots(draw, run, run.model == view);
    if (of_run.point != nullptr) hit = of_run;
  }
  if (hit.point != nullptr) {
    tell(draw, hit);
  } else {
    tooltip(theme, tr("Each λ that the run has visited leaves a dot: its KL to the right, its "
                      "reconstruction term upward, of the same test inputs. Turn λ, wait, and the "
                      "dots draw the curve. The short line through the present dot has the slope "
                      "−λ: training looks for the point where the curve has it."));
  }
  draw_legend(draw, known, tabs_end, room.high().x);
  if (has_table) {
    const float at = right + theme.px(28);
    draw_table(draw, runs.back().points, {{at, room.origin.y}, {room.high().x - at, room.size.y}});
  }
  ImGui::End();
  return commands;
}

}  // namespace zscape
