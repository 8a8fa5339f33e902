#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "app/gui/panels/frame/dialog_keys.h"
#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/coloring.h"
#include "app/gui/view/latent/given_codes.h"
#include "engine/text.h"

namespace zscape {
namespace {

std::vector<ColorChoice> choices_of(const Dataset& data) {
  std::vector<ColorChoice> choices{
      {ColorBy::label}, {ColorBy::nearest_centroid}, {ColorBy::reconstruction_error},
      {ColorBy::kl},    {ColorBy::amortisation_gap}, {ColorBy::approximation_gap}};
  for (int factor = 0; factor < static_cast<int>(data.factor_names.size()); ++factor) {
    choices.push_back({ColorBy::factor, factor});
  }
  for (int column = 0; column < static_cast<int>(data.train.metadata.size()); ++column) {
    choices.push_back({ColorBy::metadata, column});
  }
  return choices;
}

constexpr float kLongestName = 170;  // pixels at 100 %

void draw_list(const LatentDraw& draw) {
  const Theme& theme = draw.theme();
  const Dataset& data = *draw.snapshot.data;
  const Coloring& coloring = draw.input.contents.coloring;
  // Where the chosen colouring is impossible, the field names the one in its place.
  const std::string shown =
      beginning_that_fits(name_of(coloring.choice(), data), theme.px(kLongestName));
  const float width = ImGui::CalcTextSize(shown.c_str()).x + theme.px(36);
  // High enough that no factor hides below the end of the list.
  ImGui::SetNextWindowSizeConstraints({0, 0}, {theme.px(400), theme.px(420)});
  const std::string help = tr("Choose what the colours of the points show");
  if (!begin_choices(draw.frame, "color_by", shown, width, help)) return;
  int number = 0;
  for (const ColorChoice& each : choices_of(data)) {
    const bool needs_model =
        each.by == ColorBy::reconstruction_error || each.by == ColorBy::kl || is_gap(each.by);
    const std::string reason = needs_model && shows_given_codes(draw.model)
                                   ? kCodesAlone
                                   : why_not(each, draw.model.spec, data);
    ImGui::PushStyleColor(ImGuiCol_Text, reason.empty() ? color::kText : color::kFaint);
    // Not disabled: a disabled row would have no tooltip.
    const bool clicked = list_entry(
        name_of(each, data).c_str(), each == coloring.choice(),
        reason.empty() ? ImGuiSelectableFlags_None : ImGuiSelectableFlags_DontClosePopups);
    ImGui::PopStyleColor();
    draw.frame.widgets.note(fmt::format("color_by_{}", number++));
    tooltip(theme, reason.empty() ? help_of(each) : reason.c_str());
    if (clicked && reason.empty()) draw.state.color_by = each;
  }
  ImGui::EndCombo();
}

void draw_bar(const Coloring& coloring, bool past, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const bool known = coloring.high() > coloring.low();
  // Values beyond the ends have the ends' colours.
  const auto end = [&](const char* beyond, float value, bool is_beyond) {
    return (is_beyond ? beyond : "") + format_value(value, 3);
  };
  const std::string low = known ? end("≤ ", coloring.low(), coloring.goes_below()) : "";
  const std::string high = known  ? end("≥ ", coloring.high(), coloring.goes_above())
                           : past ? tr("not in the past")
                                  : tr("measuring …");
  // Room for any usual number: what follows must not move while values change.
  const float number = ImGui::CalcTextSize("≥ -0.0000").x;
  const float low_width = std::max(ImGui::CalcTextSize(low.c_str()).x, number);
  const float high_width = std::max(ImGui::CalcTextSize(high.c_str()).x, number);
  const float bar = theme.px(110), gap = theme.px(6), height = ImGui::GetFrameHeight();
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  ImGui::Dummy({low_width + gap + bar + gap + high_width, height});
  tooltip(theme, tr("Colours run from low to high values. The lowest and the highest 1 % share the "
                    "colour at their end. Grey points have no value yet."));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float text_y = std::round(corner.y + (height - ImGui::GetTextLineHeight()) / 2);
  list.AddText({corner.x + low_width - ImGui::CalcTextSize(low.c_str()).x, text_y}, color::kMuted,
               low.c_str());
  const float left = corner.x + low_width + gap;
  const float top = std::round(corner.y + (height - theme.px(10)) / 2);
  constexpr int kSteps = 28;
  for (int i = 0; i < kSteps; ++i) {
    const auto edge = [&](int step) {
      return left + bar * static_cast<float>(step) / static_cast<float>(kSteps);
    };
    const ImU32 from = map_color(static_cast<float>(i) / kSteps);
    const ImU32 to = map_color(static_cast<float>(i + 1) / kSteps);
    list.AddRectFilledMultiColor({edge(i), top}, {edge(i + 1), top + theme.px(10)}, from, to, to,
                                 from);
  }
  frame.widgets.note("color_bar", {{left, top}, {bar, theme.px(10)}});
  list.AddText({left + bar + gap, text_y}, color::kMuted, high.c_str());
}

}  // namespace

void draw_color_choice(const LatentDraw& draw) {
  const Coloring& coloring = draw.input.contents.coloring;
  Styled styled(draw.theme().small);
  styled.var(ImGuiStyleVar_FramePadding, {draw.px(7), draw.px(2)});
  draw_list(draw);
  if (coloring.continuous()) {
    ImGui::SameLine(0, draw.px(8));
    draw_bar(coloring, draw.scene.in_past(), draw.frame);
  } else if (const auto agreement = coloring.agreement()) {
    ImGui::SameLine(0, draw.px(8));
    small_text(draw.theme(), tr("{:.1f} % match their label", 100 * *agreement).c_str());
    draw.frame.widgets.note("agreement");
  }
}

}  // namespace zscape
