
#include <algorithm>
#include <array>

#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/view/frame/format.h"

namespace zscape {
namespace {

constexpr std::size_t kLongestName = 16;  // of a class, characters

void draw_posterior(ImDrawList& list, const LatentView& view, const Theme& theme, Vec2 mean,
                    const PlaneEllipse& ellipse, ImU32 rgba) {
  const Vec2 center = view.to_screen(mean);
  for (const float sigmas : {1.0f, 2.0f}) {
    const Vec2 radius{std::max(sigmas * ellipse.sigma.x * view.pixels_per_unit, 0.5f),
                      std::max(sigmas * ellipse.sigma.y * view.pixels_per_unit, 0.5f)};
    draw_ellipse(list, center, radius, ellipse.turn, with_alpha(color::kBackground, 0.6f),
                 theme.px(3.5f));
    draw_ellipse(list, center, radius, ellipse.turn, with_alpha(rgba, sigmas == 1 ? 1.0f : 0.7f),
                 theme.px(1.5f));
  }
  list.AddCircleFilled(center, theme.px(3), color::kBackground, 12);
  list.AddCircleFilled(center, theme.px(2), rgba, 12);
}

}  // namespace

void draw_selected_posteriors(ImDrawList& list, const LatentView& view, const Theme& theme,
                              const Points& points, const Scene& scene,
                              std::optional<std::size_t> nearest) {
  const auto draw = [&](std::size_t point, ImU32 rgba) {
    if (const auto ellipse = posterior_in_plane(points, point, scene.plane())) {
      draw_posterior(list, view, theme, points.position(point), *ellipse, rgba);
    }
  };
  for (const Pin& pin : scene.pins()) {
    const auto point = pin.source ? points.find(*pin.source) : std::nullopt;
    if (point && point != nearest) {
      draw(*point, scene.selected_pin() == &pin ? color::kAccent : color::kText);
    }
  }
  if (nearest) draw(*nearest, color::kText);
}

void draw_centroids(ImDrawList& list, const LatentView& view, const Theme& theme,
                    const ClassMeans& means, const Scene& scene, float mix,
                    const HiddenLabels& hidden, const std::vector<std::string>& names) {
  for (int label = 0; label < means.classes(); ++label) {
    const auto index = static_cast<std::size_t>(label);
    if (means.count(label) == 0 || hidden[index] || index >= names.size()) continue;
    const Vec2 place = view.orbit ? scene.screen_of(view, means.mean(label))
                                  : view.to_screen(means.position(label, mix));
    if (!view.contains(place)) continue;
    const float half = theme.px(5);
    const std::array<ImVec2, 4> diamond{ImVec2{place.x, place.y - half},
                                        {place.x + half, place.y},
                                        {place.x, place.y + half},
                                        {place.x - half, place.y}};
    list.AddPolyline(diamond.data(), 4, with_alpha(color::kBackground, 0.8f), ImDrawFlags_Closed,
                     theme.px(4));
    list.AddConvexPolyFilled(diamond.data(), 4, class_color(label));
    list.AddPolyline(diamond.data(), 4, color::kText, ImDrawFlags_Closed, theme.px(1.5f));
    draw_label(list, view, theme, {place.x + theme.px(11), place.y - theme.px(8)},
               shorten_words(names[index], kLongestName), color::kText);
  }
}

}  // namespace zscape
