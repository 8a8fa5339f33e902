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

struct Draw : PanelDraw {
  const Snapshot& snapshot;
  const InputListInput& input;
  InputListRequests& requests;
};

void draw_entry(const Draw& draw, std::size_t number, ImVec2 low, ImVec2 cell, ImVec2 picture) {
  const WorstInputs::Entry& entry = draw.input.worst.entries()[number];
  const Theme& theme = draw.theme();
  ImGui::SetCursorScreenPos(low);
  ImGui::PushID(static_cast<int>(number));
  if (ImGui::InvisibleButton("worst", cell)) draw.requests.fly = entry.input;
  ImGui::PopID();
  draw.frame.widgets.note(fmt::format("worst_{}", number));
  const bool hovered = ImGui::IsItemHovered();
  if (hovered) {
    draw.requests.pointed = entry.input;
    const std::string name = input_name(draw.snapshot, entry.input);
    const std::string error = format_value(entry.error, 4);
    tooltip(theme, draw.input.worst.in_nats() ? tr("{}\n{} nats", name, error).c_str()
                                              : tr("{}\nmse {}", name, error).c_str());
  }
  draw.requests.seen.push_back(entry.input);

  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float inner = draw.px(kInner);
  const InputReconstruction* made = draw.input.scene.reconstruction(entry.input);
  const ImVec2 second{low.x + picture.x + inner, low.y};
  const PictureSlot input = draw.input.input_pictures.of(entry.input);
  const PictureSlot output = made ? made->image.slot : kNoPicture;
  if (is_vector(draw.input.pictures.shape())) {
    const std::array<VectorSeries, 2> series{VectorSeries{input, input_tint()},
                                             VectorSeries{output, output_tint()}};
    draw_vectors(list, draw.input.pictures, series, {low, {cell.x, picture.y}});
  } else {
    draw_picture(list, draw.input.pictures, input, low, low + picture);
    draw_picture(list, draw.input.pictures, output, second, second + picture);
  }
  if (hovered) {
    list.AddRect({low.x - 1, low.y - 1}, {low.x + cell.x + 1, low.y + picture.y + 1}, color::kText,
                 0, 0, theme.px(1));
  }
  const Split& split = draw.snapshot.data->split(entry.input.split);
  const int label = split.label(entry.input.index);
  const Styled styled(theme.small);
  const std::string error = format_value(entry.error, 3);
  const float width = ImGui::CalcTextSize(error.c_str()).x;
  const float y = std::round(low.y + picture.y + theme.px(2));
  const std::string name = beginning_that_fits(
      label >= 0 ? label_name(draw.snapshot, label) : fmt::format("#{}", entry.input.index),
      cell.x - width - theme.px(20));
  const float dot = theme.px(4);
  list.AddCircleFilled({low.x + dot, y + ImGui::GetFontSize() / 2}, dot, class_color(label), 14);
  list.AddText({low.x + 3 * dot, y}, color::kText, name.c_str());
  list.AddText({low.x + cell.x - width, y}, color::kMuted, error.c_str());
}

}  // namespace

InputListRequests draw_worst_panel(const Snapshot& snapshot, ModelId model,
                                   const InputListInput& input, LowerTab& tab,
                                   const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  InputListRequests requests;
  const Draw draw{{frame}, snapshot, input, requests};
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
  const float right = room.high().x;
  const float tabs = ImGui::GetItemRectMax().x + theme.px(16);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  {
    const Styled styled(theme.small);
    const std::string shown = beginning_that_fits(note, right - tabs);
    const float wide = ImGui::CalcTextSize(shown.c_str()).x;
    list.AddText({right - wide, y}, color::kMuted, shown.c_str());
  }

  const ImVec2 picture =
      picture_size(input.pictures.shape(), theme.px(kPicture), theme.px(kPicture));
  const ImVec2 cell{std::max(2 * picture.x + theme.px(kInner), theme.px(90)),
                    picture.y + theme.px(kCaption)};
  CellTable table("worst_list", room, input.worst.entries().size(), cell, theme.px(kGap), frame);
  requests.hovered = ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows);
  for (std::size_t number = table.first(); number < table.last(); ++number) {
    draw_entry(draw, number, table.place(number), cell, picture);
  }
  table.end();
  ImGui::End();
  return requests;
}

}  // namespace zscape
