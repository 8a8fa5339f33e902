// Where codes are drawn, which of them the pointer means, and what the view shows of them.

#include "app/gui/view/latent/picking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "app/gui/view/latent/view_fit.h"

namespace zscape {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

Indices rows(std::vector<std::int64_t> indices) {
  return std::make_shared<const std::vector<std::int64_t>>(std::move(indices));
}

CodesPtr codes_of(const Indices& indices, std::vector<float> mean, int latent = 2,
                  SplitName split = SplitName::train) {
  static std::uint64_t revision = 0;
  auto codes = std::make_shared<Codes>();
  codes->split = split;
  codes->latent = latent;
  codes->indices = indices;
  codes->mean = std::move(mean);
  codes->revision = ++revision;
  return codes;
}

// Rows 0 … 9 with the labels 0 … 9, in both splits.
std::shared_ptr<const Dataset> ten_labels() {
  auto data = std::make_shared<Dataset>();
  for (int label = 0; label < 10; ++label) data->class_names.push_back(std::to_string(label));
  for (Split* split : {&data->train, &data->test}) {
    split->count = 10;
    split->labels = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  }
  return data;
}

class PointsTest : public ::testing::Test {
 protected:
  void update(double now_s, SplitName split = SplitName::train, Axes axes = {0, 1}) {
    points_.update(view_, data_, split, axes, now_s);
  }
  LatentView hundred_pixels_a_unit() const { return {{0, 0}, {400, 400}, {0, 0}, 100}; }

