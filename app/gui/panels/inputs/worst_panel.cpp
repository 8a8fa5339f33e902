#include <fmt/core.h>
#include <imgui.h>

#include <array>
#include <cmath>

#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/panels/inputs/input_list.h"
#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/inputs/vector_plot.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/given_codes.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kPicture = 58, kInner = 2, kCaption = 17, kGap = 10;

}  // namespace

PairSize pair_size(const Pictures& pictures, const Theme& theme, float longest) {
  const ImVec2 picture = picture_size(pictures.shape(), theme.px(longest), theme.px(longest));
  return {
      picture,
      {std::max(2 * picture.x + theme.px(kInner), theme.px(90)), picture.y + theme.px(kCaption)}};
}

void draw_picture_pair(const Snapshot& snapshot, const InputListInput& input,
                       const PicturePair& pair, const PairSize& size, ImVec2 low,
                       InputListRequests& requests, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const ImVec2 picture = size.picture, cell = size.cell;
  ImGui::SetCursorScreenPos(low);
  ImGui::PushID(pair.widget.c_str());
  if (ImGui::InvisibleButton("pair", cell)) requests.fly = pair.input;
  ImGui::PopID();
  frame.widgets.note(pair.widget);
  const bool hovered = ImGui::IsItemHovered();
  if (hovered) {
    requests.pointed = pair.input;
    tooltip(theme, pair.tells.c_str());
  }
  requests.seen.push_back(pair.input);

  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float inner = theme.px(kInner);
  const InputReconstruction* made = input.scene.reconstruction(pair.input);
  const ImVec2 second{low.x + picture.x + inner, low.y};
  const PictureSlot shown = input.input_pictures.of(pair.input);
  const PictureSlot output = made ? made->image.slot : kNoPicture;
  if (is_vector(input.pictures.shape())) {
    const std::array<VectorSeries, 2> series{VectorSeries{shown, input_tint()},
                                             VectorSeries{output, output_tint()}};
    draw_vectors(list, input.pictures, series, {low, {cell.x, picture.y}});
  } else {
    draw_picture(list, input.pictures, shown, low, low + picture);
    draw_picture(list, input.pictures, output, second, second + picture);
  }
  if (hovered) {
    list.AddRect({low.x - 1, low.y - 1}, {low.x + cell.x + 1, low.y + picture.y + 1}, color::kText,
                 0, 0, theme.px(1));
  }
  const int label = snapshot.data->split(pair.input.split).label(pair.input.index);
  const Styled styled(theme.small);
  const std::string value = format_value(pair.value, 3);
  const float width = ImGui::CalcTextSize(value.c_str()).x;
  const float y = std::round(low.y + picture.y + theme.px(2));
  const std::string name = beginning_that_fits(
      label >= 0 ? label_name(snapshot, label) : fmt::format("#{}", pair.input.index),
      cell.x - width - theme.px(20));
  const float dot = theme.px(4);
  list.AddCircleFilled({low.x + dot, y + ImGui::GetFontSize() / 2}, dot, class_color(label), 14);
  list.AddText({low.x + 3 * dot, y}, color::kText, name.c_str());
  list.AddText({low.x + cell.x - width, y}, color::kMuted, value.c_str());
}

PicturePair pair_of_worst(const Snapshot& snapshot, const WorstInputs& worst, std::size_t number) {
  const WorstInputs::Entry& entry = worst.entries()[number];
  const std::string name = input_name(snapshot, entry.input);
  const std::string error = format_value(entry.error, 4);
  return {fmt::format("worst_{}", number), entry.input, entry.error,
          worst.in_nats() ? tr("{}\n{} nats", name, error) : tr("{}\nmse {}", name, error)};
}

InputListRequests draw_worst_panel(const Snapshot& snapshot, ModelId model,
                                   const InputListInput& input, LowerTab& tab,
                                   const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  InputListRequests requests;
  begin_panel("##worst", frame, kNoScroll);
  draw_lower_tabs(snapshot, tab, false, frame);
  const Rect room = below_tabs(frame);
  const ModelView* view = snapshot.find(model);
  if (input.worst.entries().empty() || !snapshot.data) {
    const bool works = view && view->decoder();
    draw_centred(
        theme, room,
        view && shows_given_codes(*view) ? kCodesAlone
        : !works                         ? tr("The list comes with the first codes")
        : view->past_decoder
            ? tr("Errors are measured with the present weights. Return to now to see them.")
        : input.worst.revision() > 0 && view->errors ? tr("No input is on show")
                                                     : tr("Measuring every input …"));
    ImGui::End();
    return requests;
  }
  const std::size_t listed = input.worst.entries().size();
  const std::string of = format_count(static_cast<std::int64_t>(input.worst.measured()));
  const std::string note =
      input.worst.in_nats()
          ? tr("The worst {} of {} inputs by reconstruction (nats, z = μ), each beside its own",
               listed, of)
          : tr("The worst {} of {} inputs by mean squared error, each beside its reconstruction",
               listed, of);
  const float y = ImGui::GetWindowPos().y + ImGui::GetStyle().WindowPadding.y + theme.px(3);
  float right = room.high().x;
  const float tabs = ImGui::GetItemRectMax().x + theme.px(16);
  const std::string no_gaps = view ? why_no_exact_likelihood(view->spec) : std::string();
  right -= switch_width(theme, tr("gaps"));
  ImGui::SetCursorScreenPos({right, ImGui::GetWindowPos().y + ImGui::GetStyle().WindowPadding.y});
  if (small_switch(frame, "show_gaps", tr("gaps"), false,
                   tr("Measure what the ELBO lacks of log p(x), and list the inputs that are worst "
                      "encoded beside those that are worst reconstructed"),
                   no_gaps)) {
    tab = LowerTab::gaps;
  }
  right -= theme.px(10);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  {
    const Styled styled(theme.small);
    const std::string shown = beginning_that_fits(note, right - tabs);
    const float wide = ImGui::CalcTextSize(shown.c_str()).x;
    list.AddText({right - wide, y}, color::kMuted, shown.c_str());
  }

  const PairSize size = pair_size(input.pictures, theme, kPicture);
  CellTable table("worst_list", room, input.worst.entries().size(), size.cell, theme.px(kGap),
                  frame);
  requests.hovered = ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows);
  for (std::size_t number = table.first(); number < table.last(); ++number) {
    draw_picture_pair(snapshot, input, pair_of_worst(snapshot, input.worst, number), size,
                      table.place(number), requests, frame);
  }
  table.end();
  ImGui::End();
  return requests;
}

}  // namespace zscape
