#include "app/gui/panels/latent/latent_overlay.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <span>

#include "app/gui/panels/curves/plot.h"
#include "app/gui/panels/inputs/vector_plot.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

void draw_text(ImDrawList& list, ImFont* font, Vec2 place, ImU32 rgba, const std::string& text) {
  list.AddText(font, height_of(font), place, rgba, text.data(), text.data() + text.size());
}

constexpr std::size_t kLongestName = 16;   // of a class, characters
constexpr std::size_t kLongestGroup = 24;  // of several

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

ImVec2 text_size(const ImFont* font, const std::string& text) {
  return font->CalcTextSizeA(height_of(font), std::numeric_limits<float>::max(), 0, text.data(),
                             text.data() + text.size());
}

bool near_plot(const LatentView& view, Vec2 place, float reach) {
  return place.x > view.origin.x - reach && place.y > view.origin.y - reach &&
         place.x < view.rect().high().x + reach && place.y < view.rect().high().y + reach;
}

bool overlap(const Rect& a, const Rect& b) {
  return a.origin.x < b.high().x && b.origin.x < a.high().x && a.origin.y < b.high().y &&
         b.origin.y < a.high().y;
}

void draw_plus(ImDrawList& list, Vec2 middle, float arm, ImU32 rgba, float thickness) {
  list.AddLine({middle.x - arm, middle.y}, {middle.x + arm, middle.y}, rgba, thickness);
  list.AddLine({middle.x, middle.y - arm}, {middle.x, middle.y + arm}, rgba, thickness);
}

void draw_ellipse(ImDrawList& list, Vec2 center, Vec2 radius, Vec2 turn, ImU32 rgba,
                  float thickness) {
  const float longer = std::max(radius.x, radius.y);
  const int corners = std::clamp(static_cast<int>(4.5f * std::sqrt(longer)), 24, 240);
  for (int i = 0; i < corners; ++i) {
    const float angle =
        2 * std::numbers::pi_v<float> * static_cast<float>(i) / static_cast<float>(corners);
    const float x = radius.x * std::cos(angle), y = radius.y * std::sin(angle);
    list.PathLineTo({center.x + turn.x * x - turn.y * y, center.y - turn.y * x - turn.x * y});
  }
  list.PathStroke(rgba, ImDrawFlags_Closed, thickness);
}

void draw_grid(ImDrawList& list, const LatentView& view, const Theme& theme, bool on_pictures,
               bool one_dimension) {
  const Vec2 low = view.to_latent({view.origin.x, view.rect().high().y});
  const Vec2 high = view.to_latent({view.rect().high().x, view.origin.y});
  const float right = view.rect().high().x;
  const float bottom = view.rect().high().y;
  const ImU32 faint = with_alpha(color::kText, 0.06f);
  const ImU32 axis = with_alpha(color::kText, 0.2f);
  const auto at_most = [&theme](float pixels) {
    return std::max(3, static_cast<int>(pixels / theme.px(80)));
  };
  const float gap = theme.px(4);
  const auto number = [&](Vec2 place, ImVec2 size, const std::string& text) {
    if (on_pictures) {
      list.AddRectFilled({place.x - gap, place.y}, {place.x + size.x + gap, place.y + size.y},
                         with_alpha(color::kBackground, 0.8f), theme.px(3));
    }
    draw_text(list, theme.small, place, color::kMuted, text);
  };
  for (const Tick& tick : ticks({low.x, high.x}, at_most(view.size.x))) {
    const float x = std::floor(view.to_screen({static_cast<float>(tick.value), 0}).x) + 0.5f;
    list.AddLine({x, view.origin.y}, {x, bottom}, tick.value == 0 ? axis : faint);
    const ImVec2 size = text_size(theme.small, tick.label);
    if (x - size.x / 2 < view.origin.x + theme.px(40) || x + size.x / 2 > right) continue;
    number({x - size.x / 2, bottom - size.y - gap}, size, tick.label);
  }
  for (const Tick& tick : ticks({low.y, high.y}, at_most(view.size.y))) {
    if (one_dimension && tick.value != 0) continue;
    const float y = std::floor(view.to_screen({0, static_cast<float>(tick.value)}).y) + 0.5f;
    list.AddLine({view.origin.x, y}, {right, y}, tick.value == 0 ? axis : faint);
    if (one_dimension) continue;
    const ImVec2 size = text_size(theme.small, tick.label);
    if (y - size.y / 2 < view.origin.y || y + size.y > bottom - theme.px(18)) continue;
    number({view.origin.x + 2 * gap, y - size.y / 2}, size, tick.label);
  }
}

