#include "app/gui/panels/latent/latent_toolbar.h"

#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/latent/axis_choice.h"
#include "app/gui/panels/latent/color_choice.h"
#include "app/gui/panels/latent/layers_menu.h"
#include "app/gui/panels/latent/select_tools.h"
#include "engine/text.h"

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

// Where a button follows: in this row, or where it has no room there, in a row of its own.
void next_in_row(const LatentDraw& draw, const char* text, float gap) {
  ImGui::PushFont(draw.theme().small);
  flow(ImGui::CalcTextSize(text).x + 2 * ImGui::GetStyle().FramePadding.x, draw.px(gap));
  ImGui::PopFont();
}

}  // namespace

void draw_latent_toolbar(const LatentDraw& draw) {
  LatentPanelState& state = draw.state;
  ImGui::SameLine(0, draw.px(16));
  const float row = ImGui::GetCursorScreenPos().y;
  if (choice(draw, tr("Training"), "split_train", state.split == SplitName::train)) {
    state.split = SplitName::train;
  }
  tooltip(draw.theme(), tr("Show codes of training inputs"));
  ImGui::SameLine(0, draw.px(2));
  if (choice(draw, tr("Test"), "split_test", state.split == SplitName::test)) {
    state.split = SplitName::test;
  }
  tooltip(draw.theme(), tr("Show codes of test inputs"));
  flow(tools_width(draw), draw.px(12));
  draw_tools(draw);
  next_in_row(draw, tr("Fit"), 12);
  const auto& camera = state.view.orbit;
  const bool moved = camera && (camera->zoom != 1 || camera->pan_x != 0 || camera->pan_y != 0);
  if (choice(draw, tr("Fit"), "fit", state.auto_fit && !moved)) {
    state.auto_fit = true;
    state.flight.reset();
    if (state.view.orbit) state.view.orbit->reset();
  }
  tooltip(draw.theme(), tr("Keep the codes in view (Home), until you zoom or pan. The outermost "
                           "0.5 % at each side do "
                           "not count, so some may lie outside."));
  if (OwnImage* own = draw.input.own_image) {
    next_in_row(draw, tr("Draw"), 12);
    if (choice(draw, tr("Draw"), "own_image", own->open)) own->open = !own->open;
    tooltip(draw.theme(), tr("Draw a picture of your own and see where the model puts it"));
  }
  next_in_row(draw, tr("Layers"), 2);
  state.layers_open = draw_layers_menu(draw.model.spec, draw.has_labels(), draw.spatial(),
                                       state.layers, draw.input.keys.escape, draw.frame);
  if (CompareMenuState* compare = draw.input.compare) {
    next_in_row(draw, tr("Compare"), 2);
    draw_compare_menu(draw.snapshot, *compare, draw.input.keys.escape, draw.frame);
  }
  draw_axis_choice(draw);
  // What has begun a second row shares it with what comes.
  ImGui::SameLine(0, draw.px(8));
  const bool has_room = ImGui::GetContentRegionAvail().x >= draw.px(80);
  if (ImGui::GetCursorScreenPos().y <= row || !has_room || !draw.snapshot.data) ImGui::NewLine();
}

}  // namespace zscape
