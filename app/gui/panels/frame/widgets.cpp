#include "app/gui/panels/frame/widgets.h"

#include <fmt/format.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <utility>

#include "app/gui/panels/frame/dialog_keys.h"
#include "app/gui/panels/frame/pointer.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kLabelWidth = 104, kCompactLabelWidth = 86;
constexpr float kLeastField = 32;
constexpr double kRefusalShown = 8;                         // seconds
constexpr float kCompactHeight = 590, kCompactWidth = 290;  // below these

void finish(const PanelFrame& frame, std::string_view name, const std::string& help,
            const std::string& why_not) {
  frame.widgets.note(name);
  tooltip(frame.theme, (why_not.empty() ? help : why_not).c_str());
}

std::string id_of(std::string_view name) {
  return "##" + std::string(name);
}

std::optional<std::string> edited_text(std::string_view name, FieldEdit& edit,
                                       const std::string& held, float width, const char* hint) {
  if (edit.refused && edit.refused_for != held) edit.refused.reset();
  if (!edit.editing) edit.text = edit.refused.value_or(held);
  std::optional<std::string> result;
  ImGui::SetNextItemWidth(width);
  const bool entered = ImGui::InputTextWithHint(
      id_of(name).c_str(), hint, &edit.text,
      ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  edit.entered = entered;
  const bool hovered = ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled);
  const bool types = edit.editing && edit.text != held;
  edit.quiet = hovered && (edit.quiet || types || entered);
  const bool was_editing = edit.editing;
  edit.editing = ImGui::IsItemActive();
  const bool left = was_editing && !edit.editing && !ImGui::IsItemActive();
  if (left && ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Escape))) {
    edit.text = held;
    edit.refused.reset();
  }
  if ((entered || left) && edit.text == held) edit.refused.reset();
  if ((entered || left) && edit.text != held) result = edit.text;
  if (entered) edit.editing = false;
  return result;
}

std::string range_text(double low, double high, bool whole) {
  const std::string least = format_setting(low), most = format_setting(high);
  if (low > 0 && low < 1e-300) {  // the smallest number that is none
    return high >= 1e15 ? tr("a number above 0") : tr("a number above 0 and at most {}", most);
  }
  if (high >= 1e15) {
    return whole ? tr("a whole number of at least {}", least)
                 : tr("a number of at least {}", least);
  }
  return whole ? tr("a whole number from {} to {}", least, most)
               : tr("a number from {} to {}", least, most);
}

// Where a box of this size stands beside a field: outside of what the field stands in, so that it
// covers no other field and no button there; else over the field.
Vec2 beside(const Rect& field, Vec2 size, float gap) {
  const Rect around{Vec2(ImGui::GetWindowPos()), Vec2(ImGui::GetWindowSize())};
  const Vec2 screen = ImGui::GetIO().DisplaySize;
  const Vec2 last{std::max(screen.x - size.x, 0.0f), std::max(screen.y - size.y, 0.0f)};
  const float level = std::clamp(field.center().y - size.y / 2, 0.0f, last.y);
  if (around.high().x + gap <= last.x) return {around.high().x + gap, level};
  if (around.origin.x - gap - size.x >= 0) return {around.origin.x - gap - size.x, level};
  const float left = std::clamp(field.origin.x, 0.0f, last.x);
  const float above = field.origin.y - gap - size.y;
  return {left, above >= 0 ? above : std::min(field.high().y + gap, last.y)};
}

// In a small box beside the field.
void draw_refusal(const PanelFrame& frame, std::string_view name, const std::string& said,
                  const Rect& field) {
  const Theme& theme = frame.theme;
  const float pad = theme.px(6), width = theme.px(260);
  const ImVec2 size =
      theme.small->CalcTextSizeA(height_of(theme.small), FLT_MAX, width, said.c_str());
  const Vec2 whole{size.x + 2 * pad, size.y + 2 * pad};
  const Vec2 low = beside(field, whole, theme.px(3));
  const Vec2 high = low + whole;
  frame.widgets.note(fmt::format("{}_refusal", name), {low, whole});
  ImDrawList& list = *ImGui::GetForegroundDrawList();
  list.AddRectFilled(low, high, color::kOverlay, theme.px(4));
  list.AddRect(low, high, color::kError, theme.px(4));
  list.AddText(theme.small, height_of(theme.small), {low.x + pad, low.y + pad}, color::kText,
               said.c_str(), nullptr, width);
}

