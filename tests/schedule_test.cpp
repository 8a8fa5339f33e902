// λ schedules, early stopping, the validation split and the codes' range against their definitions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "engine/code_range.h"
#include "engine/kl_schedule.h"
#include "engine/training/validation.h"

namespace zscape {
namespace {

using testing::ElementsAre;

TEST(KlSchedule, ConstantIsOneFromTheFirstStep) {
  EXPECT_EQ(KlSchedule{}.factor(0), 1);
}

TEST(KlSchedule, WarmUpIsARampAndThenOne) {
  const KlSchedule schedule{KlSchedule::Kind::warm_up, 10, 1};
  EXPECT_EQ(schedule.factor(0), 0);
  EXPECT_DOUBLE_EQ(schedule.factor(3), 0.3);
  EXPECT_EQ(schedule.factor(10), 1);
  EXPECT_EQ(schedule.factor(1000000), 1);
}

TEST(KlSchedule, CyclesAreHalfRampHalfOne) {
  // Fu et al. 2019 with M = 4, R = 0.5: cycles of 10 steps.
  const KlSchedule schedule{KlSchedule::Kind::cyclic, 40, 4};
  for (const int cycle : {0, 10, 20, 30}) {
    EXPECT_NEAR(schedule.factor(cycle), 0, 1e-12);
    EXPECT_NEAR(schedule.factor(cycle + 1), 0.2, 1e-12);
    EXPECT_NEAR(schedule.factor(cycle + 4), 0.8, 1e-12);
    EXPECT_NEAR(schedule.factor(cycle + 5), 1, 1e-12);
    EXPECT_NEAR(schedule.factor(cycle + 9), 1, 1e-12);
  }
  EXPECT_EQ(schedule.factor(40), 1);  // the run went on
}

TEST(KlSchedule, ALaterOneBeginsAtItsFirstStep) {
  const KlSchedule schedule{KlSchedule::Kind::warm_up, 10, 1, 500};
  EXPECT_EQ(schedule.factor(0), 0);
  EXPECT_EQ(schedule.factor(500), 0);
  EXPECT_DOUBLE_EQ(schedule.factor(503), 0.3);
  EXPECT_EQ(schedule.factor(510), 1);
}

TEST(EarlyStopping, StopsAfterPatienceEpochsWithoutABetterLoss) {
  EarlyStopping stopping{.patience = 2};
  EXPECT_TRUE(stopping.observe(5));
  EXPECT_FALSE(stopping.observe(5));  // equal is not better
  EXPECT_FALSE(stopping.should_stop());
  EXPECT_TRUE(stopping.observe(4));
  EXPECT_FALSE(stopping.observe(4.5));
  EXPECT_FALSE(stopping.should_stop());
  EXPECT_FALSE(stopping.observe(4.1));
  EXPECT_TRUE(stopping.should_stop());
  EXPECT_EQ(stopping.best, 4);
}

TEST(EarlyStopping, WithoutPatienceNeverStops) {
  EarlyStopping stopping;
  for (int i = 0; i < 100; ++i) stopping.observe(1);
  EXPECT_FALSE(stopping.should_stop());
}

TEST(Validation, HoldsOutThatManyAndNoneTwice) {
  const ValidationSplit split = hold_out(100, 30, 1);
  EXPECT_EQ(split.validation->size(), 30U);
  std::vector<std::int64_t> all(*split.train);
  all.insert(all.end(), split.validation->begin(), split.validation->end());
  std::ranges::sort(all);
  std::vector<std::int64_t> expected(100);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(all, expected);
}

TEST(Validation, IsAFunctionOfTheSeed) {
  EXPECT_EQ(*hold_out(100, 30, 1).validation, *hold_out(100, 30, 1).validation);
  EXPECT_NE(*hold_out(100, 30, 1).validation, *hold_out(100, 30, 2).validation);
  // Fewer held out are the end of the same permutation.
  const auto more = hold_out(100, 30, 1).validation;
  const auto fewer = hold_out(100, 10, 1).validation;
  for (const std::int64_t row : *fewer) {
    EXPECT_TRUE(std::ranges::binary_search(*more, row));
  }
}

TEST(CodeRange, IsTheMiddleNinetyEightPercentOfEachDimension) {
  Codes codes;
  codes.latent = 2;
  std::vector<std::int64_t> rows;
  for (int i = 0; i <= 100; ++i) {
    rows.push_back(i);
    codes.mean.own().push_back(static_cast<float>((i * 37) % 101));
    codes.mean.own().push_back(static_cast<float>(-2 * ((i * 11) % 101)));
  }
  codes.indices = std::make_shared<const std::vector<std::int64_t>>(rows);
  const CodeRange range = central_range(codes);
  EXPECT_THAT(range.low, ElementsAre(1, -198));
  EXPECT_THAT(range.high, ElementsAre(99, -2));
  EXPECT_TRUE(central_range(Codes{}).low.empty());
}

}  // namespace
}  // namespace zscape
