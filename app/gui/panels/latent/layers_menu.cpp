#include <fmt/core.h>
#include <imgui.h>

#include <cmath>
#include <optional>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kWidth = 256;  // of the list, at 100 %

void draw_switch(ImDrawList& list, const Theme& theme, ImVec2 low, float side, bool on,
                 bool usable) {
  const ImVec2 high{low.x + side, low.y + side};
  if (!on) {
    list.AddRect(low, high, usable ? color::kMuted : color::kAxis, theme.px(3));
    return;
  }
  list.AddRectFilled(low, high, usable ? color::kAccent : color::kAxis, theme.px(3));
  draw_tick(list, low, side, color::kOnAccent, theme);
}

// One line of the list; true where it was clicked.
bool draw_row(const char* id, const char* name, const std::string& key, bool on,
              const std::string& reason, const char* help, const PanelFrame& frame) {
  const bool usable = reason.empty();
  const float side = frame.px(14), pad = frame.px(6), width = frame.px(kWidth);
  const Vec2 low = ImGui::GetCursorScreenPos();
  const bool clicked =
      list_row(frame, fmt::format("layer_{}", id), name, width, 2 * pad + side, help, reason);
  const float middle = low.y + frame.px(24) / 2;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_switch(list, frame.theme, {low.x + pad, std::round(middle - side / 2)}, side, on, usable);
  const ImVec2 text = ImGui::CalcTextSize(key.c_str());
  list.AddText({low.x + width - pad - text.x, std::round(middle - text.y / 2)},
               usable ? color::kMuted : color::kFaint, key.c_str());
  return clicked;
}

// Below a separator, since the card is no layer of the plot.
void draw_card_row(Layers& layers, const PanelFrame& frame) {
  ImGui::Dummy({0, frame.px(2)});
  ImGui::Separator();
  ImGui::Dummy({0, frame.px(2)});
  if (draw_row("card", tr("Card of the input under the pointer"), "C", layers.card, "",
               tr("Show its picture and reconstruction, its label, losses and μ ± σ."), frame)) {
    layers.card = !layers.card;
  }
}

// Whose ellipses are drawn; indented below their layer.
void draw_ellipse_choice(Layers& layers, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + theme.px(26));
  for (const bool all : {false, true}) {
    if (all) ImGui::SameLine(0, theme.px(2));
    {
      const Chosen lit(layers.ellipses_of_all == all);
      if (ImGui::Button(all ? tr("up to 10,000") : tr("selection"))) {
        layers.ellipses_of_all = all;
        layers.show(Layer::ellipses);
      }
    }
    frame.widgets.note(all ? "ellipses_all" : "ellipses_selection");
    tooltip(theme,
            all ? tr("Draw the ellipses of all points. Above 10,000 points, only every second, "
                     "third, … gets one.")
                : tr("Draw the ellipses of the selected inputs (above 10,000, of every second, "
                     "third, …), of pinned inputs and of the point nearest to the pointer."));
  }
}

// What a group's layers answer, above the first of them.
void draw_group(LayerGroup group, const PanelFrame& frame) {
  if (group != LayerGroup::there) ImGui::Dummy({0, frame.px(3)});
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + frame.px(6));
  small_text(frame.theme, name_of(group));
}

// The histogram's button, below the stretch while that is on.
void draw_length_choice(const LatentDraw& draw) {
  const Theme& theme = draw.theme();
  const bool waits = draw.input.contents.why.awaits_lengths();
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + theme.px(26));
  {
    const Greyed greyed(waits);
    if (ImGui::Button(waits ? tr("looking for paths …") : tr("measure 500 paths"))) {
      draw.state.asks_lengths = true;
    }
  }
  draw.frame.widgets.note("measure_lengths");
  tooltip(theme, tr("Look for the shortest path between 500 pairs of codes and compare its length "
                    "with that of the straight line. Near 1 everywhere: space is flat."));
}

}  // namespace

void draw_layers_menu(const LatentDraw& draw) {
  const PanelFrame& frame = draw.frame;
  const Theme& theme = frame.theme;
  Layers& layers = draw.state.layers;
  Styled styled(theme.small);
  if (ImGui::Button(tr("Layers"))) ImGui::OpenPopup("layers");
  frame.widgets.note("layers");
  tooltip(theme,
          tr("Choose what the plot shows. Each layer has a key that switches it off and on."));
  const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
  ImGui::SetNextWindowPos({low.x, high.y + theme.px(3)});
  styled.var(ImGuiStyleVar_WindowPadding, {theme.px(6), theme.px(6)});
  styled.var(ImGuiStyleVar_ItemSpacing, {0, theme.px(1)});
  draw.state.layers_open = ImGui::BeginPopup("layers");
  if (!draw.state.layers_open) return;
  if (draw.input.keys.escape) ImGui::CloseCurrentPopup();
  std::optional<LayerGroup> group;
  for (const Layer layer : kLayers) {
    if (group != text_of(layer).group) draw_group(text_of(layer).group, frame);
    group = text_of(layer).group;
    const std::string reason = draw.why_not_show(layer);
    const LayerText& text = text_of(layer);
    std::string help = text.help;
    const Bandwidth& kernel = draw.input.contents.density.bandwidth();
    if (layer == Layer::density && draw.shows(layer) && kernel.codes > 0) {
      help =
          tr("{} Now its standard deviation is {}, for {} codes.", help,
             format_value(kernel.width, 2), format_count(static_cast<std::int64_t>(kernel.codes)));
    }
    if (draw_row(text.id, text.name, text.key, layers.shown(layer), reason, help.c_str(), frame)) {
      layers.flip(layer);
    }
    if (layer == Layer::ellipses && reason.empty()) draw_ellipse_choice(layers, frame);
    if (layer == Layer::stretch && draw.shows(layer)) draw_length_choice(draw);
  }
  draw_card_row(layers, frame);
  ImGui::EndPopup();
}

}  // namespace zscape
