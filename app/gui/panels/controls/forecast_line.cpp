// What λ will do, beside its slider: the thresholds as ticks, and how many dimensions stay alive.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "app/gui/panels/controls/controls.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/curves/kl_forecast.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr double kRests = 0.3;  // seconds on λ after which a person looks for a forecast
constexpr std::size_t kNamedThresholds = 8;

std::string help_of(const Controls& controls, const KlForecast& known, double kl_weight) {
  const ModelView& view = *controls.view;
  const bool is_bernoulli = view.spec.likelihood == Likelihood::bernoulli;
  std::vector<std::string> named;
  for (std::size_t i = 0; i < std::min(known.thresholds.size(), kNamedThresholds); ++i) {
    named.push_back(format_value(known.thresholds[i], 3));
  }
  std::string text =
      is_bernoulli
          ? tr("A dimension stays alive while λ is below an eigenvalue of the training inputs' "
               "covariance, each pixel divided by the deviation of a coin with its mean.")
          : tr("A dimension stays alive while λ · s² is below an eigenvalue of the training "
               "inputs' covariance. It is exact for a linear decoder.");
  text += tr("\nThresholds of λ, the ticks on the slider: {}{}", fmt::join(named, ", "),
             known.thresholds.size() > named.size() ? " …" : "");
  if (view.spec.learned_sigma) {
    text += tr("\ns is learned: the forecast is for its present value, {}.",
               format_value(present_sigma(view), 3));
  }
  text += tr("\nAt λ = {} a linear decoder would have a KL of {} nats.", format_setting(kl_weight),
             format_value(known.at->rate, 3));
  if (controls.state.forecast.active_units) {
    text +=
        tr("\nActive units now: {} of {}, by the codes on show. They follow λ as the model "
           "learns.",
           *controls.state.forecast.active_units, view.spec.latent);
  }
  return text;
}

void draw_line(const Controls& controls, const std::string& text, const std::string& now,
               ImU32 now_tint, const std::string& help) {
  const PanelFrame& frame = controls.frame;
  const Styled styled(frame.theme.small);
  const float room = controls.width(), height = ImGui::GetFontSize() + frame.px(7);
  const float beside = now.empty() ? 0 : ImGui::CalcTextSize(now.c_str()).x + frame.px(8);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::InvisibleButton("forecast", {room, height});
  frame.widgets.note("forecast");
  tooltip(frame.theme, help.c_str());
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddText({at.x, at.y + frame.px(1)}, color::kMuted,
               beginning_that_fits(text, room - beside).c_str());
  if (now.empty()) return;
  list.AddText({std::round(at.x + room - ImGui::CalcTextSize(now.c_str()).x), at.y + frame.px(1)},
               now_tint, now.c_str());
  frame.widgets.note("forecast_came_true");
}

}  // namespace

void draw_forecast_ticks(const Controls& controls, const KlForecast& known, const Rect& slider,
                         double kl_weight) {
  const PanelFrame& frame = controls.frame;
  const float inset = slider_inset(frame.theme), wide = std::max(1.0f, std::round(frame.px(2)));
  const float low = std::round(slider.origin.y + frame.px(1)), high = low + std::round(frame.px(5));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  float last = -1e9f;
  std::size_t drawn = 0;
  for (const double threshold : known.thresholds) {  // from the right
    const double position = position_of(threshold);
    if (position >= 1 || position <= position_of(0.0101)) continue;  // beyond the slider
    const float x = std::round(slider.origin.x + inset +
                               static_cast<float>(position) * (slider.size.x - 2 * inset));
    const bool lives = threshold > kl_weight;
    if (std::abs(x - last) < wide + 1) continue;
    last = x;
    list.AddRectFilled({x - wide / 2, low}, {x + wide / 2, high},
                       lives ? color::kAccent : color::kFaint);
    frame.widgets.note(fmt::format("lambda_tick_{}", drawn++),
                       {{x - wide / 2, low}, {wide, high - low}});
  }
}

void draw_forecast(Controls& controls, const Rect& slider, double kl_weight) {
  const PanelFrame& frame = controls.frame;
  KlForecastState& state = controls.state.forecast;
  const Snapshot& snapshot = controls.snapshot;
  state.due_s = 0;
  state.is_news = false;
  if (!controls.view || !snapshot.data || controls.view->state == RunState::loading) return;
  const ModelView& view = *controls.view;
  if (!view.spec.has_prior()) return;
  const bool on_it = ImGui::IsWindowHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem) &&
                     slider.contains(ImGui::GetMousePos());
  if (!on_it && !ImGui::IsMouseDown(0)) {
    state.hovered_since = -1;
  } else if (on_it && state.hovered_since < 0) {
    state.hovered_since = frame.time_s;
  }
  if (on_it && frame.time_s - state.hovered_since >= kRests) state.wanted_of = snapshot.data.get();
  if (state.wanted_of != snapshot.data.get()) {
    if (on_it) state.due_s = state.hovered_since + kRests;
    return;
  }
  const KlForecast known = kl_forecast(snapshot, view, kl_weight);
  if (!known.why_not.empty()) {
    return draw_line(controls, tr("No forecast for this λ"), {}, 0, known.why_not);
  }
  if (!known.at) {
    if (auto ask = ask_spectrum(state, snapshot, view)) controls.commands.push_back(*ask);
    return draw_line(controls, tr("Measuring what λ will leave alive …"), {}, 0,
                     tr("The eigenvalues of the training inputs' covariance tell it. They are "
                        "measured once for these data."));
  }
  draw_forecast_ticks(controls, known, slider, kl_weight);
  const ShownForecast shown{kl_weight, known.at->live, view.spec.latent, state.active_units};
  state.is_news = state.shown != shown;
  state.shown = shown;
  const bool came_true = state.active_units && *state.active_units == known.at->live;
  const std::string now = state.active_units ? tr("now {}", *state.active_units) : std::string();
  draw_line(controls, live_text(*known.at, view.spec.latent), now,
            came_true ? color::kAccent : color::kText, help_of(controls, known, kl_weight));
}

}  // namespace zscape