// The text, or dots and as much of its end as this width takes in the present font.
std::string end_that_fits(const std::string& text, float width) {
  std::string shown = text;
  std::size_t from = 0;
  while (ImGui::CalcTextSize(shown.c_str()).x > width && from < text.size()) {
    do ++from;
    while (from < text.size() && is_continuation(text[from]));
    shown = "…" + text.substr(from);
  }
  return shown;
}

// A label that is too wide for its place is written small, in a frame of the same height.
struct Fitting : Styled {
  Fitting(const Theme& theme, const char* label, float room, float padding) {
    const float size = ImGui::GetFontSize(), above = ImGui::GetStyle().FramePadding.y;
    if (ImGui::CalcTextSize(label).x > room) font(theme.small);
    var(ImGuiStyleVar_FramePadding, {padding, above + (size - ImGui::GetFontSize()) / 2});
  }
};

}  // namespace

Chosen::Chosen(bool chosen) {
  if (!chosen) return;
  for (const int part : {ImGuiCol_Button, ImGuiCol_ButtonHovered, ImGuiCol_ButtonActive}) {
    color(part, color::kAccentDim);
  }
}

void begin_overlay(const char* name, const Rect& place, ImU32 edge, Styled& styled) {
  ImGui::SetNextWindowPos(place.origin);
  ImGui::SetNextWindowSize(place.size);
  styled.var(ImGuiStyleVar_WindowPadding, {0, 0});
  styled.var(ImGuiStyleVar_WindowMinSize, {1, 1});
  styled.color(ImGuiCol_WindowBg, color::kOverlay);
  styled.color(ImGuiCol_Border, edge);
  ImGui::Begin(name, nullptr, kFixed);
}

void section(const PanelFrame& frame, const char* title) {
  const Theme& theme = frame.theme;
  if (ImGui::GetCursorPosY() > ImGui::GetStyle().WindowPadding.y + 1) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float y = std::round(at.y + theme.px(5));
    ImGui::GetWindowDrawList()->AddLine({at.x, y}, {at.x + ImGui::GetContentRegionAvail().x, y},
                                        color::kLine);
    ImGui::Dummy({0, theme.px(8)});
  }
  const Styled styled(theme.title);
  ImGui::TextUnformatted(title);
}

bool is_compact(const PanelFrame& frame) {
  return frame.rect.size.y < frame.px(kCompactHeight) ||
         frame.rect.size.x < frame.px(kCompactWidth);
}

void inner_label(const PanelFrame& frame, const char* label, bool pending) {
  const Theme& theme = frame.theme;
  const bool compact = is_compact(frame);
  ImGui::AlignTextToFramePadding();
  if (compact) {  // the small font on the middle of the line
    const float lower = (height_of(theme.body) - height_of(theme.small)) / 2;
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() + lower);
    small_text(theme, label, pending ? color::kAccent : color::kMuted);
  } else {
    Styled styled;
    styled.color(ImGuiCol_Text, pending ? color::kAccent : color::kMuted);
    ImGui::TextUnformatted(label);
  }
  if (!pending) return;
  const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
  ImGui::GetWindowDrawList()->AddCircleFilled({high.x + theme.px(5), (low.y + high.y) / 2},
                                              theme.px(2.5f), color::kAccent, 10);
}

void row_label(const PanelFrame& frame, const char* label, bool pending) {
  const float top = ImGui::GetCursorPosY();
  inner_label(frame, label, pending);
  const float width = is_compact(frame) ? kCompactLabelWidth : kLabelWidth;
  ImGui::SameLine(ImGui::GetStyle().WindowPadding.x + frame.px(width), 0);
  ImGui::SetCursorPosY(top);
}

void next_label(const PanelFrame& frame, const char* label, bool pending, float top) {
  const Theme& theme = frame.theme;
  const float gap = theme.px(pending ? 12 : 6);
  if (is_compact(frame)) {
    ImGui::SameLine();
    if (ImGui::GetContentRegionAvail().x >=
        width_of(theme.small, label) + gap + theme.px(kLeastField)) {
      inner_label(frame, label, pending);
      ImGui::SameLine(0, gap);
      ImGui::SetCursorPosY(top);
      return;
    }
    ImGui::NewLine();
  }
  row_label(frame, label, pending);
}

