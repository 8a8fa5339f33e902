// What the window says of the codes, against closed forms.
#include "app/gui/view/curves/code_figures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>
#include <string>

#include "engine/backend/torch_backend.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

// n codes of k dimensions.
Codes codes_of(int latent, std::vector<float> mean, std::vector<float> sigma) {
  Codes codes;
  codes.latent = latent;
  std::vector<std::int64_t> rows(mean.size() / static_cast<std::size_t>(latent));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  codes.indices = std::make_shared<const std::vector<std::int64_t>>(std::move(rows));
  codes.mean = std::move(mean);
  codes.sigma = std::move(sigma);
  codes.step = 1000;
  return codes;
}

ModelView view_with(double kl_weight) {
  ModelView view;
  view.spec.kind = ModelKind::vae;
  view.settings.kl_weight = kl_weight;
  return view;
}

TEST(CodeFigures, KlOfEachDimensionIsItsClosedForm) {
  // z1: μ = ±2, σ = 0.5; z2 is the prior itself.
  const CodeFigures figures = code_figures(codes_of(2, {2, 0, -2, 0}, {0.5F, 1, 0.5F, 1}));
  ASSERT_EQ(figures.kl.size(), 2U);
  EXPECT_NEAR(figures.kl[0], 0.5 * (4 + 0.25 - std::log(0.25) - 1), 1e-9);
  EXPECT_NEAR(figures.kl[1], 0, 1e-9);
  EXPECT_NEAR(figures.variance[0], 4, 1e-9);
  EXPECT_NEAR(figures.variance[1], 0, 1e-9);
  EXPECT_EQ(figures.active_units, 1);
  EXPECT_NEAR(*figures.mean_sigma, 0.75, 1e-9);
  EXPECT_NEAR(figures.spread, std::sqrt(2.0), 1e-9);
  EXPECT_EQ(figures.count, 2);
}

TEST(CodeFigures, AggregateKlIsThatOfTheMomentMatchedGaussian) {
  // m = (1, 0), Cov μ = diag(4, 0), E σ² = (0.25, 1): S = diag(4.25, 1).
  const CodeFigures figures = code_figures(codes_of(2, {3, 0, -1, 0}, {0.5F, 1, 0.5F, 1}));
  ASSERT_TRUE(figures.aggregate_kl);
  EXPECT_NEAR(*figures.aggregate_kl, 0.5 * (4.25 + 1 + 1 - 2 - std::log(4.25)), 1e-9);
}

TEST(CodeFigures, AggregateKlIsZeroWhereTheCodesFillThePrior) {
  EXPECT_NEAR(*code_figures(codes_of(2, {0, 0, 0, 0}, {1, 1, 1, 1})).aggregate_kl, 0, 1e-12);
  // Means ±0.6 with σ = 0.8: variance 0.36 + 0.64.
  EXPECT_NEAR(*code_figures(codes_of(1, {0.6F, -0.6F}, {0.8F, 0.8F})).aggregate_kl, 0, 1e-6);
}

TEST(CodeFigures, AUnitIsActiveAboveAHundredthAndNotAtIt) {
  // Variances 0.0121, 0.0081 and 0.
  EXPECT_EQ(code_figures(codes_of(3, {0.11F, 5.09F, 7, -0.11F, 4.91F, 7}, {1, 1, 1, 1, 1, 1}))
                .active_units,
            1);
  // μ of 0 and 2^-3 … in binary: variance 2^-8 < 0.01 < 2^-6.
  EXPECT_EQ(code_figures(codes_of(2, {0, 0, 0.125F, 0.25F}, {1, 1, 1, 1})).active_units, 1);
}

TEST(CodeFigures, AggregateKlKnowsCorrelation) {
  // μ = ±(1, 1), σ = 1: S = [[2, 1], [1, 2]], det 3.
  const CodeFigures figures = code_figures(codes_of(2, {1, 1, -1, -1}, {1, 1, 1, 1}));
  ASSERT_TRUE(figures.aggregate_kl);
  EXPECT_NEAR(*figures.aggregate_kl, 0.5 * (4 - 2 - std::log(3.0)), 1e-9);
}

