// The sequences that a person follows: which, at what step, and where their codes come from.
#include "app/gui/view/latent/sequences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tests/fake_backend.h"

namespace zscape {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kTrain = SplitName::train, kTest = SplitName::test;
constexpr std::int64_t kSteps = 8;

std::shared_ptr<const Dataset> sequences_of_fakes(std::int64_t steps = kSteps) {
  auto data = std::make_shared<Dataset>(*fake_data());
  data->steps = steps;
  return data;
}

class ChosenSequencesTest : public testing::Test {
 protected:
  ChosenSequencesTest() { chosen_.follow(data_, 0); }
  std::shared_ptr<const Dataset> data_ = sequences_of_fakes();
  ChosenSequences chosen_;
};

TEST_F(ChosenSequencesTest, AreThoseOfThePointsThatAreClicked) {
  EXPECT_TRUE(chosen_.available());
  EXPECT_EQ(chosen_.count(kTrain), data_->train.count / kSteps);
  chosen_.choose(PointRef{kTrain, 3 * kSteps + 5});
  EXPECT_THAT(chosen_.chosen(), ElementsAre(SequenceRef{kTrain, 3}));
  EXPECT_EQ(chosen_.step(), 5);
  EXPECT_EQ(chosen_.shown(), (PointRef{kTrain, 3 * kSteps + 5}));
  chosen_.toggle(PointRef{kTrain, 7 * kSteps});
  EXPECT_THAT(chosen_.chosen(), ElementsAre(SequenceRef{kTrain, 3}, SequenceRef{kTrain, 7}));
  EXPECT_EQ(chosen_.shown(), (PointRef{kTrain, 7 * kSteps}));
  chosen_.toggle(PointRef{kTrain, 7 * kSteps + 4});
  EXPECT_EQ(*chosen_.active(), (SequenceRef{kTrain, 3}));
  chosen_.choose(PointRef{kTest, kSteps - 1});
  EXPECT_THAT(chosen_.chosen(), ElementsAre(SequenceRef{kTest, 0}));
  EXPECT_EQ(chosen_.step(), kSteps - 1);
}

TEST_F(ChosenSequencesTest, AreOfOneSplitAndNotTooMany) {
  chosen_.choose(PointRef{kTest, 0});
  for (std::int64_t i = 0; i < 14; ++i) chosen_.toggle(PointRef{kTrain, i * kSteps});
  EXPECT_THAT(chosen_.chosen(), SizeIs(ChosenSequences::kMost));
  EXPECT_EQ(chosen_.chosen().front(), (SequenceRef{kTrain, 2}));
  chosen_.choose(SequenceRef{kTrain, chosen_.count(kTrain)});  // there is none
  EXPECT_THAT(chosen_.chosen(), SizeIs(ChosenSequences::kMost));
}

TEST_F(ChosenSequencesTest, EveryStepIsReachedAndPlayedToTheLast) {
  chosen_.choose(PointRef{kTrain, 0});
  for (std::int64_t step = 0; step < kSteps; ++step) {
    chosen_.move_to(step);
    EXPECT_EQ(chosen_.step(), step);
  }
  chosen_.play();  // from the beginning, as it stood at the end
  double now_s = 10;
  std::int64_t before = 0;
  for (int frame = 0; frame < 400 && chosen_.playback().playing(); ++frame) {
    chosen_.follow(data_, now_s += 0.05);
    EXPECT_GE(chosen_.step(), before);
    EXPECT_LE(chosen_.step(), before + 1);
    before = chosen_.step();
  }
  EXPECT_FALSE(chosen_.playback().playing());
  EXPECT_EQ(chosen_.step(), kSteps - 1);
}

TEST_F(ChosenSequencesTest, AreForgottenWithTheirData) {
  chosen_.choose(PointRef{kTrain, 20});
  chosen_.follow(fake_data(), 1);
  EXPECT_TRUE(chosen_.empty());
  EXPECT_FALSE(chosen_.available());
  EXPECT_EQ(chosen_.shown(), std::nullopt);
}

class SequenceCodesTest : public ChosenSequencesTest {
 protected:
  SequenceCodesTest() {
    view_.spec = reference_spec(ModelKind::vae, *data_, 2);
    view_.state = RunState::running;
    give_weights(1);
  }

