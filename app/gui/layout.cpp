#include "app/gui/layout.h"

#include <algorithm>
#include <cmath>

namespace zscape {
namespace {

// At 100 %, pixels. The preview's default holds twelve frames of 28 pixels side by side.
constexpr float kGap = 8;
constexpr float kStatus = 30;
constexpr float kTimeLine = 46;
constexpr float kControls = 300;
constexpr float kControlsNarrow = 264;
constexpr float kPreview = 366;
constexpr float kPreviewNarrow = 290;
constexpr float kPreviewWide = 540;
constexpr float kNarrow = 1280;  // window width where both sides are still at their full
constexpr float kNarrowest = 1024;
constexpr float kWide = 2200;          // from here on the preview grows
constexpr float kCurvesShare = 0.25f;  // of the height
constexpr float kCurvesLow = 176, kCurvesHigh = 420;

// The least that dragging, or a window too small for its text, leaves of each.
constexpr float kControlsLeast = 240;
constexpr float kPreviewLeast = 180;
constexpr float kCurvesLeast = 120;
constexpr float kLatentLeastWidth = 330, kLatentLeastHeight = 240 + kTimeLine + kGap;
constexpr float kLatentGoodHeight = 360 + kTimeLine + kGap;  // that only a hand takes from it

// Nobody wants controls as wide as a screen.
constexpr float kControlsMost = 480;

// a at the position 0, b at 1, held beyond.
float between(float a, float b, float position) {
  return a + (b - a) * std::clamp(position, 0.0f, 1.0f);
}

struct Measures {
  float controls, preview, curves;  // at 100 %
};

// By default: by the window's size alone.
Measures usual(float width, float height) {
  const float room = (width - kNarrowest) / (kNarrow - kNarrowest);
  const float below = std::max(height - kStatus - kLatentGoodHeight - 2 * kGap, kCurvesLeast);
  return {between(kControlsNarrow, kControls, room),
          between(between(kPreviewNarrow, kPreview, room), kPreviewWide, (width - kWide) / 1000),
          std::min(std::clamp(height * kCurvesShare, kCurvesLow, kCurvesHigh), below)};
}

// What is asked for, as far as the latent view keeps its least size.
Measures measures_for(float width, float height, const LayoutSizes& sizes) {
  const Measures defaults = usual(width, height);
  float controls =
      std::clamp(sizes.controls.value_or(defaults.controls), kControlsLeast, kControlsMost);
  float preview = std::max(sizes.preview.value_or(defaults.preview), kPreviewLeast);
  const float sides = std::max(width - kLatentLeastWidth - 4 * kGap, 0.0f);
  if (const float over = controls + preview - sides; over > 0) {
    // Each gives what it has above its least, in proportion.
    const float spare_controls = controls - kControlsLeast, spare_preview = preview - kPreviewLeast;
    const float spare = std::max(spare_controls + spare_preview, 1e-3f);
    const float part = std::min(over / spare, 1.0f);
    controls -= spare_controls * part;
    preview -= spare_preview * part;
  }
  const float most = std::max(height - kStatus - kLatentLeastHeight - 2 * kGap, kCurvesLeast);
  return {controls, preview,
          std::clamp(sizes.curves.value_or(defaults.curves), kCurvesLeast, most)};
}

}  // namespace

Layout layout_for(Vec2 window, float scale, const LayoutSizes& sizes) {
  const auto px = [scale](float pixels) { return std::floor(pixels * scale); };
  const float gap = px(kGap);
  const Measures measures = measures_for(window.x / scale, window.y / scale, sizes);
  const float controls = px(measures.controls);
  const float preview = px(measures.preview);
  const float status = px(kStatus);
  const float curves = px(measures.curves);

  const float bottom = std::max(std::floor(window.y) - status, gap);
  const float time_line = px(kTimeLine);
  const auto box = [](float x, float y, float to_x, float to_y) {
    return Rect{{x, y}, {std::max(to_x - x, 1.0f), std::max(to_y - y, 1.0f)}};
  };
  Layout layout;
  layout.status = box(0, bottom, std::floor(window.x), bottom + status);
  if (sizes.panels_hidden) {
    layout.panels_hidden = true;
    layout.latent = box(gap, gap, std::floor(window.x) - gap, bottom);
    const float right = gap + layout.latent.size.x, below = gap + layout.latent.size.y;
    layout.controls = {{gap, gap}, {0, layout.latent.size.y}};
    layout.time_line = {{gap, below}, {layout.latent.size.x, 0}};
    layout.preview = {{right, gap}, {0, layout.latent.size.y}};
    layout.curves = {{gap, below}, {layout.latent.size.x, 0}};
    return layout;
  }
  const float right = std::max(std::floor(window.x) - gap - preview, gap);
  const float middle = std::max(bottom - gap - curves, gap);
  const float latent = gap + controls + gap;
  layout.controls = box(gap, gap, gap + controls, middle);
  layout.latent = box(latent, gap, right - gap, middle - time_line - gap);
  layout.time_line = box(latent, middle - time_line, right - gap, middle);
  layout.preview = box(right, gap, right + preview, bottom);
  layout.curves = box(gap, middle + gap, right - gap, bottom);
  return layout;
}

Rect strip_of(const Layout& layout, Border border) {
  const Rect& controls = layout.controls;
  const Rect& latent = layout.latent;
  const float left = controls.origin.x + controls.size.x;
  const float right = latent.origin.x + latent.size.x;
  const float below = controls.origin.y + controls.size.y;
  switch (border) {
    case Border::controls:
      return {{left, latent.origin.y}, {latent.origin.x - left, latent.size.y}};
    case Border::preview:
      return {{right, latent.origin.y}, {layout.preview.origin.x - right, layout.preview.size.y}};
    case Border::curves:
      break;
  }
  return {{controls.origin.x, below}, {right - controls.origin.x, layout.curves.origin.y - below}};
}

LayoutSizes moved(const LayoutSizes& sizes, Border border, float by, Vec2 window, float scale) {
  const float width = window.x / scale, height = window.y / scale;
  const Measures now = measures_for(width, height, sizes);
  const float sides = width - kLatentLeastWidth - 4 * kGap;
  const auto held = [](float value, float least, float most) {
    return std::clamp(value, least, std::max(most, least));
  };
  LayoutSizes result = sizes;
  switch (border) {
    case Border::controls:
      result.controls = held(now.controls + by / scale, kControlsLeast,
                             std::min(sides - now.preview, kControlsMost));
      break;
    case Border::preview:
      result.preview = held(now.preview - by / scale, kPreviewLeast, sides - now.controls);
      break;
    case Border::curves:
      result.curves = held(now.curves - by / scale, kCurvesLeast,
                           height - kStatus - kLatentLeastHeight - 2 * kGap);
      break;
  }
  return result;
}

}  // namespace zscape