TEST(CodeFigures, SigmasFallIntoTheirBins) {
  EXPECT_EQ(sigma_bin(0), 0);
  EXPECT_EQ(sigma_bin(1e-3), 0);
  EXPECT_EQ(sigma_bin(0.1), 16);  // two decades of eight
  EXPECT_EQ(sigma_bin(1), 24);
  EXPECT_EQ(sigma_bin(0.999), 23);
  EXPECT_EQ(sigma_bin(1e6), kSigmaBins - 1);
  EXPECT_NEAR(sigma_at(24), 1, 1e-12);
  const CodeFigures figures = code_figures(codes_of(1, {0, 0, 0}, {0.1F, 1, 1}));
  EXPECT_EQ(figures.sigma_counts[16], 1);
  EXPECT_EQ(figures.sigma_counts[24], 2);
}

TEST(CodeFigures, WithoutAPriorThereAreVariancesOnly) {
  const CodeFigures figures = code_figures(codes_of(1, {1, 3}, {}));
  EXPECT_TRUE(figures.kl.empty());
  EXPECT_TRUE(figures.sigma_counts.empty());
  EXPECT_FALSE(figures.aggregate_kl);
  EXPECT_NEAR(figures.variance[0], 1, 1e-9);
}

TEST(CodeFigures, OfLargeCodesAnEvenPartIsTaken) {
  const int latent = 1000;
  std::vector<float> mean;
  for (int row = 0; row < 1000; ++row) {
    mean.insert(mean.end(), latent, row < 500 ? -1.0F : 1.0F);
  }
  const CodeFigures figures = code_figures(codes_of(latent, std::move(mean), {}), 200000);
  EXPECT_EQ(figures.count, 200);
  EXPECT_NEAR(figures.variance[999], 1, 1e-9);  // as many of one half as of the other
}

// What the window shows of codes and what `zscape eval` prints of them is one function's result.
TEST(Figures, OfTheSameCodesAreTheSameInTheWindowAndOnTheCommandLine) {
  const auto backend = make_torch_backend({});
  backend->enter_thread(ThreadRole::helper);
  const auto data = fake_data(64, 40);
  for (const KindTraits& kind : {traits_of(ModelKind::vae), traits_of(ModelKind::ae)}) {
    const auto trainer =
        backend->make_trainer({reference_spec(kind.kind, *data, 3), data, nullptr, 0, nullptr});
    ASSERT_TRUE(trainer) << trainer.error().message;
    const FrozenModelPtr model = (*trainer)->freeze();
    const auto measured = model->figures(*data, SplitName::test, 2, {});
    ASSERT_TRUE(measured) << measured.error().message;
    ModelView view;
    view.spec = model->spec();
    view.weights = model;
    view.test_sample = std::make_shared<const Codes>(codes_of(3, {1, 2, 3}, {1, 1, 1}));
    view.test_codes =
        std::make_shared<const Codes>(*model->encode(*data, SplitName::test, nullptr));
    view.state = RunState::paused;
    FiguresCache window;
    const ShownFigures* all = window.update(view, SplitName::test);
    ASSERT_TRUE(all);
    const Figures* shown = &all->figures;
    int compared = 0;
    for (const Figure& row : figure_table()) {
      if (!row.in_window) continue;
      ++compared;
      if (row.values) {
        EXPECT_EQ(row.values(*shown), row.values(*measured)) << row.key;
        continue;
      }
      ASSERT_EQ(row.value(*shown).has_value(), row.value(*measured).has_value()) << row.key;
      // The command line's KL is the mean of the inputs' own, in single precision.
      if (const auto value = row.value(*measured)) {
        EXPECT_NEAR(*row.value(*shown), *value, 1e-5) << row.key;
      }
    }
    EXPECT_GE(compared, 9);
    EXPECT_EQ(shown->codes.active_units.has_value(), kind.has_prior);
  }
}

