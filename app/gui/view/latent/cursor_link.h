#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/gui/view/latent/points.h"
#include "app/gui/view/paths/scene.h"
#include "engine/model_spec.h"

namespace zscape {

// Models side by side share a cursor. Two models with the prior N(0, I) of equal size are linked by
// z: a place means the same in both. Others are linked by the input whose code is nearest to the
// pointer, since both models read it.
enum class LinkBy { z, input };
LinkBy link_between(const ModelSpec& one, const ModelSpec& other);

// For people: what the link is, and why.
std::string text_of(LinkBy by);
std::string help_of(LinkBy by);

// What the pane without the pointer shows.
struct CursorLink {
  LinkBy by = LinkBy::z;
  std::vector<float> z;           // in the latent space of the model that follows
  int label = 0;                  // to decode it with; cvae only
  std::optional<PointRef> input;  // of a link by input
  bool pointing = false;          // the pointer is in the other plot
};

struct LinkSide {
  const ModelSpec& spec;
  const Scene& scene;
  const Points& points;
};

// Where `to` shows what `from` points at. nearest: the input that links them, if needed; none if
// `to` has no code of it.
std::optional<CursorLink> link_cursor(const LinkSide& from, const LinkSide& to,
                                      std::optional<PointRef> nearest);

// Whether each of them has a code of this input.
bool all_have(std::span<const Points* const> all, PointRef input);

// Of the inputs whose codes all models show, the point in `from` that is drawn nearest to a place.
// others: at least one.
std::optional<std::size_t> nearest_of_all(const Points& from, std::span<const Points* const> others,
                                          Vec2 place, const HiddenLabels& hidden);

}  // namespace zscape
