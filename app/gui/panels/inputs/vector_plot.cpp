#include "app/gui/panels/inputs/vector_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/panels/paths/mark_names.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kMostBars = 40;
constexpr float kLeastBar = 4;    // pixels
constexpr float kLeastName = 30;  // at 100 %, of a column that has its name below it

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

VectorValues values_of(const Dataset& data) {
  const bool are_all = std::ssize(data.input_names) == data.inputs();
  return {are_all ? std::span<const std::string>(data.input_names) : std::span<const std::string>(),
          data.scaling != nullptr};
}

Rect draw_vector_plot(ImDrawList& list, const Pictures& pictures,
                      std::span<const VectorSeries> series, const Rect& place,
                      const VectorValues& shown, const Theme& theme) {
  const bool standardised = shown.standardised;
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
  const float below = inside.high().y + theme.px(2);
  const auto ends = [&](const std::string& first, const std::string& last) {
    text({inside.origin.x, below}, color::kMuted, first);
    text({inside.high().x - text_size(theme.small, last).x, below}, color::kMuted, last);
  };
  const int width = pictures.shape().width;
  if (std::ssize(shown.names) != width) {
    ends("1", fmt::format("{}", width));
    const std::string middle = tr("value number");
    text({inside.center().x - text_size(theme.small, middle).x / 2, below}, color::kMuted, middle);
    return inside;
  }
  const Styled styled(theme.small);
  const float column = inside.size.x / static_cast<float>(width);
  if (column < theme.px(kLeastName) || !fits_bars(width, inside.size.x)) {
    const float half = inside.size.x / 2 - theme.px(6);
    ends(beginning_that_fits(shown.names.front(), half),
         beginning_that_fits(shown.names.back(), half));
    return inside;
  }
  for (int i = 0; i < width; ++i) {
    const std::string name =
        beginning_that_fits(shown.names[static_cast<std::size_t>(i)], column - theme.px(4));
    const float middle = inside.origin.x + (static_cast<float>(i) + 0.5f) * column;
    text({middle - text_size(theme.small, name).x / 2, below}, color::kMuted, name);
  }
  return inside;
}

void show_value_under_pointer(const PanelFrame& frame, const Pictures& pictures,
                              std::span<const VectorSeries> series, const Rect& inside,
                              const VectorValues& values) {
  const Vec2 pointer = ImGui::GetMousePos();
  if (!ImGui::IsItemHovered() || !inside.contains(pointer)) return;
  const int width = pictures.shape().width;
  const bool bars = fits_bars(width, inside.size.x);
  const float along = (pointer.x - inside.origin.x) / inside.size.x;
  const float spaces = static_cast<float>(bars ? width : width - 1);
  const int number = std::clamp(
      static_cast<int>(bars ? along * spaces : std::round(along * spaces)), 0, width - 1);
  const auto i = static_cast<std::size_t>(number);
  const float x =
      inside.origin.x + (static_cast<float>(number) + (bars ? 0.5f : 0)) / spaces * inside.size.x;
  ImGui::GetWindowDrawList()->AddLine({x, inside.origin.y}, {x, inside.high().y},
                                      with_alpha(color::kText, 0.5f), frame.px(1));
  std::string said =
      std::ssize(values.names) == width ? values.names[i] : tr("value number {}", number + 1);
  for (const VectorSeries& each : series) {
    const std::vector<float> row = vector_values(pictures, each.slot);
    if (row.empty() || each.name.empty()) continue;
    // A picture of the row has 256 levels, over six deviations.
    said += '\n';
    said += values.standardised ? tr("{}: {:+.1f} σ", each.name, 6 * (row[i] - 0.5f))
                                : tr("{}: {:.2f}", each.name, row[i]);
  }
  frame.widgets.note("vector_value", {{x, inside.origin.y}, {1, inside.size.y}});
  tooltip(frame.theme, said.c_str());
}

}  // namespace zscape
