// A corrupted input and what comes back, with a model whose code and picture can be foretold; and
// the strip that asks for it.
#include "engine/reconstruction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "app/gui/view/inputs/reconstruction_strip.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

// Its code is the mean of what it reads, its picture is grey of that value.
struct MeanModel : FakeModel {
  Expected<Codes> encode(const Dataset& data, SplitName split, const Indices& indices,
                         const Progress&) const override {
    Codes codes;
    codes.latent = 1;
    codes.indices = indices;
    for (const std::int64_t index : *indices) {
      const auto& values = data.split(split).values;
      const auto size = static_cast<std::ptrdiff_t>(data.inputs());
      const auto begin = values.begin() + index * size;
      codes.mean.own().push_back(std::accumulate(begin, begin + size, 0.0F) /
                                 static_cast<float>(size));
    }
    return codes;
  }
  void decode(std::span<const float> z, std::span<const int>,
              std::span<float> pictures) const override {
    std::ranges::fill(pictures, z[0]);
  }
  Expected<Reconstructions> reconstruct(const Dataset& data, SplitName, const Indices&,
                                        std::uint64_t) const override {
    const std::vector<float> picture(static_cast<std::size_t>(data.inputs()), 0.25F);
    return Reconstructions{picture, picture, picture, {}};
  }
};

MeanModel model_of(ModelKind kind, const Dataset& data) {
  MeanModel model;
  model.model_spec = reference_spec(kind, data, 1);
  model.number = 5;
  return model;
}

TEST(Reconstruction, ADenoisingModelReadsTheCorruptedInput) {
  const auto data = fake_data();
  const MeanModel model = model_of(ModelKind::dae, *data);
  const auto clean = reconstruction(model, *data, {{}, SplitName::test, 3, 0, 1});
  ASSERT_TRUE(clean);
  EXPECT_EQ(clean->revision, 5U);
  EXPECT_EQ(clean->clean, data->picture(SplitName::test, 3));
  EXPECT_EQ(clean->seen, clean->clean);  // no noise, nothing changed

  const auto all = reconstruction(model, *data, {{}, SplitName::test, 3, 1, 1});
  EXPECT_EQ(std::ranges::count(all->seen, 0.0F), 64);
  EXPECT_EQ(all->output, std::vector<float>(64, 0.0F));  // of the corrupted input, not the clean

  const auto half = reconstruction(model, *data, {{}, SplitName::test, 3, 0.5, 1});
  int zeroed = 0;
  for (std::size_t i = 0; i < 64; ++i) zeroed += half->seen[i] == 0 && half->clean[i] != 0;
  EXPECT_NEAR(zeroed, 32, 1);
}

TEST(Reconstruction, MoreNoiseCoversWhatLessOfItCovered) {
  const auto data = fake_data();
  const MeanModel model = model_of(ModelKind::dae, *data);
  const auto less = reconstruction(model, *data, {{}, SplitName::train, 1, 0.2, 9});
  const auto more = reconstruction(model, *data, {{}, SplitName::train, 1, 0.6, 9});
  const auto other = reconstruction(model, *data, {{}, SplitName::train, 1, 0.6, 10});
  for (std::size_t i = 0; i < 64; ++i) {
    if (less->seen[i] == 0) {
      EXPECT_EQ(more->seen[i], 0) << i;
    }
  }
  EXPECT_NE(more->seen, other->seen);
}

TEST(Reconstruction, GaussianNoiseHasItsDeviation) {
  const auto data = std::make_shared<Dataset>(*fake_data(4, 4, {40, 40, 1}));
  std::ranges::fill(data->train.pixels.own(), std::uint8_t{128});
  MeanModel model = model_of(ModelKind::dae, *data);
  model.model_spec.noise = {Noise::Kind::gaussian, 0.3};
  const auto made = reconstruction(model, *data, {{}, SplitName::train, 0, 0.1, 2});
  double squares = 0;
  for (std::size_t i = 0; i < made->seen.size(); ++i) {
    const double away = made->seen[i] - made->clean[i];
    squares += away * away;
  }
  EXPECT_NEAR(std::sqrt(squares / 1600), 0.1, 0.01);  // the slider's, not the model's own
}

