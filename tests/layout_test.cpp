// Where panels lie, when frames are drawn, and which renderer counts as software.

#include "app/gui/layout.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "app/gui/frame_pacer.h"
#include "app/gui/gl/screen.h"

namespace zscape {
namespace {

std::vector<Rect> rects(const Layout& layout) {
  return {layout.controls, layout.latent, layout.time_line,
          layout.preview,  layout.curves, layout.status};
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
    for (const Rect& other : {layout.controls, layout.curves, layout.status}) {
      EXPECT_GT(area(layout.latent), area(other));
    }
    EXPECT_GT(layout.latent.size.x, 400);
    EXPECT_GT(layout.latent.size.y, 400);
  }
}

TEST(Layout, TwelveFramesOfTwentyEightPixelsFitThePreview) {
  EXPECT_GE(layout_for({1600, 1000}, 1).preview.size.x, 12 * 28 + 2 * 14);
}

TEST(Layout, AWindowOfNoSizeIsHarmless) {
  for (const Rect& rect : rects(layout_for({0, 0}, 1))) {
    EXPECT_GE(rect.size.x, 1);
    EXPECT_GE(rect.size.y, 1);
  }
}

TEST(FramePacer, SleepsWhenNothingIsToBeDrawn) {
  FramePacer pacer(true);
  pacer.began(5);
  EXPECT_TRUE(std::isinf(pacer.wait_s({}, 5.01)));
}

TEST(FramePacer, SoftwareFollowsInputAtSixtyAndTheRestAtEight) {
  FramePacer pacer(true);
  pacer.began(5);
  EXPECT_NEAR(pacer.wait_s({.animating = true}, 5), 0.125, 1e-9);
  EXPECT_NEAR(pacer.wait_s({.now = true, .animating = true}, 5), 1.0 / 60, 1e-9);
  EXPECT_LE(pacer.wait_s({.now = true}, 5.02), 0);  // at once after a rest
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
