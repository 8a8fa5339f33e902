#include "app/gui/panels/color_choice.h"
#include "app/gui/panels/latent_draw.h"
#include "app/gui/panels/layers_menu.h"

namespace zscape {
namespace {

// A button that shows whether its choice is the present one.
bool choice(const LatentDraw& draw, const char* text, const char* widget, bool chosen) {
  if (chosen) {
    ImGui::PushStyleColor(ImGuiCol_Button, color::kAccentDim);
    ImGui::PushStyleColor(ImGuiCol_ButtonHovered, color::kAccentDim);
  }
  ImGui::PushFont(draw.theme().small);
  const bool clicked = ImGui::Button(text);
  ImGui::PopFont();
  if (chosen) ImGui::PopStyleColor(2);
  draw.frame.widgets.note(widget);
  return clicked;
}

}  // namespace

void draw_latent_toolbar(const LatentDraw& draw) {
  LatentPanelState& state = draw.state;
  ImGui::SameLine(0, draw.px(16));
  if (choice(draw, "Training", "split_train", state.split == SplitName::train)) {
    state.split = SplitName::train;
  }
  tooltip(draw.theme(), "Show codes of training inputs");
  ImGui::SameLine(0, draw.px(2));
  if (choice(draw, "Test", "split_test", state.split == SplitName::test)) {
    state.split = SplitName::test;
  }
  tooltip(draw.theme(), "Show codes of test inputs");
  ImGui::SameLine(0, draw.px(12));
  if (choice(draw, "Path", "path_tool", state.path_tool)) state.path_tool = !state.path_tool;
  tooltip(draw.theme(),
          "Drag from one point to another to see the pictures between them (key P, or the right "
          "mouse button at any time). Ctrl-click or double-click on a path adds a control point; "
          "drag control points to bend it.");
  ImGui::SameLine(0, draw.px(2));
  if (choice(draw, "Fit", "fit", state.auto_fit)) {
    state.auto_fit = true;
    if (state.view.orbit) state.view.orbit->reset();
  }
  tooltip(
      draw.theme(),
      "Keep the codes in view (Home), until you zoom or pan. The outermost 0.5 % at each side do "
      "not count, so some may lie outside.");
  if (OwnImage* own = draw.input.own_image) {
    ImGui::SameLine(0, draw.px(12));
    if (choice(draw, "Draw", "own_image", own->open)) own->open = !own->open;
    tooltip(draw.theme(), "Draw a picture of your own and see where the model puts it");
  }
  ImGui::SameLine(0, draw.px(2));
  state.layers_open = draw_layers_menu(draw.model.spec, draw.has_labels(), draw.spatial(),
                                       state.layers, draw.input.keys.escape, draw.frame);
  draw_axis_choice(draw);
}

}  // namespace zscape
