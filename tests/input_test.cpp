#include "app/gui/input.h"

#include <gtest/gtest.h>
#include <imgui.h>

#include <cfloat>
#include <limits>

namespace zscape {
namespace {

TEST(InputQueue, ShortClickIsSeenInTwoFrames) {
  InputQueue queue;
  queue.push(ButtonChanged{0, true}, 1.0);
  queue.push(ButtonChanged{0, false}, 1.001);
  const auto first = queue.take_frame();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_TRUE(std::get<ButtonChanged>(first[0].event).down);
  EXPECT_EQ(first[0].time_s, 1.0);
  EXPECT_FALSE(queue.empty());
  const auto second = queue.take_frame();
  ASSERT_EQ(second.size(), 1u);
  EXPECT_FALSE(std::get<ButtonChanged>(second[0].event).down);
  EXPECT_TRUE(queue.empty());
  EXPECT_TRUE(queue.take_frame().empty());
}

TEST(InputQueue, APointerIsNeverWhereNoScreenIs) {
  InputQueue queue;
  const float nowhere = std::numeric_limits<float>::quiet_NaN();
  for (const Vec2 place : {Vec2{-FLT_MAX, 3}, {1, 1e30F}, {nowhere, 0}, {2, 2}}) {
    queue.push(PointerMoved{place}, 0);
  }
  const auto taken = queue.take_frame();
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(std::get<PointerMoved>(taken[0].event).position, (Vec2{2, 2}));
}

TEST(InputQueue, MovesUpToTheButtonComeTogetherAndInOrder) {
  InputQueue queue;
  queue.push(PointerMoved{{1, 1}}, 0);
  queue.push(WheelTurned{{0, 1}}, 0);
  queue.push(PointerMoved{{2, 2}}, 0);
  queue.push(ButtonChanged{1, true}, 0);
  queue.push(PointerMoved{{3, 3}}, 0);
  const auto first = queue.take_frame();
  ASSERT_EQ(first.size(), 4u);
  EXPECT_EQ(std::get<PointerMoved>(first[2].event).position.x, 2);
  EXPECT_TRUE(std::holds_alternative<ButtonChanged>(first[3].event));
  const auto second = queue.take_frame();
  ASSERT_EQ(second.size(), 1u);  // where the pointer was when the button went down is not lost
  EXPECT_EQ(std::get<PointerMoved>(second[0].event).position.x, 3);
}

TEST(InputQueue, ADragBetweenTwoFramesIsSeenToItsEnd) {
  InputQueue queue;
  queue.push(PointerMoved{{1, 1}}, 0);
  queue.push(ButtonChanged{0, true}, 0);
  queue.push(PointerMoved{{5, 5}}, 0);
  queue.push(PointerMoved{{9, 9}}, 0);
  queue.push(ButtonChanged{0, false}, 0);
  EXPECT_EQ(queue.take_frame().size(), 2u);  // pressed where the drag begins
  const auto dragged = queue.take_frame();
  ASSERT_EQ(dragged.size(), 2u);  // the button still down where the drag ends
  EXPECT_EQ(std::get<PointerMoved>(dragged[1].event).position.x, 9);
  const auto released = queue.take_frame();
  ASSERT_EQ(released.size(), 1u);
  EXPECT_FALSE(std::get<ButtonChanged>(released[0].event).down);
  EXPECT_TRUE(queue.empty());
}

// Whether the second of two presses is a double click, in frames of this length.
bool is_double_click(double apart_s, float frame_s) {
  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.DisplaySize = {100, 100};
  io.DeltaTime = frame_s;
  unsigned char* pixels = nullptr;
  int width = 0, height = 0;
  io.Fonts->GetTexDataAsAlpha8(&pixels, &width, &height);
  DoubleClicks clicks;
  bool twice = false;
  double now_s = 10;
  for (const bool down : {false, true, false, true}) {
#if IMGUI_VERSION_NUM >= 18700
    io.AddMousePosEvent(50, 50);
    io.AddMouseButtonEvent(0, down);
#else
    io.MousePos = {50, 50};
    io.MouseDown[0] = down;
#endif
    if (down) clicks.pressed(0, now_s += apart_s);
    ImGui::NewFrame();
    twice = ImGui::IsMouseDoubleClicked(0);
    ImGui::EndFrame();
  }
  ImGui::DestroyContext();
  return twice;
}

TEST(DoubleClicks, AreToldByWhenThePressesCame) {
  EXPECT_TRUE(is_double_click(0.1, 0.02F));
  EXPECT_TRUE(is_double_click(0.1, 0.5F));  // however slow the frames are
  EXPECT_FALSE(is_double_click(0.5, 0.02F));
}

constexpr int kEnter = 257, kA = 65, kB = 66;

TEST(InputQueue, AnyNumberOfTypedKeysFitsAFrame) {
  InputQueue queue;
  for (const int key : {kA, kB, kA}) {
    queue.push(KeyChanged{key, 0, true, 0}, 0);
    queue.push(CharTyped{static_cast<unsigned>(key) + 32}, 0);
    queue.push(KeyChanged{key, 0, false, 0}, 0);
  }
  const auto frame = queue.take_frame();
  ASSERT_EQ(frame.size(), 9u);
  EXPECT_EQ(std::get<CharTyped>(frame[4].event).codepoint, unsigned{'b'});
}

TEST(InputQueue, OtherKeysArePressedForAFrame) {
  InputQueue queue;
  for (int i = 0; i < 2; ++i) {
    queue.push(KeyChanged{kEnter, 0, true, 0}, 0);
    queue.push(KeyChanged{kEnter, 0, false, 0}, 0);
  }
  queue.push(KeyChanged{kA, 0, true, 0}, 0);
  queue.push(CharTyped{'a'}, 0);
  EXPECT_EQ(queue.take_frame().size(), 1u);  // down
  EXPECT_EQ(queue.take_frame().size(), 1u);  // up; down again would not be seen
  EXPECT_EQ(queue.take_frame().size(), 1u);  // down
  EXPECT_EQ(queue.take_frame().size(), 3u);  // up, and what was typed behind it
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace zscape
