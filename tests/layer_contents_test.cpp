// What the layers of the latent view show, worked out by hand: colours, centroids, posteriors, the
// density and the decoded grid.
#include "app/gui/view/latent/layer_contents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <thread>

#include "app/gui/view/frame/theme.h"
#include "app/gui/view/latent/coloring.h"
#include "app/gui/view/latent/picking.h"
#include "app/gui/view/latent/view_fit.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

class LayerContentsTest : public testing::Test {
 protected:
  LayerContentsTest() {
    view_.spec = reference_spec(ModelKind::vae, *data_, 2);
    view_.state = RunState::paused;
    scene_.set_model(view_.spec, data_);
  }

  // Codes of the rows 0, 1, …: label = row % 10.
  void show(std::vector<float> mean, std::vector<float> sigma = {}) {
    auto codes = std::make_shared<Codes>();
    codes->latent = view_.spec.latent;
    std::vector<std::int64_t> rows(mean.size() / static_cast<std::size_t>(codes->latent));
    std::iota(rows.begin(), rows.end(), std::int64_t{0});
    codes->indices = std::make_shared<const std::vector<std::int64_t>>(std::move(rows));
    codes->mean = std::move(mean);
    codes->sigma = std::move(sigma);
    codes->revision = ++revision_;
    view_.train_sample = std::move(codes);
    follow();
  }
  void follow() {
    points_.update(view_, data_, SplitName::train, Axes{0, 1}, now_ += 10);
    follow_data(metadata_, data_.get());
    contents_.follow(points_, view_, *data_, choice_, metadata_);
  }
  void color_by(ColorBy by, int factor = 0) {
    choice_ = {by, factor};
    follow();
  }
  const Coloring& coloring() const { return contents_.coloring; }

  std::shared_ptr<Dataset> data_ = std::make_shared<Dataset>(*fake_data());
  ModelView view_;
  Pictures pictures_;
  Scene scene_{pictures_};
  Points points_;
  LayerContents contents_{pictures_};
  ColorChoice choice_;
  MetadataChoice metadata_;
  double now_ = 1;
  std::uint64_t revision_ = 0;
};

TEST(Layers, PointsPriorPathsAndPinsAreOnAtFirst) {
  const Layers layers;
  for (const Layer layer : kLayers) {
    const std::set<Layer> on{Layer::points, Layer::prior, Layer::paths, Layer::pins};
    EXPECT_EQ(layers.shown(layer), on.count(layer) == 1) << text_of(layer).id;
  }
}

TEST(Layers, HaveOneFieldAtATime) {
  Layers layers;
  for (const Layer first : kLayers) {
    for (const Layer second : kLayers) {
      layers.show(first);
      layers.show(second);
      EXPECT_TRUE(layers.shown(second));
      const bool both_fields = first != second && is_field(first) && is_field(second);
      EXPECT_EQ(layers.shown(first), !both_fields) << text_of(first).id << text_of(second).id;
      layers.show(first, false);
      layers.show(second, false);
    }
  }
  layers.show(Layer::density);
  layers.flip(Layer::stretch);
  EXPECT_FALSE(layers.shown(Layer::density));
  layers.flip(Layer::stretch);
  EXPECT_FALSE(layers.shown(Layer::stretch));
}

TEST(Layers, ThatSayWhySayWhatTheyNeed) {
  ModelSpec spec = reference_spec(ModelKind::ae, *fake_data(), 2);
  EXPECT_THAT(why_not(Layer::mismatch, spec, true), testing::HasSubstr("ae has no prior"));
  for (const Layer layer : {Layer::forces, Layer::trips, Layer::stretch}) {
    EXPECT_EQ(why_not(layer, spec, true), "") << text_of(layer).id;
    EXPECT_THAT(why_not(layer, spec, true, true), testing::HasSubstr("needs a plane"));
  }
  spec = reference_spec(ModelKind::mae, *fake_data(), 2);
  EXPECT_THAT(why_not(Layer::forces, spec, true), testing::HasSubstr("hidden pixels only"));
  spec = reference_spec(ModelKind::vae, *fake_data(), 3);
  EXPECT_THAT(why_not(Layer::lens, spec, true), testing::HasSubstr("one or two"));
  EXPECT_EQ(why_not(Layer::mismatch, spec, true), "");
}

