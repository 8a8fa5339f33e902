// What a history keeps of a run, and what it lets go.

#include "engine/history.h"

#include <gtest/gtest.h>

#include "tests/fake_backend.h"

namespace zscape {
namespace {

MomentPtr at_step(std::int64_t step) {
  auto decoder = std::make_shared<FakeModel>();
  decoder->steps = step;
  auto moment = std::make_shared<Moment>();
  moment->position.step = step;
  moment->decoder = std::move(decoder);
  return moment;
}

std::vector<std::int64_t> steps_of(const History& history) {
  std::vector<std::int64_t> steps;
  for (const MomentPtr& moment : *history.moments()) steps.push_back(moment->position.step);
  return steps;
}

TEST(History, KeepsEverythingWhileThereIsRoom) {
  History history;
  for (const std::int64_t step : {0, 5, 9, 40}) history.add(at_step(step));
  EXPECT_EQ(steps_of(history), (std::vector<std::int64_t>{0, 5, 9, 40}));
  EXPECT_EQ(history.bytes(), 4 * at_step(0)->bytes());
}

TEST(History, StaysWithinItsBudgetWithTheFirstAndTheNewestDense) {
  const std::size_t room = 50 * at_step(0)->bytes();
  History history(room);
  for (std::int64_t step = 0; step < 5000; ++step) {
    history.add(at_step(step));
    ASSERT_LE(history.bytes(), room);
  }
  const auto steps = steps_of(history);
  ASSERT_EQ(steps.size(), 50U);
  EXPECT_EQ(steps.front(), 0);
  EXPECT_EQ(steps.back(), 4999);
  EXPECT_EQ(steps[steps.size() - 2], 4998);
  EXPECT_EQ(steps[steps.size() - 3], 4997);
  // Gaps grow with age, but nowhere is a third of the run without a moment.
  std::int64_t widest = 0;
  for (std::size_t i = 1; i < steps.size(); ++i) {
    widest = std::max(widest, steps[i] - steps[i - 1]);
  }
  EXPECT_GT(widest, 50);
  EXPECT_LT(widest, 5000 / 3);
}

TEST(History, ASmallerBudgetIsKeptAtOnce) {
  History history;
  for (std::int64_t step = 0; step < 100; ++step) history.add(at_step(step));
  const auto before = history.moments();
  history.set_most_bytes(20 * at_step(0)->bytes());
  EXPECT_EQ(steps_of(history).size(), 20U);
  EXPECT_EQ(steps_of(history).front(), 0);
  EXPECT_EQ(steps_of(history).back(), 99);
  EXPECT_EQ(before->size(), 100U);
}

TEST(History, StaysWithinItsCount) {
  History history(History::kBytes, 20);
  for (std::int64_t step = 0; step < 300; ++step) history.add(at_step(step));
  EXPECT_EQ(steps_of(history).size(), 20U);
}

TEST(History, AMomentLargerThanTheBudgetIsStillTheOneThatIsKept) {
  History history(1);
  for (std::int64_t step = 0; step < 10; ++step) history.add(at_step(step));
  EXPECT_EQ(steps_of(history), (std::vector<std::int64_t>{0, 9}));
}

TEST(History, TheSameStepIsReplacedAndAnEarlierOneForgetsTheLater) {
  History history;
  for (const std::int64_t step : {0, 10, 20, 30}) history.add(at_step(step));
  const MomentPtr again = at_step(30);
  history.add(again);
  EXPECT_EQ(history.moments()->back(), again);
  EXPECT_EQ(steps_of(history).size(), 4U);
  history.add(at_step(15));
  EXPECT_EQ(steps_of(history), (std::vector<std::int64_t>{0, 10, 15}));
  history.drop_after(9);
  EXPECT_EQ(steps_of(history), (std::vector<std::int64_t>{0}));
  EXPECT_EQ(history.bytes(), at_step(0)->bytes());
}

TEST(History, WhatWasHandedOutDoesNotChange) {
  History history;
  history.add(at_step(1));
  const auto before = history.moments();
  history.add(at_step(2));
  history.clear();
  EXPECT_EQ(before->size(), 1U);
  EXPECT_TRUE(history.moments()->empty());
  EXPECT_EQ(history.bytes(), 0U);
}

TEST(History, FindsTheNearestMoment) {
  const Moments moments = {at_step(10), at_step(20), at_step(40)};
  EXPECT_EQ(nearest_moment(moments, -5), 0U);
  EXPECT_EQ(nearest_moment(moments, 14), 0U);
  EXPECT_EQ(nearest_moment(moments, 16), 1U);
  EXPECT_EQ(nearest_moment(moments, 31), 2U);
  EXPECT_EQ(nearest_moment(moments, 1e9), 2U);
}

}  // namespace
}  // namespace zscape
