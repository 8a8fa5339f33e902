// The geometry of trails: the ways of chosen inputs through the moments of a run, worked out by
// hand.
#include "app/gui/view/latent/why_layers.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "tests/fake_backend.h"

namespace zscape {
namespace {

constexpr auto kTrain = SplitName::train, kTest = SplitName::test;

// Three dimensions, so that a plane is a choice.
class TrailsTest : public testing::Test {
 protected:
  TrailsTest() {
    view_.spec = reference_spec(ModelKind::vae, *data_, 3);
    view_.state = RunState::paused;
    scene_.set_model(view_.spec, data_);
    layers_.show(Layer::forces);
  }

  // μ of an input at a step: each coordinate tells which input, step and dimension it is.
  static float mean(SplitName split, std::int64_t input, std::int64_t step, int dimension) {
    return static_cast<float>(step) * (split == kTrain ? 1.0f : -1.0f) +
           0.25f * static_cast<float>(input) + 0.0625f * static_cast<float>(dimension);
  }
  static CodesPtr codes(SplitName split, std::vector<std::int64_t> rows, std::int64_t step) {
    auto made = std::make_shared<Codes>();
    made->split = split;
    made->latent = 3;
    for (const std::int64_t row : rows) {
      for (int i = 0; i < 3; ++i) made->mean.own().push_back(mean(split, row, step, i));
    }
    made->indices = make_indices(std::move(rows));
    return made;
  }
  // A moment every `every` steps from 0 on; the run stands at the last one.
  void live(std::size_t moments, std::int64_t every) {
    auto all = std::make_shared<Moments>();
    for (std::size_t i = 0; i < moments; ++i) {
      const std::int64_t step = every * static_cast<std::int64_t>(i);
      all->push_back(
          std::make_shared<const Moment>(Moment{{.step = step, .epoch = 0, .seen_in_epoch = 0},
                                                1,
                                                kNotMeasured,
                                                std::make_shared<FakeModel>(),
                                                codes(kTrain, {1, 4}, step),
                                                codes(kTest, {2}, step)}));
      view_.position.step = step;
    }
    view_.history = std::move(all);
  }
  const std::vector<Vec2>& trail(std::size_t at) {
    why_.update({layers_, view_, points_, scene_, plot_, 1, now_s_ += 1});
    static const std::vector<Vec2> none;
    EXPECT_LT(at, why_.trails().size());
    return at < why_.trails().size() ? why_.trails()[at] : none;
  }
  std::size_t trails() {
    why_.update({layers_, view_, points_, scene_, plot_, 1, now_s_ += 1});
    return why_.trails().size();
  }
  static void expect(const std::vector<Vec2>& trail, SplitName split, std::int64_t input,
                     const std::vector<std::int64_t>& steps, int x, int y) {
    ASSERT_EQ(trail.size(), steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i) {
      EXPECT_EQ(trail[i].x, mean(split, input, steps[i], x)) << i;
      EXPECT_EQ(trail[i].y, mean(split, input, steps[i], y)) << i;
    }
  }

  std::shared_ptr<const Dataset> data_ = fake_data();
  ModelView view_;
  Pictures pictures_;
  Scene scene_{pictures_};
  Points points_;
  Layers layers_;
  LatentView plot_{{0, 0}, {600, 400}, {0, 0}, 60};
  WhyLayers why_;
  double now_s_ = 0;
};

TEST_F(TrailsTest, PassThroughTheCodesOfEachMomentTheOldestFirst) {
  live(4, 10);
  why_.choose_trails({{kTrain, 4}, {kTest, 2}, {kTrain, 1}});
  expect(trail(0), kTrain, 4, {0, 10, 20, 30}, 0, 1);
  expect(trail(1), kTest, 2, {0, 10, 20, 30}, 0, 1);
  expect(trail(2), kTrain, 1, {0, 10, 20, 30}, 0, 1);
  live(6, 10);  // training went on
  expect(trail(0), kTrain, 4, {0, 10, 20, 30, 40, 50}, 0, 1);
}

TEST_F(TrailsTest, LieInThePlaneThatIsShown) {
  live(3, 10);
  why_.choose_trails({{kTrain, 1}});
  expect(trail(0), kTrain, 1, {0, 10, 20}, 0, 1);
  scene_.choose_axes({.axes = {2, 0, 1}});
  expect(trail(0), kTrain, 1, {0, 10, 20}, 2, 0);
}

// On the time line a moment of the past has its own past only.
TEST_F(TrailsTest, EndAtTheStepThatIsShown) {
  live(6, 10);
  why_.choose_trails({{kTrain, 1}});
  EXPECT_EQ(trail(0).size(), 6U);
  view_.position.step = 20;
  expect(trail(0), kTrain, 1, {0, 10, 20}, 0, 1);
  view_.position.step = 29;
  expect(trail(0), kTrain, 1, {0, 10, 20}, 0, 1);
  view_.position.step = 50;
  EXPECT_EQ(trail(0).size(), 6U);
}

TEST_F(TrailsTest, OfALongPastKeepItsFirstAndItsLastMoment) {
  live(1000, 3);
  why_.choose_trails({{kTrain, 4}});
  const std::vector<Vec2>& way = trail(0);
  ASSERT_EQ(way.size(), 240U);
  EXPECT_EQ(way.front().x, mean(kTrain, 4, 0, 0));
  EXPECT_EQ(way.back().x, mean(kTrain, 4, 2997, 0));
  for (std::size_t i = 1; i < way.size(); ++i) {  // evenly
    EXPECT_NEAR(way[i].x - way[i - 1].x, 2997.0 / 239, 3) << i;
  }
}

TEST_F(TrailsTest, AreOfChosenInputsWithKnownCodesWhileTheLayerIsOn) {
  live(3, 10);
  EXPECT_EQ(trails(), 0U);
  why_.choose_trails({{kTrain, 3}, {kTest, 2}});
  EXPECT_TRUE(trail(0).empty());  // no moment has its code
  EXPECT_EQ(trail(1).size(), 3U);
  layers_.show(Layer::forces, false);
  EXPECT_EQ(trails(), 0U);
  layers_.show(Layer::forces);
  EXPECT_EQ(trail(1).size(), 3U);
  why_.choose_trails({});
  EXPECT_EQ(trails(), 0U);
}

}  // namespace
}  // namespace zscape
