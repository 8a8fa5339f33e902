// The forecast beside λ, the translator of losses and the rate–distortion plane, with a faked
// mouse.
#include <fmt/format.h>

#include <tuple>

#include "app/gui/panels/curves/rate_panel.h"
#include "tests/panels_fixture.h"

namespace zscape {
namespace {

SpectrumPtr spectrum_of(Likelihood likelihood, std::vector<double> eigenvalues) {
  auto spectrum = std::make_shared<Spectrum>();
  spectrum->kind = {likelihood, Binarise::none};
  spectrum->eigenvalues = std::move(eigenvalues);
  spectrum->rows = 60000;
  spectrum->scored_inputs = 784;
  return spectrum;
}

class ForecastTest : public PanelsTest {
 protected:
  ForecastTest() { view().spec.latent = 5; }

  // The pointer rests on λ; what was asked for meanwhile.
  std::vector<Command> rest_on_lambda() {
    controls();
    controls();
    move(place_of("lambda", 0.5f));
    std::vector<Command> all;
    for (int i = 0; i < 30; ++i) {
      for (Command& command : controls()) all.push_back(std::move(command));
    }
    return all;
  }
  void know(Likelihood likelihood, std::vector<double> eigenvalues) {
    snapshot_.spectra.push_back(spectrum_of(likelihood, std::move(eigenvalues)));
  }
  int ticks() const {
    int count = 0;
    while (widgets_.find(fmt::format("lambda_tick_{}", count))) ++count;
    return count;
  }

