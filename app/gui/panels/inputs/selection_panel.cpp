#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/panels/inputs/input_list.h"
#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/given_codes.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kLabels = 236, kBetween = 18;  // pixels
constexpr float kLabelLine = 17;
constexpr float kSmall = 30, kLarge = 58;  // sides of the images in the sheet
constexpr float kImageGap = 2;

struct Draw : PanelDraw {
  const Snapshot& snapshot;
  const InputListInput& input;
  SelectionPanelState& state;
  InputListRequests& requests;
};

// At the right of the tabs, from right to left.
void draw_buttons(const Draw& draw, ModelId model, float right) {
  const Theme& theme = draw.theme();
  const Selection& selection = draw.input.selection;
  const float y = ImGui::GetWindowPos().y + ImGui::GetStyle().WindowPadding.y;
  const std::string none = selection.empty() ? tr("Nothing is selected.") : "";
  const ModelView* view = draw.snapshot.find(model);
  const std::string why_not = view && shows_given_codes(*view) ? kCodesAlone : none;
  const CsvExport csv{"selection",
                      tr("Write the selected inputs to a file: index, split, label, codes, error"),
                      tr("Write the selected inputs as CSV to"), why_not};
  if (const auto path = draw_csv_export(csv, draw.state.csv, right, draw.frame)) {
    std::error_code ignored;
    const std::string whole = std::filesystem::absolute(*path, ignored).string();
    draw.requests.commands.emplace_back(ExportInputs{model, selection.rows(SplitName::train),
                                                     selection.rows(SplitName::test), whole});
  }
  ImGui::SetCursorScreenPos({right - theme.px(6) - switch_width(theme, "clear"), y});
  if (small_switch(draw.frame, "clear_selection", "clear", false, tr("Clear the selection (Esc)"),
                   none)) {
    draw.input.selection.clear();
  }
}

// The mean image with the counts beneath; returns its width.
float draw_mean(const Draw& draw, const Rect& rect) {
  const Selection& selection = draw.input.selection;
  const float captions = draw.px(2 * 16 + 2);
  const float room = std::max(rect.size.y - captions, draw.px(20));
  const ImVec2 size = picture_size(draw.input.pictures.shape(), room, room);
  const ImVec2 low{std::floor(rect.origin.x), std::floor(rect.origin.y)};
  ImGui::SetCursorScreenPos(low);
  picture_item(draw.frame, draw.input.pictures, "selection_mean", draw.input.mean_picture, size);
  tooltip(draw.theme(), tr("The mean of the selected images"));
  ImGui::SetCursorScreenPos({low.x, low.y + size.y + draw.px(4)});
  const std::string count =
      tr("{} selected", format_count(static_cast<std::int64_t>(selection.count())));
  small_text(draw.theme(), count.c_str(), color::kText);
  const float text = ImGui::GetItemRectSize().x;
  draw.frame.widgets.note("selection_count");
  const auto of = [&](SplitName split) { return selection.rows(split).size(); };
  std::string splits =
      of(SplitName::train) == 0 ? tr("all from test")
      : of(SplitName::test) == 0
          ? tr("all from training")
          : tr("{} from test", format_count(static_cast<std::int64_t>(of(SplitName::test))));
  // The plot of a running model shows a sample only.
  if (draw.input.selected_points < selection.count()) {
    splits =
        tr("{} in the plot", format_count(static_cast<std::int64_t>(draw.input.selected_points)));
  }
  ImGui::SetCursorScreenPos({low.x, low.y + size.y + draw.px(4 + 16)});
  small_text(draw.theme(), splits.c_str());
  return std::max({size.x, text, ImGui::GetItemRectSize().x});
}