TEST(Figures, HaveOneKeyEachAndAreANumberOrAList) {
  std::set<std::string> keys;
  for (const Figure& row : figure_table()) {
    EXPECT_TRUE(keys.insert(row.key).second) << row.key;
    EXPECT_NE(row.value == nullptr, row.values == nullptr) << row.key;
    EXPECT_NE(std::string(row.help), "") << row.key;
  }
}

TEST(CodeWarning, ACollapseIsToldInPlainWords) {
  CodeFigures collapsed = code_figures(codes_of(2, {0, 0.01F, 0.01F, 0}, {1, 1, 1, 1}));
  const auto warning = code_warning(collapsed, view_with(100));
  ASSERT_TRUE(warning);
  EXPECT_EQ(warning->text, "dimensions without information: 2 of 2");
  EXPECT_TRUE(warning->serious);
  EXPECT_NE(warning->detail.find("100"), std::string::npos);
  collapsed.step = 10;
  EXPECT_FALSE(code_warning(collapsed, view_with(100)));  // all codes begin like that
}

TEST(CodeWarning, OneSilentDimensionIsARemarkOnly) {
  const auto warning =
      code_warning(code_figures(codes_of(2, {2, 0, -2, 0}, {1, 1, 1, 1})), view_with(1));
  ASSERT_TRUE(warning);
  EXPECT_EQ(warning->text, "dimensions without information: 1 of 2");
  EXPECT_FALSE(warning->serious);
}

TEST(CodeWarning, WithoutLambdaNothingHoldsTheCodes) {
  const CodeFigures apart = code_figures(codes_of(1, {20, -20}, {0.01F, 0.01F}));
  ASSERT_TRUE(code_warning(apart, view_with(0)));
  EXPECT_EQ(code_warning(apart, view_with(0))->text,
            "λ = 0: nothing keeps the codes near the prior");
  EXPECT_FALSE(code_warning(apart, view_with(0.1)));
  ModelView rising = view_with(0);  // the foot of a ramp
  rising.kl_schedule = {KlSchedule::Kind::cyclic, 100, 4};
  EXPECT_FALSE(code_warning(apart, rising));
}

TEST(CodeWarning, AnAutoencoderHasNothingToCollapseTo) {
  ModelView view = view_with(0);
  view.spec.kind = ModelKind::ae;
  EXPECT_FALSE(code_warning(code_figures(codes_of(1, {0, 0}, {})), view));
}

CodesPtr count_of(int inputs, int latent = 1) {
  std::vector<float> mean;
  for (int i = 0; i < inputs * latent; ++i) mean.push_back(i % 2 == 0 ? 1.0F : -1.0F);
  const std::size_t values = mean.size();
  return std::make_shared<const Codes>(
      codes_of(latent, std::move(mean), std::vector<float>(values, 1)));
}

TEST(FiguresCache, AreThoseOfAllCodesOnShow) {
  ModelView view = view_with(1);
  FiguresCache cache;
  const auto inputs = [&](SplitName split) { return cache.update(view, split)->figures.images; };
  EXPECT_EQ(cache.update(view, SplitName::test), nullptr);
  view.train_sample = count_of(2);
  EXPECT_EQ(inputs(SplitName::test), 2);  // there is nothing else yet
  view.test_sample = count_of(3);
  EXPECT_EQ(inputs(SplitName::test), 3);
  EXPECT_EQ(inputs(SplitName::train), 2);
  view.test_codes = count_of(30);
  view.train_codes = count_of(20);
  EXPECT_EQ(inputs(SplitName::test), 30);
  EXPECT_EQ(inputs(SplitName::train), 20);
  EXPECT_TRUE(cache.take_news());
  EXPECT_EQ(inputs(SplitName::train), 20);
  EXPECT_FALSE(cache.take_news());
  view.state = RunState::running;  // the plot shows the sample
  EXPECT_EQ(inputs(SplitName::train), 2);
}

