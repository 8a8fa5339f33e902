#include "app/gui/panels/latent/layers_menu.h"

#include <fmt/core.h>
#include <imgui.h>

#include <cmath>

#include "app/gui/panels/frame/widgets.h"
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
  const ImVec2 tick[3] = {{low.x + 0.22f * side, low.y + 0.52f * side},
                          {low.x + 0.42f * side, low.y + 0.72f * side},
                          {low.x + 0.78f * side, low.y + 0.28f * side}};
  list.AddPolyline(tick, 3, color::kOnAccent, 0, theme.px(1.8f));
}

// One line of the list; true where it was clicked.
bool draw_row(const char* id, const char* name, const std::string& key, bool on,
              const std::string& reason, const char* help, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const bool usable = reason.empty();
  const ImVec2 size{theme.px(kWidth), theme.px(24)};
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const bool clicked = ImGui::InvisibleButton(id, size) && usable;
  frame.widgets.note(fmt::format("layer_{}", id));
  const bool hovered = ImGui::IsItemHovered();
  tooltip(theme, usable ? help : reason.c_str());

  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (hovered && usable) {
    list.AddRectFilled(corner, {corner.x + size.x, corner.y + size.y}, color::kRaisedHover,
                       theme.px(4));
  }
  const float side = theme.px(14);
  const float pad = theme.px(6);
  draw_switch(list, theme, {corner.x + pad, std::round(corner.y + (size.y - side) / 2)}, side, on,
              usable);
  const float line = height_of(ImGui::GetFont());
  const float y = std::round(corner.y + (size.y - line) / 2);
  list.AddText({corner.x + 2 * pad + side, y}, usable ? color::kText : color::kFaint, name);
  const float width = ImGui::CalcTextSize(key.c_str()).x;
  list.AddText({corner.x + size.x - pad - width, y}, usable ? color::kMuted : color::kFaint,
               key.c_str());
  return clicked;
}

// Below a separator, since the card is no layer of the plot.
void draw_card_row(Layers& layers, const PanelFrame& frame) {
  ImGui::Dummy({0, frame.theme.px(2)});
  ImGui::Separator();
  ImGui::Dummy({0, frame.theme.px(2)});
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

}  // namespace

bool draw_layers_menu(const ModelSpec& spec, bool has_labels, bool spatial, Layers& layers,
                      bool escape, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  ImGui::PushFont(theme.small);
  if (ImGui::Button(tr("Layers"))) ImGui::OpenPopup("layers");
  frame.widgets.note("layers");
  tooltip(theme, tr("Choose what the plot shows. The digits 1 to 8 switch its layers off and on."));
  const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
  ImGui::SetNextWindowPos({low.x, high.y + theme.px(3)});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(theme.px(6), theme.px(6)));
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, theme.px(1)));
  const bool open = ImGui::BeginPopup("layers");
  if (open) {
    if (escape) ImGui::CloseCurrentPopup();
    for (int i = 0; i < kLayerCount; ++i) {
      const auto layer = static_cast<Layer>(i);
      const std::string reason = why_not(layer, spec, has_labels, spatial);
      const LayerText& text = text_of(layer);
      if (draw_row(text.id, text.name, std::to_string(i + 1), layers.shown(layer), reason,
                   text.help, frame)) {
        layers.flip(layer);
      }
      if (layer == Layer::ellipses && reason.empty()) draw_ellipse_choice(layers, frame);
    }
    draw_card_row(layers, frame);
    ImGui::EndPopup();
  }
  ImGui::PopStyleVar(2);
  ImGui::PopFont();
  return open;
}

}  // namespace zscape
