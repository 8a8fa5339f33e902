// When gaps are asked for and which inputs are listed; and the codes of one dimension along their
// axis, worked out by hand.
#include "app/gui/view/inputs/gap_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "app/gui/view/latent/code_line.h"
#include "app/gui/view/latent/density.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

using ::testing::ElementsAre;

constexpr auto kTrain = SplitName::train, kTest = SplitName::test;

InputGapsPtr measured(SplitName split, std::vector<float> amortisation, std::uint64_t revision,
                      double seconds = 0.1) {
  auto gaps = std::make_shared<InputGaps>();
  gaps->split = split;
  std::vector<std::int64_t> rows(amortisation.size());
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  gaps->indices = make_indices(std::move(rows));
  gaps->log_likelihood.assign(amortisation.size(), -90.0f);
  gaps->elbo.assign(amortisation.size(), -100.0f);
  gaps->approximation.assign(amortisation.size(), 0.5f);
  gaps->amortisation = std::move(amortisation);
  gaps->revision = revision;
  gaps->seconds = seconds;
  return gaps;
}

class GapLedgerTest : public testing::Test {
 protected:
  GapLedgerTest() {
    view_.spec.kind = ModelKind::vae;
    view_.spec.latent = 2;
    view_.state = RunState::running;
    publish(1);
  }
  void publish(std::uint64_t revision) {
    auto model = std::make_shared<FakeModel>();
    model->model_spec = view_.spec;
    model->number = revision;
    view_.weights = model;
  }
  std::optional<MeasureGaps> ask(GapLedger::Wanted wanted, double now_s) {
    return ledger_.update(view_, data_, wanted, now_s);
  }

  static constexpr GapLedger::Wanted kCurve{true, false, kTrain}, kEach{false, true, kTrain};
  std::shared_ptr<const Dataset> data_ = fake_data(512, 128);
  ModelView view_;
  GapLedger ledger_;
};

TEST_F(GapLedgerTest, AsksForNothingThatNobodySees) {
  EXPECT_FALSE(ask({}, 0));
  view_.spec.latent = 3;
  EXPECT_FALSE(ask(kCurve, 1));
  view_.spec.latent = 2;
  view_.spec.likelihood = Likelihood::mse;
  EXPECT_FALSE(ask(kCurve, 2));
}

TEST_F(GapLedgerTest, AsksOnceAndWhileTrainingSeldom) {
  const auto first = ask(kCurve, 0);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->split, kTest);
  EXPECT_EQ(first->inputs, kGapCurveInputs);
  EXPECT_FALSE(ask(kCurve, 1));
  view_.test_gaps = measured(kTest, std::vector<float>(100, 1.0f), 1, 2.0);
  EXPECT_FALSE(ask(kCurve, 3));  // of these weights
  publish(2);
  EXPECT_FALSE(ask(kCurve, 20));  // nine times as long as it took
  EXPECT_TRUE(ask(kCurve, 21.1));
}

TEST_F(GapLedgerTest, AsksForBothSplitsWhereThePlotShowsTheOther) {
  const GapLedger::Wanted both{true, true, kTrain};
  EXPECT_EQ(ask(both, 0)->split, kTrain);
  EXPECT_EQ(ask(both, 0.1)->split, kTest);
  EXPECT_FALSE(ask(both, 0.2));
}

TEST_F(GapLedgerTest, AsksForMoreInAPauseButNotAgainForWhatWasCancelled) {
  view_.state = RunState::paused;
  EXPECT_EQ(ask(kEach, 0)->inputs, 100);
  view_.train_gaps = measured(kTrain, std::vector<float>(100, 1.0f), 1);
  EXPECT_EQ(ask(kEach, 1)->inputs, 200);
  EXPECT_FALSE(ask(kEach, 100));  // no answer: somebody cancelled it
  view_.train_gaps = measured(kTrain, std::vector<float>(400, 1.0f), 1);
  EXPECT_EQ(ask(kEach, 101)->inputs, 512);  // all there are
  view_.train_gaps = measured(kTrain, std::vector<float>(512, 1.0f), 1);
  EXPECT_FALSE(ask(kEach, 102));
  publish(2);
  EXPECT_EQ(ask(kEach, 103)->inputs, 100);
}

// A window at rest draws no frame that would ask again later.
TEST_F(GapLedgerTest, AsksAtOnceAfterAStepThatEndedWhatAPauseHadBegun) {
  view_.state = RunState::paused;
  view_.train_gaps = measured(kTrain, std::vector<float>(100, 1.0f), 1);
  EXPECT_EQ(ask(kEach, 1)->inputs, 200);
  publish(2);
  EXPECT_EQ(ask(kEach, 1.1)->inputs, 100);
  EXPECT_FALSE(ask(kEach, 1.2));
}

