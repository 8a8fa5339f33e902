#include "engine/data/pixel_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace zscape {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Range = std::optional<PixelRange>;

TEST(PixelRange, IsThatWhichBytesUse) {
  EXPECT_EQ(range_from(0, 255, PixelType::bytes), Range());
  EXPECT_EQ(range_from(3, 128, PixelType::bytes), Range());
  EXPECT_EQ(range_from(0, 1, PixelType::bytes), (Range{{0, 1}}));
  EXPECT_EQ(range_from(0, 15, PixelType::bytes), (Range{{0, 15}}));
  EXPECT_EQ(range_from(2, 127, PixelType::bytes), (Range{{2, 127}}));
  EXPECT_EQ(range_from(0, 0, PixelType::bytes), Range());
  EXPECT_EQ(range_from(7, 7, PixelType::bytes), Range());
}

TEST(PixelRange, SnapsToTheUsualOnes) {
  EXPECT_EQ(range_from(0, 1, PixelType::fractions), Range());
  EXPECT_EQ(range_from(0.2, 0.3, PixelType::fractions), Range());
  EXPECT_EQ(range_from(-1e-7, 1 + 5e-7, PixelType::fractions), Range());
  EXPECT_EQ(range_from(-1, 1, PixelType::fractions), (Range{{-1, 1}}));
  EXPECT_EQ(range_from(-0.9, 0.2, PixelType::fractions), (Range{{-1, 1}}));
  EXPECT_EQ(range_from(0, 255, PixelType::fractions), (Range{{0, 255}}));
  EXPECT_EQ(range_from(10, 200, PixelType::fractions), (Range{{0, 255}}));
  EXPECT_EQ(range_from(0, 255.0001, PixelType::fractions), (Range{{0, 255}}));
  EXPECT_EQ(range_from(0, 65535, PixelType::fractions), (Range{{0, 65535}}));
  EXPECT_EQ(range_from(100, 40000, PixelType::fractions), (Range{{0, 65535}}));
}

TEST(PixelRange, IsElseTheNumbersOwn) {
  EXPECT_EQ(range_from(0, 16, PixelType::fractions), (Range{{0, 16}}));
  EXPECT_EQ(range_from(0, 4095, PixelType::fractions), (Range{{0, 4095}}));
  EXPECT_EQ(range_from(-2.5, 2.5, PixelType::fractions), (Range{{-2.5, 2.5}}));
  EXPECT_EQ(range_from(0, 1.001, PixelType::fractions), (Range{{0, 1.001}}));
  EXPECT_EQ(range_from(5, 5, PixelType::fractions), (Range{{5, 6}}));
}

TEST(PixelRange, HasTheBitsThatWholeNumbersUse) {
  EXPECT_EQ(range_from(0, 4095, PixelType::whole), (Range{{0, 4095}}));
  EXPECT_EQ(range_from(17, 3000, PixelType::whole), (Range{{0, 4095}}));
  EXPECT_EQ(range_from(3, 600, PixelType::whole), (Range{{0, 1023}}));
  EXPECT_EQ(range_from(0, 256, PixelType::whole), (Range{{0, 511}}));
  EXPECT_EQ(range_from(0, 8192, PixelType::whole), (Range{{0, 16383}}));
  EXPECT_EQ(range_from(0, 32768, PixelType::whole), (Range{{0, 65535}}));
  EXPECT_EQ(range_from(0, 200, PixelType::whole), (Range{{0, 255}}));
  EXPECT_EQ(range_from(0, 15, PixelType::whole), (Range{{0, 15}}));
  EXPECT_EQ(range_from(0, 70000, PixelType::whole), (Range{{0, 70000}}));
  EXPECT_EQ(range_from(-1000, 3000, PixelType::whole), (Range{{-1000, 3000}}));
  EXPECT_EQ(range_from(17, 3000, PixelType::fractions), (Range{{17, 3000}}));
}

// Of rows of two numbers, which stand in this member of a split.
template <class Value>
Dataset data_of(InputBlock<Value> Split::*member, std::vector<Value> train,
                std::vector<Value> test) {
  Dataset data;
  data.shape = {2, 1, 1};
  data.train.count = static_cast<std::int64_t>(train.size()) / 2;
  data.test.count = static_cast<std::int64_t>(test.size()) / 2;
  data.train.*member = std::move(train);
  data.test.*member = std::move(test);
  return data;
}

Dataset of_floats(std::vector<float> train, std::vector<float> test) {
  return data_of(&Split::values, std::move(train), std::move(test));
}

Dataset of_bytes(std::vector<std::uint8_t> train, std::vector<std::uint8_t> test) {
  return data_of(&Split::pixels, std::move(train), std::move(test));
}

TEST(PixelMap, IsFoundFromTheTrainingPart) {
  Dataset data = of_floats({0, 4, 16, 8}, {12, 20});
  map_pixels(data, {});
  EXPECT_EQ(data.range, (Range{{0, 16}}));
  EXPECT_THAT(data.train.values, ElementsAre(0, 0.25F, 1, 0.5F));
  EXPECT_THAT(data.test.values, ElementsAre(0.75F, 1));
  EXPECT_THAT(data.assumed, ElementsAre(HasSubstr("1 numbers lie beyond 0 … 16")));
  EXPECT_EQ(map_text(data), "0 … 16 becomes 0 … 1");
}