TEST(Reconstruction, AMaskedModelCompletesOnlyWhatIsHidden) {
  const auto data = fake_data(16, 16, {8, 8, 1});  // four patches of 4×4
  const MeanModel model = model_of(ModelKind::mae, *data);
  const auto made = reconstruction(model, *data, {{}, SplitName::train, 2, 0.5, 1});
  ASSERT_EQ(made->hidden.size(), 64U);
  EXPECT_EQ(std::ranges::count(made->hidden, 1), 32);
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 8; ++x) {
      const auto at = static_cast<std::size_t>(y * 8 + x);
      const auto corner = static_cast<std::size_t>(y / 4 * 4 * 8 + x / 4 * 4);
      EXPECT_EQ(made->hidden[at], made->hidden[corner]);  // whole patches
      EXPECT_EQ(made->seen[at], made->hidden[at] != 0 ? 0 : made->clean[at]);
      if (made->hidden[at] == 0) {
        EXPECT_EQ(made->output[at], made->clean[at]);
      }
    }
  }
}

TEST(Reconstruction, StandardisedInputsAreCorruptedAsTheNetworkReadsThem) {
  auto data = std::make_shared<Dataset>(*fake_data(2, 2, {1, 4, 1}));
  auto scaling = std::make_shared<Scaling>();
  scaling->mean.assign(4, 10);
  scaling->deviation.assign(4, 2);
  data->scaling = scaling;
  data->train.pixels.own().clear();
  data->train.values.own().assign(8, 12);  // one deviation above the mean
  const MeanModel model = model_of(ModelKind::dae, *data);
  const auto made = reconstruction(model, *data, {{}, SplitName::train, 0, 1, 0});
  EXPECT_FLOAT_EQ(made->clean[0], shown_value(1));
  EXPECT_FLOAT_EQ(made->seen[0], shown_value(0));  // masked: the mean
  EXPECT_FLOAT_EQ(made->output[0], 10);            // of the mean, in the data's own numbers
}

TEST(Reconstruction, BinarisedInputsAreLeftToTheModel) {
  const auto data = fake_data();
  MeanModel model = model_of(ModelKind::dae, *data);
  model.model_spec.binarise = Binarise::dynamic;
  EXPECT_FALSE(takes_any_amount(model.model_spec));
  const auto made = reconstruction(model, *data, {{}, SplitName::train, 0, 0.9, 0});
  EXPECT_EQ(made->seen[0], 0.25F);
}

class StripTest : public testing::Test {
 protected:
  StripTest() {
    pictures_.set_shape({8, 8, 1});
    view_.spec = reference_spec(ModelKind::dae, *fake_data(), 2);
    view_.state = RunState::paused;
    view_.weights = std::make_shared<MeanModel>(model_of(ModelKind::dae, *fake_data()));
  }
  std::optional<Reconstruct> update(double now_s) {
    return strip_.update(view_, input_, pictures_, now_s);
  }
  void answer(const Reconstruct& asked, float grey) {
    auto made = std::make_shared<Reconstruction>();
    made->asked = asked;
    made->revision = view_.weights->revision();
    made->clean = made->seen = made->output = std::vector<float>(64, grey);
    view_.reconstructed = made;
  }

  Pictures pictures_;
  ModelView view_;
  std::optional<PointRef> input_ = PointRef{SplitName::train, 4};
  ReconstructionStrip strip_;
};

TEST_F(StripTest, AsksOnceAndShowsTheAnswer) {
  const auto asked = update(1);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->index, 4);
  EXPECT_EQ(asked->amount, 0.25);  // the model's own
  EXPECT_FALSE(update(1.1));
  EXPECT_EQ(strip_.output(), kNoPicture);
  answer(*asked, 1);
  EXPECT_FALSE(update(1.2));
  ASSERT_NE(strip_.output(), kNoPicture);
  const auto place = pictures_.place(strip_.output());
  EXPECT_EQ(pictures_.sheet()[static_cast<std::size_t>(place.y * pictures_.width() + place.x) * 4],
            255);
}

TEST_F(StripTest, OfQuickChangesTheNewestIsAskedAfterTheAnswer) {
  const auto first = update(1);
  input_->index = 5;
  EXPECT_FALSE(update(1.1));
  input_->index = 6;
  answer(*first, 0);
  const auto next = update(1.2);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->index, 6);
}

TEST_F(StripTest, WhileTrainingItKeepsAModestPace) {
  view_.state = RunState::running;
  const auto first = update(1);
  answer(*first, 0);
  view_.weights = std::make_shared<MeanModel>([] {
    MeanModel newer = model_of(ModelKind::dae, *fake_data());
    newer.number = 6;
    return newer;
  }());
  EXPECT_FALSE(update(1.05));
  EXPECT_TRUE(update(1.3));
}

TEST_F(StripTest, AnotherModelBringsItsOwnAmount) {
  update(1);
  strip_.amount = 0.9;
  view_.spec = reference_spec(ModelKind::mae, *fake_data(), 2);
  const auto asked = update(2);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->amount, 0.75);
}

}  // namespace
}  // namespace zscape
