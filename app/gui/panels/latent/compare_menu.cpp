#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "app/gui/panels/frame/dialog_keys.h"
#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/comparison.h"
#include "app/gui/view/latent/given_codes.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr const char* kPopup = "compare_menu";
constexpr float kWidth = 250;  // of the list, at 100 %

void ask_for(const Comparison& comparison, const Snapshot& snapshot, CompareMenuState& state) {
  state.commands =
      open_comparison(comparison, free_model_id(snapshot), std::exchange(state.restart, false));
  ImGui::CloseCurrentPopup();
}

// The same model with a λ that can be typed.
void draw_other_lambda(const ModelView& first, const Snapshot& snapshot, CompareMenuState& state,
                       const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const Comparison comparison = with_kl_weight(first, state.kl_weight);
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + theme.px(6));
  ImGui::AlignTextToFramePadding();
  small_text(theme, tr("Same model, λ ="),
             comparison.why_not.empty() ? color::kText : color::kFaint);
  ImGui::SameLine(0, theme.px(6));
  if (const auto typed =
          number_field(frame, "compare_lambda_value", state.kl_weight_edit, state.kl_weight, 0, 1e6,
                       theme.px(56), tr("λ of the other model"), comparison.why_not)) {
    state.kl_weight = *typed;
  }
  ImGui::SameLine(0, theme.px(6));
  const FieldEdit& edit = state.kl_weight_edit;
  const std::string why_not =
      comparison.why_not.empty() && edit.refused ? tr("The field holds no λ.") : comparison.why_not;
  if (button(frame, "compare_same", tr("Open"), theme.px(58), comparison.help, why_not) ||
      (edit.entered && why_not.empty())) {
    double value = state.kl_weight;
    if (state.kl_weight_edit.editing) parse_number(state.kl_weight_edit.text, value);
    if (value >= 0 && std::isfinite(value)) state.kl_weight = value;
    ask_for(with_kl_weight(first, state.kl_weight), snapshot, state);
  }
}

void draw_list(const Snapshot& snapshot, const ModelView& first, CompareMenuState& state,
               const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + theme.px(6));
  small_text(theme, snapshot.models.size() < 2 ? tr("A second model on the same data and seed")
                                               : tr("A third model on the same data and seed"));
  ImGui::Dummy({0, theme.px(3)});
  for (const Comparison& each : comparisons(first, *snapshot.data)) {
    if (list_row(frame, "compare_" + each.id, each.name.c_str(), theme.px(kWidth), theme.px(6),
                 each.help.c_str(), each.why_not)) {
      ask_for(each, snapshot, state);
    }
  }
  if (list_row(frame, "compare_saved", tr("A saved model …"), theme.px(kWidth), theme.px(6),
               tr("Open a model file beside this one. It is paused until you start it."), "")) {
    state.asks_file = true;
    ImGui::CloseCurrentPopup();
  }
  ImGui::Dummy({0, theme.px(3)});
  draw_other_lambda(first, snapshot, state, frame);
  ImGui::Dummy({0, theme.px(3)});
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + theme.px(6));
  ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, std::max(theme.px(1), 1.0f));
  ImGui::PushStyleColor(ImGuiCol_Border, color::kFaint);
  ImGui::Checkbox(tr("Start both at step 0"), &state.restart);
  if (pressed_by_key()) state.restart = !state.restart;
  ImGui::PopStyleColor();
  ImGui::PopStyleVar();
  frame.widgets.note("compare_restart");
  tooltip(theme, tr("The first model starts again with new weights, so that both have trained "
                    "equally long. Its curves stay as the former run."));
}

// What can be done with panes side by side.
void draw_pane_list(const Snapshot& snapshot, CompareMenuState& state, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const float width = theme.px(kWidth), inset = theme.px(6);
  if (list_row(frame, "compare_swap", tr("Swap the panes"), width, inset,
               tr("The left pane moves to the right end."), "")) {
    state.swaps = true;
    ImGui::CloseCurrentPopup();
  }
  for (const ModelView& model : snapshot.models) {
    if (model.id == kFirstModel) continue;  // it is always open
    if (list_row(frame, fmt::format("compare_close_{}", model.id.value),
                 tr("Close {}", name_with_lambda(model)).c_str(), width, inset,
                 tr("Key B closes the last one"), "")) {
      state.closing = model.id;
      ImGui::CloseCurrentPopup();
    }
  }
  struct Choice {
    SharedAxes axes;
    const char* name;
    const char* label;
    const char* help;
  };
  constexpr std::array kChoices = {
      Choice{SharedAxes::own, "axes_own", tr("own"), tr("Each plot fits its own codes.")},
      Choice{SharedAxes::scale, "axes_scale", tr("same scale"),
             tr("A latent unit is equally long in all plots: one sees which codes spread more.")},
      Choice{SharedAxes::extent, "axes_extent", tr("same extent"),
             tr("All plots show the same part of the plane, at the same scale.")}};
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + inset);
  ImGui::AlignTextToFramePadding();
  small_text(theme, tr("Axes"));
  for (const Choice& each : kChoices) {
    ImGui::SameLine(0, theme.px(each.axes == SharedAxes::own ? 10 : 3));
    const float wide = width_of(theme.small, each.label) + theme.px(12);
    if (choice(frame, each.name, each.label, wide, state.axes == each.axes, each.help)) {
      state.axes = each.axes;
    }
  }
  ImGui::Dummy({0, theme.px(3)});
}

}  // namespace

void draw_compare_menu(const LatentDraw& draw, CompareMenuState& state) {
  const Snapshot& snapshot = draw.snapshot;
  const PanelFrame& frame = draw.frame;
  const Theme& theme = frame.theme;
  const ModelView* first = snapshot.find(kFirstModel);
  const bool compares = snapshot.models.size() > 1;
  const bool is_full = snapshot.models.size() >= kMostPanes;
  const bool is_codes = first != nullptr && shows_given_codes(*first);
  const bool can_open = first != nullptr && snapshot.data != nullptr && !is_codes;
  Styled styled(theme.small);
  bool clicked = false;
  {
    const Chosen lit(compares);
    Styled grey;
    if (is_codes) grey.color(ImGuiCol_Text, color::kFaint);
    clicked = ImGui::Button(tr("Compare"));
  }
  frame.widgets.note("compare");
  tooltip(theme, is_codes ? kCodesAlone
                 : compares
                     ? tr("Swap panes, make axes equal, open or close models (key B closes)")
                     : tr("Open a second model beside this one, with a shared cursor (key B)"));
  const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
  if ((clicked || state.opens) && can_open) {
    ImGui::OpenPopup(kPopup);
    state.kl_weight_edit = {};
  }
  state.opens = false;
  // Always inside the window.
  const float width = theme.px(kWidth + 16);
  const float left = std::min(low.x, ImGui::GetIO().DisplaySize.x - width);
  ImGui::SetNextWindowPos({left, high.y + theme.px(3)});
  styled.var(ImGuiStyleVar_WindowPadding, {theme.px(6), theme.px(8)});
  styled.var(ImGuiStyleVar_ItemSpacing, {theme.px(4), theme.px(2)});
  if (ImGui::BeginPopup(kPopup)) {
    if (draw.input.keys.escape || !can_open) {
      ImGui::CloseCurrentPopup();
    } else {
      if (compares) draw_pane_list(snapshot, state, frame);
      if (!is_full) draw_list(snapshot, *first, state, frame);
    }
    ImGui::EndPopup();
  }
}

}  // namespace zscape
