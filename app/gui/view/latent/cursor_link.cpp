#include "app/gui/view/latent/cursor_link.h"

#include <algorithm>
#include <limits>
#include <span>

#include "engine/text.h"

namespace zscape {

LinkBy link_between(const ModelSpec& one, const ModelSpec& other) {
  const bool same_space = one.has_prior() && other.has_prior() && one.latent == other.latent;
  return same_space ? LinkBy::z : LinkBy::input;
}

std::string text_of(LinkBy by) {
  return by == LinkBy::z ? tr("linked by z") : tr("linked by input");
}

std::string help_of(LinkBy by) {
  return by == LinkBy::z
             ? tr("Both models have the prior N(0, I) with the same number of dimensions: the "
                  "cursor is at the same z in both.")
             : tr("The two latent spaces have no axes in common: a ring marks the input whose code "
                  "is nearest to the pointer in both, and the other picture is its "
                  "reconstruction.");
}

std::optional<CursorLink> link_cursor(const LinkSide& from, const LinkSide& to,
                                      std::optional<PointRef> nearest) {
  if (from.scene.latent() == 0 || to.scene.latent() == 0) return {};
  CursorLink link;
  link.by = link_between(from.spec, to.spec);
  link.pointing = from.scene.pointing();
  link.label = to.scene.label();
  if (link.by == LinkBy::z) {
    if (to.scene.latent() != from.scene.latent()) return {};  // another model is on its way
    link.z = from.scene.shown_z();
    if (from.scene.labels() > 0) link.label = from.scene.shown_label();
    return link;
  }
  const auto point = nearest ? to.points.find(*nearest) : std::nullopt;
  if (!point) return {};
  const std::span<const float> mean = to.points.mean(*point);
  link.z.assign(mean.begin(), mean.end());
  if (static_cast<int>(link.z.size()) != to.scene.latent()) return {};
  link.input = to.points.ref(*point);
  if (const int label = to.points.label(*point); label >= 0) link.label = label;
  return link;
}

bool all_have(std::span<const Points* const> all, PointRef input) {
  return std::ranges::all_of(all,
                             [&](const Points* points) { return points->find(input).has_value(); });
}

std::optional<std::size_t> nearest_of_all(const Points& from, std::span<const Points* const> others,
                                          Vec2 place, const HiddenLabels& hidden) {
  std::optional<std::size_t> best;
  float least = std::numeric_limits<float>::infinity();
  for (std::size_t point = 0; point < others.front()->count(); ++point) {
    const PointRef input = others.front()->ref(point);
    const auto there = from.find(input);
    if (!there || from.hidden(*there, hidden) || !all_have(others.subspan(1), input)) continue;
    const Vec2 at = from.position(*there);
    const float dx = at.x - place.x, dy = at.y - place.y;
    if (dx * dx + dy * dy >= least) continue;
    least = dx * dx + dy * dy;
    best = there;
  }
  return best;
}

}  // namespace zscape