TEST(Layers, WhatNeedsAPriorSaysSo) {
  ModelSpec spec = reference_spec(ModelKind::ae, *fake_data(), 2);
  EXPECT_THAT(why_not(Layer::ellipses, spec, true), testing::HasSubstr("ae has no prior"));
  EXPECT_THAT(why_not(Layer::centroids, spec, false), testing::HasSubstr("no labels"));
  EXPECT_EQ(why_not(Layer::manifold, spec, false), "");
  spec = reference_spec(ModelKind::vae, *fake_data(), 2);
  EXPECT_EQ(why_not(Layer::prior, spec, true), "");
  EXPECT_EQ(why_not(Layer::prior, spec, true, true), "");  // in space, as spheres
  EXPECT_THAT(why_not(Layer::density, spec, true, true), testing::HasSubstr("needs a plane"));
}

TEST(PosteriorKl, IsTheClosedForm) {
  const std::vector<float> mean{1, -2}, sigma{0.5F, 2};
  const double expected = 0.5 * ((1 + 0.25 - std::log(0.25) - 1) + (4 + 4 - std::log(4.0) - 1));
  EXPECT_NEAR(posterior_kl(mean, sigma), expected, 1e-6);
  EXPECT_NEAR(posterior_kl(std::vector<float>{0, 0}, std::vector<float>{1, 1}), 0, 1e-9);
}

TEST(ColorMap, RisesInLightnessAndStandsOutOfTheGround) {
  float last = 0;
  for (int i = 0; i <= 20; ++i) {
    const ImVec4 rgb = ImGui::ColorConvertU32ToFloat4(map_color(static_cast<float>(i) / 20));
    const auto linear = [](float part) { return std::pow(part, 2.2F); };
    const float light = 0.2126F * linear(rgb.x) + 0.7152F * linear(rgb.y) + 0.0722F * linear(rgb.z);
    EXPECT_GT(light, last);
    EXPECT_GT((light + 0.05F) / (0.007F + 0.05F), 2.5F);
    last = light;
  }
  EXPECT_EQ(map_color(-3), map_color(0));
  EXPECT_EQ(map_color(7), map_color(1));
}

TEST_F(LayerContentsTest, ByLabelEntriesAreTheLabels) {
  show({0, 0, 1, 1, 2, 2});
  EXPECT_THAT(coloring().entries(), ElementsAre(0, 1, 2));
  EXPECT_FALSE(coloring().continuous());
  EXPECT_EQ(coloring().palette()[1], class_color(1));
}

TEST_F(LayerContentsTest, ByKlTheSmallestTakesTheFirstColourAndTheLargestTheLast) {
  show({0, 0, 3, 0, 1, 0}, {1, 1, 1, 1, 1, 1});
  color_by(ColorBy::kl);
  ASSERT_TRUE(coloring().continuous());
  EXPECT_FLOAT_EQ(coloring().low(), 0);
  EXPECT_FLOAT_EQ(coloring().high(), 4.5F);
  EXPECT_FLOAT_EQ(*coloring().value(2), 0.5F);
  EXPECT_THAT(coloring().entries(), ElementsAre(0, 119, 13));  // 0.5 / 4.5 of 119
  EXPECT_EQ(coloring().palette()[119], map_color(1));
}

TEST_F(LayerContentsTest, WithoutAPriorKlFallsBackToLabels) {
  view_.spec = reference_spec(ModelKind::ae, *data_, 2);
  show({0, 0, 3, 0});
  color_by(ColorBy::kl);
  EXPECT_EQ(coloring().choice(), ColorChoice{});
  EXPECT_THAT(coloring().entries(), ElementsAre(0, 1));
}

TEST_F(LayerContentsTest, AFactorIsTheColumnOfTheData) {
  data_->factor_names = {"slant", "thickness"};
  data_->train.factors.assign(1024, 0);
  data_->train.factors = {0, 5, 0, 9, 0, 7};
  show({0, 0, 1, 1, 2, 2});
  color_by(ColorBy::factor, 1);
  EXPECT_EQ(name_of(coloring().choice(), *data_), "Thickness");
  EXPECT_FLOAT_EQ(*coloring().value(1), 9);
  EXPECT_FLOAT_EQ(coloring().low(), 5);
  EXPECT_EQ(coloring().entries()[1], 119);
  color_by(ColorBy::factor, 2);
  EXPECT_EQ(coloring().choice().by, ColorBy::label);
}

