// Pins, paths and their pictures, with the tests' fake model.
#include "app/gui/view/paths/scene.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <thread>

#include "app/gui/view/inputs/decode_pace.h"
#include "app/gui/view/paths/source_codes.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

FakeModel model_of(ModelKind kind, std::uint64_t revision, std::int64_t steps = 0) {
  FakeModel model;
  model.model_spec = reference_spec(kind, *fake_data(), 2);
  model.number = revision;
  model.steps = steps;
  return model;
}

// A decoder of a network that is too large for a frame.
struct SlowModel final : FakeModel {
  SlowModel() : FakeModel(model_of(ModelKind::vae, 1)) {}
  mutable int decodes = 0;

  void decode(std::span<const float> z, std::span<const int> labels,
              std::span<float> pictures) const override {
    ++decodes;
    std::this_thread::sleep_for(std::chrono::milliseconds(4) * (z.size() / 2));
    FakeModel::decode(z, labels, pictures);
  }
};

class SceneTest : public testing::Test {
 protected:
  void use(const FrozenModel& model) { scene_.set_model(model.spec(), data_); }
  Scene::Drawn draw(const FrozenModel& model) {
    return scene_.update_pictures(model, nullptr, now_ += 0.02);
  }

  std::shared_ptr<const Dataset> data_ = fake_data();
  Pictures pictures_;
  Scene scene_{pictures_};
  double now_ = 1;
};

TEST_F(SceneTest, EachMoveOfThePointerIsDecodedInThatFrame) {
  const FakeModel model = model_of(ModelKind::vae, 1);
  use(model);
  draw(model);
  for (int i = 0; i < 5; ++i) {
    scene_.point_at(Vec2{0.1F * static_cast<float>(i + 1), 0});
    const Scene::Drawn drawn = draw(model);
    EXPECT_EQ(drawn.pictures, 1);
    EXPECT_TRUE(drawn.cursor);
  }
  EXPECT_EQ(draw(model).pictures, 0);  // nothing moved
}

TEST_F(SceneTest, PinsAndPathsAreDecodedAgainWithNewWeights) {
  const FakeModel first = model_of(ModelKind::vae, 1);
  use(first);
  scene_.add_pin({1, 2}, std::nullopt, 0);
  scene_.add_path({{0, 0}, {}}, {{1, 1}, {}}, 0);
  int pictures = 0;
  for (int i = 0; i < 5; ++i) pictures += draw(first).pictures;
  EXPECT_EQ(pictures, 1 + 1 + 2 * kPathFrames);  // linear and spherical; no geodesic is found yet
  const FakeModel second = model_of(ModelKind::vae, 2, 50);
  pictures = 0;
  for (int i = 0; i < 5; ++i) pictures += draw(second).pictures;
  EXPECT_EQ(pictures, 1 + 1 + 2 * kPathFrames);
  scene_.select_nothing();  // then only the chosen mode is seen
  pictures = 0;
  for (int i = 0; i < 5; ++i) pictures += draw(first).pictures;
  EXPECT_EQ(pictures, 1 + 1 + kPathFrames);
}

TEST_F(SceneTest, OffThePlotTheSelectedPinOrTheOriginIsShown) {
  use(model_of(ModelKind::vae, 1));
  EXPECT_EQ(scene_.shown_z(), (std::vector<float>{0, 0}));
  scene_.add_pin({1, 2}, std::nullopt, 0);
  scene_.point_at(Vec2{5, 5});
  EXPECT_EQ(scene_.shown_z(), (std::vector<float>{5, 5}));
  scene_.leave();
  EXPECT_EQ(scene_.shown_z(), (std::vector<float>{1, 2}));
}

TEST_F(SceneTest, APathGoesInEqualStepsFromEndToEnd) {
  use(model_of(ModelKind::vae, 1));
  const Path& path = scene_.add_path({{-1, 0}, {}}, {{1, 2.2F}, {}}, 0);
  const std::vector<std::vector<float>>& frames = path.film().z;
  ASSERT_EQ(frames.size(), static_cast<std::size_t>(kPathFrames));
  EXPECT_EQ(frames.front(), (std::vector<float>{-1, 0}));
  EXPECT_EQ(frames.back(), (std::vector<float>{1, 2.2F}));
  for (std::size_t i = 1; i < frames.size(); ++i) {
    EXPECT_NEAR(frames[i][0] - frames[i - 1][0], 2.0 / (kPathFrames - 1), 1e-6);
    EXPECT_NEAR(frames[i][1] - frames[i - 1][1], 2.2 / (kPathFrames - 1), 1e-6);
  }
}

