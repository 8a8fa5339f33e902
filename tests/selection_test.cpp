// What is selected, what comes back worst, and the pictures of both, worked out by hand.
#include "app/gui/view/latent/selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "app/gui/view/inputs/input_pictures.h"
#include "app/gui/view/inputs/worst_inputs.h"
#include "app/gui/view/latent/layer_contents.h"
#include "app/gui/view/latent/view_fit.h"
#include "app/gui/view/paths/scene.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kTrain = SplitName::train, kTest = SplitName::test;

Indices first_rows(std::int64_t count) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  return std::make_shared<const std::vector<std::int64_t>>(std::move(rows));
}

class SelectionTest : public testing::Test {
 protected:
  SelectionTest() { selection_.follow(data_); }
  std::shared_ptr<const Dataset> data_ = fake_data();
  Selection selection_;
};

TEST_F(SelectionTest, IsReplacedAddedToAndSubtractedFrom) {
  selection_.choose(kTrain, {1, 5, 9}, SelectMode::replace);
  selection_.choose(kTrain, {2, 5, 10}, SelectMode::add);
  EXPECT_THAT(selection_.rows(kTrain), ElementsAre(1, 2, 5, 9, 10));
  selection_.choose(kTrain, {0, 5, 10}, SelectMode::subtract);
  EXPECT_THAT(selection_.rows(kTrain), ElementsAre(1, 2, 9));
  selection_.choose(kTest, {3}, SelectMode::add);
  EXPECT_EQ(selection_.count(), 4U);
  EXPECT_EQ(selection_.input(2), (PointRef{kTrain, 9}));
  EXPECT_EQ(selection_.input(3), (PointRef{kTest, 3}));
  selection_.choose(kTest, {7}, SelectMode::replace);
  EXPECT_THAT(selection_.rows(kTrain), IsEmpty());
  selection_.toggle({kTest, 7});
  EXPECT_TRUE(selection_.empty());
  selection_.toggle({kTrain, 4});
  EXPECT_TRUE(selection_.contains({kTrain, 4}));
  EXPECT_FALSE(selection_.contains({kTest, 4}));
}

TEST_F(SelectionTest, ItsRevisionTellsOfChangesOnly) {
  selection_.choose(kTrain, {1, 2}, SelectMode::replace);
  const std::uint64_t before = selection_.revision();
  selection_.choose(kTrain, {2}, SelectMode::add);
  EXPECT_EQ(selection_.revision(), before);
  selection_.choose(kTrain, {2}, SelectMode::subtract);
  EXPECT_NE(selection_.revision(), before);
}

TEST_F(SelectionTest, OtherDataTakeItAwayAndTheSameKeepIt) {
  selection_.choose(kTrain, {1, 2}, SelectMode::replace);
  selection_.follow(data_);
  EXPECT_EQ(selection_.count(), 2U);
  selection_.follow(fake_data());
  EXPECT_TRUE(selection_.empty());
}

TEST_F(SelectionTest, IsBackWithItsData) {
  selection_.choose(kTrain, {1, 2}, SelectMode::replace);
  const auto others = fake_data();
  selection_.follow(others);
  selection_.choose(kTest, {3}, SelectMode::replace);
  selection_.follow(data_);
  EXPECT_THAT(selection_.rows(kTrain), ElementsAre(1, 2));
  EXPECT_TRUE(selection_.rows(kTest).empty());
  EXPECT_EQ(std::accumulate(selection_.label_counts().begin(), selection_.label_counts().end(), 0),
            2);
  selection_.clear();
  selection_.follow(others);
  EXPECT_THAT(selection_.rows(kTest), ElementsAre(3));
  selection_.follow(data_);
  EXPECT_TRUE(selection_.empty());
}

TEST_F(SelectionTest, LabelsAreCounted) {
  selection_.choose(kTrain, {3, 13, 14}, SelectMode::replace);
  selection_.choose(kTest, {23}, SelectMode::add);
  EXPECT_THAT(selection_.label_counts(), ElementsAre(0, 0, 0, 3, 1, 0, 0, 0, 0, 0, 0));
}

TEST_F(SelectionTest, TheMeanPictureIsTheMeanOfAll) {
  EXPECT_THAT(selection_.mean_picture(), IsEmpty());
  selection_.choose(kTrain, {1, 2}, SelectMode::replace);
  selection_.choose(kTest, {5}, SelectMode::add);
  EXPECT_TRUE(selection_.adding_up());
  selection_.add_up();
  EXPECT_FALSE(selection_.adding_up());
  const std::vector<float> mean = selection_.mean_picture();
  ASSERT_THAT(mean, SizeIs(64));
  for (const std::size_t pixel : {0, 10, 63}) {
    const double expected = (data_->image(kTrain, 1)[pixel] + data_->image(kTrain, 2)[pixel] +
                             data_->image(kTest, 5)[pixel]) /
                            (3 * 255.0);
    EXPECT_NEAR(mean[pixel], expected, 1e-6);
  }
}

