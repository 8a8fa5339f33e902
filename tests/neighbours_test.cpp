// The inputs nearest to one, by their numbers and by their codes, against sorting all distances.
#include "engine/neighbours.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace zscape {
namespace {

using testing::ElementsAre;

std::vector<std::int64_t> indices_of(const std::vector<Neighbour>& neighbours) {
  std::vector<std::int64_t> indices;
  for (const Neighbour& each : neighbours) indices.push_back(each.index);
  return indices;
}

std::shared_ptr<Codes> codes_of(std::vector<std::int64_t> rows, std::vector<float> mean,
                                int latent) {
  auto codes = std::make_shared<Codes>();
  codes->latent = latent;
  codes->indices = make_indices(std::move(rows));
  codes->mean = std::move(mean);
  return codes;
}

Dataset bytes(std::vector<std::uint8_t> pixels, int inputs) {
  Dataset data;
  data.shape = {1, inputs, 1};
  data.train.count = static_cast<std::int64_t>(pixels.size()) / inputs;
  data.train.pixels = std::move(pixels);
  return data;
}

TEST(Neighbours, AreNearestFirstWithoutTheInputItself) {
  const Dataset data = bytes({0, 0, 255, 0, 51, 0, 0, 102}, 2);
  const auto codes = codes_of({0, 1, 2, 3}, {0, 3, -1, 2}, 1);
  const auto found = find_neighbours(data, codes, 0, 2);
  ASSERT_TRUE(found);
  EXPECT_THAT(indices_of(found->by_input), ElementsAre(2, 3));
  EXPECT_FLOAT_EQ(found->by_input[0].distance, 0.2F);
  EXPECT_FLOAT_EQ(found->by_input[1].distance, 0.4F);
  EXPECT_THAT(indices_of(found->by_code), ElementsAre(2, 3));
  EXPECT_FLOAT_EQ(found->by_code[0].distance, 1);
  EXPECT_FLOAT_EQ(found->by_code[1].distance, 2);
}

TEST(Neighbours, AreLookedForAmongTheCodesOnShow) {
  const Dataset data = bytes({0, 10, 20, 30, 40}, 1);
  // A sample without the input in hand, as while a model trains.
  const auto found = find_neighbours(data, codes_of({1, 4}, {5, 6}, 1), 3, 3);
  ASSERT_TRUE(found);
  EXPECT_THAT(indices_of(found->by_input), ElementsAre(4, 1));
  EXPECT_TRUE(found->by_code.empty());
}

TEST(Neighbours, OfEquallyNearOnesTheLowerIndexComesFirst) {
  const Dataset data = bytes({5, 6, 4, 6, 4}, 1);
  const auto found = find_neighbours(data, codes_of({0, 1, 2, 3, 4}, {0, 1, 1, 1, 1}, 1), 0, 3);
  ASSERT_TRUE(found);
  EXPECT_THAT(indices_of(found->by_input), ElementsAre(1, 2, 3));
  EXPECT_THAT(indices_of(found->by_code), ElementsAre(1, 2, 3));
}

// Networks read such a number as its mean, whatever other rows have there.
TEST(Neighbours, LeaveOutNumbersThatNeverChangedInTraining) {
  Dataset data;
  data.shape = {1, 2, 1};
  data.train.count = 3;
  data.train.values = std::vector<float>{0, 0, 1, 900, 2, 0};
  auto scaling = std::make_shared<Scaling>();
  scaling->mean = {0, 0};
  scaling->deviation = {1, 1};
  scaling->constant = {0, 1};
  data.scaling = scaling;
  const auto found = find_neighbours(data, codes_of({0, 1, 2}, {0, 1, 2}, 1), 0, 2);
  ASSERT_TRUE(found);
  EXPECT_THAT(indices_of(found->by_input), ElementsAre(1, 2));
  EXPECT_FLOAT_EQ(found->by_input[0].distance, 1);
}

TEST(Neighbours, MeasureStandardisedNumbersInDeviations) {
  Dataset data;
  data.shape = {1, 2, 1};
  data.train.count = 3;
  data.train.values = std::vector<float>{0, 0, 1, 0, 0, 50};
  auto scaling = std::make_shared<Scaling>();
  scaling->mean = {0, 0};
  scaling->deviation = {0.1F, 100};
  data.scaling = scaling;
  const auto found = find_neighbours(data, codes_of({0, 1, 2}, {0, 0, 0}, 1), 0, 2);
  ASSERT_TRUE(found);
  EXPECT_THAT(indices_of(found->by_input), ElementsAre(2, 1));
  EXPECT_FLOAT_EQ(found->by_input[0].distance, 0.5F);
  EXPECT_FLOAT_EQ(found->by_input[1].distance, 10);
}

TEST(Neighbours, AgreeWithSortingAllDistances) {
  constexpr std::int64_t kRows = 9000;  // more than between two looks at the progress
  constexpr int kInputs = 37, kLatent = 19, kCount = 12;
  std::mt19937 draws(7);
  std::uniform_real_distribution<float> uniform(-2, 2);
  std::vector<float> values(kRows * kInputs), mean(kRows * kLatent);
  for (auto* all : {&values, &mean}) {
    for (float& value : *all) value = uniform(draws);
  }
  const auto sorted = [](const std::vector<float>& all, std::int64_t width, std::int64_t own) {
    std::vector<std::pair<double, std::int64_t>> order;
    for (std::int64_t row = 0; row < kRows; ++row) {
      double square = 0;
      for (std::int64_t i = 0; i < width; ++i) {
        square += std::pow(double{all[static_cast<std::size_t>(row * width + i)]} -
                               double{all[static_cast<std::size_t>(own * width + i)]},
                           2);
      }
      if (row != own) order.emplace_back(square, row);
    }
    std::ranges::sort(order);
    std::vector<std::int64_t> indices;
    for (int i = 0; i < kCount; ++i) indices.push_back(order[static_cast<std::size_t>(i)].second);
    return indices;
  };
  Dataset data;
  data.shape = {1, kInputs, 1};
  data.train.count = kRows;
  data.train.values = values;
  const auto codes = codes_of(*all_rows(data.train), mean, kLatent);
  for (const std::int64_t own : {std::int64_t{0}, std::int64_t{4711}, kRows - 1}) {
    const auto found = find_neighbours(data, codes, own, kCount);
    ASSERT_TRUE(found);
    EXPECT_EQ(indices_of(found->by_input), sorted(values, kInputs, own)) << own;
    EXPECT_EQ(indices_of(found->by_code), sorted(mean, kLatent, own)) << own;
  }
}

TEST(Neighbours, AreGivenUpWhereTheProgressSaysSo) {
  const Dataset data = bytes({0, 1, 2}, 1);
  const auto found =
      find_neighbours(data, codes_of({0, 1, 2}, {0, 0, 0}, 1), 0, 2, [](double) { return false; });
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::cancelled);
}

TEST(NearestCodes, AreFoundForAllPlacesAtOnce) {
  // More codes than a block holds, each at its own number.
  std::vector<float> mean;
  for (int row = 0; row < 5000; ++row) {
    mean.push_back(static_cast<float>(row));
    mean.push_back(0);
  }
  Split split;
  split.count = 5000;
  const auto codes = codes_of(*all_rows(split), mean, 2);
  EXPECT_THAT(nearest_codes(*codes, std::vector<float>{4711.4F, 1, -3, 0, 2.5F, 0}),
              ElementsAre(4711, 0, 2));
}

}  // namespace
}  // namespace zscape