TEST(FiguresCache, OfVeryManyCodesNoneIsLeftOutAndNoFrameWaits) {
  ModelView view = view_with(1);
  view.spec.latent = 50;
  view.state = RunState::paused;
  view.test_sample = count_of(10, 50);
  FiguresCache cache;
  EXPECT_EQ(cache.update(view, SplitName::test)->figures.images, 10);
  view.test_codes = count_of(6000, 50);
  const ShownFigures* shown = cache.update(view, SplitName::test);
  ASSERT_NE(shown, nullptr);
  EXPECT_EQ(shown->figures.images, 10);  // the former ones, meanwhile
  EXPECT_TRUE(cache.busy());
  cache.wait();
  shown = cache.update(view, SplitName::test);
  EXPECT_FALSE(cache.busy());
  EXPECT_EQ(shown->figures.images, 6000);
  EXPECT_TRUE(shown->figures.codes.aggregate_kl);
  view.spec.latent = 7;
  view.test_codes = view.test_sample = count_of(10, 7);  // another latent space
  EXPECT_EQ(cache.update(view, SplitName::test)->figures.codes.latent, 7);
}

// Inputs with codes of two dimensions that depend on each other and are not centred.
Codes scattered(int count) {
  std::vector<float> mean, sigma;
  for (int i = 0; i < count; ++i) {
    const auto x = static_cast<float>(std::sin(12.9 * i)),
               y = static_cast<float>(std::cos(7.3 * i));
    mean.insert(mean.end(), {0.4F + 1.5F * x, -0.2F + 0.5F * y + 0.7F * x});
    sigma.insert(sigma.end(), {0.2F + 0.1F * y, 0.5F + 0.2F * x * y});
  }
  return codes_of(2, std::move(mean), std::move(sigma));
}

Codes without(const Codes& codes, int left_out) {
  Codes rest = codes_of(2, {codes.mean.begin(), codes.mean.end()}, codes.sigma);
  for (std::vector<float>* values : {&rest.mean.own(), &rest.sigma}) {
    values->erase(values->begin() + 2 * left_out, values->begin() + 2 * left_out + 2);
  }
  rest.indices = make_indices(std::vector<std::int64_t>(rest.mean.size() / 2));
  return rest;
}

TEST(FigureErrors, AreWhatLeavingOutOneInputAfterAnotherTells) {
  constexpr int kCount = 300;
  const Codes codes = scattered(kCount);
  const FigureErrors errors = figure_errors(codes);
  int compared = 0;
  for (const Figure& row : figure_table()) {
    const auto error = row.error ? row.error(errors) : std::nullopt;
    if (!error) continue;
    ++compared;
    std::vector<double> values;  // the jackknife (Efron 1982)
    for (int i = 0; i < kCount; ++i) values.push_back(*row.value(figures_of(without(codes, i))));
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / kCount;
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    EXPECT_NEAR(*error, std::sqrt(squares * (kCount - 1) / kCount), 0.02 * *error) << row.key;
    EXPECT_GT(*error, 1e-4) << row.key;
  }
  EXPECT_EQ(compared, 4);
}

TEST(FigureErrors, AreAbsentWhereThereIsNothingToTellThemFrom) {
  const FigureErrors one = figure_errors(codes_of(1, {1}, {1}));
  EXPECT_FALSE(one.kl || one.spread || one.aggregate_kl || one.mean_sigma);
  const FigureErrors plain = figure_errors(codes_of(1, {1, 3, 2}, {}));
  EXPECT_TRUE(plain.spread);
  EXPECT_FALSE(plain.kl || plain.aggregate_kl || plain.mean_sigma);
}

}  // namespace
}  // namespace zscape