bool button(const PanelFrame& frame, std::string_view name, const char* label, float width,
            const std::string& help, const std::string& why_not, Emphasis emphasis) {
  bool pressed = false;
  {
    Styled styled;
    if (emphasis == Emphasis::accent && why_not.empty()) {
      styled.color(ImGuiCol_Button, color::kAccent);
      styled.color(ImGuiCol_ButtonHovered, color::kAccentHover);
      styled.color(ImGuiCol_ButtonActive, color::kAccentActive);
      styled.color(ImGuiCol_Text, color::kOnAccent);
    }
    const Greyed greyed(!why_not.empty());
    const std::string id = std::string(label) + "##" + std::string(name);
    // The width is given: the label may use it to the edge.
    const float room = width > 0 ? width - frame.px(6) : FLT_MAX;
    const Fitting fitting(frame.theme, label, room, frame.px(2));
    pressed = ImGui::Button(id.c_str(), {width, 0});
    if (pressed_by_key(why_not.empty(), emphasis == Emphasis::accent)) pressed = true;
  }
  finish(frame, name, help, why_not);
  return pressed;
}

bool play_button(const PanelFrame& frame, std::string_view name, bool playing,
                 const std::string& help, const std::string& why_not) {
  const float side = ImGui::GetFrameHeight(), width = frame.px(34);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  bool clicked = false;
  {
    const Greyed greyed(!why_not.empty());
    clicked = ImGui::Button(("##" + std::string(name)).c_str(), {width, side});
  }
  finish(frame, name, help, why_not);
  const ImU32 tint = why_not.empty() ? color::kText : color::kFaint;
  const ImVec2 middle{std::round(at.x + width / 2), std::round(at.y + side / 2)};
  const float arm = std::round(frame.px(5));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (playing) {
    for (const float x : {-arm, arm - frame.px(3)}) {
      list.AddRectFilled({middle.x + x, middle.y - arm},
                         {middle.x + x + frame.px(3), middle.y + arm}, tint);
    }
  } else {
    list.AddTriangleFilled({middle.x - arm + frame.px(1), middle.y - arm},
                           {middle.x + arm + frame.px(1), middle.y},
                           {middle.x - arm + frame.px(1), middle.y + arm}, tint);
  }
  return clicked;
}

bool choice(const PanelFrame& frame, std::string_view name, const char* label, float width,
            bool chosen, const std::string& help, const std::string& why_not) {
  const Chosen lit(chosen);
  return button(frame, name, label, width, help, why_not);
}

std::optional<std::string> text_field(const PanelFrame& frame, std::string_view name,
                                      FieldEdit& edit, const std::string& held, float width,
                                      const std::string& help, const std::string& why_not,
                                      const char* hint, const TextCheck& check) {
  const bool was_refused = edit.refused.has_value();
  const std::string wrong = was_refused && check ? check(edit.text) : std::string();
  ImGui::BeginDisabled(!why_not.empty());
  if (!wrong.empty()) ImGui::PushStyleColor(ImGuiCol_Text, color::kError);
  auto result = edited_text(name, edit, held, width, hint);
  if (!wrong.empty()) ImGui::PopStyleColor();
  ImGui::EndDisabled();
  const std::string refusal = result && check ? check(*result) : std::string();
  if (!refusal.empty()) {
    edit.refused = std::exchange(result, std::nullopt);
    edit.refused_for = held;
    edit.refused_s = frame.time_s;
  } else if (result) {
    edit.refused.reset();
  }
  const Rect place = {ImGui::GetItemRectMin(), ImGui::GetItemRectSize()};
  const bool shows_help = ImGui::IsItemHovered() && !edit.quiet;
  const std::string said =
      wrong.empty() || !edit.refused ? std::string() : tr("Not taken: it must be {}", wrong);
  const std::string above = said.empty() ? help : fmt::format("{}\n{}", said, help);
  finish(frame, name, edit.quiet ? std::string() : above, why_not);
  if (said.empty() || !why_not.empty()) return result;
  frame.widgets.note(fmt::format("{}_refused", name), place);
  if (!shows_help && (edit.editing || frame.time_s - edit.refused_s < kRefusalShown)) {
    draw_refusal(frame, name, said, place);
  }
  return result;
}

