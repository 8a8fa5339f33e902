// The grid that finds points by place, against looking at every one of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <numbers>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "app/gui/view/latent/picking.h"

namespace zscape {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// Even-odd, edge by edge.
bool within(const std::vector<Vec2>& corners, Vec2 point) {
  bool inside = false;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const Vec2 a = corners[i], b = corners[(i + 1) % corners.size()];
    if ((a.y > point.y) != (b.y > point.y) &&
        point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x) {
      inside = !inside;
    }
  }
  return inside;
}

class PickingTest : public testing::Test {
 protected:
  // Row i has the label i % 10.
  void show(std::vector<Vec2> places) {
    auto data = std::make_shared<Dataset>();
    for (int label = 0; label < 10; ++label) data->class_names.push_back(std::to_string(label));
    data->train.count = static_cast<std::int64_t>(places.size());
    auto codes = std::make_shared<Codes>();
    codes->latent = 2;
    std::vector<std::int64_t> rows(places.size());
    std::iota(rows.begin(), rows.end(), std::int64_t{0});
    for (std::size_t i = 0; i < places.size(); ++i) {
      data->train.labels.push_back(static_cast<int>(i % 10));
      codes->mean.own().push_back(places[i].x);
      codes->mean.own().push_back(places[i].y);
    }
    codes->indices = std::make_shared<const std::vector<std::int64_t>>(std::move(rows));
    static std::uint64_t revision = 0;
    codes->revision = ++revision;
    ModelView model;
    model.train_sample = codes;
    points_.update(model, data, SplitName::train, Axes{0, 1}, now_s_ += 10);
    picker_.follow(points_);
  }

  std::vector<Vec2> cloud(std::size_t count, float spread = 1) {
    std::normal_distribution<float> normal(0, spread);
    std::vector<Vec2> places(count);
    for (Vec2& place : places) place = {normal(random_), normal(random_)};
    return places;
  }
  Vec2 place(float reach) {
    std::uniform_real_distribution<float> at(-reach, reach);
    return {at(random_), at(random_)};
  }

  // What the picker finds is what looking at every point finds, from near and far.
  void expect_as_by_looking(int queries = 300, const HiddenLabels& hidden = {}) {
    ASSERT_TRUE(picker_.has_grid(points_));
    LatentView view{{0, 0}, {800, 600}, {0, 0}, 100};
    for (int i = 0; i < queries; ++i) {
      const float reach = i % 10 == 0 ? 1000.0F : i % 3 == 0 ? 8.0F : 2.0F;
      const Vec2 screen = view.to_screen(place(reach));
      const auto looked = nearest_point(points_, view, screen, hidden);
      const auto found = picker_.nearest(points_, view, screen, hidden);
      ASSERT_EQ(found.has_value(), looked.has_value());
      if (!looked) continue;
      ASSERT_EQ(found->point, looked->point) << screen.x << ", " << screen.y;
      ASSERT_EQ(found->distance, looked->distance);
      const auto near = picker_.nearest(points_, view, screen, hidden, 20);
      ASSERT_EQ(near.has_value(), looked->distance <= 20);
    }
    for (int i = 0; i < queries / 10; ++i) {
      const Vec2 a = place(3), b = place(3);
      const Box box{{std::min(a.x, b.x), std::min(a.y, b.y)},
                    {std::max(a.x, b.x), std::max(a.y, b.y)}};
      std::vector<Vec2> star;  // crosses itself
      for (int corner = 0; corner < 37; ++corner) {
        const float angle = static_cast<float>(corner) * 2.4F;
        const float radius = 0.5F + std::fmod(static_cast<float>(corner) * 0.37F, 2.0F);
        star.push_back({a.x + radius * std::cos(angle), a.y + radius * std::sin(angle)});
      }
      std::vector<std::size_t> in_box, in_star;
      for (std::size_t point = 0; point < points_.count(); ++point) {
        const Vec2 at = points_.to()[point];
        if (points_.hidden(point, hidden)) continue;
        if (at.x >= box.low.x && at.x <= box.high.x && at.y >= box.low.y && at.y <= box.high.y) {
          in_box.push_back(point);
        }
        if (within(star, at)) in_star.push_back(point);
      }
      ASSERT_EQ(picker_.inside(points_, box, hidden), in_box);
      ASSERT_EQ(picker_.inside(points_, Lasso(star), hidden), in_star);
    }
  }

  std::mt19937 random_{7};
  Points points_;
  Picker picker_;
  double now_s_ = 0;
};

TEST_F(PickingTest, ACloudIsPickedAsByLookingAtEveryPoint) {
  show(cloud(20000));
  expect_as_by_looking();
}

TEST_F(PickingTest, LabelsThatTheLegendHidesAreNotMeant) {
  show(cloud(20000));
  HiddenLabels hidden;
  for (const std::size_t label : {0, 1, 2, 3, 4, 6, 7, 8, 9}) hidden.set(label);
  expect_as_by_looking(100, hidden);
  hidden.set(5);
  EXPECT_FALSE(picker_.nearest(points_, {}, {0, 0}, hidden));
}

