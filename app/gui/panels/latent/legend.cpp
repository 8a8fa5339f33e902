#include <fmt/core.h>
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <vector>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kDot = 10, kGap = 5, kBetween = 4, kSearch = 120;  // pixels at 100 %
constexpr float kMostRows = 3;                                     // of a legend that scrolls

void isolate(std::size_t label, std::size_t classes, HiddenLabels& hidden) {
  HiddenLabels others;
  for (std::size_t other = 0; other < classes; ++other) others.set(other, other != label);
  hidden = hidden == others ? HiddenLabels() : others;
}

// The names and counts of the classes, or of the texts in a column, and how wide an entry is.
struct Entries {
  const LatentDraw& draw;
  std::span<const std::string> names;
  // Of the whole split, so that they stand still while the plot shows a sample; of the points where
  // colours are a prediction, or of the past, whose sample does not change.
  std::span<const int> counts;
  std::span<const int> shown;  // in the plot
  HiddenLabels& hidden;
  const char* widget;       // the name of an entry's, before its number
  bool are_classes = true;  // else texts, the last of which may be that there is none
  std::size_t nothing = std::numeric_limits<std::size_t>::max();  // the place of that one

  float width(std::size_t label, bool with_count) const {
    const float room =
        draw.px(kDot) + draw.px(kGap) + draw.px(8) + ImGui::CalcTextSize(names[label].c_str()).x;
    if (!with_count) return room;
    // Room for any usual count: the rows must not change while the counts do.
    return room + draw.px(kGap) +
           std::max(ImGui::CalcTextSize(format_count(counts[label]).c_str()).x,
                    ImGui::CalcTextSize("00,000").x);
  }
  float row() const { return ImGui::GetTextLineHeight() + draw.px(6); }
};

// The upper left corner of each entry in rows from `left` to `right`, the first one at `begin`.
std::vector<Vec2> places_in_rows(const Entries& entries, std::span<const std::size_t> labels,
                                 bool with_counts, Vec2 begin, float left, float right) {
  std::vector<Vec2> places;
  Vec2 at = begin;
  for (const std::size_t label : labels) {
    const float width = entries.width(label, with_counts);
    if (at.x > left && at.x + width > right) at = {left, at.y + entries.row()};
    places.push_back(at);
    at.x += width + entries.draw.px(kBetween);
  }
  return places;
}

void draw_entry(const Entries& entries, std::size_t label, Vec2 corner, bool with_count) {
  const LatentDraw& draw = entries.draw;
  const PanelFrame& frame = draw.frame;
  HiddenLabels& hidden = entries.hidden;
  const std::string& name = entries.names[label];
  const int points = entries.counts[label];
  const int shown = entries.shown[label];
  const bool off = hidden[label];
  const std::string count = format_count(points);
  const ImVec2 name_size = ImGui::CalcTextSize(name.c_str());
  const float dot = frame.px(kDot), gap = frame.px(kGap);
  const Vec2 size{entries.width(label, with_count), name_size.y + frame.px(4)};
  ImGui::SetCursorScreenPos(corner);
  ImGui::PushID(static_cast<int>(label));
  ImGui::InvisibleButton("label", size);
  ImGui::PopID();
  frame.widgets.note(fmt::format("{}_{}", entries.widget, label));
  if (ImGui::IsItemClicked(ImGuiMouseButton_Left)) {
    if (ImGui::GetIO().KeyCtrl) {
      hidden.flip(label);
    } else {
      isolate(label, std::min(entries.names.size(), std::size_t{kMaxLabels}), hidden);
    }
  }
  const bool hovered = ImGui::IsItemHovered();
  const std::string points_of =
      shown < points ? tr("{}: {} of {} inputs are in the plot.", name, format_count(shown), count)
      : points == 1  ? tr("{}: 1 point.", name)
                     : tr("{}: {} points.", name, count);
  const char* help =
      entries.are_classes
          ? tr("Click to show this class alone, or all again. Ctrl-click to hide or show it.")
          : tr("Click to show these inputs alone, or all again. Ctrl-click to hide or show them.");
  tooltip(frame.theme, fmt::format("{} {}", points_of, help).c_str());

  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (hovered) list.AddRectFilled(corner, corner + size, color::kRaised, frame.px(4));
  const ImVec2 center{corner.x + frame.px(4) + dot / 2, corner.y + size.y / 2};
  // Neutral where the colours show something else.
  const bool colored = !draw.input.contents.coloring.continuous();
  const int tint = label == entries.nothing ? -1 : static_cast<int>(label);
  const ImU32 rgba = colored ? class_color(tint) : color::kMuted;
  if (off) {
    list.AddCircle(center, dot / 2 - 1, color::kFaint, 14, frame.px(1.5f));
  } else {
    list.AddCircleFilled(center, dot / 2, rgba, 14);
  }
  const float text_y = corner.y + frame.px(2);
  const float name_x = corner.x + frame.px(4) + dot + gap;
  list.AddText({name_x, text_y}, off ? color::kFaint : color::kText, name.c_str());
  if (with_count) {
    list.AddText({name_x + name_size.x + gap, text_y}, off ? color::kFaint : color::kMuted,
                 count.c_str());
  }
}