std::optional<std::string> path_field(const PanelFrame& frame, std::string_view name,
                                      FieldEdit& edit, const std::string& held, float width,
                                      const std::string& help, const char* hint) {
  const ImVec2 at = ImGui::GetCursorScreenPos(), padding = ImGui::GetStyle().FramePadding;
  const float room = width - 2 * padding.x;
  const bool cut = !edit.editing && ImGui::CalcTextSize(held.c_str()).x > room;
  // The field always holds the whole path, though unseen, so that a click edits it.
  if (cut) ImGui::PushStyleColor(ImGuiCol_Text, 0);
  auto result = edited_text(name, edit, held, width, hint);
  if (cut) {
    ImGui::PopStyleColor();
    ImGui::PushFont(frame.theme.small);
    const float y = std::round(at.y + (ImGui::GetItemRectSize().y - ImGui::GetFontSize()) / 2);
    ImGui::GetWindowDrawList()->AddText({at.x + padding.x, y}, color::kText,
                                        end_that_fits(held, room).c_str());
    ImGui::PopFont();
  }
  finish(frame, name, edit.quiet ? std::string() : cut ? held + "\n" + help : help, {});
  return result;
}

std::optional<double> number_field(const PanelFrame& frame, std::string_view name, FieldEdit& edit,
                                   double held, double low, double high, float width,
                                   const std::string& help, const std::string& why_not,
                                   bool whole) {
  const double shown = edit.value_to_show(held, frame.time_s);
  double value = 0;
  const auto refuse = [&](const std::string& typed) {
    const bool taken = parse_number(typed, value) && value >= low && value <= high &&
                       (!whole || value == std::round(value));
    return taken ? std::string() : range_text(low, high, whole);
  };
  const auto text =
      text_field(frame, name, edit, format_setting(shown), width, help, why_not, "", refuse);
  if (!text || !parse_number(*text, value)) return std::nullopt;
  edit.ask(value, frame.time_s);
  return value;
}

float switch_width(const Theme& theme, const char* label) {
  return width_of(theme.small, label) + theme.px(14);
}

bool small_switch(const PanelFrame& frame, std::string_view name, const char* label, bool on,
                  const std::string& help, const std::string& why_not) {
  const Theme& theme = frame.theme;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImVec2 size(switch_width(theme, label), height_of(theme.small) + theme.px(5));
  ImGui::BeginDisabled(!why_not.empty());
  const bool clicked = ImGui::InvisibleButton(std::string(name).c_str(), size);
  const bool pressed = pressed_by_key(why_not.empty()) || clicked;
  const bool hovered = ImGui::IsItemHovered();
  ImGui::EndDisabled();
  finish(frame, name, help, why_not);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (on || hovered) {
    list.AddRectFilled(at, at + size, on ? color::kAccentDim : color::kRaisedHover, theme.px(4));
  }
  const ImU32 tint = !why_not.empty() ? color::kFaint : on ? color::kText : color::kMuted;
  const Styled styled(theme.small);
  list.AddText({at.x + theme.px(7), at.y + theme.px(2)}, tint, label);
  return pressed;
}

bool begin_choices(const PanelFrame& frame, std::string_view name, const std::string& shown,
                   float width, const std::string& help, const std::string& why_not) {
  const bool greyed = !why_not.empty();
  if (greyed) ImGui::BeginDisabled();
  ImGui::SetNextItemWidth(width);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float wide = ImGui::CalcItemWidth(), height = ImGui::GetFrameHeight();
  const float padding = ImGui::GetStyle().FramePadding.x;
  bool open = false, has_chevron = false;
  {
    const float room = wide - padding - frame.px(20);
    const Fitting fitting(frame.theme, shown.c_str(), room, padding);
    has_chevron = ImGui::CalcTextSize(shown.c_str()).x <= room;  // the words matter more
    open = ImGui::BeginCombo(id_of(name).c_str(), shown.c_str(), ImGuiComboFlags_NoArrowButton);
  }
  if (!open && has_chevron) {
    const float arm = frame.px(4);
    const ImVec2 tip(at.x + wide - frame.px(14), std::round(at.y + height / 2 + arm / 2));
    const ImVec2 chevron[] = {{tip.x - arm, tip.y - arm}, tip, {tip.x + arm, tip.y - arm}};
    ImGui::GetWindowDrawList()->AddPolyline(chevron, 3, ImGui::GetColorU32(color::kMuted), 0,
                                            frame.px(1.5f));
  }
  if (open && greyed) {  // greyed while its list was open
    ImGui::CloseCurrentPopup();
    ImGui::EndCombo();
    open = false;
  }
  if (greyed) ImGui::EndDisabled();
  frame.widgets.note(name, {at, {wide, height}});
  if (!open) tooltip(frame.theme, (greyed ? why_not : help).c_str());
  return open;
}