TEST_F(PickingTest, OfEqualPlacesTheFirstIsMeant) {
  std::vector<Vec2> places = cloud(9000);
  for (std::size_t i = 0; i < places.size(); ++i) {
    places[i] = {std::round(places[i].x * 4) / 4, std::round(places[i].y * 4) / 4};
  }
  show(places);
  expect_as_by_looking();
}

TEST_F(PickingTest, CodesThatAreNoNumbersAreNeverMeant) {
  std::vector<Vec2> places = cloud(20000);
  for (std::size_t i = 0; i < places.size(); i += 3) places[i].x = kNaN;
  for (std::size_t i = 1; i < places.size(); i += 7)
    places[i].y = i % 2 == 0 ? kInfinity : -kInfinity;
  places[5] = {1e38F, -1e38F};
  show(places);
  expect_as_by_looking();
}

TEST_F(PickingTest, AFewFarCodesDoNotSpoilTheGrid) {
  std::vector<Vec2> places = cloud(20000, 0.01F);
  for (std::size_t i = 0; i < 20; ++i) places[i * 900] = place(500);
  show(places);
  expect_as_by_looking();
}

TEST_F(PickingTest, CollapsedAndOneDimensionalCodesArePicked) {
  show(std::vector<Vec2>(9000, Vec2{0.5F, -0.25F}));
  expect_as_by_looking(100);
  std::vector<Vec2> line = cloud(9000);
  for (Vec2& at : line) at.y = 0;
  show(line);
  expect_as_by_looking(100);
  for (Vec2& at : line) at = {0, at.x};
  show(line);
  expect_as_by_looking(100);
  // So small and so far off that few floats lie between them.
  std::vector<Vec2> small = cloud(9000, 1e-4F);
  for (Vec2& at : small) at.x += 1000;
  show(small);
  expect_as_by_looking(100);
}

TEST_F(PickingTest, NothingAndOnePointAndFewNeedNoGrid) {
  const LatentView view{{0, 0}, {800, 600}, {0, 0}, 100};
  EXPECT_FALSE(picker_.nearest(points_, view, {0, 0}, {}));
  EXPECT_THAT(picker_.inside(points_, Box{{-1, -1}, {1, 1}}, {}), IsEmpty());
  show({{1, 1}});
  EXPECT_EQ(picker_.nearest(points_, view, view.to_screen({1, 1}), {}, 1)->point, 0U);
  EXPECT_FALSE(picker_.nearest(points_, view, view.to_screen({2, 1}), {}, 99));
  EXPECT_THAT(picker_.inside(points_, Box{{1, 1}, {2, 2}}, {}), ElementsAre(0));
  EXPECT_FALSE(picker_.has_grid(points_));
}

TEST_F(PickingTest, TheGridFollowsTheCodesAndRestsWhileTheyMove) {
  const LatentView view{{0, 0}, {800, 600}, {0, 0}, 100};
  std::vector<Vec2> places = cloud(20000);
  show(places);
  EXPECT_TRUE(picker_.has_grid(points_));
  places[77] = {40, 40};
  show(places);  // other inputs: they are there at once
  EXPECT_EQ(picker_.nearest(points_, view, view.to_screen({40, 40}), {})->point, 77U);
}

TEST(PickingGrid, IsMadeAPieceAtATime) {
  std::vector<Vec2> places(10000);
  for (std::size_t i = 0; i < places.size(); ++i) {
    places[i] = {static_cast<float>(i % 100), static_cast<float>(i / 100)};
  }
  PickingGrid grid;
  grid.begin(places, {{0, 0}, {99, 99}});
  int pieces = 0;
  while (!grid.advance(places, 1000)) {
    ASSERT_FALSE(grid.ready());
    ASSERT_LT(++pieces, 100);
  }
  EXPECT_NEAR(pieces, 19, 2);  // each point is handled twice
  const auto found = grid.nearest({42.4F, 17.6F}, kInfinity, [](std::uint32_t) { return true; });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->index, 1842U);
}

TEST(Lasso, HoldsWhatAnEvenOddRuleHolds) {
  const std::vector<Vec2> square = {{0, 0}, {2, 0}, {2, 2}, {0, 2}};
  EXPECT_TRUE(Lasso(square).contains({1, 1}));
  EXPECT_FALSE(Lasso(square).contains({3, 1}));
  EXPECT_FALSE(Lasso(square).contains({kNaN, 1}));
  const std::vector<Vec2> twice = {{0, 0}, {2, 0}, {2, 2}, {0, 2}, {0, 0}, {2, 0}, {2, 2}, {0, 2}};
  EXPECT_FALSE(Lasso(twice).contains({1, 1}));
  EXPECT_FALSE(Lasso(std::vector<Vec2>{{0, 0}, {1, 1}}).contains({0.5F, 0.5F}));
}

}  // namespace
}  // namespace zscape
