#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <span>

#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/panels/inputs/input_list.h"
#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/inputs/vector_plot.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kPicture = 58, kCaption = 16, kRowGap = 6, kGap = 8;
constexpr float kHand = 132;     // the input in hand, at the left
constexpr float kHeading = 104;  // of a row
constexpr float kNarrowest = 40;

struct Draw : PanelDraw {
  const Snapshot& snapshot;
  const InputListInput& input;
  InputListRequests& requests;
  SplitName split;
};

struct Row {
  const char* widget;  // of its pictures: neighbour_input_0 …
  const char* heading;
  const char* help;
  std::span<const Neighbour> neighbours;
};

ImVec2 cell_of(const Draw& draw, float height) {
  const float side = std::min(draw.px(kPicture), std::max(height, draw.px(12)));
  return picture_size(draw.input.pictures.shape(), side, side);
}

void draw_input(const Draw& draw, PointRef input, ImVec2 low, ImVec2 size) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const PictureSlot slot = draw.input.input_pictures.of(input);
  if (is_vector(draw.input.pictures.shape())) {
    const std::array<VectorSeries, 1> series{VectorSeries{slot, input_tint()}};
    draw_vectors(list, draw.input.pictures, series, {low, size});
  } else {
    draw_picture(list, draw.input.pictures, slot, low, low + size);
  }
}

// Its picture with its name below.
void draw_hand(const Draw& draw, PointRef input, const Rect& rect) {
  const float lines = 2 * draw.px(kCaption);
  const ImVec2 size =
      picture_size(draw.input.pictures.shape(), rect.size.x - draw.px(kGap),
                   std::clamp(rect.size.y - lines, draw.px(16), draw.px(2 * kPicture)));
  draw_input(draw, input, rect.origin, size);
  draw.frame.widgets.note("neighbours_of", {rect.origin, size});
  ImGui::SetCursorScreenPos({rect.origin.x, std::round(rect.origin.y + size.y + draw.px(3))});
  ImGui::BeginGroup();
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, draw.px(1)));
  const Styled styled(draw.theme().small);
  small_text(draw.theme(), row_name(draw.snapshot, input).c_str(), color::kText);
  const int label = draw.snapshot.data->split(input.split).label(input.index);
  if (label >= 0) {
    small_text(
        draw.theme(),
        beginning_that_fits(label_name(draw.snapshot, label), rect.size.x - draw.px(kGap)).c_str());
  }
  ImGui::PopStyleVar();
  ImGui::EndGroup();
}

void draw_neighbour(const Draw& draw, const Row& row, std::size_t number, ImVec2 low, ImVec2 size,
                    float width, bool in_both) {
  const Neighbour& neighbour = row.neighbours[number];
  const PointRef input{draw.split, neighbour.index};
  const Theme& theme = draw.theme();
  ImGui::SetCursorScreenPos(low);
  ImGui::PushID(row.widget);
  ImGui::PushID(static_cast<int>(number));
  if (ImGui::InvisibleButton("neighbour", {width, size.y + draw.px(kCaption)})) {
    draw.requests.fly = input;
  }
  ImGui::PopID();
  ImGui::PopID();
  draw.frame.widgets.note(fmt::format("{}_{}", row.widget, number));
  const bool hovered = ImGui::IsItemHovered();
  if (hovered) {
    draw.requests.pointed = input;
    const std::string name = input_name(draw.snapshot, input);
    const std::string distance = format_value(neighbour.distance, 4);
    tooltip(theme, in_both ? tr("{}\ndistance {}\nin both rows", name, distance).c_str()
                           : tr("{}\ndistance {}", name, distance).c_str());
  }
  draw_input(draw, input, low, size);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (hovered || in_both) {
    list.AddRect({low.x - 1, low.y - 1}, {low.x + size.x + 1, low.y + size.y + 1},
                 hovered ? color::kText : color::kAccent, 0, 0, theme.px(hovered ? 1.0f : 1.5f));
  }
  const Styled styled(theme.small);
  const float y = std::round(low.y + size.y + theme.px(1));
  const int label = draw.snapshot.data->split(draw.split).label(neighbour.index);
  float x = low.x;
  if (label >= 0) {
    const float dot = theme.px(3);
    list.AddCircleFilled({x + dot, y + ImGui::GetFontSize() / 2}, dot, class_color(label), 12);
    x += 3 * dot;
  }
  list.AddText({x, y}, color::kMuted,
               beginning_that_fits(format_value(neighbour.distance, 3), low.x + width - x).c_str());
}