std::string in_small_letters(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));
  });
  return text;
}

// Where the rows would take more than their room: a field that searches the names, and a list below
// that scrolls.
void draw_scrolling(const Entries& entries, std::span<const std::size_t> labels, float left,
                    float right) {
  const LatentDraw& draw = entries.draw;
  std::string& search = draw.state.legend_search;
  bool entered = false;
  ImGui::SameLine(0, draw.px(8));
  {
    Styled field;
    field.var(ImGuiStyleVar_FramePadding, {draw.px(7), draw.px(2)});
    ImGui::SetNextItemWidth(draw.px(kSearch));
    const char* hint = entries.are_classes ? tr("find a class") : tr("find a value");
    entered = ImGui::InputTextWithHint("##legend_search", hint, &search,
                                       ImGuiInputTextFlags_EnterReturnsTrue);
    const bool given_up =
        ImGui::IsItemDeactivated() && ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Escape));
    if (given_up) search.clear();
  }
  draw.frame.widgets.note("legend_search");
  tooltip(draw.theme(),
          entries.are_classes
              ? tr("List only the classes whose names hold this text. Enter shows them alone in "
                   "the plot, or all again; Esc clears it.")
              : tr("List only the values that hold this text. Enter shows their inputs alone in "
                   "the plot, or all again; Esc clears it."));
  const std::string wanted = in_small_letters(search);
  std::vector<std::size_t> found;
  for (const std::size_t label : labels) {
    if (in_small_letters(entries.names[label]).find(wanted) != std::string::npos) {
      found.push_back(label);
    }
  }
  if (entered && !found.empty()) {
    HiddenLabels others;
    for (const std::size_t label : labels) others.set(label);
    for (const std::size_t label : found) others.reset(label);
    HiddenLabels& hidden = entries.hidden;
    hidden = hidden == others ? HiddenLabels() : others;
  }
  ImGui::SameLine(0, draw.px(8));
  const std::string count = format_count(static_cast<std::int64_t>(found.size()));
  const bool one = found.size() == 1;
  const std::string said = entries.are_classes ? one ? tr("1 class") : tr("{} classes", count)
                           : one ? tr("1 value")
                                               : tr("{} values", count);
  small_text(draw.theme(), said.c_str());
  draw.frame.widgets.note("legend_count");

  const float bar = draw.px(7), room = right - left;
  const std::vector<Vec2> places = places_in_rows(entries, found, true, {0, 0}, 0, room - bar);
  const float whole = places.empty() ? entries.row() : places.back().y + entries.row();
  const float high = std::min(whole, kMostRows * entries.row());
  Styled styled;
  styled.var(ImGuiStyleVar_ScrollbarSize, bar);
  ImGui::SetCursorScreenPos({left, ImGui::GetCursorScreenPos().y});
  ImGui::BeginChild("legend", {room, high}, false, ImGuiWindowFlags_NoBackground);
  draw.frame.widgets.note("legend_list",
                          {Vec2(ImGui::GetWindowPos()), Vec2(ImGui::GetWindowSize())});
  const Vec2 origin = ImGui::GetCursorScreenPos();
  const float top = ImGui::GetScrollY();
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (places[i].y + entries.row() < top || places[i].y > top + high) continue;
    draw_entry(entries, found[i], origin + places[i], true);
  }
  ImGui::SetCursorScreenPos(origin);
  ImGui::Dummy({room - bar, whole});
  ImGui::EndChild();
}