  std::vector<Command> rate() {
    return frame(kCurvesPlace, [this](const PanelFrame& panel) {
      return draw_rate_panel(snapshot_, kModel, controls_.forecast, tab_, false, panel);
    });
  }
  LowerTab tab_ = LowerTab::rate;
};

TEST_F(ForecastTest, IsNotThereUntilThePointerRestsOnLambda) {
  know(Likelihood::bernoulli, {60, 30, 12, 6, 3});
  controls();
  controls();
  EXPECT_FALSE(widgets_.find("forecast"));
  move(place_of("lambda", 0.5f));
  controls();
  move({-1, -1});  // it passed by
  for (int i = 0; i < 30; ++i) controls();
  EXPECT_FALSE(widgets_.find("forecast"));
  EXPECT_THAT(rest_on_lambda(), ::testing::IsEmpty());  // it is measured already
  move({-1, -1});
  controls();
  EXPECT_TRUE(widgets_.find("forecast"));
  EXPECT_EQ(ticks(), 5);
}

TEST_F(ForecastTest, AsksForTheSpectrumOnce) {
  const auto asked = rest_on_lambda();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(std::get<MeasureSpectrum>(asked[0]).kind,
            (SpectrumKind{Likelihood::bernoulli, Binarise::none}));
  EXPECT_TRUE(widgets_.find("forecast"));
  EXPECT_EQ(ticks(), 0);
  view().spec.likelihood = Likelihood::gaussian;  // another spectrum of the same data
  const auto other = controls();
  ASSERT_EQ(other.size(), 1u);
  EXPECT_EQ(std::get<MeasureSpectrum>(other[0]).kind.likelihood, Likelihood::gaussian);
}

TEST_F(ForecastTest, TicksStandWhereLambdaWouldTakeADimension) {
  know(Likelihood::bernoulli, {50, 4, 0.1, 0.001, 0});
  rest_on_lambda();
  ASSERT_EQ(ticks(), 3);  // one lies beyond the slider, and nothing varies in the fifth
  const Rect slider = *widgets_.find("lambda");
  const float inset = slider_inset(theme_);
  int number = 0;
  for (const double threshold : {50.0, 4.0, 0.1}) {
    const Rect tick = *widgets_.find(fmt::format("lambda_tick_{}", number++));
    const auto along = (tick.center().x - slider.origin.x - inset) / (slider.size.x - 2 * inset);
    EXPECT_NEAR(along, position_of(threshold), 0.01) << threshold;
  }
}

TEST_F(ForecastTest, WhatCameTrueStandsBesideIt) {
  know(Likelihood::bernoulli, {32, 22, 21, 16, 14});
  rest_on_lambda();
  EXPECT_FALSE(widgets_.find("forecast_came_true"));  // there are no codes yet
  controls_.forecast.active_units = 3;
  controls();
  EXPECT_TRUE(widgets_.find("forecast_came_true"));
}

TEST_F(ForecastTest, AModelWithoutAForecastSaysSo) {
  view().spec.objective = Objective::iwae;
  EXPECT_THAT(rest_on_lambda(), ::testing::IsEmpty());
  EXPECT_TRUE(widgets_.find("forecast"));
  EXPECT_EQ(ticks(), 0);
  view().spec = reference_spec(ModelKind::ae, *snapshot_.data, 2);
  rest_on_lambda();
  EXPECT_FALSE(widgets_.find("forecast"));
}

// ---- The translator

class TranslatorTest : public ForecastTest {
 protected:
  TranslatorTest() {
    controls_.more_training = true;
    controls_place_ = {{8, 8}, {304, 1400}};
    ImGui::GetIO().DisplaySize = {1024, 1500};
  }
  void open() {
    click("translate_loss");
    controls();
    ASSERT_TRUE(widgets_.find("translate_said"));
  }
  const ForeignLoss& loss() const { return controls_.translator.loss; }
};

TEST_F(TranslatorTest, BeginsWithTheSizesOfThePresentModel) {
  open();
  EXPECT_EQ(loss().inputs, 784);
  EXPECT_EQ(loss().latent, 5);
  EXPECT_EQ(loss().batch, 128);
  EXPECT_TRUE(loss().is_cross_entropy);
  EXPECT_EQ(controls_.translator.inputs_text, "28×28");
}

TEST_F(TranslatorTest, SetsTheLambdaOfSomebodysCode) {
  open();
  click("translate_reduction_mean");  // BCELoss() of PyTorch, and KL as a sum
  const auto commands = click("translate_set");
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_NEAR(std::get<SetKlWeight>(commands[0]).kl_weight, 784, 1e-9);
  controls();
  EXPECT_FALSE(widgets_.find("translate_said"));  // it is closed
}

TEST_F(TranslatorTest, MakesTheModelOfSquaredErrors) {
  know(Likelihood::gaussian, {5, 4, 3, 2, 1});
  know(Likelihood::bernoulli, {32, 22, 21, 16, 14});
  open();
  click("translate_error_mse");
  click("translate_reduction_mean");
  click("translate_inputs");
  type("64x64x3");
  controls();
  click("translate_kl_weight");
  type("0.00025");
  controls();
  EXPECT_THAT(click("translate_set"), ::testing::IsEmpty());  // greyed: this model is bernoulli
  EXPECT_EQ(loss().inputs, 64 * 64 * 3);
  const auto commands = click("translate_make");
  ASSERT_EQ(commands.size(), 2u);
  const ModelSpec& spec = std::get<ReplaceModel>(commands[0]).spec;
  EXPECT_EQ(spec.likelihood, Likelihood::gaussian);
  EXPECT_NEAR(spec.sigma, std::sqrt(1.536), 1e-12);
  EXPECT_EQ(std::get<SetKlWeight>(commands[1]).kl_weight, 1);
}

TEST_F(TranslatorTest, RefusesSizesThatAreNone) {
  open();
  click("translate_inputs");
  type("64 by 64");
  controls();
  click("translate_kl_weight");
  EXPECT_EQ(loss().inputs, 784);
  EXPECT_TRUE(widgets_.find("translate_inputs_refused"));
}

TEST_F(TranslatorTest, EscapeClosesIt) {
  open();
#if IMGUI_VERSION_NUM >= 18700
  ImGui::GetIO().AddKeyEvent(ImGuiKey_Escape, true);
  controls();
  ImGui::GetIO().AddKeyEvent(ImGuiKey_Escape, false);
  controls();
  controls();
  EXPECT_FALSE(widgets_.find("translate_said"));
#endif
}

// ---- The plane

TEST_F(ForecastTest, ThePlaneHasADotForEachLambda) {
  know(Likelihood::bernoulli, {32, 22, 21, 16, 14});
  for (const auto& [step, reconstruction, kl, weight] :
       {std::tuple{400, 140.0f, 9.0f, 1.0f}, std::tuple{900, 160.0f, 3.0f, 4.0f},
        std::tuple{950, 190.0f, 0.5f, 20.0f}}) {
    CurvePoint point;
    point.step = step;
    point.reconstruction = reconstruction;
    point.kl = kl;
    point.kl_weight = weight;
    view().curves.test_sample.append(point);
  }
  view().curves.marks = {{450, 4}, {910, 20}};
  view().settings.kl_weight = 20;
  EXPECT_THAT(rate(), ::testing::IsEmpty());
  rate();
  const Rect plot = *widgets_.find("plot_rate");
  std::vector<Vec2> dots;
  for (int i = 0; i < 3; ++i)
    dots.push_back(widgets_.find(fmt::format("rate_dot_{}", i))->center());
  EXPECT_FALSE(widgets_.find("rate_dot_3"));
  // In the order of λ: rate falls, distortion rises, and places are in proportion.
  const float scale_x = (dots[0].x - dots[2].x) / (9 - 0.5f);
  EXPECT_NEAR(dots[1].x, dots[2].x + 2.5f * scale_x, 1);
  const float scale_y = (dots[0].y - dots[2].y) / (190 - 140);
  EXPECT_NEAR(dots[1].y, dots[2].y + 30 * scale_y, 1);
  for (const Vec2 dot : dots) EXPECT_TRUE(plot.contains(dot));
  // The rate that the linear forecast has at λ = 20.
  const double forecast = 0.5 * (std::log(32.0 / 20) + std::log(22.0 / 20) + std::log(21.0 / 20));
  EXPECT_NEAR(widgets_.find("rate_linear")->center().x,
              dots[2].x + (static_cast<float>(forecast) - 0.5f) * scale_x, 2);
}

TEST_F(ForecastTest, ThePlaneSaysWhatItWaitsFor) {
  const auto asked = rate();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<MeasureSpectrum>(asked[0]));
  EXPECT_TRUE(widgets_.find("rate_empty"));
  view().spec = reference_spec(ModelKind::pca, *snapshot_.data, 2);
  EXPECT_THAT(rate(), ::testing::IsEmpty());
  EXPECT_TRUE(widgets_.find("rate_empty"));
}

TEST_F(ForecastTest, TheTabIsThereOnceLambdaWasTurned) {
  curves();
  EXPECT_FALSE(widgets_.find("tab_rate"));
  view().curves.marks = {{450, 4}};
  curves();
  EXPECT_TRUE(widgets_.find("tab_rate"));
  view().curves.marks.clear();
  know(Likelihood::gaussian, {1});
  curves();
  EXPECT_TRUE(widgets_.find("tab_rate"));
}

}  // namespace
}  // namespace zscape
