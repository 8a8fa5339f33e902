#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/view/latent/posteriors.h"

namespace zscape {
namespace {

constexpr float kDot = 3.5F;

// What the plot's points have still to go to their newest place.
Vec2 glide_of(const LatentDraw& draw, std::size_t point) {
  const Points& points = draw.input.points;
  return points.position(point) - draw.scene.plane_of(points.mean(point));
}

}  // namespace

void draw_plotted_samples(const LatentDraw& draw, ImDrawList& list) {
  PlottedSamples& samples = draw.state.samples;
  samples.pointed.reset();
  const auto latent = static_cast<std::size_t>(draw.scene.latent());
  if (samples.z.empty() || latent == 0 || samples.z.size() % latent != 0) return;
  const LatentView& view = draw.state.view;
  const Theme& theme = draw.theme();
  const Points& points = draw.input.points;
  const auto point = samples.input ? points.find(*samples.input) : std::nullopt;
  if (samples.input && !point) return;
  Vec2 glide{0, 0};
  if (point && !draw.spatial()) {
    glide = glide_of(draw, *point);
    if (const auto ellipse = posterior_in_plane(points, *point, draw.scene.plane())) {
      const Vec2 center = view.to_screen(points.position(*point));
      for (const float sigmas : {1.0F, 2.0F}) {
        const Vec2 radius{std::max(sigmas * ellipse->sigma.x * view.pixels_per_unit, 0.5F),
                          std::max(sigmas * ellipse->sigma.y * view.pixels_per_unit, 0.5F)};
        draw_ellipse(list, center, radius, ellipse->turn, with_alpha(color::kBackground, 0.6F),
                     theme.px(3));
        draw_ellipse(list, center, radius, ellipse->turn,
                     with_alpha(color::kAccent, sigmas == 1 ? 1.0F : 0.6F), theme.px(1.3F));
      }
    }
  }
  const Vec2 mouse = ImGui::GetMousePos();
  // A dot wins over the codes around it where it is nearer.
  float nearest = draw.px(kSnapPixels);
  if (draw.state.nearest) nearest = std::min(nearest, draw.state.nearest->distance);
  const ImU32 tint = samples.input ? color::kAccent : color::kText;
  const std::size_t count = samples.z.size() / latent;
  std::vector<Vec2> places;
  for (std::size_t i = 0; i < count; ++i) {
    const auto z = std::span<const float>(samples.z).subspan(i * latent, latent);
    const Vec2 place = draw.spatial() ? draw.scene.screen_of(view, z)
                                      : view.to_screen(draw.scene.plane_of(z) + glide);
    places.push_back(place);
    const float away = std::hypot(place.x - mouse.x, place.y - mouse.y);
    if (draw.state.pointer_inside && away <= nearest) {
      nearest = away;
      samples.pointed = i;
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (!near_plot(view, places[i], draw.px(2 * kDot))) continue;
    list.AddCircleFilled(places[i], draw.px(kDot + 1), with_alpha(color::kBackground, 0.85F), 14);
    list.AddCircleFilled(places[i], draw.px(kDot), tint, 14);
    draw.frame.widgets.note(fmt::format("sample_dot_{}", i), {places[i], {1, 1}});
  }
  for (const auto& lit : {samples.listed, samples.pointed}) {
    if (lit && *lit < count) draw_ring(list, theme, places[*lit], color::kText, true);
  }
}

}  // namespace zscape