TEST_F(SelectionTest, ALargeMeanTakesSeveralFrames) {
  const auto large = fake_data(40000, 10, {10, 10, 1});  // 4 million values
  selection_.follow(large);
  selection_.choose(kTrain, *first_rows(40000), SelectMode::replace);
  int frames = 0;
  for (; selection_.adding_up(); ++frames) selection_.add_up();
  EXPECT_GE(frames, 2);
  EXPECT_LE(frames, 10);
  double sum = 0;
  for (std::int64_t row = 0; row < 40000; ++row) sum += large->image(kTrain, row)[17];
  EXPECT_NEAR(selection_.mean_picture()[17], sum / 40000 / 255, 1e-5);
}

class SelectedPointsTest : public SelectionTest {
 protected:
  void show(std::int64_t count, SplitName split = kTrain) {
    auto codes = std::make_shared<Codes>();
    codes->split = split;
    codes->latent = 2;
    codes->indices = first_rows(count);
    codes->mean.own().assign(static_cast<std::size_t>(2 * count), 0.0F);
    codes->sigma.assign(static_cast<std::size_t>(2 * count), 0.5F);
    codes->revision = ++revision_;
    ModelView view;
    view.spec = reference_spec(ModelKind::vae, *data_, 2);
    (split == kTrain ? view.train_sample : view.test_sample) = codes;
    points_.update(view, data_, split, Axes{0, 1}, now_s_ += 10);
    contents_.follow(points_, view, *data_, {});
  }
  void fill(const Layers& layers = {}) {
    contents_.fill(layers, points_, {}, scene_, {view_, 1, now_s_, false, &selection_});
  }
  std::uint64_t revision_ = 0;
  double now_s_ = 0;
  LatentView view_{{0, 0}, {400, 300}, {0, 0}, 100};
  Points points_;
  Pictures pictures_;
  Scene scene_{pictures_};
  LayerContents contents_{pictures_};
};

TEST_F(SelectedPointsTest, UnselectedPointsAreDimmed) {
  show(4);
  fill();
  EXPECT_FALSE(contents_.dimming.any_selected());
  EXPECT_THAT(contents_.dimming.dimmed(), ElementsAre(0, 0, 0, 0));
  const std::uint64_t before = contents_.dimming.revision();
  selection_.choose(kTrain, {1, 3, 99}, SelectMode::replace);  // 99 is not in the plot
  fill();
  EXPECT_THAT(contents_.dimming.dimmed(), ElementsAre(1, 0, 1, 0));
  EXPECT_THAT(contents_.dimming.selected(), ElementsAre(1, 3));
  EXPECT_NE(contents_.dimming.revision(), before);
}

TEST_F(SelectedPointsTest, PointsOfHiddenLabelsAreDimmedWhateverIsSelected) {
  show(4);
  HiddenLabels hidden;
  hidden.set(2);
  contents_.dimming.update(points_, hidden, &selection_, contents_.metadata);
  EXPECT_THAT(contents_.dimming.dimmed(), ElementsAre(0, 0, 1, 0));
  selection_.choose(kTrain, {1, 2}, SelectMode::replace);
  contents_.dimming.update(points_, hidden, &selection_, contents_.metadata);
  EXPECT_THAT(contents_.dimming.dimmed(), ElementsAre(1, 0, 1, 1));
}

TEST_F(SelectedPointsTest, WithNothingSelectedInThePlotNothingIsDimmed) {
  selection_.choose(kTest, {1}, SelectMode::replace);
  show(4);
  fill();
  EXPECT_THAT(contents_.dimming.dimmed(), ElementsAre(0, 0, 0, 0));
  show(4, kTest);
  fill();
  EXPECT_THAT(contents_.dimming.dimmed(), ElementsAre(1, 0, 1, 1));
}

TEST_F(SelectedPointsTest, EllipsesAreThoseOfTheSelection) {
  data_ = fake_data(25000, 10, {1, 1, 1});
  selection_.follow(data_);
  show(25000);
  Layers layers;
  layers.show(Layer::ellipses);
  fill(layers);
  EXPECT_EQ(contents_.posteriors.count(), 0U);
  selection_.choose(kTrain, {3, 17, 20011}, SelectMode::replace);
  fill(layers);
  EXPECT_THAT(contents_.posteriors.colors(), ElementsAre(3, 7, 1));
  selection_.choose(kTrain, *first_rows(24000), SelectMode::replace);
  fill(layers);
  EXPECT_LE(contents_.posteriors.count(), 10000U);
  EXPECT_GE(contents_.posteriors.count(), 7000U);
  selection_.clear();
  fill(layers);
  EXPECT_EQ(contents_.posteriors.count(), 0U);
  layers.ellipses_of_all = true;
  fill(layers);
  EXPECT_GT(contents_.posteriors.count(), 8000U);
}