// Of the first six rows: north, south, none, north, east, north; and their ages.
class MetadataLayersTest : public LayerContentsTest {
 protected:
  MetadataLayersTest() {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    MetadataColumn site, age;
    site.name = "site";
    age.name = "age";
    site.texts = std::make_shared<const std::vector<std::string>>(
        std::vector<std::string>{"east", "north", "south"});
    site.places = {1, 2, -1, 1, 0, 1};
    age.numbers = {10, 20, 30, 40, kNone, 60};
    for (Split* split : {&data_->train, &data_->test}) {
      split->metadata = {site, age};
      const auto count = static_cast<std::size_t>(split->count);
      split->metadata[0].places.resize(count, -1);
      split->metadata[1].numbers.resize(count, kNone);
    }
    show({0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5});
  }

  MetadataFilter& filter() { return metadata_.filter; }
  std::vector<std::uint8_t> dimmed() {
    contents_.dimming.update(points_, {}, nullptr, contents_.metadata);
    return {contents_.dimming.dimmed().begin(), contents_.dimming.dimmed().end()};
  }
};

TEST_F(MetadataLayersTest, TextsHaveAColourEachAndNoneTheLast) {
  color_by(ColorBy::metadata, 0);
  EXPECT_FALSE(coloring().continuous());
  constexpr auto kNone = Coloring::kNoValue;
  EXPECT_THAT(coloring().entries(), ElementsAre(1, 2, kNone, 1, 0, 1));
  EXPECT_EQ(coloring().palette()[1], class_color(1));
  EXPECT_THAT(coloring().text_counts(), ElementsAre(1, 3, 1, 1));
  EXPECT_EQ(coloring().text_totals()[1], 3);
  EXPECT_EQ(name_of(coloring().choice(), *data_), "site");
  color_by(ColorBy::metadata, 2);
  EXPECT_EQ(coloring().choice().by, ColorBy::label);
}

TEST_F(MetadataLayersTest, NumbersHaveARamp) {
  color_by(ColorBy::metadata, 1);
  ASSERT_TRUE(coloring().continuous());
  EXPECT_FLOAT_EQ(coloring().low(), 10);
  EXPECT_FLOAT_EQ(coloring().high(), 60);
  EXPECT_FALSE(coloring().value(4));
  EXPECT_EQ(coloring().entries()[5], 119);
  EXPECT_EQ(coloring().entries()[4], Coloring::kNoValue);
}

TEST_F(MetadataLayersTest, AFilterHidesPointsFromSightAndPointer) {
  filter().column = 0;
  filter().hidden.set(1);
  filter().hidden.set(3);  // without a value
  follow();
  EXPECT_THAT(contents_.metadata.left_out(), ElementsAre(1, 0, 1, 1, 0, 1));
  EXPECT_THAT(dimmed(), ElementsAre(1, 0, 1, 1, 0, 1));
  LatentView view;
  view.size = {100, 100};
  view.pixels_per_unit = 10;
  const auto picked = nearest_point(points_, view, view.to_screen({0, 0}), {});
  ASSERT_TRUE(picked);
  EXPECT_EQ(picked->point, 1U);
  filter() = {};
  follow();
  EXPECT_THAT(contents_.metadata.left_out(), testing::IsEmpty());
  EXPECT_THAT(dimmed(), Each(0));
  EXPECT_EQ(nearest_point(points_, view, view.to_screen({0, 0}), {})->point, 0U);
}

TEST_F(MetadataLayersTest, ARangeLeavesOutWhatHasNoNumber) {
  filter().column = 1;
  filter().low = 20;
  filter().high = 40;
  follow();
  EXPECT_THAT(contents_.metadata.left_out(), ElementsAre(1, 0, 0, 0, 1, 1));
  EXPECT_EQ(contents_.metadata.shown_inputs(), 3);
  // Codes of other inputs forget it.
  show({0, 0, 1, 1});
  EXPECT_THAT(contents_.metadata.left_out(), ElementsAre(1, 0));
}

