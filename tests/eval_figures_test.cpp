// The figures of `zscape eval` against numbers worked out by hand or by scikit-learn.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/eval/evaluate.h"
#include "engine/eval/figures.h"
#include "tests/eval_data.h"

namespace zscape {
namespace {

Figures figures_of(const Autoencoder& model, const Dataset& data, int samples = 2,
                   const EvaluationSettings& settings = {}) {
  const auto figures = evaluate_figures(model, data, SplitName::test, samples, settings, {});
  EXPECT_TRUE(figures) << (figures ? "" : figures.error().message);
  return figures.value_or(Figures{});
}

// The posterior is a point: a sampled z is μ, and the figures of one input do not depend on draws.
Autoencoder pointlike(const Dataset& data) {
  Autoencoder model = initialised(small_vae(data.shape, 2, {8}));
  tensors_of(model)["encoder.2.bias"].narrow(0, 2, 2).fill_(-40);
  return model;
}

TEST(Figures, TheStandardErrorIsThatOfTheMeanOverTheInputs) {
  const Dataset data = bars(8, 37);
  const Autoencoder model = pointlike(data);
  const Figures figures = figures_of(model, data);
  std::vector<double> bounds;
  for (std::int64_t row = 0; row < 37; ++row) {
    const auto alone = std::make_shared<const std::vector<std::int64_t>>(1, row);
    bounds.push_back(-add_losses({}, model, data, SplitName::test, alone, {}, {})->means(1).loss);
  }
  double mean = 0;
  for (const double bound : bounds) mean += bound / 37;
  double squares = 0;
  for (const double bound : bounds) squares += (bound - mean) * (bound - mean);
  EXPECT_NEAR(*figures.elbo, mean, 1e-5);
  EXPECT_NEAR(*figures.elbo_standard_error, std::sqrt(squares / 36 / 37), 1e-5);
  EXPECT_GT(*figures.elbo_standard_error, 0.01);
  EXPECT_FALSE(figures_of(model, bars(8, 1)).elbo_standard_error);
}

TEST(Figures, TheElboIsMinusReconstructionAndKlWhateverTheWeight) {
  const Dataset data = bars(40, 40);
  const Autoencoder model = initialised(small_vae(data.shape, 2, {8}));
  EvaluationSettings settings;
  settings.kl_weight = 7;
  const Figures figures = figures_of(model, data, 2, settings);
  EXPECT_NEAR(*figures.elbo, -figures.reconstruction - *figures.kl, 1e-9);
}

TEST(Figures, TheKlOfEachDimensionIsTheClosedFormAndAddsUpToTheKl) {
  const Dataset data = bars(8, 40);
  Autoencoder model = initialised(small_vae(data.shape, 3, {8}));
  auto tensors = tensors_of(model);
  tensors["encoder.2.weight"].zero_();
  tensors["encoder.2.bias"].copy_(
      at::tensor({1.0F, -0.5F, 0.0F, std::log(4.0F), std::log(0.25F), 0.0F}));
  const Figures figures = figures_of(model, data);
  const std::vector<double>& kl = figures.codes.kl;
  ASSERT_EQ(kl.size(), 3U);
  EXPECT_NEAR(kl[0], 0.5 * (1 + 4 - std::log(4.0) - 1), 1e-5);
  EXPECT_NEAR(kl[1], 0.5 * (0.25 + 0.25 - std::log(0.25) - 1), 1e-5);
  EXPECT_NEAR(kl[2], 0, 1e-6);
  EXPECT_NEAR(*figures.kl, kl[0] + kl[1], 1e-5);
  EXPECT_EQ(*figures.codes.active_units, 0);
}

TEST(Figures, AKindWithoutPriorHasNoPriorFigures) {
  const Dataset data = bars(40, 40);
  ModelSpec spec = small_vae(data.shape, 2, {8});
  spec.kind = ModelKind::ae;
  spec.likelihood = Likelihood::mse;
  const Figures figures = figures_of(initialised(spec), data);
  EXPECT_FALSE(figures.kl || figures.elbo || figures.elbo_standard_error ||
               figures.log_likelihood || figures.log_likelihood_prior ||
               figures.codes.active_units || figures.codes.aggregate_kl);
  EXPECT_TRUE(figures.codes.kl.empty());
  EXPECT_TRUE(figures.knn_accuracy && figures.silhouette);
  EXPECT_GT(figures.mse, 0);
}

TEST(Figures, DataWithoutLabelsHasNoLabelFigures) {
  Dataset data = bars(40, 40);
  data.class_names.clear();
  data.train.labels.clear();
  data.test.labels.clear();
  const Figures figures = figures_of(initialised(small_vae(data.shape, 2, {8})), data);
  EXPECT_FALSE(figures.knn_accuracy || figures.silhouette);
  EXPECT_TRUE(figures.log_likelihood && figures.log_likelihood_prior && figures.kl);
}

TEST(Figures, NoiseChangesTheLossesAndLeavesOutWhatBelongsToCleanInputs) {
  const Dataset data = bars(40, 40);
  const Autoencoder model = initialised(small_vae(data.shape, 2, {8}));
  EvaluationSettings settings;
  settings.noise = Noise{Noise::Kind::mask, 0.5};
  const Figures clean = figures_of(model, data);
  const Figures noisy = figures_of(model, data, 2, settings);
  EXPECT_NE(noisy.mse, clean.mse);
  EXPECT_NE(*noisy.kl, *clean.kl);
  EXPECT_NEAR(*noisy.elbo, -noisy.reconstruction - *noisy.kl, 1e-9);
  EXPECT_FALSE(noisy.log_likelihood || noisy.knn_accuracy || noisy.silhouette ||
               noisy.codes.aggregate_kl || noisy.codes.active_units || noisy.codes.count);
  settings.noise->amount = 0;
  EXPECT_EQ(figures_of(model, data, 2, settings).mse, clean.mse);
}

TEST(Figures, LogLikelihoodsAreAbsentWithoutSamplesAndRiseWithThem) {
  const Dataset data = bars(40, 100);
  const Autoencoder model = initialised(small_vae(data.shape, 2, {8}));
  EXPECT_FALSE(figures_of(model, data, 0).log_likelihood);
  const Figures one = figures_of(model, data, 1);
  const Figures many = figures_of(model, data, 300);
  EXPECT_NEAR(*one.log_likelihood, *one.elbo, 0.5);
  EXPECT_GT(*many.log_likelihood, *one.log_likelihood);
  EXPECT_GT(*many.log_likelihood_prior, *one.log_likelihood_prior);
}

TEST(Figures, AreAFunctionOfTheSeed) {
  const Dataset data = bars(40, 60);
  const Autoencoder model = initialised(small_vae(data.shape, 2, {8}));
  EvaluationSettings other;
  other.seed = 1;
  const Figures a = figures_of(model, data, 3);
  EXPECT_EQ(*a.log_likelihood, *figures_of(model, data, 3).log_likelihood);
  EXPECT_EQ(*a.elbo, *figures_of(model, data, 3).elbo);
  EXPECT_NE(*a.log_likelihood, *figures_of(model, data, 3, other).log_likelihood);
  EXPECT_NE(*a.elbo, *figures_of(model, data, 3, other).elbo);
  EXPECT_EQ(a.mse, figures_of(model, data, 3, other).mse);
}

TEST(Figures, EndWhereTheyAreToldTo) {
  const Dataset data = bars(40, 60);
  const Autoencoder model = initialised(small_vae(data.shape, 2, {8}));
  for (const double stop : {0.0, 0.12, 0.5, 0.81}) {
    double last = 0;
    const auto stopped = evaluate_figures(model, data, SplitName::test, 5000, {}, [&](double done) {
      EXPECT_GE(done, last);
      EXPECT_LE(done, 1);
      last = done;
      return done < stop;
    });
    ASSERT_FALSE(stopped) << stop;
    EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
  }
}

// scikit-learn 1.x: silhouette_score([[0,0],[1,0],[.5,2],[4,4],[5,4.5],[4,6],[9,0],[2,2]],
// [0,0,0,1,1,1,2,1]) = 0.40924683177829996; label 2 has one member.
TEST(Silhouette, AgreesWithScikitLearn) {
  const at::Tensor points =
      at::tensor({0.0, 0.0, 1.0, 0.0, 0.5, 2.0, 4.0, 4.0, 5.0, 4.5, 4.0, 6.0, 9.0, 0.0, 2.0, 2.0})
          .view({8, 2});
  EXPECT_NEAR(*silhouette(points, std::vector<int>{0, 0, 0, 1, 1, 1, 2, 1}), 0.40924683177829996,
              1e-12);
  // The names of labels do not matter, nor do gaps between them.
  EXPECT_NEAR(*silhouette(points, std::vector<int>{7, 7, 7, 3, 3, 3, 0, 3}), 0.40924683177829996,
              1e-12);
}

// i = np.arange(60); p = np.stack([(i*37%101)/101 + i%3, (i*53%97)/97 - 0.5*(i%3), (i*29%89)/89],
// 1) silhouette_score(p, i%3) = 0.45281623848609304, silhouette_score(p, i*7%60%5) =
// -0.09345565527344633
TEST(Silhouette, AgreesWithScikitLearnForGoodAndForBadLabels) {
  std::vector<double> values;
  std::vector<int> good;
  std::vector<int> bad;
  for (int i = 0; i < 60; ++i) {
    values.push_back(i * 37 % 101 / 101.0 + i % 3);
    values.push_back(i * 53 % 97 / 97.0 - 0.5 * (i % 3));
    values.push_back(i * 29 % 89 / 89.0);
    good.push_back(i % 3);
    bad.push_back(i * 7 % 60 % 5);
  }
  const at::Tensor points = at::tensor(values, at::kDouble).view({60, 3});
  EXPECT_NEAR(*silhouette(points, good), 0.45281623848609304, 1e-12);
  EXPECT_NEAR(*silhouette(points, bad), -0.09345565527344633, 1e-12);
}

TEST(Silhouette, NeedsTwoLabels) {
  EXPECT_FALSE(silhouette(at::zeros({4, 2}), std::vector<int>{1, 1, 1, 1}));
}

TEST(Silhouette, OfPointsInOnePlaceIsZero) {
  EXPECT_EQ(*silhouette(at::ones({4, 2}), std::vector<int>{1, 0, 1, 0}), 0);
}

TEST(Neighbours, AreCountedByHand) {
  const at::Tensor references = at::tensor({0.0F, 0.1F, 0.2F, 5.0F, 5.1F, 5.2F}).view({6, 1});
  const std::vector<int> labels = {0, 0, 1, 1, 1, 0};
  const at::Tensor queries = at::tensor({0.05F, 5.05F, 0.15F}).view({3, 1});
  const std::vector<int> truth = {0, 1, 1};
  const auto accuracy = neighbour_accuracy(references, labels, queries, truth, 3, false, {});
  ASSERT_TRUE(accuracy);
  EXPECT_NEAR(*accuracy, 2.0 / 3, 1e-9);
  // Each but itself: only 0.2 and 5.2 have a nearest neighbour of another label.
  const auto self = neighbour_accuracy(references, labels, references, labels, 1, true, {});
  ASSERT_TRUE(self);
  EXPECT_NEAR(*self, 4.0 / 6, 1e-9);
}

TEST(Neighbours, OfEquallyManyTheNearestDecides) {
  const at::Tensor references = at::tensor({1.0F, 2.0F, 3.0F, 4.0F}).view({4, 1});
  const std::vector<int> labels = {1, 0, 0, 1};
  const at::Tensor query = at::zeros({1, 1});
  for (const int k : {1, 2, 4}) {
    EXPECT_EQ(*neighbour_accuracy(references, labels, query, std::vector<int>{1}, k, false, {}), 1);
  }
  EXPECT_EQ(*neighbour_accuracy(references, labels, query, std::vector<int>{0}, 3, false, {}), 1);
}

}  // namespace
}  // namespace zscape