// The number of each label with a bar, in two columns if one is too high. Returns the width.
float draw_labels(const Draw& draw, Rect rect) {
  const std::span<const std::int64_t> counts = draw.input.selection.label_counts();
  std::vector<std::size_t> shown;
  for (std::size_t label = 0; label < counts.size(); ++label) {
    if (counts[label] > 0) shown.push_back(label);
  }
  const std::int64_t most =
      counts.empty() ? 1 : std::max<std::int64_t>(*std::ranges::max_element(counts), 1);
  const float gap = draw.px(14);
  const ImVec2 cell{std::floor((rect.size.x - draw.px(11) - gap) / 2), draw.px(kLabelLine)};
  if (static_cast<float>(shown.size()) * cell.y <= rect.size.y) {
    rect.size.x = cell.x + draw.px(12);
  }
  const Styled styled(draw.theme().small);
  CellTable table("selection_labels", rect, shown.size(), {cell.x, cell.y - gap}, gap, draw.frame);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  for (std::size_t number = table.first(); number < table.last(); ++number) {
    const std::size_t label = shown[number];
    const bool named = label + 1 < counts.size();
    const ImVec2 at = table.place(number);
    const std::string count = format_count(counts[label]);
    const float width = ImGui::CalcTextSize(count.c_str()).x;
    const std::string name = beginning_that_fits(
        named ? label_name(draw.snapshot, static_cast<int>(label)) : tr("no label"),
        cell.x - width - draw.px(26));
    const ImU32 tint = class_color(named ? static_cast<int>(label) : -1);
    const float part = static_cast<float>(counts[label]) / static_cast<float>(most);
    const float bar = cell.x * part;
    list.AddRectFilled(at, {at.x + std::max(bar, 2.0f), at.y + cell.y - draw.px(3)},
                       with_alpha(tint, 0.22f), draw.px(2));
    list.AddCircleFilled({at.x + draw.px(9), at.y + (cell.y - draw.px(3)) / 2}, draw.px(4), tint,
                         14);
    list.AddText({at.x + draw.px(18), at.y}, color::kText, name.c_str());
    list.AddText({at.x + cell.x - width - draw.px(4), at.y}, color::kMuted, count.c_str());
  }
  table.end();
  return rect.size.x;
}

void draw_sheet(const Draw& draw, const Rect& rect) {
  const Selection& selection = draw.input.selection;
  const float gap = draw.px(kImageGap);
  const ImageShape& shape = draw.input.pictures.shape();
  // Few images are large.
  ImVec2 cell = picture_size(shape, draw.px(kLarge), draw.px(kLarge));
  const float fit =
      std::floor(rect.size.x / (cell.x + gap)) * std::floor(rect.size.y / (cell.y + gap));
  if (static_cast<float>(selection.count()) > fit) {
    cell = picture_size(shape, draw.px(kSmall), draw.px(kSmall));
  }
  CellTable table("selection_sheet", rect, selection.count(), cell, gap, draw.frame);
  for (std::size_t number = table.first(); number < table.last(); ++number) {
    const PointRef input = selection.input(number);
    ImGui::SetCursorScreenPos(table.place(number));
    ImGui::PushID(static_cast<int>(number));
    const bool clicked = picture_button(draw.frame, draw.input.pictures, "image",
                                        draw.input.input_pictures.of(input), cell, false);
    ImGui::PopID();
    if (number == table.first()) draw.frame.widgets.note("selection_image");
    if (ImGui::IsItemHovered()) {
      draw.requests.pointed = input;
      tooltip(draw.theme(), input_name(draw.snapshot, input).c_str());
    }
    if (clicked) draw.requests.fly = input;
  }
  table.end();
}

}  // namespace

InputListRequests draw_selection_panel(const Snapshot& snapshot, ModelId model,
                                       const InputListInput& input, SelectionPanelState& state,
                                       LowerTab& tab, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  InputListRequests requests;
  const Draw draw{{frame}, snapshot, input, state, requests};
  begin_panel("##selection", frame, kNoScroll);
  draw_lower_tabs(snapshot, tab, false, frame);
  const Rect room = below_tabs(frame);
  const float left = room.origin.x, right = left + room.size.x, top = room.origin.y;
  draw_buttons(draw, model, right);
  if (input.selection.empty() || !snapshot.data) {
    draw_centred(theme, room,
                 tr("Shift-drag a box or Shift-Ctrl-drag a lasso in the latent view to see the "
                    "inputs in it"));
    ImGui::End();
    return requests;
  }
  float x = left + draw_mean(draw, room) + theme.px(kBetween);
  if (!snapshot.data->class_names.empty()) {
    const float labels = std::min(theme.px(kLabels), 0.33f * (right - left));
    x += draw_labels(draw, {{x, top}, {labels, room.size.y}}) + theme.px(kBetween);
  }
  draw_sheet(draw, {{x, top}, {right - x, room.size.y}});
  ImGui::End();
  return requests;
}

}  // namespace zscape