TEST_F(MetadataLayersTest, ASearchFindsTextsNumbersAndFiles) {
  const auto found = [&](const char* search) {
    metadata_.search = search;
    follow();
    const auto points = contents_.metadata.found_points();
    return std::vector<std::size_t>(points.begin(), points.end());
  };
  EXPECT_THAT(found("NOR"), ElementsAre(0, 3, 5));
  EXPECT_EQ(contents_.metadata.found_inputs(), 3);
  EXPECT_THAT(dimmed(), ElementsAre(0, 1, 1, 0, 1, 0));
  EXPECT_THAT(found("th"), ElementsAre(0, 1, 3, 5));
  EXPECT_THAT(found("20"), ElementsAre(1));
  EXPECT_THAT(found("2"), testing::IsEmpty());
  EXPECT_THAT(dimmed(), Each(1));
  filter().column = 0;
  filter().hidden.set(1);
  EXPECT_THAT(found("th"), ElementsAre(1));
  filter() = {};
  EXPECT_THAT(found("  "), testing::IsEmpty());
  EXPECT_THAT(dimmed(), Each(0));
  data_->train.files.assign(static_cast<std::size_t>(data_->train.count), "a.png");
  data_->train.files[2] = "Bee.png";
  EXPECT_THAT(found("bee"), ElementsAre(2));
}

TEST_F(MetadataLayersTest, IsForgottenWithOtherData) {
  metadata_.search = "north";
  filter().column = 1;
  data_ = std::make_shared<Dataset>(*fake_data());
  follow();
  EXPECT_EQ(metadata_.search, "");
  EXPECT_EQ(filter().column, -1);
}

TEST_F(LayerContentsTest, ReconstructionErrorsAreAskedForOnceAndTakenByRow) {
  auto weights = std::make_shared<FakeModel>();
  weights->model_spec = view_.spec;
  weights->number = 5;
  view_.weights = weights;
  show({0, 0, 1, 1, 2, 2});
  EXPECT_FALSE(contents_.coloring.request(view_, 1));  // nobody looks at them
  color_by(ColorBy::reconstruction_error);
  EXPECT_THAT(coloring().entries(), Each(Coloring::kNoValue));
  ASSERT_TRUE(contents_.coloring.request(view_, 2));
  EXPECT_FALSE(contents_.coloring.request(view_, 3));

  auto errors = std::make_shared<InputErrors>();  // of fewer inputs, as before a pause
  errors->indices =
      std::make_shared<const std::vector<std::int64_t>>(std::vector<std::int64_t>{0, 2});
  errors->mse = {0.25F, 0.75F};
  errors->revision = 4;
  view_.errors = errors;
  follow();
  EXPECT_THAT(coloring().entries(), ElementsAre(0, Coloring::kNoValue, 119));
  EXPECT_FALSE(coloring().value(1));
  EXPECT_TRUE(contents_.coloring.request(view_, 4));  // the others are still missing

  auto all = std::make_shared<InputErrors>();
  all->indices = points_.codes()->indices;
  all->mse = {0.1F, 0.2F, 0.3F};
  all->revision = 5;
  view_.errors = all;
  follow();
  EXPECT_FLOAT_EQ(*coloring().value(1), 0.2F);
  EXPECT_FALSE(contents_.coloring.request(view_, 100));  // they are of the present weights
  weights->number = 6;
  view_.state = RunState::running;
  EXPECT_FALSE(contents_.coloring.request(view_, 4.5));  // at a modest pace
  EXPECT_TRUE(contents_.coloring.request(view_, 200));
}

