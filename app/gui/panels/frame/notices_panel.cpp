#include "app/gui/panels/frame/notices_panel.h"

#include <fmt/format.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/frame/format.h"

namespace zscape {
namespace {

constexpr double kInfoSeconds = 6;    // how long an info stays
constexpr double kFadeSeconds = 0.6;  // the fading part of these
constexpr std::size_t kMostShown = 4;
constexpr std::size_t kLongestWord = 56;  // characters; longer words lose their middle

// One line with a coloured edge and a cross to dismiss it. Returns whether it was dismissed.
bool draw_line(const ShownNotice& notice, std::size_t index, float bottom, float opacity,
               const PanelFrame& frame, float& height) {
  const Theme& theme = frame.theme;
  const ImU32 tint = notice.is_error ? color::kError : color::kAccent;
  const float pad = theme.px(12), cross = theme.px(22), edge = theme.px(3);
  const float widest = std::min(frame.rect.size.x, theme.px(900));
  const std::string shown = shorten_words(notice.text, kLongestWord);
  Styled styled(theme.body);
  const float wrap = widest - 2 * pad - cross - edge;
  const ImVec2 text = ImGui::CalcTextSize(shown.c_str(), nullptr, false, wrap);
  const ImVec2 size(text.x + 2 * pad + cross + edge, text.y + theme.px(16));
  const ImVec2 at(std::round(frame.rect.origin.x + (frame.rect.size.x - size.x) / 2),
                  std::round(bottom - size.y));
  height = size.y;

  styled.var(ImGuiStyleVar_Alpha, opacity);
  begin_overlay(fmt::format("##notice{}", index).c_str(), {at, size}, color::kAxis, styled);
  ImGui::BringWindowToDisplayFront(ImGui::GetCurrentWindow());
  ImGui::GetWindowDrawList()->AddRectFilled(
      {at.x + theme.px(5), at.y + theme.px(6)},
      {at.x + theme.px(5) + edge, at.y + size.y - theme.px(6)}, with_alpha(tint, opacity),
      edge / 2);
  ImGui::SetCursorPos({pad + edge, theme.px(8)});
  ImGui::PushTextWrapPos(pad + edge + wrap + 1);
  ImGui::TextUnformatted(shown.c_str());
  ImGui::PopTextWrapPos();
  frame.widgets.note(fmt::format("notice_{}", index));
  if (shown != notice.text) tooltip(theme, notice.text.c_str());

  const ImVec2 spot(at.x + size.x - cross - theme.px(7), at.y + (size.y - cross) / 2);
  const bool dismissed =
      cross_button(frame, fmt::format("dismiss_{}", index), spot, cross, opacity);
  ImGui::End();
  return dismissed;
}

}  // namespace

void add_notice(NoticesPanelState& state, std::string text, bool is_error, double time_s) {
  // The same sentence is shown once.
  std::erase_if(state.shown, [&](const ShownNotice& shown) { return shown.text == text; });
  state.shown.push_back({std::move(text), is_error, time_s});
  if (state.shown.size() <= kMostShown) return;
  const auto info = std::ranges::find(state.shown, false, &ShownNotice::is_error);
  state.shown.erase(info == state.shown.end() ? state.shown.begin() : info);
}

std::optional<double> draw_notices_panel(const Snapshot& snapshot, NoticesPanelState& state,
                                         const PanelFrame& frame) {
  for (const Notice& notice : snapshot.notices) {
    if (notice.number <= state.last_number) continue;
    state.last_number = notice.number;
    add_notice(state, notice.text, notice.is_error, frame.time_s);
  }
  std::erase_if(state.shown, [&](const ShownNotice& notice) {
    return !notice.is_error && frame.time_s - notice.since_s >= kInfoSeconds;
  });

  std::optional<double> wanted;
  std::optional<std::size_t> dismissed;
  float bottom = frame.rect.high().y;
  for (std::size_t index = state.shown.size(); index-- > 0;) {
    const ShownNotice& notice = state.shown[index];
    float opacity = 1;
    if (!notice.is_error) {
      const double left = kInfoSeconds - (frame.time_s - notice.since_s);
      opacity = static_cast<float>(std::clamp(left / kFadeSeconds, 0.0, 1.0));
      const double soon = left > kFadeSeconds ? left - kFadeSeconds : 0.05;
      wanted = std::min(wanted.value_or(soon), soon);
    }
    float height = 0;
    if (draw_line(notice, index, bottom, opacity, frame, height)) dismissed = index;
    bottom -= height + frame.px(6);
  }
  if (dismissed) {
    state.shown.erase(state.shown.begin() + static_cast<std::ptrdiff_t>(*dismissed));
    wanted = 0;
  }
  return wanted;
}

}  // namespace zscape
