#include "app/gui/panels/inputs/vector_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "app/gui/panels/latent/latent_overlay.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kMostBars = 40;
constexpr float kLeastBar = 4;  // pixels

bool fits_bars(int values, float width) {
  return values <= kMostBars && width >= kLeastBar * static_cast<float>(values);
}

// zero: where bars begin, in [0, 1].
void draw_bars(ImDrawList& list, std::span<const float> values, const Rect& place, float zero,
               ImU32 tint, bool filled) {
  const float column = place.size.x / static_cast<float>(values.size());
  const float gap = std::min(column * 0.2f, 3.0f);
  const auto y_of = [&](float value) { return place.high().y - value * place.size.y; };
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float left = place.origin.x + static_cast<float>(i) * column + gap / 2;
    const float right = left + column - gap, at = y_of(values[i]), base = y_of(zero);
    if (filled) {
      list.AddRectFilled({left, std::min(at, base)}, {right, std::max(at, base)}, tint);
    } else {
      list.AddRectFilled({left - gap / 2, at - 1}, {right + gap / 2, at + 1}, tint);
    }
  }
}

void draw_line(ImDrawList& list, std::span<const float> values, const Rect& place, ImU32 tint,
               float thickness) {
  std::vector<ImVec2> line;
  const float last = std::max(static_cast<float>(values.size()) - 1, 1.0f);
  for (std::size_t i = 0; i < values.size(); ++i) {
    line.emplace_back(place.origin.x + static_cast<float>(i) / last * place.size.x,
                      place.high().y - values[i] * place.size.y);
  }
  // Piece by piece: where a polyline turns back sharply, Dear ImGui's mitres make it vanish.
  for (std::size_t i = 1; i < line.size(); ++i) {
    list.AddLine(line[i - 1], line[i], tint, thickness);
  }
}

void draw_inside(ImDrawList& list, const Pictures& pictures, std::span<const VectorSeries> series,
                 const Rect& place, float zero, float thickness) {
  list.PushClipRect(place.origin, place.high(), true);
  const bool bars = fits_bars(pictures.shape().width, place.size.x);
  for (const VectorSeries& each : series) {
    const std::vector<float> values = vector_values(pictures, each.slot);
    if (values.empty()) continue;
    if (bars) {
      draw_bars(list, values, place, zero, each.tint, &each == series.data());
    } else {
      draw_line(list, values, place, each.tint, thickness);
    }
  }
  list.PopClipRect();
}

}  // namespace

std::vector<float> vector_values(const Pictures& pictures, PictureSlot slot) {
  if (slot == kNoPicture) return {};
  const Pictures::Place at = pictures.place(slot);
  const auto first = (static_cast<std::size_t>(at.y) * static_cast<std::size_t>(pictures.width()) +
                      static_cast<std::size_t>(at.x)) *
                     4;
  std::vector<float> values(static_cast<std::size_t>(pictures.shape().width));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(pictures.sheet()[first + 4 * i]) / 255;
  }
  return values;
}

void draw_vectors(ImDrawList& list, const Pictures& pictures, std::span<const VectorSeries> series,
                  const Rect& place) {
  list.AddRectFilled(place.origin, place.high(), color::kBackground);
  draw_inside(list, pictures, series, place, 0, 1);
}

void draw_vector_plot(ImDrawList& list, const Pictures& pictures,
                      std::span<const VectorSeries> series, const Rect& place, bool standardised,
                      const Theme& theme) {
  const float line = height_of(theme.small) + theme.px(3), gap = theme.px(4);
  const auto text = [&](Vec2 at, ImU32 rgba, const std::string& words) {
    list.AddText(theme.small, height_of(theme.small), {std::round(at.x), std::round(at.y)}, rgba,
                 words.c_str());
  };
  const std::array<std::pair<float, std::string>, 3> ticks =
      standardised
          ? std::array<std::pair<float, std::string>, 3>{{{0, "−3 σ"},
                                                          {0.5f, tr("mean")},
                                                          {1, "+3 σ"}}}
          : std::array<std::pair<float, std::string>, 3>{{{0, "0"}, {0.5f, "0.5"}, {1, "1"}}};
  float labels = 0;
  for (const auto& [value, name] : ticks) {
    labels = std::max(labels, text_size(theme.small, name).x);
  }
  Vec2 at = place.origin;
  for (const VectorSeries& each : series) {
    if (each.name.empty() || each.slot == kNoPicture) continue;
    const float width = text_size(theme.small, each.name).x + theme.px(18);
    if (at.x > place.origin.x && at.x + width > place.high().x) at = {place.origin.x, at.y + line};
    list.AddRectFilled({at.x, at.y + line / 2 - theme.px(2)},
                       {at.x + theme.px(12), at.y + line / 2 + theme.px(1)}, each.tint);
    text({at.x + theme.px(16), at.y}, color::kText, each.name);
    at.x += width + theme.px(10);
  }
  const float top = at.y + line + gap;
  const Rect inside{
      {place.origin.x + labels + gap, top},
      {std::max(place.size.x - labels - gap, 1.0f), std::max(place.high().y - line - top, 1.0f)}};
  list.AddRectFilled(inside.origin, inside.high(), color::kBackground);
  for (const auto& [value, name] : ticks) {
    const float y = std::round(inside.high().y - value * inside.size.y);
    list.AddLine({inside.origin.x, y}, {inside.high().x, y},
                 value == (standardised ? 0.5f : 0.0f) ? color::kAxis : color::kLine);
    const ImVec2 size = text_size(theme.small, name);
    const float text_y =
        std::clamp(y - size.y / 2, inside.origin.y - gap, inside.high().y - size.y + gap);
    text({inside.origin.x - gap - size.x, text_y}, color::kMuted, name);
  }
  draw_inside(list, pictures, series, inside, standardised ? 0.5f : 0.0f, theme.px(1.5f));
  const std::string first = "1", last = fmt::format("{}", pictures.shape().width);
  const std::string middle = tr("value number");
  const float below = inside.high().y + theme.px(2);
  text({inside.origin.x, below}, color::kMuted, first);
  text({inside.high().x - text_size(theme.small, last).x, below}, color::kMuted, last);
  text({inside.center().x - text_size(theme.small, middle).x / 2, below}, color::kMuted, middle);
}

}  // namespace zscape
