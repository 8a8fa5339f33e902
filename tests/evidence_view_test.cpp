// Which input the evidence lens is on, and when it asks.
#include "app/gui/view/latent/evidence_view.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/fake_backend.h"

namespace zscape {
namespace {

class EvidenceViewTest : public testing::Test {
 protected:
  EvidenceViewTest() { learn(1); }

  void learn(std::uint64_t revision) {
    auto weights = std::make_shared<FakeModel>();
    weights->number = revision;
    view_.weights = weights;
  }
  std::optional<FindEvidence> frame(const EvidenceView::Hand& hand, bool is_on = true) {
    lens_.follow(view_, data_, is_on, now_s_);
    return lens_.ask(view_, hand, now_s_);
  }
  void answer(const FindEvidence& request, std::uint64_t revision, double settled_ms = 0,
              double milliseconds = 0) {
    Evidence found;
    found.request = request.number;
    found.revision = revision;
    found.settled_ms = settled_ms;
    found.milliseconds = milliseconds;
    view_.evidence = std::make_shared<const Evidence>(found);
  }
  static EvidenceView::Hand at(std::int64_t index) {
    EvidenceView::Hand hand;
    hand.pointed = PointRef{SplitName::train, index};
    return hand;
  }

  std::shared_ptr<Dataset> data_ = std::make_shared<Dataset>(*fake_data());
  ModelView view_;
  EvidenceView lens_;
  double now_s_ = 10;
};

TEST_F(EvidenceViewTest, AsksForTheInputUnderThePointerOnce) {
  EXPECT_FALSE(frame({}));
  EXPECT_FALSE(frame(at(3), false));  // the layer is off
  const auto request = frame(at(3));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->index, 3);
  EXPECT_EQ(request->data, data_);
  EXPECT_TRUE(lens_.waiting());
  EXPECT_FALSE(frame(at(3)));
  EXPECT_EQ(lens_.found(), nullptr);
  answer(*request, 1);
  EXPECT_FALSE(frame(at(3)));
  ASSERT_NE(lens_.found(), nullptr);
  EXPECT_EQ(lens_.subject().input->index, 3);
  EXPECT_FALSE(lens_.waiting());
}

TEST_F(EvidenceViewTest, AsksForOneAtATimeAndThenForTheNewest) {
  const auto first = frame(at(3));
  ASSERT_TRUE(first);
  EXPECT_FALSE(frame(at(4)));
  EXPECT_FALSE(frame(at(5)));
  answer(*first, 1);
  const auto second = frame(at(5));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->index, 5);
  EXPECT_EQ(lens_.subject().input->index, 3);  // shown until the next comes
}

TEST_F(EvidenceViewTest, DoesNotWaitForEverForALostAnswer) {
  ASSERT_TRUE(frame(at(3)));
  now_s_ += 2;
  EXPECT_FALSE(frame(at(3)));
  now_s_ += 2;
  EXPECT_TRUE(frame(at(3)));
}

TEST_F(EvidenceViewTest, PrefersThePointerToTheInputInHand) {
  EvidenceView::Hand hand = at(1);
  hand.input = PointRef{SplitName::test, 3};
  const auto first = frame(hand);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->index, 1);
  answer(*first, 1);
  hand.pointed.reset();
  const auto second = frame(hand);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->index, 3);
  EXPECT_EQ(second->split, SplitName::test);
  answer(*second, 1);
  EXPECT_FALSE(frame({}));  // the last one stays
  EXPECT_EQ(lens_.subject().input->index, 3);
}

TEST_F(EvidenceViewTest, AsksAnewForNewWeightsOnceTheEngineWillLookThroughThem) {
  view_.state = RunState::running;
  const auto first = frame(at(3));
  ASSERT_TRUE(first);
  answer(*first, 1, 400);
  EXPECT_FALSE(frame(at(3)));
  learn(2);
  now_s_ += 0.2;
  EXPECT_FALSE(frame(at(3)));
  EXPECT_NEAR(lens_.wake_s(), 10.4, 1e-9);
  EXPECT_TRUE(frame(at(4)));  // another input is shown at once
  now_s_ += 0.3;
}

TEST_F(EvidenceViewTest, RestsWhileTheModelTrains) {
  view_.state = RunState::running;
  const auto first = frame(at(3));
  ASSERT_TRUE(first);
  answer(*first, 1, 0, 10);
  EXPECT_FALSE(frame(at(4)));
  EXPECT_NEAR(lens_.wake_s(), 10.12, 1e-9);
  now_s_ += 0.11;
  EXPECT_FALSE(frame(at(4)));
  now_s_ += 0.02;
  EXPECT_TRUE(frame(at(4)));
}

TEST_F(EvidenceViewTest, RestsNoLongerForTheFirstLookThroughNewerWeights) {
  view_.state = RunState::running;
  const auto first = frame(at(3));
  ASSERT_TRUE(first);
  answer(*first, 1, 0, 10);
  frame(at(4));
  now_s_ += 0.13;
  learn(2);
  const auto second = frame(at(4));
  ASSERT_TRUE(second);
  answer(*second, 2, 900, 50);
  EXPECT_FALSE(frame(at(5)));  // another input …
  EXPECT_NEAR(lens_.wake_s(), 10.25, 1e-9);
  frame(at(4));  // … and newer weights
  EXPECT_EQ(lens_.wake_s(), 0);
  learn(3);
  frame(at(4));
  EXPECT_NEAR(lens_.wake_s(), 11.03, 1e-9);
}

TEST_F(EvidenceViewTest, AsksAnewAtOnceWhereTrainingRests) {
  view_.state = RunState::running;
  const auto first = frame(at(3));
  ASSERT_TRUE(first);
  answer(*first, 1, 400);
  frame(at(3));
  learn(2);
  view_.state = RunState::paused;
  const auto again = frame(at(3));
  ASSERT_TRUE(again);
  answer(*again, 2);
  EXPECT_FALSE(frame(at(3)));
}

TEST_F(EvidenceViewTest, ForgetsWithTheLayerTheDataAndThePast) {
  const auto first = frame(at(3));
  ASSERT_TRUE(first);
  answer(*first, 1);
  frame(at(3));
  ASSERT_NE(lens_.found(), nullptr);
  frame(at(3), false);
  EXPECT_EQ(lens_.found(), nullptr);
  const auto second = frame(at(3));
  ASSERT_TRUE(second);
  answer(*second, 1);
  frame(at(3));
  ASSERT_NE(lens_.found(), nullptr);
  view_.weights = nullptr;  // a moment of the past has no encoder
  frame(at(3));
  EXPECT_EQ(lens_.found(), nullptr);
}

TEST_F(EvidenceViewTest, LeavesOutAnInputThatTheDataDoNotHave) {
  EXPECT_FALSE(frame(at(data_->train.count)));
}

}  // namespace
}  // namespace zscape
