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
  float left, right, lower;  // at 100 %
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
  float controls = std::clamp(sizes.left.value_or(defaults.left), kControlsLeast, kControlsMost);
  float preview = std::max(sizes.right.value_or(defaults.right), kPreviewLeast);
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
  return {controls, preview, std::clamp(sizes.lower.value_or(defaults.lower), kCurvesLeast, most)};
}

}  // namespace

const Rect& Layout::of(Region region) const {
  switch (region) {
    case Region::left:
      return left;
    case Region::time_line:
      return time_line;
    case Region::right:
      return right;
    case Region::lower:
      break;
  }
  return lower;
}

Layout layout_for(Vec2 window, float scale, const LayoutSizes& sizes, Regions shown) {
  if (sizes.panels_hidden) shown.reset();
  const auto has = [&shown](Region region) { return shown[static_cast<std::size_t>(region)]; };
  const auto px = [scale](float pixels) { return std::floor(pixels * scale); };
  const float gap = px(kGap);
  const Measures measures = measures_for(window.x / scale, window.y / scale, sizes);
  const float status = px(kStatus);
  const float end = std::floor(window.x) - gap;
  const float bottom = std::max(std::floor(window.y) - status, gap);
  // From here to there at least a pixel, but nothing of a region that is not shown.
  const auto box = [](bool is_shown, float x, float y, float to_x, float to_y) {
    const float least = is_shown ? 1.0f : 0.0f;
    return Rect{{x, y}, {std::max(to_x - x, least), std::max(to_y - y, least)}};
  };
  const bool has_left = has(Region::left), has_right = has(Region::right);
  const bool has_lower = has(Region::lower), has_time_line = has(Region::time_line);
  const float latent = has_left ? gap + px(measures.left) + gap : gap;
  const float right = has_right ? std::max(end - px(measures.right), gap) : end;
  const float latent_end = has_right ? right - gap : end;
  const float middle = has_lower ? std::max(bottom - gap - px(measures.lower), gap) : bottom;
  const float lower = has_lower ? middle + gap : bottom;
  const float time_line = has_time_line ? middle - px(kTimeLine) : middle;
  Layout layout;
  layout.status = box(true, 0, bottom, std::floor(window.x), bottom + status);
  layout.left = box(has_left, gap, gap, latent - gap, middle);
  layout.latent = box(true, latent, gap, latent_end, has_time_line ? time_line - gap : middle);
  layout.time_line = box(has_time_line, latent, time_line, latent_end, middle);
  layout.right = box(has_right, right, gap, end, bottom);
  layout.lower = box(has_lower, gap, lower, latent_end, bottom);
  return layout;
}

Rect strip_of(const Layout& layout, Border border) {
  const Rect& controls = layout.left;
  const Rect& latent = layout.latent;
  const float left = controls.high().x;
  const float right = latent.high().x;
  const float below = controls.high().y;
  switch (border) {
    case Border::left:
      return {{left, latent.origin.y}, {latent.origin.x - left, latent.size.y}};
    case Border::right:
      return {{right, latent.origin.y}, {layout.right.origin.x - right, layout.right.size.y}};
    case Border::lower:
      break;
  }
  return {{controls.origin.x, below}, {right - controls.origin.x, layout.lower.origin.y - below}};
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
    case Border::left:
      result.left =
          held(now.left + by / scale, kControlsLeast, std::min(sides - now.right, kControlsMost));
      break;
    case Border::right:
      result.right = held(now.right - by / scale, kPreviewLeast, sides - now.left);
      break;
    case Border::lower:
      result.lower = held(now.lower - by / scale, kCurvesLeast,
                          height - kStatus - kLatentLeastHeight - 2 * kGap);
      break;
  }
  return result;
}

}  // namespace zscape