void draw_prior(ImDrawList& list, const LatentView& view, const Theme& theme, PlacedLabels& labels,
                bool one_dimension) {
  const Vec2 origin = view.to_screen({0, 0});
  for (int sigma = 1; sigma <= 3; ++sigma) {
    const float radius = static_cast<float>(sigma) * view.pixels_per_unit;
    const ImU32 rgba = with_alpha(color::kText, 0.52f - 0.08f * static_cast<float>(sigma));
    const std::string name = fmt::format("{} σ", sigma);
    const ImVec2 size = text_size(theme.small, name);
    if (one_dimension) {
      for (const float x : {origin.x - radius, origin.x + radius}) {
        list.AddLine({x, view.origin.y}, {x, view.rect().high().y}, rgba, theme.px(1));
      }
      const Vec2 place{origin.x + radius + theme.px(6), view.origin.y + theme.px(6)};
      if (view.contains(place)) labels.put({&place, 1}, name, color::kText);
      continue;
    }
    // A circle far larger than the plot is nearly a line, and too much for ImGui.
    if (radius > 40 * (view.size.x + view.size.y)) continue;
    const int segments = std::clamp(static_cast<int>(radius), 48, 512);
    list.AddCircle(origin, radius, rgba, segments, theme.px(1.2f));
    // On the diagonal, where neither axis runs.
    const float diagonal = radius * 0.7071f;
    const Vec2 place{origin.x + diagonal + theme.px(6), origin.y - diagonal - size.y};
    if (view.contains(place)) labels.put({&place, 1}, name, color::kText);
  }
}

void draw_pins(ImDrawList& list, const LatentView& view, const Theme& theme, const Scene& scene,
               const Pictures& pictures) {
  const auto size = mark_size(pictures.shape(), theme.px(34), theme.px(72));
  for (const Pin& pin : scene.pins()) {
    if (!scene.is_placed(pin)) continue;
    const Vec2 place = scene.screen_of(view, pin.z);
    if (!near_plot(view, place, theme.px(90))) continue;
    const bool selected = scene.selected_pin() == &pin;
    const ImU32 rgba = selected ? color::kAccent : color::kText;
    if (size && pin.image.slot != kNoPicture) {
      const Vec2 low{std::floor(place.x + theme.px(9)),
                     std::floor(place.y - theme.px(9) - size->y)};
      const float border = theme.px(1.5f);
      list.AddLine(place, {low.x, low.y + size->y}, rgba, border);
      draw_bordered(list, pictures, pin.image.slot, {low, *size}, rgba, border);
    }
    list.AddCircleFilled(place, theme.px(8.5f), color::kBackground, 20);
    list.AddCircleFilled(place, theme.px(7.5f), rgba, 20);
    const std::string number = fmt::format("{}", pin.id);
    const ImVec2 text = text_size(theme.small, number);
    draw_text(list, theme.small,
              {std::round(place.x - text.x / 2), std::round(place.y - text.y / 2)},
              color::kOnAccent, number);
    if (pin.name == default_pin_name(pin.id)) continue;  // its number is its name
    draw_label(list, view, theme, {place.x - theme.px(8), place.y + theme.px(11)}, pin.name, rgba);
  }
}

