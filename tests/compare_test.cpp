// What stands between two models: the difference of their pictures and of their figures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/gui/panels/curves/compare_figures.h"
#include "app/gui/view/inputs/picture_difference.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr ImU32 kRed = IM_COL32(255, 0, 0, 255), kBlue = IM_COL32(0, 0, 255, 255);

std::vector<int> color_at(const Pictures& pictures, PictureSlot slot, int x) {
  const Pictures::Place at = pictures.place(slot);
  const auto begin = static_cast<std::size_t>(at.y * pictures.width() + at.x + x) * 4;
  const auto pixel = pictures.sheet().subspan(begin, 3);
  return {pixel[0], pixel[1], pixel[2]};
}

TEST(PictureDifference, HasTheColourOfTheBrighterPicture) {
  Pictures left, right;
  for (Pictures* each : {&left, &right}) each->set_shape({1, 3, 1});
  PictureSlot one = kNoPicture, other = kNoPicture;
  left.draw(one, std::vector<std::uint8_t>{255, 0, 100});
  right.draw(other, std::vector<std::uint8_t>{0, 255, 100});
  PictureDifference difference(left);
  ASSERT_TRUE(difference.update({left, one, kRed}, {right, other, kBlue}));
  EXPECT_THAT(color_at(left, difference.slot(), 0), ElementsAre(255, 0, 0));
  EXPECT_THAT(color_at(left, difference.slot(), 1), ElementsAre(0, 0, 255));
  EXPECT_THAT(color_at(left, difference.slot(), 2), ElementsAre(0, 0, 0));
  EXPECT_NEAR(difference.mse(), 2.0 / 3, 1e-9);
  // Drawn again only where something changed.
  left.forget_changed();
  ASSERT_TRUE(difference.update({left, one, kRed}, {right, other, kBlue}));
  EXPECT_TRUE(left.changed().empty());
  right.draw(other, std::vector<std::uint8_t>{255, 0, 100});
  ASSERT_TRUE(difference.update({left, one, kRed}, {right, other, kBlue}));
  EXPECT_FALSE(left.changed().empty());
  EXPECT_EQ(difference.mse(), 0);
  right.draw(other, std::vector<std::uint8_t>{255, 0, 36});  // 64 of 255: half as strong
  ASSERT_TRUE(difference.update({left, one, kRed}, {right, other, kBlue}));
  EXPECT_THAT(color_at(left, difference.slot(), 2), ElementsAre(127, 0, 0));
}

TEST(PictureDifference, IsNoneOfPicturesThatDoNotCompare) {
  Pictures left, right;
  left.set_shape({1, 3, 1});
  right.set_shape({3, 1, 1});
  PictureSlot one = kNoPicture, other = kNoPicture;
  left.draw(one, std::vector<std::uint8_t>{255, 0, 100});
  right.draw(other, std::vector<std::uint8_t>{0, 255, 100});
  PictureDifference difference(left);
  EXPECT_FALSE(difference.update({left, one, kRed}, {right, other, kBlue}));
  EXPECT_FALSE(difference.update({left, one, kRed}, {left, kNoPicture, kBlue}));
}

class ComparedFigures : public ::testing::Test {
 protected:
  ComparedFigures() {
    for (ModelView* view : {&one_, &other_}) {
      view->spec = reference_spec(ModelKind::vae, *fake_data(), 2);
      view->position.step = 100;
    }
    measure(one_, 120, 100, 20);
    measure(other_, 90, 85, 5);
    for (ShownFigures* shown : {&first_, &second_}) {
      shown->figures.images = 500;
      shown->figures.codes.spread = 1;
      shown->figures.codes.count = 500;
    }
    first_.figures.kl = 5.5;
    second_.figures.kl = 7.25;
  }
  static void measure(ModelView& view, float loss, float reconstruction, float kl) {
    CurvePoint point{100, loss, reconstruction, kl};
    view.curves.test_sample.append(point);
  }
  ComparedFigure row(const std::string& key) const {
    const std::vector<ComparedModel> models = {{one_, &first_}, {other_, &second_}};
    for (ComparedFigure& each : compared_figures(models)) {
      if (each.key == key) return std::move(each);
    }
    ADD_FAILURE() << key;
    return {};
  }

  ModelView one_, other_;
  ShownFigures first_, second_;
};

TEST_F(ComparedFigures, AreSubtractedWithTheirUnit) {
  EXPECT_EQ(row("loss").name, "Loss, sample, nats");
  EXPECT_THAT(row("loss").values, ElementsAre("120.0", "90.00"));
  EXPECT_THAT(row("loss").differences, ElementsAre("+30.0"));
  EXPECT_THAT(row("reconstruction").differences, ElementsAre("+15.0"));
  EXPECT_EQ(row("kl").name, "KL, nats");
  EXPECT_THAT(row("kl").differences, ElementsAre("−1.75"));
  EXPECT_THAT(row("loss").help, HasSubstr("VAE at step 100"));
}