  void give_weights(std::uint64_t revision) {
    auto model = std::make_shared<FakeModel>();
    model->model_spec = view_.spec;
    model->number = revision;
    view_.weights = model;
  }
  CodesPtr codes_of(std::vector<std::int64_t> rows, SplitName split = kTrain) const {
    return std::make_shared<const Codes>(
        *view_.weights->encode(*data_, split, make_indices(std::move(rows))));
  }
  std::optional<Encode> update(double now_s, SplitName split = kTrain) {
    return codes_.update(chosen_, view_, split, now_s);
  }

  ModelView view_;
  SequenceCodes codes_;
};

TEST_F(SequenceCodesTest, AreAskedForOnceAndThenTaken) {
  EXPECT_FALSE(update(0));  // nothing is chosen
  chosen_.choose(PointRef{kTrain, 5 * kSteps});
  chosen_.toggle(PointRef{kTrain, 2 * kSteps});
  const auto asked = update(1);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->split, kTrain);
  ASSERT_THAT(asked->rows, SizeIs(2 * kSteps));
  EXPECT_EQ(asked->rows.front(), 2 * kSteps);  // they rise
  EXPECT_EQ(asked->rows.back(), 6 * kSteps - 1);
  EXPECT_FALSE(update(1.5));
  EXPECT_THAT(codes_.means({kTrain, 5}), IsEmpty());
  EXPECT_TRUE(update(6)) << "no answer came";
  view_.encoded = codes_of(asked->rows);
  EXPECT_FALSE(update(6.1));
  EXPECT_THAT(codes_.means({kTrain, 5}), SizeIs(2 * kSteps));
  EXPECT_THAT(codes_.means({kTrain, 4}), IsEmpty());
  // Of the step, not of another one.
  EXPECT_EQ(codes_.mean({kTrain, 5}, 3).data(), codes_.means({kTrain, 5}).data() + 6);
  EXPECT_EQ(codes_.mean({kTrain, 5}, 3).data(), view_.encoded->mean.data() + (kSteps + 3) * 2);
}

TEST_F(SequenceCodesTest, FollowTheWeightsAndKeepTheLastCodesMeanwhile) {
  chosen_.choose(PointRef{kTrain, 0});
  const auto rows = update(0)->rows;
  view_.encoded = codes_of(rows);
  EXPECT_FALSE(update(0.1));
  give_weights(2);
  EXPECT_TRUE(update(0.2));
  EXPECT_FALSE(update(0.3));
  EXPECT_THAT(codes_.means({kTrain, 0}), SizeIs(2 * kSteps));
  EXPECT_EQ(codes_.codes()->revision, 1U);
  view_.encoded = codes_of(rows);
  EXPECT_FALSE(update(0.4));
  EXPECT_EQ(codes_.codes()->revision, 2U);
}

TEST_F(SequenceCodesTest, ComeFromThePlotWhereItHasAll) {
  chosen_.choose(PointRef{kTest, kSteps + 1});
  view_.state = RunState::paused;
  std::vector<std::int64_t> all(static_cast<std::size_t>(data_->test.count));
  std::iota(all.begin(), all.end(), std::int64_t{0});
  view_.test_codes = codes_of(all, kTest);
  EXPECT_FALSE(update(0, kTest));
  EXPECT_EQ(codes_.mean({kTest, 1}, 1).data(), view_.test_codes->mean.data() + (kSteps + 1) * 2);
  EXPECT_FALSE(update(0.1, kTrain));  // the plot shows the other split
  EXPECT_THAT(codes_.means({kTest, 1}), IsEmpty());
}

TEST_F(SequenceCodesTest, OfThePastAreThoseThatAreKept) {
  chosen_.choose(PointRef{kTrain, 0});
  view_.past_decoder = view_.weights;
  std::vector<std::int64_t> kept(kSteps);
  std::iota(kept.begin(), kept.end(), std::int64_t{0});
  view_.train_sample = codes_of(kept);
  view_.weights = nullptr;
  EXPECT_FALSE(update(0));
  EXPECT_THAT(codes_.means({kTrain, 0}), SizeIs(2 * kSteps));
  chosen_.choose(PointRef{kTrain, 3 * kSteps});
  EXPECT_FALSE(update(1));
  EXPECT_THAT(codes_.means({kTrain, 3}), IsEmpty());
}

}  // namespace
}  // namespace zscape
