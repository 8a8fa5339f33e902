// Spectra that the window asks for: once for each data set, and never of other data.
#include "tests/engine_fixture.h"

namespace zscape {
namespace {

constexpr SpectrumKind kGaussian{Likelihood::gaussian, Binarise::none};
constexpr SpectrumKind kBernoulli{Likelihood::bernoulli, Binarise::none};

TEST_F(EngineTest, ASpectrumIsMeasuredOnceForItsData) {
  load();
  for (int i = 0; i < 3; ++i) engine_.post(MeasureSpectrum{kModel, kGaussian});
  engine_.post(MeasureSpectrum{kModel, kBernoulli});
  const auto seen = wait_for([](const Snapshot& s) { return s.spectra.size() == 2; });
  EXPECT_EQ(seen->spectrum(kGaussian)->rows, seen->data->train.count);
  EXPECT_EQ(seen->spectrum(kBernoulli)->kind, kBernoulli);
  EXPECT_EQ(seen->spectrum({Likelihood::gaussian, Binarise::threshold}), nullptr);
  engine_.post(MeasureSpectrum{kModel, kGaussian});
  let_it_turn();
  EXPECT_EQ(backend_->spectra_measured, 2);
  EXPECT_EQ(engine_.snapshot()->spectrum(kGaussian), seen->spectrum(kGaussian));
}

TEST_F(EngineTest, OtherDataHaveNoSpectrumYet) {
  load();
  engine_.post(MeasureSpectrum{kModel, kGaussian});
  const auto before = wait_for([](const Snapshot& s) { return s.spectra.size() == 1; });
  engine_.post(LoadData{kModel, "fake"});
  wait_for([&](const Snapshot& s) { return s.data != before->data; });
  EXPECT_TRUE(engine_.snapshot()->spectra.empty());
  engine_.post(MeasureSpectrum{kModel, kGaussian});
  wait_for([](const Snapshot& s) { return s.spectra.size() == 1; });
  EXPECT_EQ(backend_->spectra_measured, 2);
}

TEST_F(EngineTest, ASpectrumThatCannotBeMeasuredSaysWhy) {
  load();
  backend_->spectrum_fails = true;
  engine_.post(MeasureSpectrum{kModel, kGaussian});
  const auto seen = wait_for([](const Snapshot& s) { return s.spectra.size() == 1; });
  EXPECT_EQ(seen->spectra[0]->kind, kGaussian);
  EXPECT_EQ(seen->spectra[0]->why_not, "too many inputs");
  EXPECT_TRUE(seen->notices.empty());
}

}  // namespace
}  // namespace zscape