  std::shared_ptr<const Dataset> data_ = ten_labels();
  ModelView view_;
  Points points_;
  Indices same_ = rows({3, 7});
};

TEST_F(PointsTest, TheSameInputsMoveFromTheirLastPlaceToTheNewOne) {
  view_.train_sample = codes_of(same_, {0, 0, 1, 1});
  update(10);
  EXPECT_FALSE(points_.moving());
  view_.train_sample = codes_of(same_, {2, 0, 1, 3});
  update(10.2);
  EXPECT_TRUE(points_.moving());
  EXPECT_FLOAT_EQ(points_.position(0).x, 0);
  update(10.4);  // the motion lasts as long as the one before it, at most half a second
  const float halfway = points_.position(0).x;
  EXPECT_GT(halfway, 0);
  EXPECT_LT(halfway, 2);
  update(11);
  EXPECT_FALSE(points_.moving());
  EXPECT_FLOAT_EQ(points_.position(0).x, 2);
  EXPECT_FLOAT_EQ(points_.position(1).y, 3);
}

TEST_F(PointsTest, AMotionThatIsOvertakenGoesOnFromWhereThePointsAre) {
  view_.train_sample = codes_of(same_, {0, 0, 0, 0});
  update(10);
  view_.train_sample = codes_of(same_, {2, 0, 0, 0});
  update(10.5);
  update(10.75);
  const float reached = points_.position(0).x;
  view_.train_sample = codes_of(same_, {5, 0, 0, 0});
  update(10.75);
  EXPECT_FLOAT_EQ(points_.position(0).x, reached);
}

TEST_F(PointsTest, OtherInputsAppearInPlace) {
  view_.train_sample = codes_of(same_, {0, 0, 1, 1});
  update(10);
  view_.train_sample = codes_of(rows({1, 2, 3}), {5, 5, 6, 6, 7, 7});
  update(10.1);
  EXPECT_FALSE(points_.moving());
  EXPECT_EQ(points_.count(), 3U);
  EXPECT_FLOAT_EQ(points_.position(0).x, 5);
  EXPECT_THAT(points_.labels(), ElementsAre(1, 2, 3));
}

TEST_F(PointsTest, APausedModelShowsTheWholeSplitAndARunningOneItsSample) {
  view_.train_sample = codes_of(same_, {0, 0, 1, 1});
  auto whole = codes_of(rows({0, 1, 2}), {0, 0, 1, 1, 2, 2});
  // The same weights made both, so their revisions may be equal.
  const_cast<Codes&>(*whole).revision = view_.train_sample->revision;
  view_.train_codes = whole;
  view_.state = RunState::running;
  update(10);
  EXPECT_EQ(points_.count(), 2U);
  view_.state = RunState::paused;
  update(11);
  EXPECT_EQ(points_.count(), 3U);
}

TEST_F(PointsTest, UnchangedCodesAreNotUploadedAgain) {
  view_.train_sample = codes_of(same_, {0, 0, 1, 1});
  update(10);
  const std::uint64_t before = points_.revision();
  view_.train_sample = std::make_shared<const Codes>(*view_.train_sample);
  update(11);
  EXPECT_EQ(points_.revision(), before);
  update(12, SplitName::train, {1, 0});
  EXPECT_NE(points_.revision(), before);
}

TEST_F(PointsTest, TheSplitIsChosen) {
  view_.train_sample = codes_of(same_, {0, 0, 1, 1});
  view_.test_sample = codes_of(rows({9}), {4, 5}, 2, SplitName::test);
  update(10, SplitName::test);
  ASSERT_EQ(points_.count(), 1U);
  EXPECT_EQ(points_.ref(0), (PointRef{SplitName::test, 9}));
  EXPECT_EQ(points_.label(0), 9);
}

TEST_F(PointsTest, AxesChooseTwoDimensionsAndOneDimensionLiesOnALine) {
  view_.train_sample = codes_of(same_, {1, 2, 3, 4, 5, 6}, 3);
  update(10, SplitName::train, {2, 0});
  EXPECT_FLOAT_EQ(points_.position(1).x, 6);
  EXPECT_FLOAT_EQ(points_.position(1).y, 4);
  view_.train_sample = codes_of(same_, {1, 2}, 1);
  update(11, SplitName::train, {0, 0});
  EXPECT_FLOAT_EQ(points_.position(1).x, 2);
  EXPECT_FLOAT_EQ(points_.position(1).y, 0);
}

TEST_F(PointsTest, LabelsAreCountedAndUnlabelledInputsHaveAColourOfTheirOwn) {
  view_.train_sample = codes_of(rows({3, 3, 7}), {0, 0, 0, 0, 0, 0});
  update(10);
  EXPECT_EQ(points_.counts()[3], 2);
  EXPECT_EQ(points_.counts()[7], 1);
  EXPECT_EQ(points_.counts()[0], 0);
  auto unlabelled = std::make_shared<Dataset>(*data_);
  unlabelled->train.labels.clear();
  data_ = unlabelled;
  view_.train_sample = codes_of(rows({1, 2}), {0, 0, 0, 0});
  update(11);
  EXPECT_THAT(points_.labels(), Each(Points::kNoLabel));
  EXPECT_EQ(points_.label(0), -1);
}

TEST_F(PointsTest, AFewFarCodesDoNotDecideTheExtent) {
  std::vector<std::int64_t> indices(1000, 0);
  std::vector<float> mean(2000, 0);
  for (std::size_t i = 0; i < 1000; ++i) mean[2 * i] = static_cast<float>(i) / 1000;
  mean[0] = -500;
  mean[1998] = NAN;
  view_.train_sample = codes_of(rows(indices), mean);
  update(10);
  EXPECT_GE(points_.extent().low.x, 0);
  EXPECT_LE(points_.extent().high.x, 1);
  EXPECT_GT(points_.extent().high.x, 0.98F);
}

TEST_F(PointsTest, ThePointerMeansTheNearestPointThatIsShown) {
  view_.train_sample = codes_of(same_, {0, 0, 0.1F, 0});
  update(10);
  const LatentView view = hundred_pixels_a_unit();
  const auto near = nearest_point(points_, view, {203, 204}, {});
  ASSERT_TRUE(near);
  EXPECT_EQ(near->point, 0U);
  EXPECT_NEAR(near->distance, 5, 1e-3);
  HiddenLabels hidden;
  hidden.set(3);
  const auto other = nearest_point(points_, view, {203, 204}, hidden);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->point, 1U);
  hidden.set(7);
  EXPECT_FALSE(nearest_point(points_, view, {203, 204}, hidden));
}

