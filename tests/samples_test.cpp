// What the tab Samples shows: draws, the input in hand, the Gaussian of codes, and when pictures
// are asked for.
#include "app/gui/view/inputs/samples.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>
#include <thread>

#include "app/gui/view/inputs/input_in_hand.h"
#include "engine/random.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

constexpr PointRef kOne{SplitName::test, 1}, kTwo{SplitName::test, 2};

TEST(Samples, ThePriorsDrawsAreThoseOfTheCommandLine) {
  const std::vector<float> z = prior_noise(7, 3);
  ASSERT_EQ(z.size(), 64U * 3);
  std::vector<float> more(100 * 3);  // sample --count 100
  Random(7, Stream::evaluation, 0).fill_normal(more);
  EXPECT_TRUE(std::equal(z.begin(), z.end(), more.begin()));
  EXPECT_NE(prior_noise(8, 3), z);
}

TEST(Samples, ThePosteriorIsReparameterised) {
  const std::vector<float> noise = posterior_noise(0, 2);
  ASSERT_EQ(noise.size(), 2U * kPosteriorSamples);
  EXPECT_EQ(noise, posterior_noise(0, 2));
  EXPECT_NE(noise, posterior_noise(1, 2));
  const std::vector<float> mean{3, -1}, sigma{0.5F, 2};
  const std::vector<float> z = reparameterised(mean, sigma, noise);
  for (std::size_t i = 0; i < z.size(); ++i) {
    EXPECT_FLOAT_EQ(z[i], mean[i % 2] + sigma[i % 2] * noise[i]);
  }
  // Neither the evaluation's nor the prior's draws.
  EXPECT_NE(noise[0], prior_noise(0, 2)[0]);
}

TEST(Samples, DimensionsAreSortedByKlElseByVariance) {
  CodeFigures figures;
  figures.variance = {3, 1, 2};
  EXPECT_EQ(dimensions_by_use(figures), (std::vector{0, 2, 1}));
  figures.kl = {0.1, 5, 0.2};
  EXPECT_EQ(dimensions_by_use(figures), (std::vector{1, 2, 0}));
}

using Input = std::optional<PointRef>;
InputInHand::Seen seen(Input pointed, Input pinned, Input shown) {
  return {pointed, pinned, {}, shown};
}

TEST(InputInHand, IsWhatThePointerMeansElseThePinnedElseTheLast) {
  const auto data = fake_data();
  InputInHand hand;
  hand.follow(data, seen({}, {}, {}));
  EXPECT_FALSE(hand.input());
  hand.follow(data, seen({}, {}, kTwo));
  EXPECT_EQ(hand.input(), kTwo);
  hand.follow(data, seen(kOne, {}, {}));
  EXPECT_EQ(hand.input(), kOne);
  hand.follow(data, seen({}, {}, {}));
  EXPECT_EQ(hand.input(), kOne) << "the pointer has left the plot";
  hand.follow(data, seen({}, kTwo, {}));
  EXPECT_EQ(hand.input(), kTwo);
  const std::uint64_t before = hand.revision();
  hand.follow(data, seen(kOne, kTwo, {}));
  EXPECT_EQ(hand.input(), kOne);
  hand.follow(data, seen({}, kTwo, {}));
  EXPECT_EQ(hand.input(), kTwo) << "on its way from a pin a pointer passes other points";
  EXPECT_EQ(hand.revision(), before + 2);
  hand.choose(kOne);
  hand.follow(data, seen({}, kTwo, {}));
  EXPECT_EQ(hand.input(), kOne) << "clicked in a list";
  hand.follow(data, {{}, {}, kTwo, {}});
  EXPECT_EQ(hand.input(), kTwo) << "selected";
  hand.follow(data, {kOne, {}, kTwo, {}});
  hand.follow(data, {{}, {}, kTwo, {}});
  EXPECT_EQ(hand.input(), kOne) << "the same selection as before chooses nothing";
  hand.follow(fake_data(), seen({}, {}, {}));
  EXPECT_FALSE(hand.input()) << "of other data";
}

Codes codes_of(int latent, std::vector<float> mean) {
  Codes codes;
  codes.latent = latent;
  std::vector<std::int64_t> rows(mean.size() / static_cast<std::size_t>(latent));
  codes.indices = make_indices(std::move(rows));
  codes.mean = std::move(mean);
  return codes;
}

