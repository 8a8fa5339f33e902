#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/latent/latent_draw.h"
#include "engine/text.h"

namespace zscape {
namespace {

// A button that is lit while its choice is the present one.
bool toggle(const LatentDraw& draw, const char* text, const char* widget, bool chosen,
            const char* help) {
  Chosen lit(chosen);
  lit.font(draw.theme().small);
  const bool clicked = ImGui::Button(text);
  draw.frame.widgets.note(widget);
  tooltip(draw.theme(), help);
  return clicked;
}

// The next button goes into this row if it fits, else into a new one.
void next_in_row(const LatentDraw& draw, const char* text, float gap) {
  const Styled styled(draw.theme().small);
  flow(ImGui::CalcTextSize(text).x + 2 * ImGui::GetStyle().FramePadding.x, draw.px(gap));
}

}  // namespace

void draw_latent_toolbar(const LatentDraw& draw) {
  LatentPanelState& state = draw.state;
  ImGui::SameLine(0, draw.px(16));
  const float row = ImGui::GetCursorScreenPos().y;
  if (toggle(draw, tr("Training"), "split_train", state.split == SplitName::train,
             tr("Show the codes of training inputs"))) {
    state.split = SplitName::train;
  }
  ImGui::SameLine(0, draw.px(2));
  if (toggle(draw, tr("Test"), "split_test", state.split == SplitName::test,
             tr("Show the codes of test inputs"))) {
    state.split = SplitName::test;
  }
  flow(tools_width(draw), draw.px(12));
  draw_tools(draw);
  next_in_row(draw, tr("Fit"), 12);
  const auto& camera = state.view.orbit;
  const bool moved = camera && (camera->zoom != 1 || camera->pan_x != 0 || camera->pan_y != 0);
  if (toggle(draw, tr("Fit"), "fit", state.auto_fit && !moved,
             tr("Keep the codes in view until you zoom or pan (Home). The outermost 0.5 % on each "
                "side may lie outside."))) {
    fit_to_codes(state);
  }
  if (OwnImage* own = draw.input.own_image) {
    next_in_row(draw, tr("Draw"), 12);
    if (toggle(draw, tr("Draw"), "own_image", own->open,
               tr("Draw a picture of your own and see where the model puts it"))) {
      own->open = !own->open;
    }
  }
  next_in_row(draw, tr("Layers"), 2);
  draw_layers_menu(draw);
  if (CompareMenuState* compare = draw.input.compare) {
    next_in_row(draw, tr("Compare"), 2);
    draw_compare_menu(draw, *compare);
  }
  draw_axis_choice(draw);
  // A second row that has begun is shared with the choice of colours.
  ImGui::SameLine(0, draw.px(8));
  const bool has_room = ImGui::GetContentRegionAvail().x >= draw.px(80);
  if (ImGui::GetCursorScreenPos().y <= row || !has_room || !draw.snapshot.data) ImGui::NewLine();
}

}  // namespace zscape