TEST_F(GapLedgerTest, ListsTheWorstFirstAndNoneThatTheLegendHides) {
  HiddenLabels hidden;
  ledger_.list(measured(kTrain, {1, 4, 2, 8, std::nanf(""), 3}, 1), *data_, hidden);
  const auto rows = [&] {
    std::vector<std::int64_t> all;
    for (const GapLedger::Entry& entry : ledger_.entries()) all.push_back(entry.input.index);
    return all;
  };
  EXPECT_THAT(rows(), ElementsAre(3, 1, 5, 2, 0));
  EXPECT_EQ(ledger_.measured(), 5U);
  EXPECT_FLOAT_EQ(ledger_.entries()[0].amortisation, 8);
  EXPECT_FLOAT_EQ(ledger_.entries()[0].approximation, 0.5f);
  hidden[3] = true;  // the label of the fourth input
  ledger_.list(measured(kTrain, {1, 4, 2, 8, std::nanf(""), 3}, 1), *data_, hidden);
  EXPECT_THAT(rows(), ElementsAre(1, 5, 2, 0));
}

// Six codes on the axis, of the labels 0 to 5.
class CodeLineTest : public testing::Test {
 protected:
  CodeLineTest() {
    auto codes = std::make_shared<Codes>();
    codes->latent = 1;
    codes->indices = make_indices({0, 1, 2, 3, 4, 10});  // the last has label 0 too
    for (const float mean : kMeans) codes->mean.own().push_back(mean);
    ModelView view;
    view.spec.latent = 1;
    view.train_sample = codes;
    points_.update(view, data_, kTrain, LatentPlane(Axes{0, 1}), 0);
  }
  static constexpr std::array kMeans = {-1.0f, -0.5f, 0.0f, 0.5f, 1.0f, 2.0f};
  std::shared_ptr<const Dataset> data_ = fake_data();
  Points points_;
  LatentView view_{{10, 20}, {600, 200}, {0.5f, 0}, 100};
  CodeLine line_;
};

TEST_F(CodeLineTest, CountsCodesWhereTheyLie) {
  line_.update(points_, {}, view_, true, 1);
  ASSERT_EQ(line_.columns(), 300);
  ASSERT_EQ(line_.labels().size(), 5U);
  const CodeLine::Label& zero = line_.labels()[0];
  EXPECT_EQ(zero.label, 0);
  EXPECT_EQ(std::accumulate(zero.counts.begin(), zero.counts.end(), 0), 2);
  // At 2 pixels a column: (z − 0.5) · 100 pixels from the middle, which is 300 pixels from the
  // left.
  EXPECT_EQ(zero.counts[75], 1);
  EXPECT_EQ(zero.counts[225], 1);
}

TEST_F(CodeLineTest, HasTheKernelDensityOfTheCodes) {
  line_.update(points_, {}, view_, false, 1);
  ASSERT_EQ(line_.labels().size(), 1U);
  const double width = bandwidth_of(points_, {}).width;
  ASSERT_GT(width, 0.1);
  double most = 0, sum = 0;
  for (int column = 0; column < line_.columns(); ++column) {
    const double z = view_.to_latent({10 + 2 * static_cast<float>(column) + 1, 0}).x;
    double expected = 0;
    for (const float mean : kMeans) {
      const double off = (z - mean) / width;
      expected += std::exp(-off * off / 2) / (6 * width * std::sqrt(2 * std::numbers::pi));
    }
    const double density = line_.density()[static_cast<std::size_t>(column)];
    EXPECT_NEAR(density, expected, 0.01) << z;  // codes lie at most half a column off
    most = std::max(most, density);
    sum += density * 0.02;
  }
  EXPECT_FLOAT_EQ(line_.highest(), static_cast<float>(most));
  EXPECT_GT(sum, 0.9);
  EXPECT_LE(sum, 1.0001);
}

TEST_F(CodeLineTest, TheLabelsAddUp) {
  line_.update(points_, {}, view_, true, 1);
  for (std::size_t column = 0; column < 300; column += 7) {
    float sum = 0;
    for (const CodeLine::Label& label : line_.labels()) sum += label.density[column];
    EXPECT_NEAR(sum, line_.density()[column], 1e-5);
  }
  HiddenLabels hidden;
  hidden[0] = true;
  line_.update(points_, hidden, view_, true, 1);
  EXPECT_EQ(line_.labels().size(), 4U);
  EXPECT_EQ(line_.codes(), 4);
}

}  // namespace
}  // namespace zscape