void draw_ring(ImDrawList& list, const Theme& theme, Vec2 place, ImU32 rgba, bool strong) {
  const float radius = theme.px(strong ? 7.0f : 5.5f);
  list.AddCircle(place, radius + theme.px(1.5f), with_alpha(color::kBackground, 0.8f), 24,
                 theme.px(2));
  list.AddCircle(place, radius, with_alpha(rgba, strong ? 1.0f : 0.65f), 24,
                 theme.px(strong ? 2.5f : 1.5f));
}

void draw_label(ImDrawList& list, const LatentView& view, const Theme& theme, Vec2 place,
                const std::string& text, ImU32 rgba) {
  const Rect room = label_room(view, theme, place, text);
  list.AddRectFilled(room.origin, room.high(), with_alpha(color::kBackground, 0.82f), theme.px(3));
  draw_text(list, theme.small, room.origin + Vec2{theme.px(4), 1}, rgba, text);
}

Rect label_room(const LatentView& view, const Theme& theme, Vec2 place, const std::string& text) {
  const ImVec2 size = text_size(theme.small, text);
  const float pad = theme.px(4);
  const float low_x = view.origin.x + pad, low_y = view.origin.y + pad;
  const float x = std::clamp(place.x, low_x, std::max(view.rect().high().x - size.x - pad, low_x));
  const float y = std::clamp(place.y, low_y, std::max(view.rect().high().y - size.y - pad, low_y));
  return {{std::round(x) - pad, std::round(y) - 1}, {size.x + 2 * pad, size.y + 2}};
}

bool PlacedLabels::put(std::span<const Vec2> corners, const std::string& text, ImU32 rgba) {
  for (const Vec2 corner : corners) {
    const Rect room = label_room(view_, theme_, corner, text);
    const bool is_free = std::ranges::none_of(taken_, [&room](const Rect& other) {
      return room.origin.x < other.high().x && other.origin.x < room.high().x &&
             room.origin.y < other.high().y && other.origin.y < room.high().y;
    });
    if (!is_free) continue;
    taken_.push_back(room);
    draw_label(list_, view_, theme_, corner, text, rgba);
    return true;
  }
  return false;
}

int pin_at(const Scene& scene, const LatentView& view, Vec2 screen, float reach) {
  // The last drawn lies on top.
  for (auto pin = scene.pins().rbegin(); pin != scene.pins().rend(); ++pin) {
    const Vec2 at = scene.screen_of(view, pin->z);
    if (std::hypot(screen.x - at.x, screen.y - at.y) <= reach) return pin->id;
  }
  return 0;
}

std::optional<Vec2> mark_size(const ImageShape& shape, float about, float most) {
  if (is_vector(shape)) return Vec2{2 * about, about};
  const float longer = static_cast<float>(std::max({shape.width, shape.height, 1}));
  const float scale = std::max(1.0f, std::round(about / longer));
  if (longer * scale > most) return std::nullopt;
  return Vec2{static_cast<float>(shape.width) * scale, static_cast<float>(shape.height) * scale};
}

void draw_bordered(ImDrawList& list, const Pictures& pictures, PictureSlot slot, const Rect& place,
                   ImU32 rgba, float border) {
  const Vec2 room{border, border};
  list.AddRectFilled(place.origin - room, place.high() + room, rgba);
  draw_picture(list, pictures, slot, place.origin, place.high());
}

void draw_picture(ImDrawList& list, const Pictures& pictures, PictureSlot slot, ImVec2 low,
                  ImVec2 high) {
  if (slot == kNoPicture) {
    list.AddRectFilled(low, high, color::kRaised);
    return;
  }
  if (is_vector(pictures.shape())) {
    const VectorSeries row{slot, color::kText};
    draw_vectors(list, pictures, {&row, 1}, {low, Vec2(high) - Vec2(low)});
    return;
  }
  const Pictures::Place at = pictures.place(slot);
  // OpenGL's names are numbers, and a texture's name travels as a pointer.
  const auto texture = (ImTextureID)pictures.texture;  // NOLINT(performance-no-int-to-ptr)
  list.AddImage(texture, low, high, {at.u0, at.v0}, {at.u1, at.v1});
}

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