void draw_cross(ImDrawList& list, ImVec2 middle, float arm, ImU32 rgba, float thickness) {
  for (const float down : {arm, -arm}) {
    list.AddLine({middle.x - arm, middle.y - down}, {middle.x + arm, middle.y + down}, rgba,
                 thickness);
  }
}

void draw_tick(ImDrawList& list, ImVec2 low, float side, ImU32 rgba, const Theme& theme) {
  const ImVec2 tick[3] = {{low.x + 0.22f * side, low.y + 0.52f * side},
                          {low.x + 0.42f * side, low.y + 0.72f * side},
                          {low.x + 0.78f * side, low.y + 0.28f * side}};
  list.AddPolyline(tick, 3, rgba, 0, theme.px(1.8f));
}

bool cross_button(const PanelFrame& frame, std::string_view name, ImVec2 corner, float side,
                  float opacity) {
  ImGui::SetCursorScreenPos(corner);
  const bool clicked = ImGui::InvisibleButton(id_of(name).c_str(), {side, side});
  frame.widgets.note(name);
  const ImU32 stroke = with_alpha(ImGui::IsItemHovered() ? color::kText : color::kMuted, opacity);
  draw_cross(*ImGui::GetWindowDrawList(), {corner.x + side / 2, corner.y + side / 2}, frame.px(4),
             stroke, frame.px(1.5f));
  return clicked;
}

bool list_row(const PanelFrame& frame, std::string_view name, const char* text, float width,
              float inset, const char* help, const std::string& why_not) {
  const bool usable = why_not.empty();
  const Vec2 low = ImGui::GetCursorScreenPos(), size{width, frame.px(24)};
  const bool pressed = ImGui::InvisibleButton(id_of(name).c_str(), size);
  const bool clicked = pressed_by_key(usable) || (pressed && usable);
  const bool hovered = ImGui::IsItemHovered();
  finish(frame, name, help, why_not);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (hovered && usable) list.AddRectFilled(low, low + size, color::kRaisedHover, frame.px(4));
  list.AddText({low.x + inset, std::round(low.y + (size.y - height_of(ImGui::GetFont())) / 2)},
               usable ? color::kText : color::kFaint, text);
  return clicked;
}

bool begin_middle_popup(const char* name, bool opens, float width, const char* title,
                        const PanelFrame& frame) {
  if (opens) ImGui::OpenPopup(name);
  ImGui::SetNextWindowPos(frame.rect.center(), ImGuiCond_Always, {0.5f, 0.5f});
  ImGui::SetNextWindowSize({width, 0});
  const bool open =
      ImGui::BeginPopupModal(name, nullptr,
                             ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize |
                                 ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings);
  if (open) section(frame, title);
  return open;
}

float slider_inset(const Theme& theme) {
  return theme.px(7);
}

std::optional<double> slider(const PanelFrame& frame, std::string_view name, double position,
                             float width, const std::string& help, const std::string& why_not) {
  const Theme& theme = frame.theme;
  const float height = ImGui::GetFrameHeight(), inset = slider_inset(theme);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  std::optional<double> result;
  bool active = false, hovered = false;
  {
    const Greyed greyed(!why_not.empty());
    ImGui::InvisibleButton(id_of(name).c_str(), {width, height});
    active = ImGui::IsItemActive();
    hovered = ImGui::IsItemHovered();
  }
  if (active) {
    const float along = (drag_pointer().x - at.x - inset) / (width - 2 * inset);
    position = std::clamp(static_cast<double>(along), 0.0, 1.0);
    result = position;
  }
  const float opacity = why_not.empty() ? 1.0f : 0.4f;
  const float y = std::round(at.y + height / 2), thick = theme.px(4);
  const float low = at.x + inset, high = at.x + width - inset;
  const float knob = low + static_cast<float>(std::clamp(position, 0.0, 1.0)) * (high - low);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled({low, y - thick / 2}, {high, y + thick / 2},
                     with_alpha(color::kRaisedActive, opacity), thick / 2);
  list.AddRectFilled({low, y - thick / 2}, {knob, y + thick / 2},
                     with_alpha(color::kAccent, opacity), thick / 2);
  const float radius = theme.px(active ? 7.5f : hovered ? 7.0f : 6.5f);
  list.AddCircleFilled({knob, y}, radius + theme.px(2), color::kPanel, 20);
  list.AddCircleFilled(
      {knob, y}, radius,
      why_not.empty() ? (active || hovered ? color::kText : color::kAccent) : color::kRaisedActive,
      20);
  finish(frame, name, help, why_not);
  return result;
}

}  // namespace zscape