TEST_F(SceneTest, ThePlaneGoesThroughThePinnedZ) {
  ModelSpec spec = reference_spec(ModelKind::vae, *data_, 4);
  scene_.set_model(spec, data_);
  scene_.choose_axes({false, false, {1, 3, 2}});
  scene_.add_pin({1, 2, 3, 4}, std::nullopt, 0);
  scene_.point_at(Vec2{-1, -2});
  EXPECT_EQ(scene_.shown_z(), (std::vector<float>{1, -1, 3, -2}));
}

TEST_F(SceneTest, AnotherLatentSizeTakesPinsAndPathsAway) {
  use(model_of(ModelKind::vae, 1));
  scene_.add_pin({1, 2}, std::nullopt, 0);
  scene_.set_model(reference_spec(ModelKind::cvae, *data_, 2), data_);
  EXPECT_EQ(scene_.pins().size(), 1U);  // the same space: it stays
  EXPECT_EQ(scene_.labels(), 10);
  scene_.set_model(reference_spec(ModelKind::vae, *data_, 3), data_);
  EXPECT_TRUE(scene_.pins().empty());
}

// Rows of a split with the codes (row, step).
ModelView view_of(const FakeModel& model, std::vector<std::int64_t> rows) {
  ModelView view;
  view.spec = model.spec();
  view.weights = std::make_shared<FakeModel>(model);
  auto codes = std::make_shared<Codes>();
  codes->latent = 2;
  codes->revision = model.number;
  for (const std::int64_t row : rows) {
    codes->mean.own().push_back(static_cast<float>(row));
    codes->mean.own().push_back(static_cast<float>(model.steps));
  }
  codes->indices = std::make_shared<const std::vector<std::int64_t>>(std::move(rows));
  view.train_sample = std::move(codes);
  return view;
}

TEST_F(SceneTest, WhatStandsForAnInputGoesWhereThatLies) {
  const FakeModel first = model_of(ModelKind::vae, 1, 10);
  use(first);
  const PointRef in_sample{SplitName::train, 5}, beyond{SplitName::train, 6};
  scene_.add_pin({5, 10}, in_sample, 0);
  scene_.add_pin({8, 8}, std::nullopt, 0);
  scene_.add_path({{5, 10}, in_sample}, {{0, 0}, beyond}, 0);
  scene_.take_events();
  SourceCodes sources;
  const auto follow = [&](const FakeModel& model) {
    const auto codes = sources.update(scene_.marks().sources(), view_of(model, {1, 5, 9}), *data_);
    scene_.move_sources(codes);
  };
  const FakeModel second = model_of(ModelKind::vae, 2, 20);
  follow(second);
  const InputBlock<float> mean =
      second
          .encode(*data_, SplitName::train, std::make_shared<const std::vector<std::int64_t>>(1, 6),
                  {})
          ->mean;
  const std::vector<float> own(mean.begin(), mean.end());
  EXPECT_EQ(scene_.pins()[0].z, (std::vector<float>{5, 20}));
  EXPECT_EQ(scene_.pins()[1].z, (std::vector<float>{8, 8}));
  EXPECT_EQ(scene_.paths()[0].points[0].z, (std::vector<float>{5, 20}));
  EXPECT_EQ(scene_.paths()[0].points[1].z, own);  // it is not in the sample
  EXPECT_EQ(scene_.paths()[0].film().z.front(), (std::vector<float>{5, 20}));
  EXPECT_TRUE(scene_.take_events().empty());  // no hand did it

  scene_.undo();  // the path; the pin does not go back
  EXPECT_TRUE(scene_.paths().empty());
  EXPECT_EQ(scene_.pins()[0].z, (std::vector<float>{5, 20}));
  follow(model_of(ModelKind::ae, 3, 30));  // another kind has that input elsewhere
  scene_.redo();
  EXPECT_EQ(scene_.pins()[0].z, (std::vector<float>{5, 30}));
  EXPECT_EQ(scene_.paths()[0].points[0].z, (std::vector<float>{5, 30}));
  EXPECT_EQ(scene_.take_events().size(), 2U);  // gone and back: the path alone
}

