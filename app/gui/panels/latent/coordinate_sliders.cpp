#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kWidth = 204, kNarrow = 168;  // of the column, pixels at 100 %
constexpr float kPlotWidth = 380;             // of the plot, where the column opens by itself
constexpr float kLeastPlot = 200;             // of the plot, that a hand can leave of it
constexpr float kDeviations = 3;              // of the codes, at each side
constexpr float kSmallest = 1e-3f;            // of a slider's range; codes may all be one point

struct SliderRange {
  float low = 0;
  float high = 0;
};

// 3 standard deviations around the mean of the codes; with a prior, as far on both sides of 0 as
// codes and prior reach. The range always contains 0 and the present value.
SliderRange range_of(const LatentDraw& draw, int coordinate, float value) {
  const CodeAxesPtr& axes = draw.scene.code_axes();
  float mean = 0, reach = kDeviations;
  if (axes) {
    const bool principal = draw.scene.plane().principal();
    const auto i = static_cast<std::size_t>(coordinate);
    mean = (principal ? axes->principal_mean : axes->mean)[i];
    reach = kDeviations * (principal ? axes->principal_deviation : axes->deviation)[i];
    if (draw.model.spec.has_prior()) {  // centred on the prior
      reach = std::max(reach + std::abs(mean), kDeviations);
      mean = 0;
    }
    reach = std::max(reach, kSmallest);
  }
  return {std::min({mean - reach, value, 0.0f}), std::max({mean + reach, value, 0.0f})};
}

bool listed(const LatentPlane& plane, int coordinate) {
  return plane.spatial() || !plane.shows(coordinate);
}

void draw_row(const LatentDraw& draw, int coordinate) {
  const LatentPlane& plane = draw.scene.plane();
  const std::vector<float> through = draw.scene.through();
  const float value = plane.coordinate(through, coordinate);
  const SliderRange range = range_of(draw, coordinate, value);
  const std::string name = plane.name(coordinate);
  const float height = ImGui::GetFrameHeight();
  const float name_width = draw.px(draw.scene.latent() > 99 ? 46 : 38), number = draw.px(42);
  const float width = std::max(ImGui::GetContentRegionAvail().x - name_width - number, draw.px(40));
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float text_y = std::round(at.y + (height - ImGui::GetTextLineHeight()) / 2);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddText({at.x, text_y}, color::kMuted, name.c_str());
  ImGui::SetCursorScreenPos({at.x + name_width, at.y});
  const std::string what = plane.spatial()
                               ? tr("{} of the z that is decoded while you point at no code.", name)
                               : tr("{} is the same everywhere on the plot.", name);
  const std::string low = format_value(range.low, 2), high = format_value(range.high, 2);
  const std::string span =
      draw.model.spec.has_prior()
          ? tr("The slider covers 3 standard deviations of codes and prior, {} to {}.", low, high)
          : tr("The slider covers 3 standard deviations of the codes, {} to {}.", low, high);
  const std::string help = what + " " + span;
  const double position = (value - range.low) / (range.high - range.low);
  if (const auto moved =
          slider(draw.frame, fmt::format("rest_{}", coordinate + 1), position, width, help)) {
    float to = range.low + static_cast<float>(*moved) * (range.high - range.low);
    // 0 is easy to find again.
    if (std::abs(to) < 0.012f * (range.high - range.low)) to = 0;
    if (to != value) draw.scene.set_through(plane.moved(through, coordinate, to));
  }
  const std::string shown = fmt::format("{:+.2f}", std::abs(value) < 0.005f ? 0.0f : value);
  list.AddText({at.x + name_width + width + number - ImGui::CalcTextSize(shown.c_str()).x, text_y},
               value == 0 ? color::kMuted : color::kText, shown.c_str());
}

void draw_buttons(const LatentDraw& draw) {
  Scene& scene = draw.scene;
  const LatentPlane& plane = scene.plane();
  const float gap = draw.px(4);
  const float width = std::floor((ImGui::GetContentRegionAvail().x - gap) / 2);
  if (button(draw.frame, "rest_zero", tr("All to 0"), width,
             tr("Set all these coordinates to 0"))) {
    std::vector<float> z = scene.through();
    for (int i = 0; i < scene.latent(); ++i) {
      if (listed(plane, i)) z = plane.moved(std::move(z), i, 0);
    }
    scene.set_through(std::move(z));
  }
  ImGui::SameLine(0, gap);
  const Pin* pin = scene.selected_pin();
  const std::string why_not = !pin ? tr("Click a pin to select it first.")
                              : !scene.through_by_hand()
                                  ? tr("The plane already passes through the pin.")
                                  : std::string();
  if (button(draw.frame, "rest_pin", tr("To the pin"), width,
             tr("Move the plane back to the selected pin"), why_not)) {
    scene.set_through({});
  }
}

}  // namespace

bool coordinate_sliders_fit(const LatentDraw& draw) {
  return draw.state.room >= draw.px(kLeastPlot + kNarrow);
}

bool coordinate_sliders_open(const LatentDraw& draw) {
  return draw.scene.latent() > 2 && coordinate_sliders_fit(draw) &&
         draw.state.sliders_open.value_or(draw.state.room > draw.px(kPlotWidth + kNarrow));
}

float coordinate_sliders_width(const LatentDraw& draw) {
  if (!coordinate_sliders_open(draw)) return 0;
  return draw.px(draw.state.room > draw.px(kPlotWidth + kWidth) ? kWidth : kNarrow);
}

void draw_coordinate_sliders(const LatentDraw& draw, ImVec2 size) {
  const LatentPlane& plane = draw.scene.plane();
  Styled styled(draw.theme().small);
  styled.var(ImGuiStyleVar_WindowPadding, {0, 0});
  styled.var(ImGuiStyleVar_FramePadding, {draw.px(6), draw.px(2)});
  styled.var(ImGuiStyleVar_ItemSpacing, {draw.px(4), draw.px(2)});
  ImGui::BeginChild("rest", size, false, ImGuiWindowFlags_NoBackground | kNoScroll);
  small_text(draw.theme(), plane.spatial() ? tr("All coordinates") : tr("Other coordinates"));
  tooltip(draw.theme(),
          plane.spatial()
              ? tr("The z that is decoded while you point at no code: as set here, otherwise the "
                   "selected pin's, otherwise 0")
              : tr("The plot shows a plane of latent space. On it, these coordinates are the same "
                   "everywhere: as set here, otherwise those of the selected pin, otherwise 0."));
  ImGui::Dummy({1, draw.px(1)});
  draw_buttons(draw);
  ImGui::Dummy({1, draw.px(1)});
  ImGui::PushStyleVar(ImGuiStyleVar_ScrollbarSize, draw.px(7));
  ImGui::BeginChild("rest_list", {0, 0}, false, ImGuiWindowFlags_NoBackground);
  for (int coordinate = 0; coordinate < draw.scene.latent(); ++coordinate) {
    if (listed(plane, coordinate)) draw_row(draw, coordinate);
  }
  ImGui::EndChild();
  ImGui::PopStyleVar();
  ImGui::EndChild();
}

}  // namespace zscape
