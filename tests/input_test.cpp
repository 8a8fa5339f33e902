#include "app/gui/input.h"

#include <gtest/gtest.h>

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

TEST(InputQueue, KeysTakeAFrameEachAndKeepTheirCharacters) {
  InputQueue queue;
  queue.push(KeyChanged{65, 0, true, 0}, 0);
  queue.push(CharTyped{'a'}, 0);
  queue.push(KeyChanged{65, 0, false, 0}, 0);
  EXPECT_EQ(queue.take_frame().size(), 1u);
  const auto second = queue.take_frame();
  ASSERT_EQ(second.size(), 2u);
  EXPECT_EQ(std::get<CharTyped>(second[0].event).codepoint, unsigned{'a'});
  EXPECT_FALSE(std::get<KeyChanged>(second[1].event).down);
}

}  // namespace
}  // namespace zscape