// The texts of the column that colours the points; the filter shows what the legend does.
struct TextLegend {
  std::vector<std::string> names;
  std::size_t nothing = 0;
};

// Its first characters.
std::string beginning_of(const std::string& text) {
  constexpr std::size_t kLongest = 24;
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_continuation(text[i]) && ++characters > kLongest) return text.substr(0, i) + "…";
  }
  return text;
}

TextLegend texts_of(const MetadataColumn& column, std::size_t entries) {
  TextLegend legend;
  legend.nothing = entries - 1;
  for (std::size_t i = 0; i < std::min(column.texts->size(), legend.nothing); ++i) {
    legend.names.push_back(beginning_of((*column.texts)[i]));
  }
  legend.names.resize(legend.nothing);
  legend.names.emplace_back(tr("no value"));
  return legend;
}

void draw_entries(const Entries& entries) {
  const LatentDraw& draw = entries.draw;
  std::vector<std::size_t> labels;
  for (std::size_t i = 0; i < std::min(entries.names.size(), std::size_t{kMaxLabels}); ++i) {
    if (i != entries.nothing || entries.counts[i] > 0) labels.push_back(i);
  }
  if (labels.empty()) return;
  const Theme& theme = draw.theme();
  const Rect& rect = draw.frame.rect;
  Styled styled(theme.small);
  styled.var(ImGuiStyleVar_ItemSpacing, {theme.px(4), theme.px(2)});
  const float left = rect.origin.x + theme.px(14), right = rect.high().x - theme.px(14);
  const Vec2 begin{ImGui::GetItemRectMax().x + theme.px(kBetween), ImGui::GetItemRectMin().y};
  // The rows take at most a third of the panel, but two always have room; counts go first.
  const float lowest = std::max(rect.origin.y + rect.size.y / 3, begin.y + 1.5f * entries.row());
  for (const bool with_counts : {true, false}) {
    const auto places = places_in_rows(entries, labels, with_counts, begin, left, right);
    if (places.back().y > lowest) continue;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      draw_entry(entries, labels[i], places[i], with_counts);
    }
    return;
  }
  draw_scrolling(entries, labels, left, right);
}

}  // namespace

void draw_legend(const LatentDraw& draw) {
  const Coloring& coloring = draw.input.contents.coloring;
  const Points& points = draw.input.points;
  const std::span<const int> totals = coloring.text_totals();
  if (totals.empty()) {
    const std::span<const int> nearest = coloring.centroid_counts();
    const std::span<const int> shown = nearest.empty() ? points.counts() : nearest;
    const bool is_whole = nearest.empty() && !draw.scene.in_past();
    draw_entries({draw, draw.snapshot.data->class_names, is_whole ? points.totals() : shown, shown,
                  draw.state.hidden, "label"});
    return;
  }
  const int column = coloring.choice().factor;
  const Split& split = draw.snapshot.data->split(points.codes()->split);
  const TextLegend legend =
      texts_of(split.metadata[static_cast<std::size_t>(column)], totals.size());
  MetadataFilter& filter = draw.state.metadata.filter;
  const HiddenLabels before = filter.column == column ? filter.hidden : HiddenLabels();
  HiddenLabels hidden = before;
  draw_entries(
      {draw, legend.names, totals, coloring.text_counts(), hidden, "value", false, legend.nothing});
  if (hidden == before) return;
  filter = {};
  if (hidden.none()) return;
  filter.column = column;
  filter.hidden = hidden;
}

}  // namespace zscape
