#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "app/gui/panels/frame/dialog_keys.h"
#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/view/latent/code_axes.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::array kLetters = {"x", "y", "z"};
constexpr std::array kWidgets = {"axis_x", "axis_y", "axis_z"};

constexpr const char* kPrincipalHelp =
    tr("Show the codes along their principal axes: PC 1 is the direction in which the means μ vary "
       "most, PC 2 the next such direction at a right angle to it, and so on. The percentage is "
       "the axis's share of the variance of the training inputs' codes. 0 stays where z is 0. The "
       "axes follow slowly while the "
       "model trains.");
constexpr const char* kSpatialHelp =
    tr("Show three coordinates at once (key D). Drag to turn, right-drag to move, use the wheel to "
       "zoom, press Home to reset. Point at a code to decode it.");
constexpr const char* kSlidersHelp = tr("Sliders for the coordinates that the plot does not show");

// One of the combos. Returns what is chosen in it.
int draw_combo(const LatentDraw& draw, std::size_t which, int chosen, float width, bool shares) {
  const LatentPlane& plane = draw.scene.plane();
  const std::string name = shares ? axis_title(draw.scene, chosen) : plane.name(chosen);
  const std::string shown = fmt::format("{}: {}", kLetters[which], name);
  if (begin_choices(draw.frame, kWidgets[which], shown, width,
                    tr("Choose the coordinate of this axis"))) {
    for (int coordinate = 0; coordinate < draw.scene.latent(); ++coordinate) {
      const bool selected = coordinate == chosen;
      if (list_entry(axis_title(draw.scene, coordinate).c_str(), selected)) {
        chosen = coordinate;
      }
      draw.frame.widgets.note(fmt::format("{}_{}", kWidgets[which], plane.name(coordinate)));
    }
    ImGui::EndCombo();
  }
  return chosen;
}

void draw_combos(const LatentDraw& draw, AxisChoice& choice, float width, bool shares) {
  const std::size_t count = choice.spatial ? 3 : 2;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) ImGui::SameLine(0, draw.px(4));
    const int before = choice.axes[i];
    const int chosen = draw_combo(draw, i, before, width, shares);
    if (chosen == before) continue;
    // The same coordinate twice would draw a line: the two axes swap.
    const auto end = choice.axes.begin() + static_cast<std::ptrdiff_t>(count);
    std::replace(choice.axes.begin(), end, chosen, before);
    choice.axes[i] = chosen;
  }
}

// Three different ones, for the first look at three.
void make_different(AxisChoice& choice, int latent) {
  auto& axes = choice.axes;
  for (int axis = 0; axis < latent && (axes[2] == axes[0] || axes[2] == axes[1]); ++axis) {
    axes[2] = axis;
  }
}

}  // namespace

std::string axis_title(const Scene& scene, int coordinate) {
  std::string name = scene.plane().name(coordinate);
  // The axes are those of now; the past's codes have other shares along them.
  if (!scene.plane().principal() || !scene.code_axes() || scene.in_past()) return name;
  return fmt::format("{} · {:.1f} %", name, 100 * scene.code_axes()->share(coordinate));
}

void draw_axis_choice(const LatentDraw& draw) {
  const int latent = draw.scene.latent();
  if (latent <= 2) return;
  AxisChoice choice = draw.scene.axis_choice();
  const Styled styled(draw.theme().small);
  const float count = choice.spatial ? 3 : 2;
  const float button = draw.px(38), wide = draw.px(58), gap = draw.px(4);
  const float others = 2 * button + wide + 2 * gap + draw.px(8);
  const float combo = draw.px(draw.scene.plane().principal() ? 118 : 72);
  ImGui::SameLine(0, draw.px(12));
  const bool fits = ImGui::GetContentRegionAvail().x >= count * (combo + gap) + others;
  if (!fits) ImGui::NewLine();  // a row of their own, and short names where they must be
  const float width =
      fits ? combo : std::min(combo, (ImGui::GetContentRegionAvail().x - others) / count - gap);
  draw_combos(draw, choice, width, width > 0.95f * combo);
  ImGui::SameLine(0, draw.px(8));
  const std::string why_not =
      latent > kMostPrincipal
          ? tr("Principal axes are computed for at most {} latent dimensions.", kMostPrincipal)
          : std::string();
  if (zscape::choice(draw.frame, "principal", "PC", button, choice.principal, kPrincipalHelp,
                     why_not)) {
    choice.principal = !choice.principal;
    choice.axes = {0, 1, 2};
  }
  ImGui::SameLine(0, gap);
  const bool clicked =
      zscape::choice(draw.frame, "spatial", "3-D", button, choice.spatial, kSpatialHelp);
  if (clicked || draw.input.keys.toggle_spatial) choice.spatial = !choice.spatial;
  ImGui::SameLine(0, gap);
  const bool open = coordinate_sliders_open(draw);
  const char* no_room =
      tr("There is no room for sliders beside the plot. Make the window or the plot wider, or the "
         "text smaller.");
  if (zscape::choice(draw.frame, "sliders", tr("Sliders"), wide, open, kSlidersHelp,
                     coordinate_sliders_fit(draw) ? "" : no_room)) {
    draw.state.sliders_open = !open;
  }
  if (choice == draw.scene.axis_choice()) return;
  make_different(choice, latent);
  draw.scene.choose_axes(choice);
  draw.state.placed = false;
  draw.state.auto_fit = true;
}

void draw_axis_names(const LatentDraw& draw, ImDrawList& list) {
  if (draw.scene.latent() <= 2 || draw.spatial()) return;  // z1 and z2 need no names
  const LatentView& view = draw.state.view;
  const LatentPlane& plane = draw.scene.plane();
  const Vec2 high = view.origin + view.size;
  draw_label(list, view, draw.theme(), {high.x, high.y - draw.px(38)},
             axis_title(draw.scene, plane.axis(0)), color::kMuted);
  draw_label(list, view, draw.theme(), {view.origin.x + draw.px(40), view.origin.y + draw.px(6)},
             axis_title(draw.scene, plane.axis(1)), color::kMuted);
}

}  // namespace zscape
