// Where panels lie, when frames are drawn, and which renderer counts as software.

#include "app/gui/layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "app/gui/frame_pacer.h"
#include "app/gui/gl/screen.h"

namespace zscape {
namespace {

// All that have an extent: of each region either the panel or its rail.
std::vector<Rect> rects(const Layout& layout) {
  std::vector<Rect> all = {layout.left,  layout.latent, layout.time_line,
                           layout.right, layout.lower,  layout.status};
  all.insert(all.end(), layout.rails.begin(), layout.rails.end());
  std::erase_if(all, [](const Rect& rect) { return rect.size.x <= 0 || rect.size.y <= 0; });
  return all;
}

float area_of(Vec2 size) {
  return size.x * size.y;
}

// These sizes with the region of a border folded up or opened.
LayoutSizes with(Border border, bool open, LayoutSizes sizes = {}) {
  sizes.open.of(border) = open;
  return sizes;
}

bool overlap(const Rect& a, const Rect& b) {
  return a.origin.x < b.origin.x + b.size.x && b.origin.x < a.origin.x + a.size.x &&
         a.origin.y < b.origin.y + b.size.y && b.origin.y < a.origin.y + a.size.y;
}

TEST(Layout, PanelsLieInTheWindowAndDoNotOverlap) {
  for (const float scale : {1.0F, 1.25F, 2.0F}) {
    for (const Vec2 size :
         {Vec2{1024, 700}, Vec2{1280, 720}, Vec2{1600, 1000}, Vec2{2560, 1080}, Vec2{3840, 2160}}) {
      const Vec2 window{std::floor(size.x * scale), std::floor(size.y * scale)};
      const std::vector<Rect> panels = rects(layout_for(window, scale));
      for (std::size_t i = 0; i < panels.size(); ++i) {
        const Rect& panel = panels[i];
        EXPECT_EQ(panel.origin.x, std::floor(panel.origin.x));
        EXPECT_EQ(panel.origin.y, std::floor(panel.origin.y));
        EXPECT_GE(panel.origin.x, 0);
        EXPECT_GE(panel.origin.y, 0);
        EXPECT_LE(panel.origin.x + panel.size.x, window.x);
        EXPECT_LE(panel.origin.y + panel.size.y, window.y);
        for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(overlap(panel, panels[j]));
      }
    }
  }
}

TEST(Layout, TheLatentViewIsTheLargestPanel) {
  for (const Vec2 window : {Vec2{1024, 700}, Vec2{1600, 1000}, Vec2{3840, 2160}}) {
    const Layout layout = layout_for(window, 1);
    const auto area = [](const Rect& rect) { return rect.size.x * rect.size.y; };
    for (const Rect& other : {layout.left, layout.lower, layout.status}) {
      EXPECT_GT(area(layout.latent), area(other));
    }
    EXPECT_GT(layout.latent.size.x, 400);
    EXPECT_GT(layout.latent.size.y, 400);
  }
}

TEST(Layout, APageStandsBesideTheLatentViewWithoutABorderToDrag) {
  for (const Vec2 window : {Vec2{1024, 700}, Vec2{1366, 768}, Vec2{1600, 1000}, Vec2{3840, 2160}}) {
    const Layout layout = layout_for(window, 1, {}, regions_of(Place::lab));
    EXPECT_GE(layout.page.size.x, 560) << window.x;
    EXPECT_GE(layout.latent.size.x, 330) << window.x;
    EXPECT_LT(layout.page.high().x, layout.latent.origin.x);
    EXPECT_LE(layout.latent.high().x, window.x);
    EXPECT_LE(layout.page.high().y, layout.status.origin.y);
    EXPECT_FALSE(layout.shows(Region::left));
    for (const Border border : kBorders) {
      EXPECT_EQ(area_of(strip_of(layout, border).size), 0) << window.x;
      EXPECT_EQ(area_of(layout.rail(border).size), 0) << window.x;
    }
  }
}

TEST(Layout, TheLatentViewHasHalfOfASmallWindow) {
  for (const Vec2 window : {Vec2{1366, 768}, Vec2{1024, 700}, Vec2{1366, 700}, Vec2{1440, 760}}) {
    const Layout layout = layout_for(window, 1);
    EXPECT_GE(area_of(layout.latent.size), 0.5F * area_of(window)) << window.x << "x" << window.y;
    EXPECT_TRUE(layout.shows(Region::left));  // from where one trains
    EXPECT_TRUE(layout.shows(Region::time_line));
  }
  const Layout layout = layout_for({1366, 768}, 1);
  EXPECT_TRUE(layout.shows(Region::right));
  EXPECT_GT(area_of(layout.rail(Border::lower).size), 0);
  for (const Vec2 window : {Vec2{1280, 800}, Vec2{1600, 1000}, Vec2{2560, 1440}}) {
    const Layout large = layout_for(window, 1);
    for (const Region region : {Region::left, Region::right, Region::lower}) {
      EXPECT_TRUE(large.shows(region)) << window.x;
    }
  }
}

TEST(Layout, EachRegionFoldsUpToARailAndTheLatentViewTakesItsRoom) {
  for (const float scale : {1.0F, 1.5F}) {
    for (const Vec2 window : {Vec2{1366, 768}, Vec2{1600, 1000}, Vec2{3840, 2160}}) {
      for (unsigned bits = 0; bits < 8; ++bits) {
        LayoutSizes sizes;
        for (const Border border : kBorders) {
          sizes.open.of(border) = (bits >> static_cast<unsigned>(border) & 1) != 0;
        }
        const Layout layout = layout_for(window, scale, sizes);
        const std::vector<Rect> all = rects(layout);
        EXPECT_EQ(all.size(), 6U);  // of each region one of both
        for (std::size_t i = 0; i < all.size(); ++i) {
          EXPECT_LE(all[i].high().x, window.x);
          EXPECT_LE(all[i].high().y, window.y);
          for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(overlap(all[i], all[j])) << bits;
        }
        for (const Border border : kBorders) {
          const bool open = *sizes.open.of(border);
          EXPECT_EQ(area_of(layout.rail(border).size) > 0, !open) << bits;
          EXPECT_EQ(area_of(strip_of(layout, border).size) > 0, open) << bits;
          const Layout folded = layout_for(window, scale, with(border, false, sizes));
          const Layout opened = layout_for(window, scale, with(border, true, sizes));
          EXPECT_GT(area_of(folded.latent.size), area_of(opened.latent.size)) << bits;
        }
      }
    }
  }
}

TEST(Layout, TwelveFramesOfTwentyEightPixelsFitThePreview) {
  EXPECT_GE(layout_for({1600, 1000}, 1).right.size.x, 12 * 28 + 2 * 14);
}

TEST(Layout, AWindowOfNoSizeIsHarmless) {
  for (const Rect& rect : rects(layout_for({0, 0}, 1))) {
    EXPECT_GE(rect.size.x, 1);
    EXPECT_GE(rect.size.y, 1);
  }
}

TEST(Layout, TheLatentViewHasTheRoomOfRegionsThatShowNothing) {
  const Vec2 window{1600, 1000};
  const auto area = [](const Rect& rect) { return rect.size.x * rect.size.y; };
  for (unsigned bits = 0; bits < 16; ++bits) {
    const Regions shown(bits);
    const Layout layout = layout_for(window, 1, {}, shown);
    const std::vector<Rect> panels = rects(layout);
    float used = 0;
    for (std::size_t i = 0; i < panels.size(); ++i) {
      used += area(panels[i]);
      for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(overlap(panels[i], panels[j])) << bits;
    }
    EXPECT_GT(used, 0.95F * window.x * window.y) << bits;  // but for the gaps
    for (const Region region : {Region::left, Region::time_line, Region::right, Region::lower}) {
      EXPECT_EQ(layout.shows(region), shown[static_cast<std::size_t>(region)]) << bits;
      EXPECT_EQ(area(layout.of(region)) > 0, layout.shows(region)) << bits;
    }
    for (const Border border : {Border::left, Border::right, Border::lower}) {
      const Region region = border == Border::left    ? Region::left
                            : border == Border::right ? Region::right
                                                      : Region::lower;
      EXPECT_EQ(area(strip_of(layout, border)) > 0, layout.shows(region)) << bits;
    }
  }
}

TEST(Layout, DraggedBordersMoveByWhatTheHandMoved) {
  const Vec2 window{1600, 1000};
  const Layout before = layout_for(window, 1);
  const LayoutSizes wider = moved({}, Border::left, 60, window, 1);
  EXPECT_FLOAT_EQ(layout_for(window, 1, wider).left.size.x, before.left.size.x + 60);
  EXPECT_FLOAT_EQ(layout_for(window, 1, wider).right.size.x, before.right.size.x);
  const LayoutSizes preview = moved({}, Border::right, -50, window, 1);
  EXPECT_FLOAT_EQ(layout_for(window, 1, preview).right.size.x, before.right.size.x + 50);
  const LayoutSizes curves = moved({}, Border::lower, 70, window, 1);
  EXPECT_FLOAT_EQ(layout_for(window, 1, curves).lower.size.y, before.lower.size.y - 70);
}

TEST(Layout, BordersDraggedTooFarStopAndNothingOverlaps) {
  LayoutSizes open;
  for (const Border border : kBorders) open.open.of(border) = true;
  for (const float scale : {1.0F, 1.5F}) {
    for (const Vec2 window : {Vec2{1024, 700}, Vec2{1600, 1000}}) {
      for (const Border border : kBorders) {
        for (const float by : {-3000.0F, 3000.0F}) {
          const LayoutSizes sizes = moved(open, border, by, window, scale);
          const std::vector<Rect> panels = rects(layout_for(window, scale, sizes));
          for (std::size_t i = 0; i < panels.size(); ++i) {
            EXPECT_GE(panels[i].size.x, 100);
            EXPECT_GE(panels[i].size.y, 30);
            EXPECT_LE(panels[i].origin.x + panels[i].size.x, window.x);
            EXPECT_LE(panels[i].origin.y + panels[i].size.y, window.y);
            for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(overlap(panels[i], panels[j]));
          }
        }
      }
    }
  }
}

TEST(Layout, SizesSurviveAWindowMadeSmallAndLargeAgain) {
  LayoutSizes sizes;
  sizes.left = 470;
  sizes.right = 600;
  sizes.lower = 400;
  const Layout large = layout_for({1600, 1000}, 1, sizes);
  const Layout small = layout_for({1024, 700}, 1, sizes);
  EXPECT_GE(small.latent.size.x, 329);
  EXPECT_GE(small.latent.size.y, 239);
  EXPECT_LT(small.right.size.x, large.right.size.x);
  EXPECT_EQ(large.right.size.x, 600);
  EXPECT_EQ(layout_for({1600, 1000}, 1, sizes).left.size.x, 470);
}

TEST(Layout, WithoutPanelsTheLatentViewHasTheWindow) {
  LayoutSizes sizes;
  sizes.panels_hidden = true;
  const Layout layout = layout_for({1600, 1000}, 1, sizes);
  EXPECT_EQ(layout.latent.size.x, 1600 - 16);
  EXPECT_EQ(layout.left.size.x * layout.left.size.y, 0);
  EXPECT_EQ(layout.lower.size.y, 0);
  EXPECT_FALSE(overlap(layout.latent, layout.status));
}

TEST(Layout, BordersLieBetweenThePanels) {
  const Layout layout = layout_for({1600, 1000}, 1);
  for (const Border border : {Border::left, Border::right, Border::lower}) {
    const Rect strip = strip_of(layout, border);
    EXPECT_EQ(std::min(strip.size.x, strip.size.y), 8);
    for (const Rect& panel : rects(layout)) EXPECT_FALSE(overlap(strip, panel));
  }
}

TEST(FramePacer, SleepsWhenNothingIsToBeDrawn) {
  FramePacer pacer(true);
  pacer.began(5);
  EXPECT_TRUE(std::isinf(pacer.wait_s({}, 5.01)));
}

TEST(FramePacer, GlidingPointsMoveAtThePaceOfWhatChangesByItself) {
  EXPECT_EQ(FramePacer(true).motion_s(2.125), 2.125);
  EXPECT_EQ(FramePacer(true).motion_s(2.24), 2.125);
  EXPECT_NEAR(FramePacer(false).motion_s(2.24), 2.24, 1.0 / 250);
}

TEST(FramePacer, SoftwareFollowsInputAtSixtyAndTheRestAtEight) {
  FramePacer pacer(true);
  pacer.began(5);
  EXPECT_NEAR(pacer.wait_s({.animating = true}, 5), 0.125, 1e-9);
  EXPECT_NEAR(pacer.wait_s({.input = true, .animating = true}, 5), 1.0 / 60, 1e-9);
  EXPECT_NEAR(pacer.wait_s({.now = true}, 5), 1.0 / 60, 1e-9);
  EXPECT_LE(pacer.wait_s({.input = true}, 5.02), 0);  // at once after a rest
}

TEST(FramePacer, AHandThatNeverRestsLeavesTheCoresToTraining) {
  FramePacer pacer(true);
  double now = 5;
  for (int i = 0; i < 20; ++i, now += 0.1) pacer.began(now, true);  // points here and there
  EXPECT_LE(pacer.wait_s({.input = true, .animating = true}, now), 0);
  for (int i = 0; i < 60; ++i, now += 1.0 / 60) pacer.began(now, true);
  EXPECT_NEAR(pacer.wait_s({.input = true, .animating = true}, now), 1.0 / 60, 1e-6);
  EXPECT_LE(pacer.wait_s({.input = true}, now), 1e-6);  // nothing else goes on
  EXPECT_LE(pacer.wait_s({.input = true, .animating = true}, now + 2), 0);
  EXPECT_NEAR(pacer.wait_s({.now = true, .animating = true}, now), 1.0 / 60, 1e-6);
}

TEST(FramePacer, WhatNobodySeesCanWaitButInputCannot) {
  FramePacer pacer(true);
  pacer.began(5);
  EXPECT_NEAR(pacer.wait_s({.animating = true, .hidden = true}, 5), 1, 1e-9);
  EXPECT_NEAR(pacer.wait_s({.input = true, .animating = true, .hidden = true}, 5), 1.0 / 60, 1e-9);
}

TEST(FramePacer, AGpuIsHeldBackByItsDisplayOnly) {
  FramePacer pacer(false);
  pacer.began(5);
  EXPECT_LT(pacer.wait_s({.animating = true}, 5), 1.0 / 144);
}

TEST(FramePacer, WakesAtTheTimeAskedFor) {
  FramePacer pacer(true);
  pacer.began(5);
  EXPECT_NEAR(pacer.wait_s({.wake_s = 7}, 5), 2, 1e-9);
  EXPECT_NEAR(pacer.wait_s({.animating = true, .wake_s = 7}, 5), 0.125, 1e-9);
}

TEST(FramePacer, CountsTheFramesOfTheLastSecond) {
  FramePacer pacer(true);
  for (int i = 0; i <= 100; ++i) pacer.began(5 + 0.1 * i);
  EXPECT_NEAR(pacer.per_second(15), 10, 0.5);
  EXPECT_EQ(pacer.per_second(17), 0);  // it slept
}

TEST(Renderer, SoftwareIsRecognisedByName) {
  EXPECT_TRUE(gl::is_software_renderer("llvmpipe (LLVM 15.0.6, 256 bits)"));
  EXPECT_TRUE(gl::is_software_renderer("softpipe"));
  EXPECT_TRUE(gl::is_software_renderer("Google SwiftShader"));
  EXPECT_TRUE(gl::is_software_renderer("ANGLE (SwiftShader Device)"));
  EXPECT_FALSE(gl::is_software_renderer("NVIDIA H100/PCIe/SSE2"));
  EXPECT_FALSE(gl::is_software_renderer("Mesa Intel(R) UHD Graphics 620 (KBL GT2)"));
  EXPECT_FALSE(gl::is_software_renderer(""));
}

}  // namespace
}  // namespace zscape
