#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>

#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

void isolate(std::size_t label, std::size_t classes, HiddenLabels& hidden) {
  HiddenLabels others;
  for (std::size_t other = 0; other < classes; ++other) others.set(other, other != label);
  hidden = hidden == others ? HiddenLabels() : others;
}

// How entries are drawn: with their counts where there is room for them.
struct Rows {
  bool counts = true;
  float left = 0, right = 0;  // of the panel's inside, pixels
  float highest = 0;          // no row begins below this
};

constexpr float kDot = 10, kGap = 5, kBetween = 4;  // pixels at 100 %

float entry_width(const Theme& theme, const std::string& name, int points, bool counts) {
  float width = theme.px(kDot) + theme.px(kGap) + ImGui::CalcTextSize(name.c_str()).x + theme.px(8);
  if (!counts) return width;
  // Room for any usual count: the rows must not change while the counts do.
  return width + theme.px(kGap) +
         std::max(ImGui::CalcTextSize(format_count(points).c_str()).x,
                  ImGui::CalcTextSize("00,000").x);
}

// Where the last row would begin if all entries were drawn from here on.
float last_row(const Theme& theme, const std::vector<std::string>& names,
               std::span<const int> counts, std::size_t classes, ImVec2 begin, const Rows& rows) {
  float at = begin.x, y = begin.y;
  for (std::size_t label = 0; label < classes; ++label) {
    const float width = entry_width(theme, names[label], counts[label], rows.counts);
    if (at > rows.left && at + width > rows.right) {
      at = rows.left;
      y += ImGui::GetTextLineHeight() + theme.px(6);
    }
    at += width + theme.px(kBetween);
  }
  return y;
}

// Draws nothing and returns false where the entry has no room.
bool draw_entry(const LatentDraw& draw, std::size_t label, std::size_t classes, const Rows& rows) {
  const PanelFrame& frame = draw.frame;
  HiddenLabels& hidden = draw.state.hidden;
  const std::string& name = draw.snapshot.data->class_names[label];
  // Of the whole split, so that they stand still while the plot shows a sample.
  const int points = draw.input.points.totals()[label];
  const int shown = draw.input.points.counts()[label];
  const bool off = hidden[label];
  const std::string count = format_count(points);
  const ImVec2 name_size = ImGui::CalcTextSize(name.c_str());
  const float dot = frame.px(kDot), gap = frame.px(kGap);
  const float width = entry_width(frame.theme, name, points, rows.counts);
  ImGui::SameLine(0, frame.px(kBetween));
  if (ImGui::GetCursorScreenPos().x + width > rows.right) ImGui::NewLine();
  if (ImGui::GetCursorScreenPos().y > rows.highest) return false;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  ImGui::PushID(static_cast<int>(label));
  const ImVec2 size{width, name_size.y + frame.px(4)};
  ImGui::InvisibleButton("label", size);
  ImGui::PopID();
  frame.widgets.note(fmt::format("label_{}", label));
  if (ImGui::IsItemClicked(ImGuiMouseButton_Left)) {
    if (ImGui::GetIO().KeyCtrl) {
      hidden.flip(label);
    } else {
      isolate(label, classes, hidden);
    }
  }
  const bool hovered = ImGui::IsItemHovered();
  const std::string points_of =
      shown < points ? tr("{}: {} of {} inputs are in the plot.", name, format_count(shown), count)
      : points == 1  ? tr("{}: 1 point.", name)
                     : tr("{}: {} points.", name, count);
  const char* help =
      tr("Click to show this class alone, or all again. Ctrl-click to hide or show it.");
  tooltip(frame.theme, fmt::format("{} {}", points_of, help).c_str());

  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (hovered) {
    list.AddRectFilled(corner, corner + size, color::kRaised, frame.px(4));
  }
  const ImVec2 center{corner.x + frame.px(4) + dot / 2, corner.y + size.y / 2};
  // Neutral where the colours show something else.
  const bool colored = !draw.input.contents.coloring.continuous();
  const ImU32 rgba = colored ? class_color(static_cast<int>(label)) : color::kMuted;
  if (off) {
    list.AddCircle(center, dot / 2 - 1, color::kFaint, 14, frame.px(1.5f));
  } else {
    list.AddCircleFilled(center, dot / 2, rgba, 14);
  }
  const float text_y = corner.y + frame.px(2);
  const float name_x = corner.x + frame.px(4) + dot + gap;
  list.AddText({name_x, text_y}, off ? color::kFaint : color::kText, name.c_str());
  if (rows.counts) {
    list.AddText({name_x + name_size.x + gap, text_y}, off ? color::kFaint : color::kMuted,
                 count.c_str());
  }
  return true;
}

}  // namespace

void draw_legend(const LatentDraw& draw) {
  const std::vector<std::string>& names = draw.snapshot.data->class_names;
  const auto classes = std::min(names.size(), std::size_t{kMaxLabels});
  const Theme& theme = draw.theme();
  const Rect& rect = draw.frame.rect;
  Styled styled(theme.small);
  styled.var(ImGuiStyleVar_ItemSpacing, {theme.px(4), theme.px(2)});
  Rows rows;
  rows.left = rect.origin.x + theme.px(14);
  rows.right = rect.high().x - theme.px(14);
  // The legend takes at most a third of the panel, but always has two rows.
  rows.highest = std::max(rect.origin.y + rect.size.y / 3,
                          ImGui::GetCursorScreenPos().y + 1.5F * ImGui::GetTextLineHeight());
  const Vec2 begin{ImGui::GetItemRectMax().x + theme.px(kBetween), ImGui::GetItemRectMin().y};
  const std::span<const int> counts = draw.input.points.totals();
  rows.counts = last_row(theme, names, counts, classes, begin, rows) <= rows.highest;
  for (std::size_t label = 0; label < classes; ++label) {
    if (draw_entry(draw, label, classes, rows)) continue;
    small_text(theme, tr("and {} more", classes - label).c_str());
    break;
  }
}

}  // namespace zscape