TEST_F(ComparedFigures, OfLossesWithAnotherLambdaAreNotSubtracted) {
  other_.curves = {};
  measure(other_, 90, 85, 5);
  CurvePoint last = other_.curves.test_sample[0], first = one_.curves.test_sample[0];
  last.kl_weight = 20;
  first.kl_weight = 1;
  one_.curves = {};
  one_.curves.test_sample.append(first);
  other_.curves = {};
  other_.curves.test_sample.append(last);
  EXPECT_THAT(row("loss").differences, ElementsAre(""));
  EXPECT_THAT(row("loss").why_not[0], HasSubstr("λ differ"));
  EXPECT_THAT(row("reconstruction").differences, ElementsAre("+15.0"));
}

TEST_F(ComparedFigures, ADifferenceOfPicturesNamesUnequalSteps) {
  EXPECT_EQ(difference_name(one_, other_), "VAE  λ 1 − VAE  λ 1");
  one_.position.step = 4310;
  EXPECT_EQ(difference_name(one_, other_), "VAE  λ 1 at step 4,310 − VAE  λ 1 at step 100");
}

TEST_F(ComparedFigures, OfUnequalStepsFollowARowThatSaysWhich) {
  const auto keys = [this] {
    const std::vector<ComparedModel> models = {{one_, &first_}, {other_, &second_}};
    std::vector<std::string> found;
    for (const ComparedFigure& each : compared_figures(models)) found.push_back(each.key);
    found.resize(4);
    return found;
  };
  EXPECT_THAT(keys(), ElementsAre("loss", "reconstruction", "kl", "spread"));
  one_.position.step = 4310;
  CurvePoint point{4300, 96, 90, 6};
  one_.curves.test_sample.append(point);
  first_.figures.codes.step = 4310;
  second_.figures.codes.step = 90;
  EXPECT_THAT(keys(), ElementsAre("loss_step", "loss", "reconstruction", "codes_step"));
  EXPECT_THAT(row("loss_step").values, ElementsAre("4,300", "100"));
  EXPECT_THAT(row("loss_step").differences, ElementsAre("+4,200"));
  EXPECT_THAT(row("codes_step").values, ElementsAre("4,310", "90"));
  EXPECT_THAT(row("codes_step").differences, ElementsAre("+4,220"));
  EXPECT_THAT(row("codes_step").why_not[0], HasSubstr("more steps"));
  second_.figures.codes.step = 4310;
  EXPECT_THAT(keys(), ElementsAre("loss_step", "loss", "reconstruction", "kl"));
}

TEST_F(ComparedFigures, InAnotherUnitAreNotSubtracted) {
  other_.spec = reference_spec(ModelKind::ae, *fake_data(), 2);
  other_.curves = {};
  measure(other_, 0.04F, 0.04F, NAN);
  second_.figures.kl.reset();
  EXPECT_EQ(row("reconstruction").name, "Reconstruction, sample");
  EXPECT_THAT(row("reconstruction").values, ElementsAre("100.0 nats", "0.04000 MSE"));
  EXPECT_THAT(row("reconstruction").differences, ElementsAre(""));
  EXPECT_THAT(row("reconstruction").why_not[0], HasSubstr("VAE is in nats and AE in MSE"));
  EXPECT_THAT(row("kl").values, ElementsAre("5.50", "–"));
  EXPECT_THAT(row("kl").differences, ElementsAre(""));
  EXPECT_FALSE(row("kl").why_not[0].empty());
  other_.spec.likelihood = Likelihood::bernoulli;  // the same term: now they compare
  EXPECT_THAT(row("reconstruction").differences, ElementsAre("+100.0"));
}

TEST_F(ComparedFigures, OfOtherInputsOrOfThePastAreNotSubtracted) {
  second_.figures.images = 10000;
  EXPECT_THAT(row("kl").differences, ElementsAre(""));
  EXPECT_THAT(row("kl").why_not[0], HasSubstr("other inputs"));
  EXPECT_THAT(row("loss").differences, ElementsAre("+30.0"));
  second_.figures.images = 500;
  second_.split = SplitName::train;
  EXPECT_THAT(row("kl").differences, ElementsAre(""));
  second_.split = first_.split;
  other_.past_decoder = std::make_shared<FakeModel>();
  for (const char* key : {"loss", "reconstruction", "kl", "spread"}) {
    EXPECT_THAT(row(key).differences, ElementsAre("")) << key;
    EXPECT_THAT(row(key).why_not[0], HasSubstr("past")) << key;
  }
  one_.past_decoder = other_.past_decoder;  // both in the past: of the steps that are shown
  EXPECT_THAT(row("kl").differences, ElementsAre("−1.75"));
  one_.position.step = 50;  // nothing was measured by then
  EXPECT_THAT(row("loss").values, ElementsAre("–", "90.00"));
}

}  // namespace
}  // namespace zscape