// The row's heading, and as many of its neighbours as fit.
void draw_row(const Draw& draw, const Row& row, const std::set<std::int64_t>& both,
              const Rect& rect) {
  const Theme& theme = draw.theme();
  const ImVec2 size = cell_of(draw, rect.size.y - draw.px(kCaption));
  const float heading = draw.px(kHeading);
  ImGui::SetCursorScreenPos({rect.origin.x, std::round(rect.origin.y)});
  ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + heading - draw.px(kGap));
  small_text(theme, row.heading);
  ImGui::PopTextWrapPos();
  draw.frame.widgets.note(row.widget);
  tooltip(theme, row.help);
  const float left = rect.origin.x + heading, width = std::max(size.x, draw.px(kNarrowest));
  const float step = width + draw.px(kGap);
  const auto fit = static_cast<std::size_t>(
      std::max(std::floor((rect.high().x - left + draw.px(kGap)) / step), 0.0f));
  for (std::size_t i = 0; i < std::min(fit, row.neighbours.size()); ++i) {
    const ImVec2 low{std::floor(left + static_cast<float>(i) * step), std::floor(rect.origin.y)};
    draw_neighbour(draw, row, i, low, size, width, both.contains(row.neighbours[i].index));
  }
}

// At the right of the tabs.
void draw_note(const Draw& draw, const Neighbours& found, std::size_t both, float right) {
  const std::string among = format_count(found.codes->count());
  const std::string note =
      found.by_code.empty()
          ? tr("among {} inputs; this one has no code in the plot", among)
          : tr("among {} inputs; {} of {} are in both rows", among, both, found.by_code.size());
  const float y = ImGui::GetWindowPos().y + ImGui::GetStyle().WindowPadding.y + draw.px(3);
  const float tabs = ImGui::GetItemRectMax().x + draw.px(16);
  const Styled styled(draw.theme().small);
  const std::string shown = beginning_that_fits(note, right - tabs);
  const float wide = ImGui::CalcTextSize(shown.c_str()).x;
  ImGui::GetWindowDrawList()->AddText({right - wide, y}, color::kMuted, shown.c_str());
}

}  // namespace

InputListRequests draw_neighbours_panel(const Snapshot& snapshot, const InputListInput& input,
                                        const NeighboursShown& shown, LowerTab& tab,
                                        const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  InputListRequests requests;
  begin_panel("##neighbours", frame, kNoScroll);
  draw_lower_tabs(snapshot, tab, false, frame);
  const Rect room = below_tabs(frame);
  if (!shown.in_hand || !snapshot.data) {
    draw_centred(theme, room, tr("Point at a code in the plot to see the inputs nearest to it"));
    ImGui::End();
    return requests;
  }
  const Draw draw{{frame}, snapshot, input, requests, shown.in_hand->split};
  if (shown.found) {
    std::set<std::int64_t> by_input, both;
    for (const Neighbour& each : shown.found->by_input) by_input.insert(each.index);
    for (const Neighbour& each : shown.found->by_code) {
      if (by_input.contains(each.index)) both.insert(each.index);
    }
    draw_note(draw, *shown.found, both.size(), room.high().x);
    const std::array rows{
        Row{"neighbour_input", tr("Nearest inputs"),
            tr("The inputs whose numbers lie nearest to this one's, by Euclidean distance of what "
               "networks read: pixels in [0, 1], or standardised numbers."),
            shown.found->by_input},
        Row{"neighbour_code", tr("Nearest codes"),
            tr("The inputs whose codes lie nearest to this one's, by Euclidean distance over all "
               "latent dimensions. Those with a frame are in both rows."),
            shown.found->by_code}};
    const float left = room.origin.x + theme.px(kHand);
    const float height = (room.size.y - theme.px(kRowGap)) / 2;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const float top = room.origin.y + static_cast<float>(i) * (height + theme.px(kRowGap));
      draw_row(draw, rows[i], both, {{left, top}, {room.high().x - left, height}});
    }
  } else {
    draw_centred(theme, room, tr("Looking at every input …"));
  }
  draw_hand(draw, *shown.in_hand, {room.origin, {theme.px(kHand), room.size.y}});
  requests.hovered = ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows);
  ImGui::End();
  return requests;
}

}  // namespace zscape
