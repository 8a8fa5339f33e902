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

// a at the position 0, b at 1, held beyond.
float between(float a, float b, float position) {
  return a + (b - a) * std::clamp(position, 0.0f, 1.0f);
}

}  // namespace

Layout layout_for(Vec2 window, float scale) {
  const auto px = [scale](float pixels) { return std::floor(pixels * scale); };
  const float gap = px(kGap);
  const float width = window.x / scale;
  const float height = window.y / scale;
  const float room = (width - kNarrowest) / (kNarrow - kNarrowest);
  const float controls = px(between(kControlsNarrow, kControls, room));
  const float preview =
      px(between(between(kPreviewNarrow, kPreview, room), kPreviewWide, (width - kWide) / 1000));
  const float status = px(kStatus);
  const float curves = px(std::clamp(height * kCurvesShare, kCurvesLow, kCurvesHigh));

  const float right = std::max(std::floor(window.x) - gap - preview, gap);
  const float bottom = std::max(std::floor(window.y) - status, gap);
  const float middle = std::max(bottom - gap - curves, gap);
  const float latent = gap + controls + gap;
  const float time_line = px(kTimeLine);
  const auto box = [](float x, float y, float to_x, float to_y) {
    return Rect{{x, y}, {std::max(to_x - x, 1.0f), std::max(to_y - y, 1.0f)}};
  };
  Layout layout;
  layout.controls = box(gap, gap, gap + controls, middle);
  layout.latent = box(latent, gap, right - gap, middle - time_line - gap);
  layout.time_line = box(latent, middle - time_line, right - gap, middle);
  layout.preview = box(right, gap, right + preview, bottom);
  layout.curves = box(gap, middle + gap, right - gap, bottom);
  layout.status = box(0, bottom, std::floor(window.x), bottom + status);
  return layout;
}

}  // namespace zscape