std::vector<std::vector<std::size_t>> groups_of(std::span<const Vec2> places, float reach) {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto touches = [&](const std::vector<std::size_t>& group) {
      return std::ranges::any_of(group, [&](std::size_t other) {
        return std::hypot(places[i].x - places[other].x, places[i].y - places[other].y) < reach;
      });
    };
    // All groups that it touches become one with it.
    std::vector<std::size_t> joined;
    std::erase_if(groups, [&](const std::vector<std::size_t>& group) {
      if (!touches(group)) return false;
      joined.insert(joined.end(), group.begin(), group.end());
      return true;
    });
    joined.push_back(i);
    groups.push_back(std::move(joined));
  }
  return groups;
}

std::string name_of_group(std::vector<std::string> names) {
  for (std::string& name : names) name = shorten_words(name, kLongestName);
  std::string all = fmt::format("{}", fmt::join(names, ", "));
  const bool fits = names.size() == 1 || all.size() <= kLongestGroup;
  return fits ? std::move(all) : tr("{} classes", names.size());
}

void draw_centroids(ImDrawList& list, const LatentView& view, const Theme& theme,
                    PlacedLabels& labels, const ClassMeans& means, const Scene& scene, float mix,
                    const HiddenLabels& hidden, const std::vector<std::string>& names) {
  const float half = theme.px(5), gap = theme.px(11);
  std::vector<Vec2> places;
  std::vector<std::string> seen;
  for (int label = 0; label < means.classes(); ++label) {
    const auto index = static_cast<std::size_t>(label);
    if (means.count(label) == 0 || hidden[index] || index >= names.size()) continue;
    const Vec2 place = view.orbit ? scene.screen_of(view, means.mean(label))
                                  : view.to_screen(means.position(label, mix));
    if (!view.contains(place)) continue;
    const std::array<ImVec2, 4> diamond{ImVec2{place.x, place.y - half},
                                        {place.x + half, place.y},
                                        {place.x, place.y + half},
                                        {place.x - half, place.y}};
    list.AddPolyline(diamond.data(), 4, with_alpha(color::kBackground, 0.8f), ImDrawFlags_Closed,
                     theme.px(4));
    list.AddConvexPolyFilled(diamond.data(), 4, class_color(label));
    list.AddPolyline(diamond.data(), 4, color::kText, ImDrawFlags_Closed, theme.px(1.5f));
    places.push_back(place);
    seen.push_back(names[index]);
  }
  // Of centroids that lie on one another, some names would find room and others not.
  for (const std::vector<std::size_t>& group : groups_of(places, 2 * half)) {
    Vec2 low = places[group.front()], high = low;
    std::vector<std::string> members;
    for (const std::size_t member : group) {
      const Vec2 place = places[member];
      low = {std::min(low.x, place.x), std::min(low.y, place.y)};
      high = {std::max(high.x, place.x), std::max(high.y, place.y)};
      members.push_back(seen[member]);
    }
    const std::string name = name_of_group(std::move(members));
    const ImVec2 size = text_size(theme.small, name);
    const Vec2 middle{(low.x + high.x) / 2, (low.y + high.y) / 2};
    const float beside = middle.y - theme.px(8), centred = middle.x - size.x / 2;
    const std::array<Vec2, 4> corners{Vec2{high.x + gap, beside},
                                      {low.x - gap - size.x, beside},
                                      {centred, high.y + theme.px(8)},
                                      {centred, low.y - theme.px(8) - size.y}};
    labels.put(corners, name, color::kText);
  }
}

}  // namespace zscape
