// What a KL weight will leave alive, losses of other code, and the dots of the rate–distortion
// plane, against closed forms.
#include "engine/forecast.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <numbers>

#include "app/gui/view/curves/kl_forecast.h"
#include "app/gui/view/curves/rate_points.h"
#include "engine/loss_translation.h"

namespace zscape {
namespace {

Spectrum spectrum_of_four() {
  Spectrum spectrum;
  spectrum.kind = {Likelihood::gaussian, Binarise::none};
  spectrum.eigenvalues = {8, 4, 2, 0.5};
  spectrum.rows = 100;
  spectrum.scored_inputs = 4;
  return spectrum;
}

// One dimension x ~ N(0, ℓ), x̂ = w z + s ε, z ~ N(0, 1): the loss of this decoder weight and of the
// encoder's best slope and variance, by hand.
double loss_of_linear(double eigenvalue, double weight, double variance, double kl_weight) {
  // q(z|x) = N(a x, v) that minimises E[(x − w z)²] / (2 s²) + λ KL: v = λ s² / (w² + λ s²), and
  // a = w / (w² + λ s²).
  const double level = kl_weight * variance, v = level / (weight * weight + level);
  const double slope = weight / (weight * weight + level);
  const double squared = eigenvalue * std::pow(1 - weight * slope, 2) + weight * weight * v;
  const double kl = 0.5 * (slope * slope * eigenvalue + v - std::log(v) - 1);
  return squared / (2 * variance) + kl_weight * kl;
}

TEST(Forecast, IsTheBestLinearDecoder) {
  const double sigma = 0.7, kl_weight = 3;
  const Spectrum spectrum = spectrum_of_four();
  const Forecast found = forecast(spectrum, Likelihood::gaussian, kl_weight, sigma, std::nullopt);
  EXPECT_DOUBLE_EQ(found.threshold, 3 * 0.49);
  EXPECT_EQ(found.live, 3);
  // The loss over a fine grid of weights has its minimum where the forecast says.
  double best_sum = 0;
  int live = 0;
  for (const double eigenvalue : spectrum.eigenvalues) {
    double best = std::numeric_limits<double>::infinity(), at = 0;
    for (double weight = 0; weight < 4; weight += 1e-4) {
      const double loss = loss_of_linear(eigenvalue, weight, sigma * sigma, kl_weight);
      if (loss < best) best = loss, at = weight;
    }
    best_sum += best;
    live += at > 1e-3;
  }
  EXPECT_EQ(live, found.live);
  EXPECT_NEAR(found.squared_error / (2 * sigma * sigma) + kl_weight * found.rate, best_sum, 1e-6);
  const double constant = 2 * std::log(2 * std::numbers::pi * sigma * sigma);
  EXPECT_NEAR(linear_reconstruction(found, spectrum, Likelihood::gaussian, sigma),
              found.squared_error / (2 * sigma * sigma) + constant, 1e-12);
}

TEST(Forecast, CapsAtTheLatentDimensions) {
  const Spectrum spectrum = spectrum_of_four();
  const Forecast capped = forecast(spectrum, Likelihood::gaussian, 1, 1, 2);
  EXPECT_EQ(capped.live, 2);
  EXPECT_DOUBLE_EQ(capped.rate, 0.5 * (std::log(8) + std::log(4)));
  EXPECT_DOUBLE_EQ(capped.squared_error, 1 + 1 + 2 + 0.5);  // what has no dimension stays whole
  EXPECT_EQ(forecast(spectrum, Likelihood::gaussian, 8, 1, 2).live, 0);  // not above: not alive
  EXPECT_EQ(forecast(spectrum, Likelihood::gaussian, 0, 1, 3).live, 3);
  EXPECT_TRUE(std::isinf(forecast(spectrum, Likelihood::gaussian, 0, 1, 3).rate));
}

TEST(Forecast, MeanSquaredErrorIsAGaussianOfHalfTheInputs) {
  const Spectrum spectrum = spectrum_of_four();
  const Forecast mse = forecast(spectrum, Likelihood::mse, 1.2, 0, 4);
  const Forecast gaussian = forecast(spectrum, Likelihood::gaussian, 1.2, std::sqrt(2.0), 4);
  EXPECT_DOUBLE_EQ(mse.threshold, 2.4);
  EXPECT_EQ(mse.live, gaussian.live);
  EXPECT_NEAR(mse.rate, gaussian.rate, 1e-12);
  EXPECT_NEAR(linear_reconstruction(mse, spectrum, Likelihood::mse, 0), mse.squared_error / 4,
              1e-12);
}

TEST(Forecast, BernoulliIsHeldAgainstLambdaItself) {
  EXPECT_EQ(forecast(spectrum_of_four(), Likelihood::bernoulli, 3, 17, 4).threshold, 3);
  EXPECT_TRUE(std::isnan(linear_reconstruction({}, spectrum_of_four(), Likelihood::bernoulli, 1)));
}

TEST(Forecast, SaysForWhichModelsItIs) {
  ModelSpec spec;
  spec.likelihood = Likelihood::mse;
  EXPECT_EQ(spectrum_for(spec)->likelihood, Likelihood::gaussian);
  spec.likelihood = Likelihood::bernoulli;
  spec.binarise = Binarise::dynamic;
  EXPECT_EQ(*spectrum_for(spec), (SpectrumKind{Likelihood::bernoulli, Binarise::dynamic}));
  spec.objective = Objective::iwae;
  EXPECT_FALSE(spectrum_for(spec));
  EXPECT_THAT(why_no_forecast(spec), ::testing::HasSubstr("another bound"));
  for (const ModelKind kind : {ModelKind::ae, ModelKind::cvae, ModelKind::pca}) {
    ModelSpec other;
    other.kind = kind;
    EXPECT_FALSE(why_no_forecast(other).empty()) << name_of(kind);
  }
}

// The loss of other code at one model's terms, and here, are the same up to one factor.
TEST(LossTranslation, KeepsTheTradeOfAnyLoss) {
  for (const Reduction error : {Reduction::sum, Reduction::mean, Reduction::batch_sum}) {
    for (const Reduction kl : {Reduction::sum, Reduction::mean, Reduction::batch_sum}) {
      ForeignLoss loss;
      loss.reconstruction = error, loss.kl = kl;
      loss.reconstruction_weight = 0.5, loss.kl_weight = 0.3;
      loss.inputs = 12, loss.latent = 4, loss.batch = 8, loss.span = 2;
      // Terms of two models, summed over an input and averaged over the batch, in our pixels.
      const auto foreign = [&](double squared, double divergence) {
        const auto reduced = [&](Reduction by, double sum, double terms) {
          return by == Reduction::sum ? sum : by == Reduction::mean ? sum / terms : sum * 8;
        };
        return 0.5 * reduced(error, 4 * squared, 12) + 0.3 * reduced(kl, divergence, 4);
      };
      const LossTranslation found = translated(loss);
      const double s = *found.sigma_gaussian;
      const auto ours = [&](double squared, double divergence) {
        return squared / (2 * s * s) + divergence;
      };
      EXPECT_NEAR(foreign(3, 1) / ours(3, 1), foreign(0.4, 5) / ours(0.4, 5), 1e-12);
      EXPECT_NEAR(*found.lambda_gaussian, s * s, 1e-12);
      EXPECT_FALSE(found.lambda_bernoulli);
    }
  }
}

TEST(LossTranslation, FindsTheLambdaOfAPresentModel) {
  ForeignLoss loss;
  loss.reconstruction = Reduction::mean, loss.kl_weight = 0.00025, loss.inputs = 12288;
  const LossTranslation found = translated(loss);
  EXPECT_NEAR(*found.lambda_gaussian, 1.536, 1e-12);
  ModelSpec spec;
  spec.shape = {28, 28, 1};
  spec.likelihood = Likelihood::gaussian;
  EXPECT_NEAR(*kl_weight_for(found, spec, 0.5), 1.536 / 0.25, 1e-12);
  spec.likelihood = Likelihood::mse;
  EXPECT_FALSE(kl_weight_for(found, spec, 1));
  spec.likelihood = Likelihood::bernoulli;
  EXPECT_FALSE(kl_weight_for(found, spec, 1));
  EXPECT_EQ(formula_of(loss), "mean (x − y)² + 0.00025 · sum KL");
}

// ---- What the window makes of it

CurvePoint measured(std::int64_t step, float reconstruction, float kl, float kl_weight) {
  CurvePoint point;
  point.step = step;
  point.reconstruction = reconstruction;
  point.kl = kl;
  point.kl_weight = kl_weight;
  return point;
}

TEST(RatePoints, AreOneForEachLambdaThatWasVisited) {
  Curves curves;
  curves.test_sample.append(measured(50, 200, 1, 0.1f));
  curves.test_sample.append(measured(100, 150, 9, 0.1f));
  // λ changed at 120; the weights of the point at 120 are those of 0.1, whatever it says.
  curves.test_sample.append(measured(120, 149, 9.5f, 4));
  curves.test_sample.append(measured(180, 170, 3, 4));
  curves.test_sample.append(measured(300, 168, 3.5f, 4));
  curves.test_sample.append(measured(380, 155, 8, 0.1f));
  curves.marks = {{120, 4}, {310, 20}, {320, 0.1}};  // 20 was never measured
  const auto points = rate_points(curves);
  ASSERT_EQ(points.size(), 2u);
  EXPECT_DOUBLE_EQ(points[0].kl_weight, 0.1);
  EXPECT_FLOAT_EQ(points[0].rate, 8);  // the newest visit
  EXPECT_EQ(points[0].steps_held, 60);
  EXPECT_DOUBLE_EQ(points[1].kl_weight, 4);
  EXPECT_FLOAT_EQ(points[1].distortion, 168);
  EXPECT_EQ(points[1].steps_held, 180);
  EXPECT_EQ(present_point(curves)->step, 380);
  curves.marks.pop_back();
  curves.marks.pop_back();
  curves.marks.push_back({310, 4});
  EXPECT_EQ(present_trail(curves, 100).size(), 1u);
  EXPECT_DOUBLE_EQ(present_point(curves)->kl_weight, 4);
}

// The first measurement of test inputs comes after some seconds.
TEST(RatePoints, AreOfTrainingWhereALambdaWasLeftBeforeTestInputsWereMeasured) {
  Curves curves;
  curves.train.append(measured(100, 180, 4, 1));
  curves.train.append(measured(490, 150, 9, 1));
  curves.train.append(measured(495, 149, 9.5f, 1));  // perhaps already of the change
  curves.train.append(measured(510, 160, 5, 20));
  curves.marks = {{500, 20}};
  EXPECT_TRUE(present_point(curves)->of_training);
  curves.test_sample.append(measured(560, 170, 3, 20));
  const auto points = rate_points(curves);
  ASSERT_EQ(points.size(), 2u);
  EXPECT_TRUE(points[0].of_training);
  EXPECT_FLOAT_EQ(points[0].rate, 9);
  EXPECT_FALSE(points[1].of_training);
  EXPECT_FLOAT_EQ(points[1].rate, 3);
  EXPECT_EQ(present_point(curves)->step, 560);
}

TEST(RatePoints, LeaveTheFormerWeightsToTheFormerLambda) {
  Curves curves;
  curves.test_sample.append(measured(100, 150, 9, 1));
  curves.test_sample.append(measured(120, 149, 9.5f, 4));  // λ = 4, the weights still of 1
  curves.test_sample.append(measured(180, 170, 3, 4));
  curves.marks = {{120, 4}};
  const auto points = rate_points(curves);
  ASSERT_EQ(points.size(), 2u);
  EXPECT_DOUBLE_EQ(points[0].kl_weight, 1);
  EXPECT_DOUBLE_EQ(points[1].kl_weight, 4);
  EXPECT_FLOAT_EQ(points[1].rate, 3);
}

TEST(RatePoints, HaveTheLastLambdaOfASchedule) {
  Curves curves;
  for (int i = 1; i <= 4; ++i) {
    curves.test_sample.append(
        measured(10 * i, 100.0f + static_cast<float>(i), 5, 0.5f * static_cast<float>(i)));
  }
  curves.marks = {{0, 2, KlSchedule::Kind::warm_up}};
  const auto points = rate_points(curves);
  ASSERT_EQ(points.size(), 1u);
  EXPECT_DOUBLE_EQ(points[0].kl_weight, 2);
  EXPECT_EQ(present_trail(curves, 2).back().step, 40);
  EXPECT_LE(present_trail(curves, 2).size(), 2u);
}

TEST(RatePoints, AreNoneWithoutAPrior) {
  Curves curves;
  curves.test_sample.append(measured(50, 200, std::nanf(""), std::nanf("")));
  EXPECT_TRUE(rate_points(curves).empty());
  EXPECT_FALSE(present_point(curves));
  EXPECT_FALSE(present_point({}));
}

TEST(LinearCurve, HasTheSlopeOfLambdaEverywhere) {
  const auto curve = linear_curve(spectrum_of_four(), Likelihood::gaussian, 0.5, 4, 6);
  ASSERT_GT(curve.size(), 50u);
  EXPECT_DOUBLE_EQ(curve.front().rate, 0);
  EXPECT_GT(curve.back().rate, 6);
  for (std::size_t i = 1; i < curve.size(); ++i) {
    const double slope =
        (curve[i].distortion - curve[i - 1].distortion) / (curve[i].rate - curve[i - 1].rate);
    EXPECT_LE(-slope, curve[i - 1].kl_weight * (1 + 1e-9));
    EXPECT_GE(-slope, curve[i].kl_weight * (1 - 1e-9));
  }
  EXPECT_TRUE(linear_curve(spectrum_of_four(), Likelihood::bernoulli, 1, 4, 6).empty());
}

TEST(KlForecast, IsAskedForOnceForEachDataSetAndKind) {
  Snapshot snapshot;
  auto data = std::make_shared<Dataset>();
  data->shape = {2, 2, 1};
  snapshot.data = data;
  ModelView view;
  view.spec.shape = data->shape;
  view.spec.likelihood = Likelihood::gaussian;
  view.spec.latent = 3;
  KlForecastState state;
  ASSERT_TRUE(ask_spectrum(state, snapshot, view));
  EXPECT_FALSE(ask_spectrum(state, snapshot, view));
  view.spec.likelihood = Likelihood::bernoulli;
  EXPECT_EQ(ask_spectrum(state, snapshot, view)->kind.likelihood, Likelihood::bernoulli);
  snapshot.data = std::make_shared<Dataset>(*data);
  EXPECT_TRUE(ask_spectrum(state, snapshot, view));
  snapshot.spectra = {std::make_shared<Spectrum>(spectrum_of_four())};
  view.spec.likelihood = Likelihood::gaussian;
  EXPECT_FALSE(ask_spectrum(state, snapshot, view));  // it is there
}

TEST(KlForecast, HasAThresholdForEachLatentDimension) {
  Snapshot snapshot;
  snapshot.data = std::make_shared<Dataset>();
  ModelView view;
  view.spec.likelihood = Likelihood::gaussian;
  view.spec.sigma = 0.5;
  view.spec.latent = 3;
  EXPECT_FALSE(kl_forecast(snapshot, view, 1).at);
  snapshot.spectra = {std::make_shared<Spectrum>(spectrum_of_four())};
  const KlForecast known = kl_forecast(snapshot, view, 10);
  EXPECT_THAT(known.thresholds, ::testing::ElementsAre(32, 16, 8));
  EXPECT_EQ(known.at->live, 2);
  EXPECT_EQ(live_text(*known.at, 3), "2 of 3 dimensions will stay alive");
  auto refused = std::make_shared<Spectrum>();
  refused->why_not = "too large";
  snapshot.spectra = {refused};
  EXPECT_EQ(kl_forecast(snapshot, view, 1).why_not, "too large");
  view.spec.kind = ModelKind::ae;
  EXPECT_FALSE(kl_forecast(snapshot, view, 1).why_not.empty());
}

}  // namespace
}  // namespace zscape