TEST_F(LayerContentsTest, CentroidsAreTheMeansOfLabelsAndTheNearestOneIsAPrediction) {
  std::vector<float> mean(22, 0);
  for (std::size_t i = 0; i < 11; ++i) mean[2 * i] = static_cast<float>(i) * 4;
  mean[20] = 1;  // row 10 has the label 0, as row 0
  mean[18] = 5;  // row 9 lies beside row 1
  show(mean);
  EXPECT_EQ(contents_.means.classes(), 10);
  EXPECT_EQ(contents_.means.count(0), 2);
  EXPECT_THAT(contents_.means.mean(0), ElementsAre(0.5F, 0));
  EXPECT_FLOAT_EQ(contents_.means.position(0, 1).x, 0.5F);
  const std::vector<float> z{3.9F, 0};
  EXPECT_EQ(contents_.means.nearest(z), 1);
  color_by(ColorBy::nearest_centroid);
  EXPECT_EQ(coloring().entries()[10], 0);
  EXPECT_EQ(coloring().palette()[3], class_color(3));
  EXPECT_DOUBLE_EQ(*coloring().agreement(), 1);
  EXPECT_EQ(coloring().centroid_counts()[0], 2);
  EXPECT_EQ(
      std::accumulate(coloring().centroid_counts().begin(), coloring().centroid_counts().end(), 0),
      11);
}

TEST_F(LayerContentsTest, PosteriorsAreThinnedToTenThousand) {
  data_ = std::make_shared<Dataset>(*fake_data(25000, 10, {1, 1, 1}));
  std::vector<float> mean(50000, 0), sigma(50000, 0.5F);
  for (std::size_t i = 0; i < 25000; ++i) sigma[2 * i + 1] = 0.1F;
  show(mean, sigma);
  Layers layers;
  layers.show(Layer::ellipses);
  const LatentView view{{0, 0}, {400, 300}, {0, 0}, 100};
  contents_.fill(layers, points_, {}, scene_, {view});
  EXPECT_EQ(contents_.posteriors.count(), 0U);  // of the selection only
  layers.ellipses_of_all = true;
  contents_.fill(layers, points_, {}, scene_, {view});
  EXPECT_LE(contents_.posteriors.count(), 10000U);
  EXPECT_GT(contents_.posteriors.count(), 8000U);
  EXPECT_FLOAT_EQ(contents_.posteriors.sigma()[7].x, 0.5F);
  EXPECT_FLOAT_EQ(contents_.posteriors.sigma()[7].y, 0.1F);
  EXPECT_FLOAT_EQ(contents_.posteriors.typical_sigma(), 0.5F);
}

TEST_F(LayerContentsTest, WithoutAGpuFewEllipsesAreDrawnWhileTheViewMovesAndAllAtRest) {
  data_ = std::make_shared<Dataset>(*fake_data(20000, 10, {1, 1, 1}));
  show(std::vector<float>(40000, 0), std::vector<float>(40000, 0.5F));
  Layers layers;
  layers.show(Layer::ellipses);
  layers.ellipses_of_all = true;
  LatentView view{{0, 0}, {400, 300}, {0, 0}, 100};
  const auto count = [&](double now_s, bool software) {
    contents_.fill(layers, points_, {}, scene_, {view, 1, now_s, software});
    return contents_.posteriors.count();
  };
  EXPECT_EQ(count(100, true), 1000U);
  EXPECT_TRUE(contents_.refining);
  EXPECT_EQ(count(101, true), 10000U);
  EXPECT_FALSE(contents_.refining);
  view.center.x += 1;
  EXPECT_EQ(count(101.1, true), 1000U);
  EXPECT_EQ(count(101.1, false), 10000U);
}

