// A latent space of one dimension: what lies along its axis.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/view/latent/evidence_view.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kMostRugs = 12;  // rows, one a label; with more labels one for all
constexpr float kRug = 5, kRugGap = 2, kBelow = 9;  // pixels
constexpr float kAbove = 30;                        // free above the highest curve
constexpr float kShare = 0.62f;                     // of the room above the axis, for densities

// The room above the axis for curves; nothing: the axis is too high up.
std::optional<float> room_above(const LatentDraw& draw) {
  const LatentView& view = draw.state.view;
  const float room = view.to_screen({0, 0}).y - view.origin.y - draw.px(kAbove);
  return room > draw.px(24) ? std::optional(std::min(room, view.size.y)) : std::nullopt;
}

// A curve over the axis: its height above it in pixels at each place from the left.
struct Shape {
  std::vector<ImVec2> places;
  ImU32 rgba = 0;
  float filled = 0;  // opacity of the area below
  float thickness = 1;
};

void draw_shape(ImDrawList& list, const Shape& shape, float base) {
  const ImDrawListFlags flags = list.Flags;
  list.Flags &= ~ImDrawListFlags_AntiAliasedFill;  // its soft edges would show as stripes
  for (std::size_t i = 1; i < shape.places.size(); ++i) {
    const ImVec2 a = shape.places[i - 1], b = shape.places[i];
    if (shape.filled > 0) {
      list.AddQuadFilled({a.x, base}, a, b, {b.x, base}, with_alpha(shape.rgba, shape.filled));
    }
  }
  list.Flags = flags;
  for (std::size_t i = 1; i < shape.places.size(); ++i) {
    const ImVec2 a = shape.places[i - 1], b = shape.places[i];
    if (std::max(base - a.y, base - b.y) < 0.5f) continue;  // on the axis
    list.AddLine(a, b, shape.rgba, shape.thickness);
  }
}

void draw_densities(const LatentDraw& draw, ImDrawList& list, const CodeLine& line, float base,
                    float room) {
  float highest = 0;  // of the labels: all together would flatten them
  for (const CodeLine::Label& label : line.labels()) {
    highest = std::max(highest, *std::ranges::max_element(label.density));
  }
  if (highest <= 0) return;
  const float scale = kShare * room / highest, left = draw.state.view.origin.x;
  const auto shape_of = [&](std::span<const float> density, ImU32 rgba) {
    Shape shape;
    shape.rgba = rgba;
    for (std::size_t i = 0; i < density.size(); ++i) {
      shape.places.emplace_back(left + (static_cast<float>(i) + 0.5f) * line.column(),
                                base - scale * density[i]);
    }
    return shape;
  };
  for (const CodeLine::Label& label : line.labels()) {
    Shape shape = shape_of(label.density, class_color(label.label));
    shape.filled = 0.16f;
    shape.thickness = draw.px(1.4f);
    draw_shape(list, shape, base);
  }
}

// Where the rows of the rug begin: below the decoded strip.
float rug_top(const LatentDraw& draw, float base) {
  const float strip = draw.shows(Layer::manifold) ? draw.input.contents.manifold.cell_size() *
                                                        draw.state.view.pixels_per_unit
                                                  : 0;
  return std::round(base + strip + draw.px(kBelow));
}

void draw_rug(const LatentDraw& draw, ImDrawList& list, const CodeLine& line, float base) {
  const bool apart = line.labels().size() <= kMostRugs;
  const float left = draw.state.view.origin.x, first = rug_top(draw, base);
  const float high = draw.px(apart ? kRug : 2 * kRug);
  float top = first;
  int most = 1;
  for (const CodeLine::Label& label : line.labels()) {
    most = std::max(most, *std::ranges::max_element(label.counts));
  }
  for (const CodeLine::Label& label : line.labels()) {
    for (std::size_t i = 0; i < label.counts.size(); ++i) {
      if (label.counts[i] == 0) continue;
      const float part = std::sqrt(static_cast<float>(label.counts[i]) / static_cast<float>(most));
      const float x = left + static_cast<float>(i) * line.column();
      list.AddRectFilled({x, top}, {x + std::max(line.column() - 0.5f, 1.0f), top + high},
                         with_alpha(class_color(label.label), 0.3f + 0.7f * part));
    }
    if (apart) top += high + draw.px(kRugGap);
  }
  draw.frame.widgets.note("code_rug",
                          {{left, first}, {draw.state.view.size.x, top + high - first}});
}

