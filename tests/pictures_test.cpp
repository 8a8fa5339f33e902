#include "app/gui/view/inputs/pictures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <vector>

namespace zscape {
namespace {

using ::testing::ElementsAre;

// The pixel of a picture at (x, y): red, green, blue, alpha.
std::vector<int> pixel(const Pictures& pictures, PictureSlot slot, int x, int y) {
  const Pictures::Place at = pictures.place(slot);
  const auto begin = static_cast<std::size_t>(((at.y + y) * pictures.width() + at.x + x) * 4);
  const auto sheet = pictures.sheet();
  return {sheet[begin], sheet[begin + 1], sheet[begin + 2], sheet[begin + 3]};
}

TEST(Pictures, GreyAndColourBecomeRgba) {
  Pictures pictures;
  pictures.set_shape({1, 2, 1});
  const PictureSlot grey = pictures.acquire();
  pictures.set(grey, std::vector<float>{0.0F, 1.0F});
  EXPECT_THAT(pixel(pictures, grey, 0, 0), ElementsAre(0, 0, 0, 255));
  EXPECT_THAT(pixel(pictures, grey, 1, 0), ElementsAre(255, 255, 255, 255));
  pictures.set_shape({2, 1, 3});
  const PictureSlot colour = pictures.acquire();
  pictures.set(colour, std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6});
  EXPECT_THAT(pixel(pictures, colour, 0, 0), ElementsAre(1, 2, 3, 255));
  EXPECT_THAT(pixel(pictures, colour, 0, 1), ElementsAre(4, 5, 6, 255));
}

TEST(Pictures, ValuesOutsideTheirRangeAreHeldAndNoNumberIsBlack) {
  Pictures pictures;
  pictures.set_shape({1, 3, 1});
  const PictureSlot slot = pictures.acquire();
  pictures.set(slot, std::vector<float>{-2.0F, 7.0F, std::numeric_limits<float>::quiet_NaN()});
  EXPECT_EQ(pixel(pictures, slot, 0, 0)[0], 0);
  EXPECT_EQ(pixel(pictures, slot, 1, 0)[0], 255);
  EXPECT_EQ(pixel(pictures, slot, 2, 0)[0], 0);
}

TEST(Pictures, NoTwoPicturesShareAPlaceAndASheetThatGrewKeepsThem) {
  Pictures pictures;
  pictures.set_shape({28, 28, 1});
  const PictureSlot first = pictures.acquire();
  pictures.set(first, std::vector<float>(784, 1.0F));
  const std::uint64_t generation = pictures.generation();
  std::set<std::pair<int, int>> places{{pictures.place(first).x, pictures.place(first).y}};
  for (int i = 0; i < 2000; ++i) {
    const PictureSlot slot = pictures.acquire();
    ASSERT_NE(slot, kNoPicture);
    const Pictures::Place at = pictures.place(slot);
    EXPECT_LE(at.x + 28, pictures.width());
    EXPECT_LE(at.y + 28, pictures.height());
    EXPECT_TRUE(places.insert({at.x, at.y}).second);
  }
  EXPECT_NE(pictures.generation(), generation);
  EXPECT_EQ(pixel(pictures, first, 27, 27)[0], 255);
}

TEST(Pictures, AReleasedPlaceIsUsedAgainAndBeginsBlack) {
  Pictures pictures;
  pictures.set_shape({1, 1, 1});
  const PictureSlot slot = pictures.acquire();
  pictures.set(slot, std::vector<float>{1.0F});
  pictures.release(slot);
  EXPECT_EQ(pictures.acquire(), slot);
  EXPECT_EQ(pixel(pictures, slot, 0, 0)[0], 0);
}

TEST(Pictures, OnlyWhatChangedIsToldAndOnce) {
  Pictures pictures;
  pictures.set_shape({1, 1, 1});
  const PictureSlot a = pictures.acquire();
  const PictureSlot b = pictures.acquire();
  pictures.forget_changed();
  pictures.set(b, std::vector<float>{0.5F});
  pictures.set(b, std::vector<float>{0.6F});
  EXPECT_THAT(pictures.changed(), ElementsAre(b));
  pictures.forget_changed();
  pictures.set(a, std::vector<float>{0.5F});
  EXPECT_THAT(pictures.changed(), ElementsAre(a));
}

TEST(Pictures, WithoutAShapeOrWithoutRoomThereIsNone) {
  Pictures pictures;
  EXPECT_EQ(pictures.acquire(), kNoPicture);
  pictures.set_shape({8192, 2048, 1});
  EXPECT_NE(pictures.acquire(), kNoPicture);
  EXPECT_NE(pictures.acquire(), kNoPicture);
  EXPECT_EQ(pictures.acquire(), kNoPicture);
  pictures.release(kNoPicture);
}

TEST(Pictures, AnotherShapeForgetsAllPictures) {
  Pictures pictures;
  pictures.set_shape({4, 4, 1});
  pictures.acquire();
  const std::uint64_t generation = pictures.generation();
  pictures.set_shape({4, 4, 1});
  EXPECT_EQ(pictures.generation(), generation);
  pictures.set_shape({4, 5, 1});
  EXPECT_NE(pictures.generation(), generation);
  EXPECT_TRUE(pictures.changed().empty());
}

}  // namespace
}  // namespace zscape