TEST(PixelMap, SaysHowManyBitsWholeNumbersUse) {
  Dataset data = of_floats({0, 1000, 3000, 8}, {12, 4095});
  map_pixels(data, {});
  EXPECT_EQ(data.range, (Range{{0, 4095}}));
  EXPECT_EQ(data.test.values[1], 1);
  EXPECT_THAT(data.assumed, ElementsAre(HasSubstr("use 12 bits: 0 and 4095")));
  Dataset fractions = of_floats({0, 1000.5F, 3000, 8}, {12, 2000});
  map_pixels(fractions, {});
  EXPECT_EQ(fractions.range, (Range{{0, 3000}}));
  EXPECT_THAT(fractions.assumed, IsEmpty());
}

TEST(PixelMap, LeavesUsualNumbersToTheBit) {
  const Dataset bytes = of_bytes({0, 128, 255, 3}, {1, 2});
  Dataset same = bytes;
  map_pixels(same, {});
  EXPECT_EQ(same.range, Range());
  EXPECT_EQ(same.train.pixels, bytes.train.pixels);
  EXPECT_EQ(same.test.pixels, bytes.test.pixels);
  const Dataset floats = of_floats({0, 0.1F, 0.7F, 1}, {0.3F, 0.9F});
  same = floats;
  map_pixels(same, {});
  EXPECT_EQ(same.range, Range());
  EXPECT_EQ(same.train.values, floats.train.values);
  EXPECT_EQ(same.test.values, floats.test.values);
  EXPECT_THAT(same.assumed, IsEmpty());
}

TEST(PixelMap, TakesRoundingForTheEndsOfTheUnitInterval) {
  Dataset data = of_floats({0, 1.0000001F, -1e-7F, 1}, {0.5F, 1.0000005F});
  map_pixels(data, {});
  EXPECT_EQ(data.range, Range());
  EXPECT_THAT(data.train.values, ElementsAre(0, 1, 0, 1));
  EXPECT_THAT(data.test.values, ElementsAre(0.5F, 1));
  EXPECT_THAT(data.assumed, IsEmpty());
}

TEST(PixelMap, KeepsBytesBytesWhereNoneIsRounded) {
  Dataset mask = of_bytes({0, 1, 1, 0}, {1, 1});
  map_pixels(mask, {});
  EXPECT_THAT(mask.train.pixels, ElementsAre(0, 255, 255, 0));
  EXPECT_THAT(mask.test.pixels, ElementsAre(255, 255));
  Dataset sixteen = of_bytes({0, 15, 7, 3}, {15, 15});
  map_pixels(sixteen, {});
  EXPECT_THAT(sixteen.train.pixels, ElementsAre(0, 255, 119, 51));
  Dataset eleven = of_bytes({0, 10, 5, 1}, {10, 12});
  map_pixels(eleven, {});
  EXPECT_THAT(eleven.train.pixels, IsEmpty());
  EXPECT_THAT(eleven.train.values, ElementsAre(0, 1, 0.5F, 0.1F));
  EXPECT_THAT(eleven.test.values, ElementsAre(1, 1));
}

TEST(PixelMap, FollowsWhatAPersonOrAModelSays) {
  Dataset data = of_floats({0, 4, 8, 2}, {2, 2});
  map_pixels(data, {.source = {}, .image_size = {}, .range = PixelRange{0, 16}});
  EXPECT_EQ(data.range, (Range{{0, 16}}));
  EXPECT_THAT(data.train.values, ElementsAre(0, 0.25F, 0.5F, 0.125F));
  // A model of usual bytes reads them so, however dark.
  data = of_bytes({0, 15, 7, 3}, {15, 15});
  map_pixels(data, {.source = {}, .image_size = {}, .usual_range = true});
  EXPECT_EQ(data.range, Range());
  EXPECT_THAT(data.train.pixels, ElementsAre(0, 15, 7, 3));
  // Much of what was said is unused: a doubt.
  data = of_floats({0, 1, 0.5F, 1}, {0, 1});
  map_pixels(data, {.source = {}, .image_size = {}, .range = PixelRange{0, 255}});
  EXPECT_THAT(data.assumed, ElementsAre(HasSubstr("only go from 0 to 1")));
}

TEST(PixelMap, LeavesVectorsOfFloatsToTheScaling) {
  Dataset data = of_floats({0, 4, 16, 8}, {12, 20});
  data.shape = {1, 2, 1};
  map_pixels(data, {});
  EXPECT_EQ(data.range, Range());
  EXPECT_THAT(data.train.values, ElementsAre(0, 4, 16, 8));
}

TEST(PixelMap, AddsTheOffsetInDouble) {
  Dataset data = of_floats({0, 0.25F, 0.5F, 1}, {0.75F, 0});
  data.train.offset = data.test.offset =
      std::make_shared<const std::vector<double>>(std::vector<double>{1e9, 1e9});
  map_pixels(data, {});
  EXPECT_EQ(data.range, (Range{{1e9, 1e9 + 1}}));
  EXPECT_THAT(data.train.values, ElementsAre(0, 0.25F, 0.5F, 1));
  EXPECT_EQ(data.train.offset, nullptr);
}

}  // namespace
}  // namespace zscape