struct Bell {
  double mean = 0, sigma = 0;
  double at(double z) const {
    const double off = (z - mean) / sigma;
    return std::exp(-off * off / 2) / (sigma * std::sqrt(2 * std::numbers::pi));
  }
};

// q(z|x) of the input under the pointer, else of the selected pin, else of the one clicked in a
// list.
std::optional<Bell> posterior_in_hand(const LatentDraw& draw) {
  const Points& points = draw.input.points;
  const Codes* codes = points.codes();
  if (codes == nullptr || codes->sigma.empty()) return {};
  const LatentPanelState& state = draw.state;
  std::optional<std::size_t> point;
  if (state.pointer_inside && state.nearest && state.nearest->point < points.count() &&
      state.nearest->distance <= draw.px(kSnapPixels)) {
    point = state.nearest->point;
  } else if (const Pin* pin = draw.scene.selected_pin(); pin && pin->source) {
    point = points.find(*pin->source);
  } else if (state.marked) {
    point = points.find(*state.marked);
  }
  if (!point) return {};
  return Bell{codes->mean.data()[*point], std::max(codes->sigma[*point], 1e-6f)};
}

void draw_name(const LatentDraw& draw, ImDrawList& list, ImVec2 peak, const char* name, ImU32 rgba,
               bool left) {
  const ImVec2 size = text_size(draw.theme().small, name);
  draw_label(list, draw.state.view, draw.theme(),
             {left ? peak.x - size.x - draw.px(8) : peak.x + draw.px(8), peak.y - draw.px(2)}, name,
             rgba);
}

// The posteriors of one input as curves of one scale: the encoder's and, where the lens is on, the
// true one.
void draw_posteriors(const LatentDraw& draw, ImDrawList& list, float base, float room) {
  const LatentView& view = draw.state.view;
  const Evidence* evidence =
      draw.shows(Layer::lens) && draw.input.evidence ? draw.input.evidence->found() : nullptr;
  if (evidence && (evidence->latent != 1 || evidence->curve_z.empty())) evidence = nullptr;
  std::optional<Bell> own = posterior_in_hand(draw);
  if (evidence) {
    own = Bell{evidence->encoder.mean[0], std::sqrt(evidence->encoder.covariance[0])};
  }
  if (!own || own->sigma <= 0) return;
  double highest = own->at(own->mean);
  if (evidence) {
    for (const float density : evidence->curve_density) {
      highest = std::max<double>(highest, density);
    }
  }
  const double scale = room / highest;
  const auto place = [&](double z, double density) {
    return ImVec2(view.to_screen({static_cast<float>(z), 0}).x,
                  base - static_cast<float>(scale * density));
  };
  if (evidence) {
    Shape truth{{}, color::kAccent, 0.25f, draw.px(1.5f)};
    ImVec2 peak{0, base};
    for (std::size_t i = 0; i < evidence->curve_z.size(); ++i) {
      truth.places.push_back(place(evidence->curve_z[i], evidence->curve_density[i]));
      if (truth.places.back().y < peak.y) peak = truth.places.back();
    }
    draw_shape(list, truth, base);
    draw_name(draw, list, peak, "p(z|x)", color::kAccent,
              peak.x < view.to_screen({static_cast<float>(own->mean), 0}).x);
  }
  Shape bell{{}, color::kText, evidence ? 0.0f : 0.12f, draw.px(1.6f)};
  constexpr int kSteps = 96;
  for (int i = 0; i <= kSteps; ++i) {
    const double z = own->mean + own->sigma * 4.5 * (2.0 * i / kSteps - 1);
    bell.places.push_back(place(z, own->at(z)));
  }
  draw_shape(list, bell, base);
  const ImVec2 peak = place(own->mean, own->at(own->mean));
  draw.frame.widgets.note("posterior_curve",
                          {{bell.places.front().x, peak.y},
                           {bell.places.back().x - bell.places.front().x, base - peak.y}});
  draw_name(draw, list, peak, "q(z|x)", color::kText, false);
}

}  // namespace

void draw_code_line(const LatentDraw& draw, ImDrawList& list) {
  if (draw.scene.latent() != 1 || draw.spatial()) return;
  const CodeLine& line = draw.input.contents.line;
  const float base = draw.state.view.to_screen({0, 0}).y;
  const auto room = room_above(draw);
  if (draw.shows(Layer::points)) {
    if (room) draw_densities(draw, list, line, base, *room);
    draw_rug(draw, list, line, base);
  }
  if (room) draw_posteriors(draw, list, base, *room);
}

}  // namespace zscape