TEST_F(LayerContentsTest, TheDensityIsHighestWhereShownCodesAre) {
  std::vector<float> mean(40, 0);
  for (std::size_t i = 0; i < 20; ++i) mean[2 * i] = i % 10 == 3 ? 1.0F : -1.0F;
  show(mean);
  Layers layers;
  layers.show(Layer::density);
  const LatentView view{{50, 20}, {400, 300}, {0, 0}, 100};
  const auto at = [&](float x, float y) {
    const Vec2 place = view.to_screen({x, y});
    const Density& density = contents_.density;
    const auto column = static_cast<std::size_t>((place.x - 50) / density.cell());
    const auto row = static_cast<std::size_t>((place.y - 20) / density.cell());
    return density.values()[row * static_cast<std::size_t>(density.width()) + column];
  };
  contents_.fill(layers, points_, {}, scene_, {view});
  EXPECT_FLOAT_EQ(at(-1, 0), 1);
  EXPECT_NEAR(at(1, 0), 2.0F / 18, 1e-4);
  // All lie on a line: one axis, and so few between the quartiles that the deviation counts.
  const float deviation = std::sqrt((18 * 0.2F * 0.2F + 2 * 1.8F * 1.8F) / 19);
  const float width = deviation * std::pow(20.0F, -0.2F);
  EXPECT_NEAR(contents_.density.bandwidth().width, width, 1e-4);
  EXPECT_EQ(contents_.density.bandwidth().codes, 20U);
  EXPECT_NEAR(at(-1, 2 * width), std::exp(-0.5F * 4), 0.03);
  EXPECT_NEAR(at(0, 1.4F), 0, 1e-4);
  HiddenLabels others = HiddenLabels().set();
  others.reset(3);
  contents_.fill(layers, points_, others, scene_, {view});
  EXPECT_FLOAT_EQ(at(1, 0), 1);
  EXPECT_NEAR(at(-1, 0), 0, 1e-4);
}

// A run that diverges has codes of any size before its loss is no number.
TEST_F(LayerContentsTest, CodesOfAnySizeBreakNoLayer) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  Layers layers;
  for (const Layer layer : kLayers) layers.show(layer);
  layers.show(Layer::density);  // one field at a time: the last one's place
  layers.ellipses_of_all = true;
  for (const float size : {0.0F, 1e-30F, 1e6F, 1e18F, 1e20F, 1e30F, 3.4e38F, kInfinity}) {
    SCOPED_TRACE(size);
    std::vector<float> mean(400), sigma(400, std::max(size, 1e-30F));
    for (std::size_t i = 0; i < mean.size(); ++i) {
      mean[i] = (i % 3 == 0 ? -1.0F : 1.0F) * size * (static_cast<float>(i % 7) / 7);
    }
    mean[9] = std::nanf("");
    show(mean, sigma);
    color_by(ColorBy::kl);
    for (const float zoom : {1e-2F, 100.0F, 1e6F}) {
      const LatentView view{{50, 20}, {400, 300}, {0, 0}, zoom};
      contents_.fill(layers, points_, {}, scene_, {view});
      EXPECT_THAT(contents_.density.values(),
                  Each(testing::AllOf(testing::Ge(0.0F), testing::Le(1.0F))));
      EXPECT_LE(contents_.density.width(), 400);
      const Box box = points_.extent();
      const ViewTarget target = fit(box_to_show(box, true), view.size);
      EXPECT_TRUE(std::isfinite(target.center.x + target.center.y)) << box.low.x << box.high.x;
      EXPECT_TRUE(std::isfinite(target.pixels_per_unit));
      nearest_point(points_, view, {200, 200}, {});
    }
  }
}

TEST_F(LayerContentsTest, TheKernelOfTheDensityFollowsTheNumberOfCodesAndNotTheZoom) {
  Layers layers;
  layers.show(Layer::density);
  data_ = std::make_shared<Dataset>(*fake_data(6400));
  const auto width_of = [&](std::size_t count, float pixels_per_unit) {
    std::vector<float> mean(2 * count);
    for (std::size_t i = 0; i < count; ++i) {
      mean[2 * i] = static_cast<float>(i % 10);  // the same spread for any number
      mean[2 * i + 1] = static_cast<float>(i / 10 % 10);
    }
    show(mean);
    contents_.fill(layers, points_, {}, scene_, {{{0, 0}, {400, 300}, {4, 4}, pixels_per_unit}});
    return contents_.density.bandwidth().width;
  };
  const float few = width_of(100, 30);
  EXPECT_NEAR(width_of(6400, 30) / few, 0.5F, 0.01F);  // 64^(-1/6)
  EXPECT_FLOAT_EQ(width_of(6400, 3000), width_of(6400, 30));
  EXPECT_LT(contents_.density.width(), 400);
}

