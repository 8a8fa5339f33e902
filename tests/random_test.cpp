#include "engine/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

namespace zscape {
namespace {

std::vector<std::uint32_t> draw(std::uint64_t seed, Stream stream, std::uint64_t counter,
                                int count) {
  Random random(seed, stream, counter);
  std::vector<std::uint32_t> bits;
  for (int i = 0; i < count; ++i) bits.push_back(random.bits());
  return bits;
}

// The first is Random123's own known answer (its others have a block number that cannot be
// reached); the rest come from an independent Philox4x32-10 that gives all three known answers.
TEST(Random, GivesPhiloxKnownAnswers) {
  using Words = std::vector<std::uint32_t>;
  EXPECT_EQ(draw(0, Stream{0}, 0, 4), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(draw(0xffffffffffffffff, Stream{0xffffffff}, 0xffffffffffffffff, 4),
            (Words{0xf0c8891a, 0xa25c09bc, 0xaf8fe7a5, 0x31661961}));
  // Pi's digits, as in Random123; two blocks.
  EXPECT_EQ(draw(0x299f31d0a4093822, Stream{0x85a308d3}, 0x0370734413198a2e, 8),
            (Words{0x3f6d24d7, 0x529108a0, 0xf8a37e29, 0xe7a9b43b,  //
                   0x14e0a6ea, 0xbbea52f1, 0x89a95d62, 0xe59911d1}));
}

TEST(Random, DependsOnSeedStreamAndCounterOnly) {
  const auto reference = draw(1, Stream::order, 2, 16);
  EXPECT_EQ(draw(1, Stream::order, 2, 16), reference);
  EXPECT_NE(draw(2, Stream::order, 2, 16), reference);
  EXPECT_NE(draw(1, Stream::posterior, 2, 16), reference);
  EXPECT_NE(draw(1, Stream::order, 3, 16), reference);
  EXPECT_NE(draw(1 | std::uint64_t{1} << 32U, Stream::order, 2, 16), reference);
  EXPECT_NE(draw(1, Stream::order, 2 | std::uint64_t{1} << 32U, 16), reference);
}

TEST(Random, StreamsAreUncorrelated) {
  const std::array streams = {Stream::initialisation, Stream::order,      Stream::corruption,
                              Stream::posterior,      Stream::evaluation, Stream::synthetic};
  constexpr int kCount = 20000;
  for (std::size_t a = 0; a < streams.size(); ++a) {
    for (std::size_t b = a + 1; b < streams.size(); ++b) {
      Random first(7, streams[a], 0);
      Random second(7, streams[b], 0);
      double sum = 0;
      for (int i = 0; i < kCount; ++i) sum += (first.uniform() - 0.5) * (second.uniform() - 0.5);
      // Correlation; its standard deviation is 1/√n = 0.007.
      EXPECT_LT(std::abs(12 * sum / kCount), 0.035) << a << " and " << b;
    }
  }
}

TEST(Random, UniformFillsItsIntervalEvenly) {
  Random random(3, Stream::evaluation, 0);
  constexpr int kCount = 100000;
  std::array<int, 20> bins{};
  for (int i = 0; i < kCount; ++i) {
    const double value = random.uniform();
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    ++bins[static_cast<std::size_t>(value * 20)];
  }
  for (const int bin : bins) EXPECT_NEAR(bin, kCount / 20, 5 * std::sqrt(kCount / 20.0));
}

TEST(Random, BelowIsUnbiased) {
  Random random(4, Stream::order, 0);
  constexpr int kCount = 70000;
  std::array<int, 7> counts{};
  for (int i = 0; i < kCount; ++i) ++counts.at(random.below(7));
  for (const int count : counts) EXPECT_NEAR(count, kCount / 7, 5 * std::sqrt(kCount / 7.0));

  // Of 3·2³⁰ a plain modulo of 32 bits would give the lowest third half of all draws.
  const std::uint32_t bound = 3U << 30U;
  int low = 0;
  for (int i = 0; i < kCount; ++i) {
    const std::uint32_t value = random.below(bound);
    ASSERT_LT(value, bound);
    if (value < bound / 3) ++low;
  }
  EXPECT_NEAR(low, kCount / 3, 5 * std::sqrt(kCount / 3.0));
}

TEST(Random, BelowOneIsZero) {
  Random random(4, Stream::order, 1);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(random.below(1), 0U);
}

TEST(Random, NormalHasTheMomentsOfTheNormalDistribution) {
  Random random(5, Stream::posterior, 0);
  std::vector<float> values(200000);
  random.fill_normal(values);
  std::array<double, 5> moments{};
  double products = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_TRUE(std::isfinite(values[i]));
    for (std::size_t power = 1; power < moments.size(); ++power) {
      moments[power] += std::pow(values[i], static_cast<double>(power)) / 200000;
    }
    if (i > 0) products += double{values[i]} * double{values[i - 1]} / 200000;
  }
  // Five standard deviations of each estimate.
  EXPECT_NEAR(moments[1], 0, 0.012);
  EXPECT_NEAR(moments[2], 1, 0.016);
  EXPECT_NEAR(moments[3], 0, 0.044);
  EXPECT_NEAR(moments[4], 3, 0.11);
  EXPECT_NEAR(products, 0, 0.012) << "neighbours are correlated";
}

TEST(Random, FillNormalDrawsWhatNormalDraws) {
  Random one(6, Stream::posterior, 9);
  Random other(6, Stream::posterior, 9);
  std::array<float, 5> values{};
  one.fill_normal(values);
  for (const float value : values) EXPECT_EQ(value, static_cast<float>(other.normal()));
}

TEST(Random, PermutationHoldsEachNumberOnce) {
  const auto order = permutation(1000, 1, Stream::order, 0);
  EXPECT_EQ(std::set<std::int64_t>(order.begin(), order.end()).size(), 1000U);
  EXPECT_EQ(*std::min_element(order.begin(), order.end()), 0);
  EXPECT_EQ(*std::max_element(order.begin(), order.end()), 999);
  EXPECT_EQ(order, permutation(1000, 1, Stream::order, 0));
  EXPECT_NE(order, permutation(1000, 1, Stream::order, 1));
  EXPECT_TRUE(permutation(0, 1, Stream::order, 0).empty());
}

TEST(Random, PermutationsAreEquallyLikely) {
  constexpr int kCount = 24000;
  std::array<std::array<int, 4>, 4> places{};  // of value in position
  std::set<std::vector<std::int64_t>> seen;
  for (int i = 0; i < kCount; ++i) {
    const auto order = permutation(4, 1, Stream::order, static_cast<std::uint64_t>(i));
    seen.insert(order);
    for (std::size_t at = 0; at < 4; ++at) ++places[static_cast<std::size_t>(order[at])][at];
  }
  EXPECT_EQ(seen.size(), 24U);
  for (const auto& row : places) {
    for (const int count : row) EXPECT_NEAR(count, kCount / 4, 5 * std::sqrt(kCount * 3 / 16.0));
  }
}

}  // namespace
}  // namespace zscape
