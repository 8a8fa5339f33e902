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
constexpr float kPreviewNarrow = 280;
constexpr float kPreviewWide = 540;
constexpr float kNarrow = 1280;  // window width where both sides are still at their full
constexpr float kNarrowest = 1024;
constexpr float kWide = 2200;          // from here on the preview grows
constexpr float kTight = 1120;         // narrower windows have no room for the preview
constexpr float kLow = 780;            // lower ones none for the curves
constexpr float kSpacious = 1500;      // and narrow sides unless they are so wide
constexpr float kRail = 30;            // of a folded region
constexpr float kCurvesShare = 0.25f;  // of the height
constexpr float kCurvesLow = 176, kCurvesHigh = 420;

// The least that dragging, or a window too small for its text, leaves of each.
constexpr float kControlsLeast = 240;
constexpr float kPreviewLeast = 180;
constexpr float kCurvesLeast = 120;
constexpr float kLatentLeastWidth = 330, kLatentLeastHeight = 240 + kTimeLine + kGap;
constexpr float kPageShare = 0.6f, kPageLeast = 560, kPageMost = 980;
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

// At 100 %. The latent view keeps its least width.
float page_width(float window) {
  const float most = std::max(window - kLatentLeastWidth - 3 * kGap, 1.0f);
  return std::min(std::clamp(kPageShare * window, kPageLeast, kPageMost), most);
}

bool is_low(float height) {
  return height < kLow;
}

// Which regions are open, by Border. At 100 %.
std::array<bool, kBorders.size()> open_in(float width, float height, const OpenRegions& asked) {
  std::array<bool, kBorders.size()> open = {true, width >= kTight, !is_low(height)};
  for (std::size_t i = 0; i < open.size(); ++i) open[i] = asked.by_border[i].value_or(open[i]);
  return open;
}

// By default: by the window's size alone.
Measures usual(float width, float height) {
  const float room =
      is_low(height) && width < kSpacious ? 0.0f : (width - kNarrowest) / (kNarrow - kNarrowest);
  const float below = std::max(height - kStatus - kLatentGoodHeight - 2 * kGap, kCurvesLeast);
  return {between(kControlsNarrow, kControls, room),
          between(between(kPreviewNarrow, kPreview, room), kPreviewWide, (width - kWide) / 1000),
          std::min(std::clamp(height * kCurvesShare, kCurvesLow, kCurvesHigh), below)};
}

// What is asked for, as far as the latent view keeps its least size. A folded region needs its
// rail's width.
Measures measures_for(float width, float height, const LayoutSizes& sizes) {
  const Measures defaults = usual(width, height);
  const auto open = open_in(width, height, sizes.open);
  const float least_controls = open[0] ? kControlsLeast : kRail;
  const float least_preview = open[1] ? kPreviewLeast : kRail;
  float controls =
      open[0] ? std::clamp(sizes.left.value_or(defaults.left), kControlsLeast, kControlsMost)
              : kRail;
  float preview = open[1] ? std::max(sizes.right.value_or(defaults.right), kPreviewLeast) : kRail;
  const float sides = std::max(width - kLatentLeastWidth - 4 * kGap, 0.0f);
  if (const float over = controls + preview - sides; over > 0) {
    // Each gives what it has above its least, in proportion.
    const float spare_controls = controls - least_controls, spare_preview = preview - least_preview;
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
    case Region::page:
      return page;
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
  const auto open = open_in(window.x / scale, window.y / scale, sizes.open);
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
  const bool folds_left = has_left && !open[0], folds_right = has_right && !open[1];
  const bool folds_lower = has_lower && !open[2], opens_lower = has_lower && open[2];
  const float sheet = has(Region::page) ? px(page_width(window.x / scale)) : 0;
  const float latent = has(Region::page) ? gap + sheet + gap
                       : has_left        ? gap + px(measures.left) + gap
                                         : gap;
  const float right = has_right ? std::max(end - px(measures.right), gap) : end;
  const float latent_end = has_right ? right - gap : end;
  const float middle = opens_lower ? std::max(bottom - gap - px(measures.lower), gap) : bottom;
  const float lower = opens_lower ? middle + gap : bottom;
  // The row of the time line; a folded lower region begins it.
  const float row = has_time_line || folds_lower ? middle - px(kTimeLine) : middle;
  const float above = has_time_line || folds_lower ? row - gap : middle;
  const float strip = folds_lower ? std::max(px(measures.left), px(kControlsNarrow)) : 0;
  const float time_line = folds_lower ? gap + strip + gap : latent;
  const float left_end = folds_lower ? above : middle;
  Layout layout;
  layout.status = box(true, 0, bottom, std::floor(window.x), bottom + status);
  const float left_edge = has_left && !folds_left ? latent - gap : gap;
  layout.left = box(has_left && !folds_left, gap, gap, left_edge, left_end);
  layout.latent = box(true, latent, gap, latent_end, above);
  layout.time_line = box(has_time_line, time_line, row, latent_end, middle);
  layout.right = box(has_right && !folds_right, right, gap, folds_right ? right : end, bottom);
  layout.lower = box(opens_lower, gap, lower, latent_end, bottom);
  layout.page = box(has(Region::page), gap, gap, gap + sheet, bottom);
  if (folds_left) layout.rails[0] = box(true, gap, gap, latent - gap, left_end);
  if (folds_right) layout.rails[1] = box(true, right, gap, end, bottom);
  if (folds_lower) layout.rails[2] = box(true, gap, row, gap + strip, middle);
  return layout;
}

Rect strip_of(const Layout& layout, Border border) {
  const Rect& left = layout.left;
  const Rect& latent = layout.latent;
  const Rect& right = layout.right;
  const Rect& lower = layout.lower;
  switch (border) {
    case Border::left:
      if (!layout.shows(Region::left)) return {};
      return {{left.high().x, latent.origin.y}, {latent.origin.x - left.high().x, latent.size.y}};
    case Border::right:
      if (!layout.shows(Region::right)) return {};
      return {{latent.high().x, latent.origin.y}, {right.origin.x - latent.high().x, right.size.y}};
    case Border::lower:
      break;
  }
  if (!layout.shows(Region::lower)) return {};
  const float above = std::max(latent.high().y, layout.time_line.high().y);
  return {{lower.origin.x, above}, {lower.size.x, lower.origin.y - above}};
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