TEST_F(PointsTest, AMovingPointIsPickedWhereItIsDrawn) {
  view_.train_sample = codes_of(rows({3}), {-1, 0});
  update(10);
  view_.train_sample = codes_of(view_.train_sample->indices, {1, 0});
  update(10.5);
  update(10.75);
  const LatentView view = hundred_pixels_a_unit();
  const auto picked = nearest_point(points_, view, view.to_screen({0, 0}), {});
  ASSERT_TRUE(picked);
  EXPECT_NEAR(picked->distance, 0, 1);
}

TEST(ViewFit, AFittedBoxIsWhollySeenAndFillsThePlot) {
  LatentView view{{50, 20}, {600, 300}, {0, 0}, 1};
  jump(view, fit({{-2, 1}, {4, 5}}, view.size));
  const Vec2 low = view.to_screen({-2, 1});
  const Vec2 high = view.to_screen({4, 5});
  EXPECT_TRUE(view.contains(low));
  EXPECT_TRUE(view.contains(high));
  EXPECT_GT(low.y - high.y, 0.85F * view.size.y);
}

TEST(ViewFit, OnePointAndNoPlotStayFinite) {
  const ViewTarget target = fit({{1, 1}, {1, 1}}, {0, 0});
  EXPECT_TRUE(std::isfinite(target.pixels_per_unit));
  EXPECT_GT(target.pixels_per_unit, 0);
}

TEST(ViewFit, ZoomingKeepsWhatIsUnderThePointer) {
  LatentView view{{10, 20}, {500, 400}, {1, -1}, 60};
  const Vec2 pointer{123, 311};
  const Vec2 before = view.to_latent(pointer);
  zoom_at(view, pointer, 2.5F);
  EXPECT_FLOAT_EQ(view.pixels_per_unit, 150);
  EXPECT_NEAR(view.to_latent(pointer).x, before.x, 1e-5);
  EXPECT_NEAR(view.to_latent(pointer).y, before.y, 1e-5);
}

TEST(ViewFit, ZoomingHasBothEnds) {
  LatentView view{{0, 0}, {500, 400}, {0, 0}, 60};
  for (int i = 0; i < 1000; ++i) zoom_at(view, {100, 100}, 2);
  EXPECT_TRUE(std::isfinite(view.to_latent({0, 0}).x));
  for (int i = 0; i < 2000; ++i) zoom_at(view, {100, 100}, 0.5F);
  EXPECT_TRUE(std::isfinite(view.to_latent({0, 0}).x));
  EXPECT_GT(view.pixels_per_unit, 0);
}

TEST(ViewFit, ApproachArrivesAndThenRests) {
  LatentView view{{0, 0}, {500, 400}, {0, 0}, 60};
  const ViewTarget target{{3, -2}, 200};
  int frames = 0;
  while (approach(view, target, 0.05) && frames < 1000) ++frames;
  EXPECT_GT(frames, 5);
  EXPECT_LT(frames, 100);
  EXPECT_FLOAT_EQ(view.center.x, 3);
  EXPECT_FLOAT_EQ(view.pixels_per_unit, 200);
}

TEST(ViewFit, CollapsedCodesOfAPriorAreSeenInItsContours) {
  const Box collapsed{{-0.01F, -0.01F}, {0.01F, 0.01F}};
  EXPECT_GT(box_to_show(collapsed, true).high.x, 3);
  EXPECT_LT(box_to_show(collapsed, false).high.x, 0.02F);
  EXPECT_LT(box_to_show({{-20, -20}, {20, 20}}, true).high.x, 25);
}

TEST(ViewFit, CodesHaveRoomAroundTheirBox) {
  for (const bool has_prior : {false, true}) {
    const Box box = box_to_show({{-20, 10}, {20, 30}}, has_prior);
    EXPECT_LT(box.low.x, -22);
    EXPECT_GT(box.high.x, 22);
    EXPECT_GT(box.high.y, 31);
  }
}

}  // namespace
}  // namespace zscape
