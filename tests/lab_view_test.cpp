// What the place Lab shows, without a window: charts, predictions and their answers, cards.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "app/gui/view/lab/lab_page.h"
#include "app/gui/view/lab/lab_scatter.h"
#include "tests/lab_fixture.h"

namespace zscape {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const LabSeries& series_of(const LabChart& chart, const std::string& name) {
  const auto found = std::ranges::find(chart.series, name, &LabSeries::name);
  EXPECT_NE(found, chart.series.end()) << name;
  return found == chart.series.end() ? chart.series.front() : *found;
}

LabGuess falling() {
  LabGuess guess;
  draw_stroke(guess, {0, 0.9}, {1, 0.1});
  return guess;
}

TEST(LabChart, HasMeansWithStandardErrorsAtTheAxisValues) {
  const auto table = lab_table();
  const LabChart chart = chart_of(*table, table->experiment.plots[0]);
  EXPECT_EQ(chart.x_label, "latent dimensions");
  ASSERT_EQ(chart.series.size(), 2U);
  const LabSeries& one = series_of(chart, "depth one");
  ASSERT_EQ(one.dots.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    const LabDot& dot = one.dots[static_cast<std::size_t>(i)];
    EXPECT_DOUBLE_EQ(dot.x, i);  // 1, 10, 100 on a logarithmic axis
    // Of the seeds 0 and 1: m and 1.01 m. Their mean is 1.005 m, its standard error 0.005 m.
    const double m = std::pow(10.0, -i);
    EXPECT_NEAR(dot.y, 1.005 * m, 1e-12);
    EXPECT_NEAR(dot.y_error, 0.005 * m, 1e-12);
    EXPECT_NEAR(dot.y_high - dot.y_low, 0.01 * m, 1e-12);
    EXPECT_EQ(dot.seeds, 2);
    EXPECT_EQ(dot.runs.size(), 2U);
  }
  EXPECT_NEAR(series_of(chart, "depth none").dots[0].y, 2.01, 1e-12);
  ASSERT_EQ(chart.x_ticks.size(), 3U);
  EXPECT_EQ(chart.x_ticks[2].label, "100");
  for (const LabSeries& series : chart.series) {
    for (const LabDot& dot : series.dots) {
      EXPECT_LT(chart.y.low, dot.y_low);
      EXPECT_GT(chart.y.high, dot.y_high);
    }
  }
}

TEST(LabChart, OfALabThatRunsHasItsAxesAndSaysWhatIsMissing) {
  const auto none = lab_table(0);
  const LabChart empty = chart_of(*none, none->experiment.plots[0]);
  EXPECT_TRUE(empty.is_empty());
  EXPECT_EQ(empty.x_ticks.size(), 3U);
  const auto begun = lab_table(3);  // the second place has one of its two seeds
  const LabChart chart = chart_of(*begun, begun->experiment.plots[0]);
  const LabDot& dot = series_of(chart, "depth one").dots.front();
  EXPECT_EQ(dot.seeds, 1);
  EXPECT_EQ(dot.missing, 1);
  EXPECT_TRUE(std::isnan(dot.y_low));  // one seed has no error
  EXPECT_THAT(text_of_dot(chart, dot), HasSubstr("(one seed)\nRuns to come: 1"));
}

TEST(LabChart, OfALogarithmicAxisNeedsNumbersAboveZero) {
  const auto table = lab_table();
  LabPlot plot = table->experiment.plots[0];
  plot.log_y = true;
  const LabChart chart = chart_of(*table, plot);
  ASSERT_TRUE(chart.log_y);
  EXPECT_NEAR(series_of(chart, "depth one").dots[1].y, std::log10(0.1005), 1e-9);
  LabTable other = *table;
  other.results[0].figures[0].value = -5;
  EXPECT_FALSE(chart_of(other, plot).log_y);
}

TEST(LabChart, DrawsCurvesOverEpochs) {
  const auto table = lab_table();
  const LabChart chart = chart_of(*table, table->experiment.plots[1]);
  EXPECT_EQ(chart.x_label, "epoch");
  EXPECT_EQ(chart.series.size(), 6U);  // a line for each place
  const LabSeries& line = series_of(chart, "depth one, latent 10");
  ASSERT_EQ(line.dots.size(), 2U);
  EXPECT_EQ(line.dots[1].x, 2);
  EXPECT_NEAR(line.dots[0].y, 2 * line.dots[1].y, 1e-12);
}

TEST(LabMap, ShowsOneFigureOverAnotherWithBothErrors) {
  const auto table = lab_table();
  const LabChart map = map_of(*table, "knn_accuracy", "mse");
  ASSERT_EQ(map.series.size(), 3U);  // by the first axis
  EXPECT_FALSE(map.joined);
  const LabDot& dot = series_of(map, "latent 100").dots[1];
  EXPECT_NEAR(dot.x, 0.6, 1e-12);
  EXPECT_NEAR(dot.y, 0.01005, 1e-12);
  EXPECT_EQ(dot.x_error, 0);
  EXPECT_GT(dot.y_error, 0);
  const std::vector<std::string> columns = {"mse", "kl", "reconstruction"};
  EXPECT_EQ(first_pair(columns).x, "kl");
  EXPECT_EQ(first_pair(std::vector<std::string>{"mse"}).y, "mse");
}

TEST(LabGuess, CurveIsDrawnInStrokesAndReadBetweenThem) {
  LabGuess guess;
  EXPECT_FALSE(is_made(guess, LabPrediction::Kind::curve));
  draw_stroke(guess, {0, 0}, {0.3, 0.3});
  EXPECT_FALSE(is_made(guess, LabPrediction::Kind::curve));
  EXPECT_FALSE(height_at(guess, 0.5));
  draw_stroke(guess, {1, 1}, {0.35, 0.35});  // backwards, and with a gap
  EXPECT_TRUE(is_made(guess, LabPrediction::Kind::curve));
  for (const double x : {0.0, 0.1, 0.32, 0.5, 1.0}) {
    ASSERT_TRUE(height_at(guess, x)) << x;
    EXPECT_NEAR(*height_at(guess, x), x, 0.02) << x;
  }
  draw_stroke(guess, {0.4, 2}, {0.6, -1});  // beyond the axes
  EXPECT_EQ(*height_at(guess, 0.4), 1);
  EXPECT_EQ(*height_at(guess, 0.6), 0);
}

TEST(LabGuess, CurveTakesTheScaleOfWhatWasMeasured) {
  const auto table = lab_table(12, kDraw);
  const LabChart chart = chart_of(*table, table->experiment.plots[0]);
  const LabPrediction& asked = *table->experiment.prediction;
  const LabSeries* measured = predicted_series(chart, *table, asked);
  ASSERT_NE(measured, nullptr);
  EXPECT_EQ(measured->name, "depth one");
  const auto curve = curve_on(falling(), chart, measured);
  ASSERT_EQ(curve.size(), kGuessPlaces);
  EXPECT_NEAR(curve.front().y, 1.005, 1e-9);   // the largest and …
  EXPECT_NEAR(curve.back().y, 0.01005, 1e-9);  // … the smallest mean
  EXPECT_NEAR(curve.front().x, chart.x.low, 1e-9);
}

TEST(LabGuess, AnswerToACurveCountsPairsInTheSameOrder) {
  const auto table = lab_table(12, kDraw);
  const LabPrediction& asked = *table->experiment.prediction;
  EXPECT_THAT(answer_to(falling(), asked, *table), HasSubstr("Of 3 pairs"));
  EXPECT_THAT(answer_to(falling(), asked, *table), HasSubstr("orders 3 alike"));
  LabGuess valley;  // falls, then rises to the middle
  draw_stroke(valley, {0, 1}, {0.5, 0});
  draw_stroke(valley, {0.5, 0}, {1, 0.5});
  EXPECT_THAT(answer_to(valley, asked, *table), HasSubstr("orders 2 alike"));
  const auto none = lab_table(0, kDraw);
  EXPECT_THAT(answer_to(falling(), *none->experiment.prediction, *none),
              HasSubstr("No two measured points"));
}

TEST(LabGuess, AnswerToANumberSaysHowFarItIsOff) {
  const auto table = lab_table(12, kNumber);
  const LabPrediction& asked = *table->experiment.prediction;
  LabGuess guess;
  guess.number = 0.3;
  EXPECT_THAT(answer_to(guess, asked, *table), HasSubstr("too large"));
  guess.number = 0.1005;
  EXPECT_THAT(answer_to(guess, asked, *table), HasSubstr("within"));
  const auto none = lab_table(0, kNumber);
  EXPECT_THAT(answer_to(guess, *none->experiment.prediction, *none), HasSubstr("yet"));
}

TEST(LabGuess, AnswerToAChoiceFollowsTheFigures) {
  const auto table = lab_table();
  const LabPrediction& asked = *table->experiment.prediction;
  LabGuess guess;
  guess.choice = 0;
  EXPECT_THAT(answer_to(guess, asked, *table), HasSubstr("The figures agree."));
  guess.choice = 1;
  EXPECT_THAT(answer_to(guess, asked, *table), HasSubstr("“It helps”"));
  EXPECT_THAT(answer_to(guess, asked, *lab_table(2)), HasSubstr("do not decide"));
  guess.skipped = true;
  EXPECT_EQ(answer_to(guess, asked, *table), "");
}

TEST(LabPage, CoversVerdictsUntilThePersonHasPredicted) {
  LabGuess guess;
  guess.choice = 1;
  EXPECT_FALSE(page_of("widths", lab_table(), guess).may_see());
  EXPECT_THAT(page_of("widths", lab_table(), guess).verdicts, IsEmpty());
  guess.kept = true;
  const LabPage page = page_of("widths", lab_table(), guess);
  ASSERT_EQ(page.verdicts.size(), 1U);
  EXPECT_EQ(page.verdicts[0].judgement.finding, Finding::confirmed);
  EXPECT_THAT(page.guess_text, HasSubstr("“It harms”"));
  EXPECT_NE(page.answer, "");
  EXPECT_THAT(page_of("widths", lab_table(0), guess).verdicts, IsEmpty());
}

TEST(LabPage, GivesTheRunsAlongAnAxisBesideTheChosenPlace) {
  const auto table = lab_table();
  const LabPlace near = {{"latent", "10"}, {"depth", "one"}};
  const auto along = runs_along(*table, "latent", &near);
  ASSERT_EQ(along.size(), 3U);
  for (const LabAlong& each : along) {
    EXPECT_EQ(table->runs[each.run].axes[1].value, "one");
    EXPECT_EQ(table->runs[each.run].seed, 0U);
  }
  EXPECT_EQ(along[2].label, "latent 100");
  EXPECT_EQ(runs_along(*table, "depth", &near).size(), 2U);
  EXPECT_THAT(runs_along(*lab_table(0), "latent", nullptr), IsEmpty());
}

TEST(LabPage, DotStandsForTheModelOfOneOfItsSeeds) {
  const auto table = lab_table();
  const LabChart chart = chart_of(*table, table->experiment.plots[0]);
  const LabDot& dot = chart.series[0].dots[0];
  const auto first = run_of(*table, dot, 0), second = run_of(*table, dot, 1);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(table->runs[*first].axes, table->runs[*second].axes);
  EXPECT_EQ(table->runs[*first].seed, 0U);
  EXPECT_EQ(table->runs[*second].seed, 1U);
  EXPECT_EQ(run_of(*table, dot, 2), first);
  LabTable failed = *table;
  for (LabResult& result : failed.results) result.error = "it broke";
  EXPECT_FALSE(run_of(failed, dot));
}

TEST(LabCard, SaysHowFarItIs) {
  LabCard card;
  card.runs = 12;
  EXPECT_EQ(state_text(card), "not run yet");
  card.finished = 5;
  EXPECT_EQ(state_text(card), "5 of 12 runs");
  card.activity = LabActivity::running;
  EXPECT_EQ(state_text(card), "running: 5 of 12 runs");
  card.activity = LabActivity::idle;
  card.finished = 12;
  EXPECT_EQ(state_text(card), "measured: predict first");
  card.may_tell = true;
  card.confirmed = 2;
  card.undecided = 1;
  EXPECT_EQ(state_text(card), "2 confirmed, 1 undecided");
}

TEST(LabProgress, TellsTheTimeLeftByTheRunsThatHaveEnded) {
  EXPECT_FALSE(seconds_left(0, 8, 20));
  EXPECT_DOUBLE_EQ(*seconds_left(4, 8, 20), 40);
  EXPECT_EQ(time_text(40), "less than a minute");
  EXPECT_EQ(time_text(170), "about 3 minutes");
  EXPECT_EQ(time_text(3 * 3600), "about 3 hours");
  LabProgress progress{12, 4, 0, 170.0, LabActivity::running};
  EXPECT_EQ(progress_text(progress), "4 of 12 runs, about 3 minutes left");
  progress.activity = LabActivity::idle;
  progress.failed = 2;
  EXPECT_EQ(progress_text(progress), "4 of 12 runs, 2 failed");
}

Codes codes_of(int latent, std::vector<float> mean) {
  Codes codes;
  codes.latent = latent;
  codes.indices =
      make_indices(std::vector<std::int64_t>(mean.size() / static_cast<std::size_t>(latent)));
  codes.mean = std::move(mean);
  return codes;
}

TEST(LabScatter, ShowsTwoDimensionsAsTheyAreAndMoreAlongPrincipalAxes) {
  const LabScatter plane = scatter_of(codes_of(2, {0, 0, 1, 4, 2, 2}), {7, 8, 9});
  ASSERT_EQ(plane.dots.size(), 3U);
  EXPECT_FALSE(plane.principal);
  EXPECT_LT(plane.dots[0].x, plane.dots[1].x);
  EXPECT_FLOAT_EQ(plane.dots[1].x, 0.5F);  // the middle of 0 … 2
  EXPECT_GT(plane.dots[1].y, plane.dots[2].y);
  EXPECT_EQ(plane.dots[2].label, 9);
  // All variance lies in the third dimension, then in the first.
  const LabScatter space =
      scatter_of(codes_of(3, {0, 5, -10, 1, 5, 10, 0, 5, 10, 1, 5, -10}), {0, 1, 1, 0});
  ASSERT_TRUE(space.principal);
  EXPECT_NEAR(std::abs(space.dots[0].x - space.dots[1].x), 1 / 1.12, 0.01);
  EXPECT_NEAR(space.dots[0].x, space.dots[3].x, 0.01);
  EXPECT_NEAR(std::abs(space.dots[0].y - space.dots[3].y), 1 / 1.12, 0.01);
  const LabScatter line = scatter_of(codes_of(1, {0, 1}), {3, 4});  // over the labels
  EXPECT_LT(line.dots[0].y, line.dots[1].y);
  const float none = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(scatter_of(codes_of(2, {0, 0, none, 1}), {}).dots.size(), 1U);
}

}  // namespace
}  // namespace zscape