TEST_F(LayerContentsTest, TwoHundredClassesEachHaveTheirOwnCountMeanAndSwitch) {
  Dataset many = *fake_data(400);
  many.class_names.clear();
  for (int label = 0; label < 200; ++label) many.class_names.push_back(std::to_string(label));
  for (std::int64_t row = 0; row < 400; ++row) {
    many.train.labels[static_cast<std::size_t>(row)] = static_cast<std::int32_t>(row % 200);
  }
  data_ = std::make_shared<Dataset>(std::move(many));
  std::vector<float> mean(800);
  for (std::size_t i = 0; i < 400; ++i) mean[2 * i] = static_cast<float>(i % 200);
  show(mean);
  for (const std::size_t label : {0, 96, 119, 120, 150, 199}) {
    EXPECT_EQ(points_.counts()[label], 2) << label;
    EXPECT_EQ(points_.totals()[label], 2) << label;
    EXPECT_FLOAT_EQ(contents_.means.mean(static_cast<int>(label))[0], static_cast<float>(label));
    // A point has the colour that the legend shows.
    EXPECT_EQ(coloring().palette()[coloring().entries()[label]],
              class_color(static_cast<int>(label)));
  }
  HiddenLabels hidden;
  hidden.set(150);
  EXPECT_TRUE(points_.hidden(150, hidden));
  EXPECT_FALSE(points_.hidden(199, hidden));
  color_by(ColorBy::nearest_centroid);
  EXPECT_EQ(coloring().agreement(), 1);
}

// ---- The decoded grid
// ----------------------------------------------------------------------------

class ManifoldTest : public LayerContentsTest {
 protected:
  ManifoldTest() { layers_.show(Layer::manifold); }
  Manifold::Drawn draw(const FrozenModel& model,
                       std::shared_ptr<const DecodedPictures> answer = nullptr) {
    contents_.fill(layers_, points_, {}, scene_, {window_});
    return grid().update(model, scene_, std::move(answer), now_ += 0.02);
  }
  void draw_all(const FrozenModel& model) {
    do {
      draw(model);
    } while (grid().stale());
    draw(model);
  }
  Manifold& grid() { return contents_.manifold; }
  std::uint8_t first_pixel(PictureSlot slot) const {
    const Pictures::Place at = pictures_.place(slot);
    const auto corner =
        static_cast<std::size_t>(at.y) * static_cast<std::size_t>(pictures_.width()) +
        static_cast<std::size_t>(at.x);
    return pictures_.sheet()[corner * 4];
  }

  Layers layers_;
  LatentView window_{{0, 0}, {400, 300}, {0.3F, -0.2F}, 100};
  FakeModel model_ = [this] {
    FakeModel model;
    model.model_spec = view_.spec;
    model.number = 1;
    return model;
  }();
};

TEST_F(ManifoldTest, CoversTheWindowWithPicturesOfTheirMiddles) {
  draw_all(model_);
  const float size = grid().cell_size();
  EXPECT_GE(size * 100, 30);
  EXPECT_LT(size * 100, 60);
  EXPECT_EQ(std::exp2(std::round(std::log2(size))), size);
  EXPECT_EQ(grid().fresh(), static_cast<int>(grid().cells().size()));
  std::set<std::pair<int, int>> cells;
  for (const Manifold::Cell& cell : grid().cells()) {
    cells.insert({cell.column, cell.row});
    const float z[2] = {(static_cast<float>(cell.column) + 0.5F) * size,
                        (static_cast<float>(cell.row) + 0.5F) * size};
    std::vector<float> pixels(64);
    model_.decode(z, {}, pixels);
    EXPECT_NEAR(first_pixel(cell.slot), pixels[0] * 255, 0.51F);
  }
  for (const Vec2 corner : {Vec2{1, 1}, {399, 1}, {1, 299}, {399, 299}, {200, 150}}) {
    const Vec2 z = window_.to_latent(corner);
    EXPECT_TRUE(cells.count(
        {static_cast<int>(std::floor(z.x / size)), static_cast<int>(std::floor(z.y / size))}));
  }
}

TEST_F(ManifoldTest, PanningDecodesOnlyWhatComesIntoView) {
  draw_all(model_);
  EXPECT_EQ(draw(model_).pictures, 0);  // at rest: nothing
  const auto before = grid().revision();
  draw(model_);
  EXPECT_EQ(grid().revision(), before);
  window_.center.x += grid().cell_size();
  const int rows = grid().cells().back().row - grid().cells().front().row + 1;
  EXPECT_EQ(draw(model_).pictures, rows);
}

