#include "app/gui/panels/lab/lab_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/gui/panels/lab/lab_draw.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kReading = 680;  // pixels at 100 %: no line is longer
constexpr float kCardWidth = 236, kCardHeight = 118, kCardGap = 10;
constexpr std::size_t kQuestionLines = 3;

void draw_card(const LabDraw& draw, const LabCard& card, std::size_t number, Vec2 size) {
  const Theme& theme = draw.theme();
  const std::string name =
      fmt::format("lab_card_{}", card.is_opened ? std::to_string(number) : card.id);
  const Vec2 low = ImGui::GetCursorScreenPos();
  if (ImGui::InvisibleButton(name.c_str(), size)) draw.requests.open = card.id;
  draw.frame.widgets.note(name);
  const bool hovered = ImGui::IsItemHovered();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(low, low + size, hovered ? color::kRaisedHover : color::kRaised, theme.px(6));
  const float pad = theme.px(12), width = size.x - 2 * pad;
  float y = low.y + theme.px(10);
  {
    const Styled styled(theme.title);
    for (const std::string& line : lines_of(theme.title, card.question, width, kQuestionLines)) {
      list.AddText({low.x + pad, std::round(y)}, color::kText, line.c_str());
      y += height_of(theme.title) + theme.px(2);
    }
  }
  const Styled styled(theme.small);
  const float bottom = std::round(low.y + size.y - theme.px(10) - height_of(theme.small));
  const std::string state = state_text(card);
  const ImU32 tint = card.activity != LabActivity::idle ? color::kAccent
                     : card.finished > 0                ? color::kText
                                                        : color::kMuted;
  const float wide = ImGui::CalcTextSize(state.c_str()).x;
  list.AddText({low.x + size.x - pad - wide, bottom}, tint, state.c_str());
  const float room = width - wide - theme.px(12);
  for (const std::string& line : lines_of(theme.small, card.name, room, 1)) {
    list.AddText({low.x + pad, bottom}, color::kMuted, line.c_str());
  }
  if (card.runs == 0 || card.finished == 0 || card.finished >= card.runs) return;
  const float part = static_cast<float>(card.finished) / static_cast<float>(card.runs);
  const float rail = low.y + size.y - theme.px(4);
  list.AddRectFilled({low.x + pad, rail}, {low.x + pad + width * part, rail + theme.px(2)},
                     color::kAccent, theme.px(1));
}

}  // namespace

float reading_width(const LabDraw& draw) {
  return std::min(ImGui::GetContentRegionAvail().x, draw.px(kReading));
}

void read_text(const LabDraw& draw, ImFont* font, const char* text, ImU32 tint) {
  Styled styled(font);
  styled.color(ImGuiCol_Text, tint);
  ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + reading_width(draw));
  ImGui::TextUnformatted(text);
  ImGui::PopTextWrapPos();
}

std::vector<std::string> lines_of(ImFont* font, const std::string& text, float width,
                                  std::size_t most) {
  const Styled styled(font);
  const auto wide = [](const std::string& line) { return ImGui::CalcTextSize(line.c_str()).x; };
  std::vector<std::string> lines;
  std::string rest = text;
  while (!rest.empty() && lines.size() < most) {
    if (wide(rest) <= width) {
      lines.push_back(std::exchange(rest, {}));
      break;
    }
    // As many words as fit; of a single long one as many letters.
    std::size_t end = 0;
    for (std::size_t space = rest.find(' ');
         space != std::string::npos && space > 0 && wide(rest.substr(0, space)) <= width;
         space = rest.find(' ', space + 1)) {
      end = space;
    }
    if (end == 0) {
      while (end < rest.size() && wide(rest.substr(0, end + 1)) <= width) ++end;
      while (end > 0 && is_continuation(rest[end])) --end;
      end = std::max<std::size_t>(end, 1);
    }
    lines.push_back(rest.substr(0, end));
    rest.erase(0, rest[end] == ' ' ? end + 1 : end);
  }
  if (rest.empty() || lines.empty()) return lines;
  std::string& last = lines.back();
  while (!last.empty() && wide(last + "…") > width) {
    do last.pop_back();
    while (!last.empty() && is_continuation(last.back()));
  }
  last += "…";
  return lines;
}

bool link(const LabDraw& draw, const char* name, const char* text, const std::string& help) {
  return small_switch(draw.frame, name, text, false, help);
}

void draw_progress(const LabDraw& draw, float width, double part) {
  const float height = draw.px(6);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(at, {at.x + width, at.y + height}, color::kRaised, height / 2);
  const float filled = width * static_cast<float>(std::clamp(part, 0.0, 1.0));
  if (filled > 0) {
    list.AddRectFilled(at, {at.x + std::max(filled, height), at.y + height}, color::kAccent,
                       height / 2);
  }
  ImGui::Dummy({width, height});
  draw.frame.widgets.note("lab_progress");
}

void draw_shelf(const LabDraw& draw) {
  const Theme& theme = draw.theme();
  const float end = ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x;
  {
    const Styled styled(theme.title);
    ImGui::TextUnformatted(tr("Lab"));
  }
  const char* open = tr("Open results …");
  ImGui::SameLine(end - switch_width(theme, open));
  draw.requests.open_results =
      link(draw, "lab_open_results", open,
           tr("Show a folder of results that was made elsewhere; it can also be dropped here"));
  read_text(draw, theme.body,
            tr("Questions about autoencoders, each an experiment that answers in minutes. Say what "
               "you expect before you measure."),
            color::kMuted);
  ImGui::Dummy({0, draw.px(4)});
  const float gap = draw.px(kCardGap), room = ImGui::GetContentRegionAvail().x;
  const auto columns = static_cast<std::size_t>(
      std::max(1.0f, std::floor((room + gap) / (draw.px(kCardWidth) + gap))));
  const auto in_row = static_cast<float>(columns);
  const Vec2 size{std::floor((room - gap * (in_row - 1)) / in_row), draw.px(kCardHeight)};
  Styled styled;
  styled.var(ImGuiStyleVar_ItemSpacing, {gap, gap});
  for (std::size_t i = 0; i < draw.shown.cards.size(); ++i) {
    if (i % columns != 0) ImGui::SameLine();
    draw_card(draw, draw.shown.cards[i], i, size);
  }
}

LabRequests draw_lab_panel(const LabShown& shown, LabPanelState& state, const PanelFrame& frame) {
  LabRequests requests;
  const std::string id = shown.page ? shown.page->id : std::string();
  const bool is_new = state.id != id;
  if (is_new) {
    state = {};
    state.id = id;
  }
  begin_panel("##lab", frame);
  if (is_new) ImGui::SetScrollY(0);
  const LabDraw draw{{frame}, shown, state, requests};
  if (shown.page != nullptr) {
    draw_experiment(draw);
  } else {
    draw_shelf(draw);
  }
  ImGui::End();
  return requests;
}

}  // namespace zscape
