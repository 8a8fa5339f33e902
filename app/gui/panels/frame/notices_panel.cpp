#include "app/gui/panels/frame/notices_panel.h"

#include <fmt/format.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/inputs/data_notes.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr double kInfoSeconds = 6;    // how long an info stays
constexpr double kUndoSeconds = 10;   // with an Undo
constexpr double kTogether = 3;       // between two things that one act puts away
constexpr double kFadeSeconds = 0.6;  // the fading part of these
constexpr std::size_t kMostShown = 4;
constexpr std::size_t kLongestWord = 56;  // characters; longer words lose their middle …
constexpr std::size_t kShortestWord = 8;  // … more of it where there is little room

// With its lines broken at blanks alone: Dear ImGui would break "4,312" at the comma.
std::string in_lines(const std::string& text, float widest) {
  std::string lines, line;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t blank = std::min(text.find(' ', from), text.size());
    const std::string word = text.substr(from, blank - from);
    const std::string longer = line.empty() ? word : line + ' ' + word;
    if (line.empty() || ImGui::CalcTextSize(longer.c_str()).x <= widest) {
      line = longer;
    } else {
      lines += line + '\n';
      line = word;
    }
    from = blank + 1;
  }
  return lines + line;
}

// The text in the present font with no word wider than this: a word does not wrap.
std::string with_short_words(const std::string& text, float widest) {
  for (std::size_t longest = kLongestWord; longest > kShortestWord; longest -= 4) {
    std::string shown = shorten_words(text, longest);
    if (ImGui::CalcTextSize(in_lines(shown, widest).c_str()).x <= widest) return shown;
  }
  return shorten_words(text, kShortestWord);
}

double seconds_of(const ShownNotice& notice) {
  return notice.undoes.empty() ? kInfoSeconds : kUndoSeconds;
}

// One line with a coloured edge and a cross to dismiss it. Returns whether it was dismissed.
bool draw_line(const ShownNotice& notice, std::size_t index, float bottom, float opacity,
               const PanelFrame& frame, float& height, std::vector<UndoableRun>& undo) {
  const Theme& theme = frame.theme;
  const ImU32 tint = notice.is_error ? color::kError : color::kAccent;
  const float pad = theme.px(12), cross = theme.px(22), edge = theme.px(3);
  const float widest = std::min(frame.rect.size.x, theme.px(900));
  Styled styled(theme.body);
  const float undo_width =
      notice.undoes.empty() ? 0 : ImGui::CalcTextSize(tr("Undo")).x + theme.px(24);
  const float wrap = widest - 2 * pad - cross - edge - undo_width;
  const std::string words = with_short_words(notice.text, wrap);
  const std::string shown = in_lines(words, wrap);
  const ImVec2 text = ImGui::CalcTextSize(shown.c_str());
  const ImVec2 size(text.x + 2 * pad + cross + edge + undo_width, text.y + theme.px(16));
  const ImVec2 at(std::round(frame.rect.origin.x + (frame.rect.size.x - size.x) / 2),
                  std::round(bottom - size.y));
  height = size.y;

  styled.var(ImGuiStyleVar_Alpha, opacity);
  begin_overlay(fmt::format("##notice{}", index).c_str(), {at, size}, color::kAxis, styled);
  // A question lies above: a notice must not hide its buttons.
  if (!ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup)) {
    ImGui::BringWindowToDisplayFront(ImGui::GetCurrentWindow());
  }
  ImGui::GetWindowDrawList()->AddRectFilled(
      {at.x + theme.px(5), at.y + theme.px(6)},
      {at.x + theme.px(5) + edge, at.y + size.y - theme.px(6)}, with_alpha(tint, opacity),
      edge / 2);
  ImGui::SetCursorPos({pad + edge, theme.px(8)});
  ImGui::TextUnformatted(shown.c_str());
  frame.widgets.note(fmt::format("notice_{}", index));
  if (ImGui::IsItemClicked()) ImGui::SetClipboardText(notice.text.c_str());
  if (words != notice.text || notice.is_error) {
    tooltip(theme, tr("{}\nA click copies this.", notice.text).c_str());
  }

  const ImVec2 spot(at.x + size.x - cross - theme.px(7), at.y + (size.y - cross) / 2);
  bool dismissed = false;
  if (!notice.undoes.empty()) {
    const float high = ImGui::GetTextLineHeight() + theme.px(8);
    ImGui::SetCursorScreenPos(
        {spot.x - undo_width + theme.px(8), std::round(at.y + (size.y - high) / 2)});
    ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {theme.px(8), theme.px(4)});
    if (button(frame, fmt::format("undo_{}", index), tr("Undo"), undo_width - theme.px(8),
               tr("Go back to it (Ctrl-Z); it trains on where it was. Runs below lists all that "
                  "are kept."),
               {}, Emphasis::accent)) {
      undo = notice.undoes;
      dismissed = true;
    }
    ImGui::PopStyleVar();
  }
  dismissed |= cross_button(frame, fmt::format("dismiss_{}", index), spot, cross, opacity);
  ImGui::End();
  return dismissed;
}

