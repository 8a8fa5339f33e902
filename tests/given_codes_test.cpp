// Codes that something else made come to the inputs of the data in their order.
#include "engine/core/given_codes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

namespace zscape {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Vectors of two numbers: the input that stands at place p holds (p, -p).
Dataset vectors(const std::vector<std::int64_t>& train, const std::vector<std::int64_t>& test,
                bool was_held_out) {
  Dataset data;
  data.name = "data";
  data.shape = {1, 2, 1};
  const auto fill = [&](Split& split, const std::vector<std::int64_t>& places) {
    split.count = static_cast<std::int64_t>(places.size());
    if (was_held_out) split.rows = places;
    std::vector<float> values;
    for (const std::int64_t place : places) {
      values.push_back(static_cast<float>(place));
      values.push_back(-static_cast<float>(place));
    }
    split.values = std::move(values);
  };
  fill(data.train, train);
  fill(data.test, test);
  return data;
}

std::shared_ptr<const Dataset> shared(Dataset data) {
  return std::make_shared<const Dataset>(std::move(data));
}

Expected<GivenCodes> given(Dataset rows, Dataset data) {
  return given_codes(shared(std::move(rows)), shared(std::move(data)), "codes.npy");
}

TEST(GivenCodes, FollowARowToWhereItsInputStands) {
  // The data have a test part of their own, the codes were one array that was split in zscape.
  const auto codes = given(vectors({4, 0, 2}, {3, 1}, true), vectors({0, 1, 2}, {3, 4}, false));
  ASSERT_TRUE(codes) << codes.error().message;
  EXPECT_THAT(codes->train->mean, ElementsAre(0, 0, 1, -1, 2, -2));
  EXPECT_THAT(codes->test->mean, ElementsAre(3, -3, 4, -4));
  EXPECT_EQ(codes->train->latent, 2);
  EXPECT_TRUE(codes->train->sigma.empty());
  EXPECT_EQ(codes->test->split, SplitName::test);
}

TEST(GivenCodes, FollowDataThatWereSplitHere) {
  const auto codes = given(vectors({0, 1, 2}, {3}, false), vectors({3, 1, 0}, {2}, true));
  ASSERT_TRUE(codes) << codes.error().message;
  EXPECT_THAT(codes->train->mean, ElementsAre(3, -3, 1, -1, 0, 0));
  EXPECT_THAT(codes->test->mean, ElementsAre(2, -2));
}

TEST(GivenCodes, MayBeOfATrainingPartAlone) {
  const auto codes = given(vectors({2, 0}, {1}, true), vectors({0, 1, 2}, {3, 4}, false));
  ASSERT_TRUE(codes) << codes.error().message;
  EXPECT_THAT(codes->train->mean, ElementsAre(0, 0, 1, -1, 2, -2));
  EXPECT_EQ(codes->test, nullptr);
}

TEST(GivenCodes, ShareTheirMemoryWithTheRowsWhereTheOrderIsTheSame) {
  const auto rows = shared(vectors({3, 1, 0}, {2}, true));
  const auto alone = given_codes(rows, rows, "codes.npy");
  ASSERT_TRUE(alone) << alone.error().message;
  EXPECT_EQ(alone->train->mean.data(), rows->train.values.data());
  EXPECT_EQ(alone->test->mean.data(), rows->test.values.data());
  // Two files of as many rows are split alike.
  Dataset pictures = vectors({3, 1, 0}, {2}, true);
  pictures.shape = {2, 1, 1};
  const auto beside = given_codes(rows, shared(pictures), "codes.npy");
  ASSERT_TRUE(beside) << beside.error().message;
  EXPECT_EQ(beside->train->mean.data(), rows->train.values.data());
  EXPECT_THAT(beside->train->mean, ElementsAre(3, -3, 1, -1, 0, 0));
}

TEST(GivenCodes, OutliveTheRowsThatTheyShare) {
  CodesPtr codes;
  {
    const auto rows = shared(vectors({0, 1}, {2}, true));
    codes = given_codes(rows, rows, "codes.npy")->train;
  }
  EXPECT_THAT(codes->mean, ElementsAre(0, 0, 1, -1));
}

// Loading takes an offset from columns that vary too little for float32.
TEST(GivenCodes, GetBackTheOffsetThatLoadingTook) {
  Dataset rows = vectors({0, 1}, {2}, true);
  rows.train.offset = rows.test.offset =
      std::make_shared<const std::vector<double>>(std::vector<double>{1000, 0});
  const auto codes = given(rows, rows);
  ASSERT_TRUE(codes) << codes.error().message;
  EXPECT_THAT(codes->train->mean, ElementsAre(1000, 0, 1001, -1));
}

TEST(GivenCodes, AreRefusedWhereTheyDoNotFit) {
  const Dataset rows = vectors({0, 1, 2}, {3}, true);
  const auto many = given(rows, vectors({0, 1}, {2}, true));
  ASSERT_FALSE(many);
  EXPECT_THAT(many.error().message, HasSubstr("codes.npy holds 4 codes for the 3 inputs of data"));
  Dataset pictures = rows;
  pictures.shape = {2, 1, 1};
  const auto not_codes = given(pictures, rows);
  ASSERT_FALSE(not_codes);
  EXPECT_THAT(not_codes.error().message, HasSubstr("pictures or bytes"));
}

TEST(GivenCodes, TakeADecoderThatFits) {
  const auto rows = shared(vectors({0, 1}, {2}, true));
  const auto codes = given_codes(rows, rows, "codes.npy");
  ASSERT_TRUE(codes);
  ModelSpec decoder;
  decoder.shape = {1, 2, 1};
  decoder.latent = 2;
  EXPECT_TRUE(check_decoder(decoder, *codes, *rows));
  decoder.latent = 3;
  EXPECT_THAT(check_decoder(decoder, *codes, *rows).error().message,
              HasSubstr("codes of 3 dimensions, and these have 2"));
  decoder.latent = 2;
  decoder.shape = {28, 28, 1};
  EXPECT_THAT(check_decoder(decoder, *codes, *rows).error().message, HasSubstr("gives 28×28"));
}

}  // namespace
}  // namespace zscape