TEST(WorstInputs, TheWorstComeFirstAndHiddenLabelsDoNotCome) {
  const auto data = fake_data();
  auto errors = std::make_shared<InputErrors>();
  errors->indices = first_rows(100);
  for (int i = 0; i < 100; ++i) errors->mse.push_back(static_cast<float>(i * 37 % 100));
  errors->mse[8] = NAN;
  WorstInputs worst;
  worst.update(errors, *data, {});
  ASSERT_THAT(worst.entries(), SizeIs(50));
  EXPECT_EQ(worst.entries()[0].input, (PointRef{kTrain, 27}));  // 27 · 37 = 999
  EXPECT_EQ(worst.entries()[0].error, 99);
  EXPECT_FALSE(worst.in_nats());
  EXPECT_EQ(worst.entries()[49].error, 49);  // 96 is no number
  EXPECT_EQ(worst.measured(), 99U);
  const std::uint64_t before = worst.revision();
  worst.update(errors, *data, {});
  EXPECT_EQ(worst.revision(), before);
  HiddenLabels hidden;
  for (std::size_t label = 0; label < 10; ++label) hidden.set(label, label != 3);
  worst.update(errors, *data, hidden);
  EXPECT_THAT(worst.entries(), SizeIs(10));
  for (const auto& entry : worst.entries()) EXPECT_EQ(entry.input.index % 10, 3);
  // The model's own term goes before the mean squared error.
  auto own = std::make_shared<InputErrors>(*errors);
  for (int i = 0; i < 100; ++i) own->term.push_back(static_cast<float>(200 + i));
  worst.update(own, *data, {});
  EXPECT_TRUE(worst.in_nats());
  EXPECT_EQ(worst.entries()[0].input, (PointRef{kTrain, 99}));
  EXPECT_EQ(worst.entries()[0].error, 299);
  worst.update(nullptr, *data, {});
  EXPECT_THAT(worst.entries(), IsEmpty());
}

TEST(WorstInputs, AreOfThoseThatTheFilterShows) {
  const auto data = std::make_shared<Dataset>(*fake_data());
  for (Split* split : {&data->train, &data->test}) {
    MetadataColumn& age = split->metadata.emplace_back();
    age.name = "age";
    for (std::int64_t i = 0; i < split->count; ++i) age.numbers.push_back(static_cast<double>(i));
  }
  auto errors = std::make_shared<InputErrors>();
  errors->indices = first_rows(100);
  for (int i = 0; i < 100; ++i) errors->mse.push_back(static_cast<float>(i));
  WorstInputs worst;
  worst.update(errors, *data, {}, {.column = 0, .hidden = {}, .low = 20, .high = 29});
  EXPECT_EQ(worst.measured(), 10U);
  EXPECT_EQ(worst.entries()[0].input, (PointRef{kTrain, 29}));
  HiddenLabels hidden;
  hidden.set(9);
  worst.update(errors, *data, hidden, {.column = 0, .hidden = {}, .low = 20, .high = 29});
  EXPECT_EQ(worst.entries()[0].input, (PointRef{kTrain, 28}));
  worst.update(errors, *data, {}, {});
  EXPECT_EQ(worst.measured(), 100U);
}

TEST(InputPictures, KeepAQuarterOfTheSheetAtMostAndWhatIsSeen) {
  const auto data = fake_data(4000, 10, {256, 256, 1});  // room for 8 × 64 of these
  Pictures pictures;
  pictures.set_shape(data->shape);
  EXPECT_EQ(pictures.most(), 512);
  InputPictures inputs(pictures);
  inputs.begin_frame(data);
  for (int row = 0; row < 128; ++row) EXPECT_NE(inputs.of({kTrain, row}), kNoPicture);
  EXPECT_EQ(inputs.of({kTrain, 128}), kNoPicture);  // all others are seen in this frame
  inputs.begin_frame(data);
  const PictureSlot kept = inputs.of({kTrain, 3});
  for (int row = 200; row < 320; ++row) EXPECT_NE(inputs.of({kTrain, row}), kNoPicture);
  EXPECT_LE(inputs.held(), 128U);
  EXPECT_EQ(inputs.of({kTrain, 3}), kept);
  inputs.begin_frame(fake_data(4000, 10, {256, 256, 1}));
  EXPECT_EQ(inputs.held(), 0U);
}