void show(NoticesPanelState& state, ShownNotice notice) {
  std::erase_if(state.shown, [&](const ShownNotice& shown) {
    const bool is_newer =
        !notice.is_error && !shown.is_error && !notice.about.empty() && shown.about == notice.about;
    return is_newer || shown.text == notice.text;  // the same sentence is shown once
  });
  state.shown.push_back(std::move(notice));
  if (state.shown.size() <= kMostShown) return;
  const auto info = std::ranges::find(state.shown, false, &ShownNotice::is_error);
  state.shown.erase(info == state.shown.end() ? state.shown.begin() : info);
}

// Those of the engine whose subject has worked since.
bool is_over(const Snapshot& snapshot, std::uint64_t number, const std::string& about) {
  const auto settled = snapshot.settled.find(about);
  return number > 0 && settled != snapshot.settled.end() && settled->second > number;
}

}  // namespace

void add_notice(NoticesPanelState& state, WindowNotice notice, double time_s) {
  show(state, {std::move(notice.text), notice.is_error, time_s, std::move(notice.about)});
}

void settle_notices(NoticesPanelState& state, const std::string& about) {
  std::erase_if(state.shown, [&](const ShownNotice& shown) {
    return shown.is_error && shown.number == 0 && shown.about == about;
  });
}

const ShownNotice* NoticesPanelState::undoable() const {
  const auto found = std::find_if(shown.rbegin(), shown.rend(),
                                  [](const ShownNotice& notice) { return !notice.undoes.empty(); });
  return found == shown.rend() ? nullptr : &*found;
}

bool add_undo_notice(NoticesPanelState& state, std::string text, std::vector<UndoableRun> undoes,
                     bool joins, double time_s) {
  const auto former = std::ranges::find_if(state.shown, [&](const ShownNotice& notice) {
    return !notice.undoes.empty() && time_s - notice.since_s < kTogether;
  });
  if (joins && former != state.shown.end()) {
    for (UndoableRun& run : undoes) {
      const auto known = std::ranges::find(former->undoes, run.model, &UndoableRun::model);
      if (known == former->undoes.end()) former->undoes.push_back(run);
    }
    return true;
  }
  show(state, {std::move(text), false, time_s});
  state.shown.back().undoes = std::move(undoes);
  return false;
}

std::optional<double> draw_notices_panel(const Snapshot& snapshot, NoticesPanelState& state,
                                         const PanelFrame& frame) {
  for (const Notice& notice : snapshot.notices) {
    if (notice.number <= state.last_number) continue;
    state.last_number = notice.number;
    show(state, {with_controls_named(notice.text), notice.is_error, frame.time_s, notice.about,
                 notice.number});
  }
  std::erase_if(state.shown, [&](const ShownNotice& notice) {
    if (is_over(snapshot, notice.number, notice.about)) return true;
    return !notice.is_error && frame.time_s - notice.since_s >= seconds_of(notice);
  });

  std::optional<double> wanted;
  std::optional<std::size_t> dismissed;
  float bottom = frame.rect.high().y;
  for (std::size_t index = state.shown.size(); index-- > 0;) {
    const ShownNotice& notice = state.shown[index];
    float opacity = 1;
    if (!notice.is_error) {
      const double left = seconds_of(notice) - (frame.time_s - notice.since_s);
      opacity = static_cast<float>(std::clamp(left / kFadeSeconds, 0.0, 1.0));
      const double soon = left > kFadeSeconds ? left - kFadeSeconds : 0.05;
      wanted = std::min(wanted.value_or(soon), soon);
    }
    float height = 0;
    if (draw_line(notice, index, bottom, opacity, frame, height, state.undo)) dismissed = index;
    bottom -= height + frame.px(6);
  }
  if (dismissed) {
    state.shown.erase(state.shown.begin() + static_cast<std::ptrdiff_t>(*dismissed));
    wanted = 0;
  }
  return wanted;
}

}  // namespace zscape
