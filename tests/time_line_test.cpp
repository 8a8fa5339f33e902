// Which moment of a run is shown: scrubbing, replay, return to now.

#include "app/gui/view/latent/time_line.h"

#include <gtest/gtest.h>

#include "tests/fake_backend.h"

namespace zscape {
namespace {

MomentPtr at_step(std::int64_t step) {
  auto decoder = std::make_shared<FakeModel>();
  decoder->steps = step;
  auto codes = std::make_shared<Codes>();
  codes->step = step;
  auto moment = std::make_shared<Moment>();
  moment->position.step = step;
  moment->kl_weight = static_cast<double>(step);
  moment->decoder = std::move(decoder);
  moment->train_sample = codes;
  moment->test_sample = codes;
  return moment;
}

class TimeLineTest : public testing::Test {
 protected:
  TimeLineTest() { update(0); }
  void update(double now_s, std::int64_t newest = 100) {
    time_line_.update(std::make_shared<const Moments>(moments_), newest, now_s);
  }
  std::int64_t shown() const { return time_line_.shown() ? time_line_.shown()->position.step : -1; }

  Moments moments_ = {at_step(0), at_step(40), at_step(80), at_step(100)};
  TimeLine time_line_;
};

TEST_F(TimeLineTest, BeginsNow) {
  EXPECT_EQ(time_line_.shown(), nullptr);
  EXPECT_EQ(time_line_.position(), 1);
}

TEST_F(TimeLineTest, ShowsTheNearestMomentAndNowAtTheRightEnd) {
  time_line_.show(0.35);
  EXPECT_EQ(shown(), 40);
  EXPECT_DOUBLE_EQ(time_line_.position(), 0.4);
  time_line_.show(0.0);
  EXPECT_EQ(shown(), 0);
  time_line_.show(1.0);
  EXPECT_EQ(time_line_.shown(), nullptr);
}

TEST_F(TimeLineTest, StaysAtItsMomentWhileTrainingGoesOnAndThatIsThinnedOut) {
  time_line_.show(0.4);
  moments_.erase(moments_.begin() + 1);
  moments_.push_back(at_step(200));
  update(1, 200);
  EXPECT_EQ(shown(), 40);
  EXPECT_DOUBLE_EQ(time_line_.position(), 0.2);
}

TEST_F(TimeLineTest, ARunThatBeginsAnewIsShownNow) {
  time_line_.show(0.4);
  moments_ = {at_step(0)};
  update(1, 0);
  EXPECT_EQ(time_line_.shown(), nullptr);
}

TEST_F(TimeLineTest, ReplaysFromTheBeginningToNowInItsTime) {
  time_line_.play(10);
  update(10);
  EXPECT_EQ(shown(), 0);
  update(10 + TimeLine::kPlaySeconds / 2);
  EXPECT_EQ(shown(), 40);
  EXPECT_TRUE(time_line_.playing());
  update(10 + TimeLine::kPlaySeconds * 0.78);
  EXPECT_EQ(shown(), 80);
  update(10 + TimeLine::kPlaySeconds * 1.01);
  EXPECT_EQ(shown(), -1);
  EXPECT_FALSE(time_line_.playing());
}

TEST_F(TimeLineTest, ReplaysFromTheMomentOnShowAndStopsThere) {
  time_line_.show(0.8);
  time_line_.play(5);
  update(5.1);
  EXPECT_EQ(shown(), 80);
  time_line_.stop();
  update(20);
  EXPECT_EQ(shown(), 80);
}

TEST_F(TimeLineTest, TheSnapshotOfAMomentHasItsWeightsCodesAndLambda) {
  Snapshot now;
  now.models.resize(1);
  now.models[0].state = RunState::paused;
  now.models[0].train_codes = std::make_shared<const Codes>();
  now.models[0].position.step = 100;
  const SnapshotPtr then = snapshot_at(now, now.models[0].id, *moments_[1]);
  const ModelView& view = then->models[0];
  EXPECT_EQ(view.decoder(), moments_[1]->decoder);
  EXPECT_FALSE(view.weights);
  EXPECT_EQ(view.train_sample->step, 40);
  EXPECT_EQ(view.train_codes, nullptr);
  EXPECT_EQ(view.settings.kl_weight, 40);
  EXPECT_EQ(now.models[0].position.step, 100);
}

}  // namespace
}  // namespace zscape