TEST(CodeGaussian, HasTheMeanAndTheCovarianceOfTheCodes) {
  // Of a known mixing of independent numbers.
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  std::vector<float> mean;
  for (int i = 0; i < 5000; ++i) {
    const double a = normal(random), b = normal(random);
    mean.push_back(static_cast<float>(2 + a));
    mean.push_back(static_cast<float>(-1 + 0.5 * a + 0.2 * b));
    mean.push_back(4);  // nothing varies here
  }
  double sums[3] = {}, products[3][3] = {};
  for (std::size_t i = 0; i < mean.size(); ++i) sums[i % 3] += mean[i] / 5000.0;
  for (std::size_t row = 0; row < 5000; ++row) {
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j) {
        products[i][j] += (mean[row * 3 + i] - sums[i]) * (mean[row * 3 + j] - sums[j]) / 5000;
      }
    }
  }
  const CodeGaussian fitted = fit_code_gaussian(codes_of(3, mean));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(fitted.mean[i], sums[i], 1e-9);
    for (std::size_t j = 0; j < 3; ++j) {
      double product = 0;
      for (std::size_t p = 0; p < 3; ++p) {
        product += fitted.factor[i * 3 + p] * fitted.factor[j * 3 + p];
      }
      EXPECT_NEAR(product, products[i][j], 1e-9) << i << j;
    }
  }
  const std::vector<float> drawn = fitted.drawn(std::vector<float>{0, 0, 0, 1, 0, 5});
  EXPECT_NEAR(drawn[0], sums[0], 1e-5);
  EXPECT_NEAR(drawn[3], sums[0] + std::sqrt(products[0][0]), 1e-5);
  EXPECT_NEAR(drawn[4], sums[1] + products[0][1] / std::sqrt(products[0][0]), 1e-5);
  EXPECT_NEAR(drawn[5], 4, 1e-6) << "a direction in which nothing varies stays";
}

TEST(CodeGaussian, LeavesOutWhatIsNotFinite) {
  const CodeGaussian fitted = fit_code_gaussian(codes_of(1, {1, NAN, 3}));
  EXPECT_DOUBLE_EQ(fitted.mean[0], 2);
  EXPECT_DOUBLE_EQ(fitted.factor[0], 1);
  EXPECT_EQ(fit_code_gaussian(codes_of(2, {})).factor, std::vector<double>(4));
}

class SamplePicturesTest : public testing::Test {
 protected:
  SamplePicturesTest() {
    store_.set_shape(data_->shape);
    model_->model_spec = reference_spec(ModelKind::vae, *data_, 2);
    model_->number = 1;
  }
  std::vector<SampleCode> codes(std::vector<std::int64_t> tags, float first = 0) const {
    std::vector<SampleCode> all;
    for (const std::int64_t tag : tags) all.push_back({tag, {first, static_cast<float>(tag)}, 0});
    return all;
  }
  std::optional<Decode> update(double now_s) { return samples_.update(model_, answer_, now_s); }
  void answer(const Decode& request) {
    auto made = std::make_shared<DecodedPictures>();
    made->revision = request.decoder->revision();
    made->samples = request.samples;
    made->z = request.z;
    made->pixels.assign(request.z.size() / 2 * static_cast<std::size_t>(data_->shape.size()), 1);
    answer_ = made;
  }

  std::shared_ptr<const Dataset> data_ = fake_data();
  Pictures store_;
  SamplePictures samples_{store_};
  std::shared_ptr<FakeModel> model_ = std::make_shared<FakeModel>();
  std::shared_ptr<const DecodedPictures> answer_;
};

TEST_F(SamplePicturesTest, ComeFromOneRequestAtATime) {
  samples_.show(codes({1, 2, 3}), 1);
  const auto request = update(1);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->z, (std::vector<float>{0, 1, 0, 2, 0, 3}));
  EXPECT_NE(request->samples, 0U);
  EXPECT_FALSE(update(1.1)) << "it is under way";
  EXPECT_EQ(samples_.of(2), kNoPicture);
  answer(*request);
  EXPECT_FALSE(update(1.2));
  EXPECT_TRUE(samples_.is_current());
  std::set<PictureSlot> slots{samples_.of(1), samples_.of(2), samples_.of(3)};
  EXPECT_EQ(slots.size(), 3U);
  EXPECT_FALSE(slots.contains(kNoPicture));
  EXPECT_EQ(samples_.of(4), kNoPicture);
}

TEST_F(SamplePicturesTest, WhatAPersonChoseComesAtOnceAndTrainingForATenthOfTheTime) {
  samples_.show(codes({1}), 1);
  answer(*update(1));
  EXPECT_FALSE(update(1.5));  // it took half a second
  model_->number = 2;         // new weights
  EXPECT_FALSE(update(1.6));
  EXPECT_FALSE(samples_.is_current());
  ASSERT_TRUE(samples_.due_s());
  EXPECT_NEAR(*samples_.due_s(), 1.5 + 10 * 0.5, 1e-9);
  samples_.show(codes({1}, 9), 2);  // another input
  EXPECT_TRUE(update(1.7));
}

TEST_F(SamplePicturesTest, ATrainedModelIsDrawnAgainInItsTime) {
  samples_.show(codes({1}), 1);
  answer(*update(1));
  update(1.5);
  model_->number = 2;
  EXPECT_FALSE(update(6.4));
  const auto request = update(6.6);
  ASSERT_TRUE(request);
  answer(*request);
  update(6.7);
  EXPECT_EQ(samples_.revision(), 2U);
  EXPECT_TRUE(samples_.is_current());
}