TEST(CardPlace, ACardStaysInThePlotAndOffItsPlace) {
  const LatentView view{{100, 50}, {400, 300}, {0, 0}, 60};
  const Vec2 size{150, 120};
  const float off = 16;
  for (float x = 100; x <= 500; x += 25) {
    for (float y = 50; y <= 350; y += 25) {
      const auto at = card_place(view, {x, y}, size, off);
      ASSERT_TRUE(at);
      EXPECT_GE(at->x, 100);
      EXPECT_GE(at->y, 50);
      EXPECT_LE(at->x + size.x, 500);
      EXPECT_LE(at->y + size.y, 350);
      const bool beside = at->x >= x + off || at->x + size.x <= x - off || at->y >= y + off ||
                          at->y + size.y <= y - off;
      EXPECT_TRUE(beside) << x << ", " << y;
    }
  }
  EXPECT_FALSE(card_place(view, {300, 200}, {500, 120}, off));  // wider than the plot
  EXPECT_FALSE(card_place(view, {300, 200}, {390, 290}, off));  // there is no room beside it
}

TEST(Reconstructions, AreTheDecodersPicturesOfTheCodesAndMeasured) {
  const auto data = fake_data();
  Pictures pictures;
  Scene scene(pictures);
  FakeModel model;
  model.model_spec = reference_spec(ModelKind::vae, *data, 2);
  model.number = 1;
  scene.set_model(model.model_spec, data);
  const PointRef input{kTrain, 5};
  EXPECT_EQ(scene.reconstruction(input), nullptr);
  scene.show_reconstructions({{input, {0.5F, 0}, 0, true}});
  EXPECT_TRUE(scene.stale());
  scene.update_pictures(model, nullptr, 1);
  const InputReconstruction* made = scene.reconstruction(input);
  ASSERT_NE(made, nullptr);
  ASSERT_NE(made->image.slot, kNoPicture);
  std::vector<float> decoded(64);
  model.decode(std::vector<float>{0.5F, 0}, {}, decoded);
  double squares = 0, nats = 0;
  for (std::size_t i = 0; i < 64; ++i) {
    const double x = data->image(kTrain, 5)[i] / 255.0, p = decoded[i];
    squares += (x - p) * (x - p);
    nats -= x * std::log(p) + (1 - x) * std::log(1 - p);
  }
  EXPECT_NEAR(*made->mse, squares / 64, 1e-6);
  EXPECT_NEAR(*made->nats, nats, 1e-3);
  InputReconstruction other{made->of, {}, {}, {}};
  model.model_spec.likelihood = Likelihood::gaussian;
  model.model_spec.sigma = 0.5;
  measure(other, *data, model.model_spec, decoded);
  EXPECT_NEAR(*other.nats, squares / 0.5 + 32 * std::log(2 * std::numbers::pi * 0.25), 1e-3);
  model.model_spec.learned_sigma = true;
  measure(other, *data, model.model_spec, decoded);
  EXPECT_FALSE(other.nats);
  model.model_spec = reference_spec(ModelKind::vae, *data, 2);

  // Of standardised numbers it has their unit, however far they lie beyond what a picture shows.
  Dataset numbers;
  numbers.shape = {1, 2, 1};
  numbers.scaling = std::make_shared<const Scaling>(Scaling{{10, 0}, {2, 1}});
  numbers.train.count = 6;
  numbers.train.values.own().assign(12, 0.0F);
  numbers.train.values.own()[10] = 18;  // 4 deviations above
  numbers.train.values.own()[11] = -1;
  ModelSpec plain;
  plain.scaling = numbers.scaling;
  measure(other, numbers, plain, std::vector<float>{shown_value(1), shown_value(0.5F)});
  EXPECT_NEAR(*other.mse, (3.0 * 3.0 + 1.5 * 1.5) / 2, 1e-5);
  EXPECT_FALSE(other.is_least);
  EXPECT_FALSE(other.nats);
  measure(other, numbers, plain, std::vector<float>{0, 1});  // −3 or less, 3 or more
  EXPECT_NEAR(*other.mse, (7.0 * 7.0 + 4.0 * 4.0) / 2, 1e-5);
  EXPECT_TRUE(other.is_least);

  const PictureSlot slot = made->image.slot;
  // As the model learns the picture is drawn anew in its place; unseen, it goes.
  scene.show_reconstructions({{input, {0.6F, 0}, 0, true}});
  EXPECT_FALSE(scene.reconstruction(input)->image.revision);
  scene.update_pictures(model, nullptr, 2);
  EXPECT_EQ(scene.reconstruction(input)->image.slot, slot);
  EXPECT_EQ(scene.reconstruction(input)->image.revision, 1U);
  scene.show_reconstructions({});
  EXPECT_EQ(scene.reconstruction(input), nullptr);
}

}  // namespace
}  // namespace zscape