TEST_F(ManifoldTest, NewWeightsAnotherPlaneAndAnotherSizeDecodeAnew) {
  draw_all(model_);
  const auto all = static_cast<int>(grid().cells().size());
  model_.number = 2;
  model_.steps = 100;
  int pictures = 0;
  do {
    pictures += draw(model_).pictures;
  } while (grid().stale());
  EXPECT_EQ(pictures, all);
  window_.pixels_per_unit = 220;
  const float size = grid().cell_size();
  draw_all(model_);
  EXPECT_LT(grid().cell_size(), size);
  EXPECT_EQ(grid().places().size(), grid().cells().size());  // none of the former size is left
}

TEST_F(ManifoldTest, KeepsToThePlaneThroughTheSelectedPin) {
  view_.spec = reference_spec(ModelKind::vae, *data_, 4);
  model_.model_spec = view_.spec;
  scene_.set_model(view_.spec, data_);
  scene_.choose_axes({false, false, {1, 3, 2}});
  draw_all(model_);
  const std::uint8_t without = first_pixel(grid().cells().front().slot);
  scene_.add_pin({1.5F, 0, 0, 0}, std::nullopt, 0);  // the fake decoder reads the first coordinate
  draw_all(model_);
  EXPECT_NE(first_pixel(grid().cells().front().slot), without);
  EXPECT_NEAR(first_pixel(grid().cells().front().slot), (0.5F + 0.5F * std::sin(1.5F)) * 255, 0.51);
}

TEST_F(ManifoldTest, OneDimensionIsOneRow) {
  view_.spec = reference_spec(ModelKind::vae, *data_, 1);
  model_.model_spec = view_.spec;
  scene_.set_model(view_.spec, data_);
  draw_all(model_);
  EXPECT_EQ(grid().cells().front().row, grid().cells().back().row);
}

TEST_F(ManifoldTest, SwitchedOffItGivesItsPicturesBack) {
  draw_all(model_);
  const int height = pictures_.height();
  for (int i = 0; i < 20; ++i) {
    layers_.show(Layer::manifold, false);
    draw(model_);
    EXPECT_TRUE(grid().places().empty());
    layers_.show(Layer::manifold);
    draw_all(model_);
  }
  EXPECT_EQ(pictures_.height(), height);
}

struct SlowDecoder final : FakeModel {
  mutable int decodes = 0;
  int sleep_ms = 3;
  void decode(std::span<const float> z, std::span<const int> labels,
              std::span<float> pictures) const override {
    ++decodes;
    std::this_thread::sleep_for(std::chrono::milliseconds(sleep_ms) * (z.size() / 2));
    FakeModel::decode(z, labels, pictures);
  }
};

class SlowManifoldTest : public ManifoldTest, public testing::WithParamInterface<int> {};

INSTANTIATE_TEST_SUITE_P(Milliseconds, SlowManifoldTest, testing::Values(3, 30));

TEST_P(SlowManifoldTest, GetsAFewLargeCellsAndIsLeftToTheWorker) {
  SlowDecoder slow;
  slow.sleep_ms = GetParam();
  slow.model_spec = view_.spec;
  Manifold::Drawn drawn;
  for (int i = 0; i < 20 && !drawn.request; ++i) {
    slow.number = i + 1;  // on a slow machine the few cells would be fresh before the pace is known
    drawn = draw(slow);
  }
  ASSERT_TRUE(drawn.request);
  EXPECT_TRUE(drawn.request->grid);
  EXPECT_LE(grid().cells().size(), 83U);  // what 3 ms a picture can renew in 250 ms
  const int decodes = slow.decodes;
  EXPECT_FALSE(draw(slow).request);  // the first is awaited
  auto answer = std::make_shared<DecodedPictures>();
  answer->revision = slow.number;
  answer->z = drawn.request->z;
  answer->pixels.assign(answer->z.size() / 2 * 64, 0.25F);
  const int before = grid().fresh();
  draw(slow, answer);
  EXPECT_EQ(slow.decodes, decodes);
  EXPECT_EQ(grid().fresh(), before + static_cast<int>(answer->z.size() / 2));
}

}  // namespace
}  // namespace zscape