TEST_F(SceneTest, AMomentWithoutAnEncoderLeavesOtherInputsWhereTheyAre) {
  const FakeModel model = model_of(ModelKind::vae, 1, 10);
  ModelView moment = view_of(model, {1, 5, 9});
  moment.weights = nullptr;
  SourceCodes sources;
  const std::vector<PointRef> inputs = {{SplitName::train, 5}, {SplitName::train, 6}};
  const auto codes = sources.update(inputs, moment, *data_);
  ASSERT_EQ(codes.size(), 1U);
  EXPECT_EQ(codes[0].input, inputs[0]);
  EXPECT_EQ(sources.missing(), std::vector<PointRef>{inputs[1]});
  EXPECT_TRUE(sources.update(inputs, moment, *data_).empty());  // nothing new
}

TEST_F(SceneTest, MarksOfInputsThatThePastDoesNotKnowAreNotPlaced) {
  const PointRef known{SplitName::train, 1}, other{SplitName::train, 2};
  scene_.add_pin({1, 1}, other, 0);
  scene_.add_pin({0, 1}, std::nullopt, 0);
  scene_.add_path({{1, 1}, other}, {{0, 0}, known}, 0);
  scene_.set_unplaced({other});
  EXPECT_FALSE(scene_.is_placed(scene_.pins()[0]));
  EXPECT_TRUE(scene_.is_placed(scene_.pins()[1]));
  EXPECT_FALSE(scene_.is_placed(scene_.paths()[0]));
  scene_.set_unplaced({});
  EXPECT_TRUE(scene_.is_placed(scene_.pins()[0]));
  EXPECT_TRUE(scene_.is_placed(scene_.paths()[0]));
}

TEST_F(SceneTest, CvaeDecodesEveryLabelAtTheCursor) {
  const FakeModel model = model_of(ModelKind::cvae, 1);
  use(model);
  draw(model);
  scene_.point_at(Vec2{1, 1});
  EXPECT_EQ(draw(model).pictures, 11);
  for (const SceneImage& image : scene_.label_strip()) EXPECT_NE(image.slot, kNoPicture);
}

TEST_F(SceneTest, ASlowDecoderIsLeftToTheWorkerOneRequestAtATime) {
  const SlowModel model;
  use(model);
  scene_.point_at(Vec2{1, 0});
  for (int i = 0; i < 10 && !draw(model).request; ++i)
    scene_.point_at(Vec2{1, 0.1F * static_cast<float>(i)});
  const int decodes = model.decodes;
  scene_.point_at(Vec2{2, 2});
  const Scene::Drawn waiting = scene_.update_pictures(model, nullptr, now_ + 0.01);
  EXPECT_FALSE(waiting.request);  // the first is still awaited
  EXPECT_FALSE(waiting.cursor);
  ASSERT_TRUE(scene_.wake_s());  // a window at rest looks again then
  const Scene::Drawn patience = scene_.update_pictures(model, nullptr, *scene_.wake_s());
  ASSERT_TRUE(patience.request);
  EXPECT_EQ(patience.request->z[0], 2);
  EXPECT_EQ(model.decodes, decodes);  // none in the frame

  auto answer = std::make_shared<DecodedPictures>();
  answer->revision = 1;
  answer->z = patience.request->z;
  answer->pixels.assign(answer->z.size() / 2 * 64, 0.25F);
  const Scene::Drawn drawn = scene_.update_pictures(model, answer, now_ + 10.1);
  EXPECT_TRUE(drawn.cursor);
  EXPECT_FALSE(drawn.request);
  EXPECT_FALSE(scene_.wake_s());
}

TEST(DecodePace, KeepsAFrameWithinItsBudget) {
  DecodePace pace;
  EXPECT_EQ(pace.allowance(3), 3);  // unknown: the least
  pace.measured(1, 0.5);
  EXPECT_EQ(pace.allowance(1), 10);  // 5 ms
  pace.forget();
  pace.measured(1, 30);
  EXPECT_TRUE(pace.immediate());  // the first may be anything
  for (int i = 0; i < 8; ++i) pace.measured(1, 3);
  EXPECT_FALSE(pace.immediate());
}

TEST(LogPrior, IsTheStandardNormalDensity) {
  const std::vector<float> z = {1, -2};
  const double expected = -0.5 * 5 - std::log(2 * std::numbers::pi);
  EXPECT_NEAR(log_prior(z), expected, 1e-9);
}

}  // namespace
}  // namespace zscape