TEST_F(SamplePicturesTest, AnAnswerToAnotherRequestIsNotTaken) {
  samples_.show(codes({1}), 1);
  Decode request = *update(1);
  request.samples += 1;
  answer(request);
  update(1.1);
  EXPECT_EQ(samples_.of(1), kNoPicture);
}

TEST_F(SamplePicturesTest, GiveUpTheSlotsOfWhatIsNoLongerListed) {
  samples_.show(codes({1, 2}), 1);
  answer(*update(1));
  update(1.1);
  const PictureSlot former = samples_.of(1);
  samples_.show(codes({2}), 2);
  EXPECT_EQ(samples_.of(1), kNoPicture);
  EXPECT_EQ(store_.acquire(), former);
}

TEST_F(SamplePicturesTest, ALostRequestIsRepeated) {
  samples_.show(codes({1}), 1);
  EXPECT_TRUE(update(1));
  EXPECT_FALSE(update(3.9));
  EXPECT_TRUE(update(4.1));
}

InputJacobianPtr jacobian_of(std::vector<std::int64_t> rows, std::uint64_t revision,
                             int inputs = 4) {
  auto made = std::make_shared<InputJacobian>();
  made->split = SplitName::test;
  made->rows = std::move(rows);
  made->revision = revision;
  made->inputs = made->side = inputs;
  made->latent = 1;
  made->cells.assign(static_cast<std::size_t>(inputs * inputs), 0);
  for (int i = 0; i < inputs; ++i) made->cells[static_cast<std::size_t>(i * inputs + i)] = 1;
  made->reads = {0, 0, 2, 0};
  made->writes = {1, 0, -1, 0};
  return made;
}

class JacobianPicturesTest : public testing::Test {
 protected:
  JacobianPicturesTest() {
    auto model = std::make_shared<FakeModel>();
    model->model_spec = reference_spec(ModelKind::vae, *fake_data(), 2);
    model->number = 1;
    view_.spec = model->model_spec;
    view_.weights = model;
  }
  static constexpr SignedColors kColors{0xFF000000U, 0xFFFF0000U, 0xFF0000FFU};
  ModelView view_;
  JacobianPictures pictures_;
};

TEST_F(JacobianPicturesTest, AsksForTheInputAndForTheMean) {
  const auto requests = pictures_.update(view_, kOne, 1);
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].index, 1);
  EXPECT_FALSE(requests[1].index);
  EXPECT_TRUE(pictures_.update(view_, kOne, 1.1).empty());
  view_.jacobian = jacobian_of({1}, 1);
  view_.mean_jacobian = jacobian_of({0, 1}, 1);
  EXPECT_TRUE(pictures_.update(view_, kOne, 1.2).empty());
  EXPECT_EQ(pictures_.one(), view_.jacobian);
  EXPECT_EQ(pictures_.mean(), view_.mean_jacobian);
  // Another input: at once. The mean stays.
  const auto other = pictures_.update(view_, kTwo, 1.3);
  ASSERT_EQ(other.size(), 1U);
  EXPECT_EQ(other[0].index, 2);
  EXPECT_EQ(pictures_.one(), nullptr);
  EXPECT_EQ(pictures_.mean(), view_.mean_jacobian);
}

TEST_F(JacobianPicturesTest, DrawsADiagonalThatNoReductionThins) {
  view_.jacobian = jacobian_of({1}, 1, 8);
  pictures_.update(view_, kOne, 1);
  for (const int side : {4, 8, 16}) {
    pictures_.draw(side, kColors);
    ASSERT_EQ(pictures_.width(), 2 * side);
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        const auto at = static_cast<std::size_t>((y * 2 * side + x) * 4);
        const bool is_on = x * 8 / std::max(side, 8) == y * 8 / std::max(side, 8);
        EXPECT_EQ(pictures_.sheet()[at + 2], is_on ? 255 : 0) << side << ": " << y << "," << x;
      }
    }
  }
}

TEST_F(JacobianPicturesTest, ARowShowsWhatItsOutputListensTo) {
  Pictures store;
  store.set_shape({2, 2, 1});
  view_.jacobian = jacobian_of({1}, 1);
  pictures_.update(view_, kOne, 1);
  const PictureSlot slot = pictures_.draw_row(store, {}, kColors);
  ASSERT_NE(slot, kNoPicture);
  EXPECT_EQ(pictures_.row_output(), 2) << "the one that listens most";
  const Pictures::Place at = store.place(slot);
  const auto pixel = [&](int row, int column) {
    return store.sheet().subspan(
        static_cast<std::size_t>(((at.y + row) * store.width() + at.x + column) * 4), 3);
  };
  EXPECT_EQ(pixel(0, 0)[2], 255);  // positive: blue in these colours
  EXPECT_EQ(pixel(0, 0)[0], 0);
  EXPECT_EQ(pixel(1, 0)[0], 255);  // negative: red
  EXPECT_EQ(pixel(0, 1)[0] + pixel(0, 1)[2], 0);
  pictures_.draw_row(store, 1, kColors);
  EXPECT_EQ(pictures_.row_output(), 1);
}

}  // namespace
}  // namespace zscape
