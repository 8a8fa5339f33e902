// Noise, masks and binarisation: exact proportions, and rows that do not depend on one another.
#include "engine/model/corruption.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "engine/model/batch.h"

namespace zscape {
namespace {

constexpr int kRows = 200;

RowDraws draws(std::uint64_t seed, int rows, std::uint64_t first = 0) {
  RowDraws result{seed, Stream::corruption, {}};
  for (int row = 0; row < rows; ++row) {
    result.counters.push_back(first + static_cast<std::uint64_t>(row));
  }
  return result;
}

ModelSpec spec_of(ModelKind kind) {
  ModelSpec spec;
  spec.kind = kind;
  spec.shape = {28, 28, 1};
  spec.likelihood = Likelihood::mse;
  return spec;
}

TEST(Noise, MaskSetsExactlyThatProportionOfEachRowToZero) {
  const at::Tensor x = at::ones({kRows, 784});
  for (const double share : {0.0, 0.25, 0.3, 1.0}) {
    const at::Tensor zeros = corrupted({Noise::Kind::mask, share}, x, draws(1, kRows)).eq(0).sum(1);
    EXPECT_TRUE(zeros.eq(std::lround(share * 784)).all().item<bool>()) << share;
  }
}

TEST(Noise, MaskTakesEachInputAsOftenAsAnyOther) {
  constexpr int kMany = 4000;
  const at::Tensor x = at::ones({kMany, 20});
  const at::Tensor counts =
      corrupted({Noise::Kind::mask, 0.25}, x, draws(1, kMany)).eq(0).sum(0).to(at::kDouble);
  // Binomial with mean 1000 and deviation 27.
  EXPECT_LT((counts - 1000).abs().max().item<double>(), 5 * 27.4);
}

TEST(Noise, GaussianHasTheDeviationAndIsNotClipped) {
  const at::Tensor x = at::full({kRows, 784}, 0.5);
  const at::Tensor noise = corrupted({Noise::Kind::gaussian, 0.4}, x, draws(1, kRows)) - x;
  EXPECT_NEAR(noise.std().item<double>(), 0.4, 0.005);
  EXPECT_NEAR(noise.mean().item<double>(), 0, 0.005);
  EXPECT_GT(noise.max().item<double>(), 0.6);
}

TEST(Noise, ARowsNoiseIsAFunctionOfItsCounter) {
  const at::Tensor x = at::rand({4, 50});
  for (const Noise noise : {Noise{Noise::Kind::mask, 0.5}, Noise{Noise::Kind::gaussian, 1}}) {
    const at::Tensor all = corrupted(noise, x, draws(3, 4, 10));
    const at::Tensor third = corrupted(noise, x.narrow(0, 2, 1), draws(3, 1, 12));
    EXPECT_TRUE(at::equal(all.narrow(0, 2, 1), third));
    EXPECT_FALSE(at::equal(all, corrupted(noise, x, draws(4, 4, 10))));
  }
}

TEST(Masking, HidesWholePatchesOfExactlyTheRatio) {
  ModelSpec spec = spec_of(ModelKind::mae);
  EXPECT_EQ(patch_count(spec), 49);
  EXPECT_EQ(hidden_patch_count(spec), 37);  // 0.75 · 49 = 36.75
  const at::Tensor hidden = hidden_pixels(spec, draws(1, kRows));
  EXPECT_TRUE(hidden.sum(1).eq(37 * 16).all().item<bool>());
  const at::Tensor patches =
      hidden.view({kRows, 7, 4, 7, 4}).permute({0, 1, 3, 2, 4}).reshape({kRows, 49, 16}).sum(2);
  EXPECT_TRUE(patches.eq(0).logical_or(patches.eq(16)).all().item<bool>());
}

TEST(Masking, HidesAllChannelsOfAPatch) {
  ModelSpec spec = spec_of(ModelKind::mae);
  spec.shape = {4, 8, 3};
  spec.mask_ratio = 0.5;
  const at::Tensor hidden = hidden_pixels(spec, draws(1, kRows)).view({kRows, 4, 8, 3});
  const at::Tensor left = hidden.narrow(2, 0, 4).reshape({kRows, 48}).sum(1);
  EXPECT_TRUE(left.eq(0).logical_or(left.eq(48)).all().item<bool>());
  EXPECT_GT(left.eq(48).sum().item<int>(), kRows / 4);
  EXPECT_LT(left.eq(48).sum().item<int>(), 3 * kRows / 4);
}

TEST(Masking, TheEncoderSeesZerosWhereItIsHidden) {
  const ModelSpec spec = spec_of(ModelKind::mae);
  const at::Tensor x = at::rand({kRows, 784}) * 0.5 + 0.5;
  const Presented shown = present(spec, x, draws(1, kRows));
  EXPECT_TRUE(at::equal(shown.target, x));
  EXPECT_TRUE(at::equal(shown.seen.eq(0), shown.hidden.eq(1)));
  EXPECT_TRUE(at::equal(at::where(shown.hidden.eq(0), x, 0.0F), shown.seen));
}

TEST(Binarisation, ByThresholdIsOneAboveAHalf) {
  ModelSpec spec = spec_of(ModelKind::vae);
  spec.binarise = Binarise::threshold;
  const at::Tensor x = at::tensor({0.0F, 0.5F, 0.51F, 1.0F}).view({1, 4});
  EXPECT_TRUE(at::equal(binarised(spec, x, draws(0, 1)),
                        at::tensor({0.0F, 0.0F, 1.0F, 1.0F}).view({1, 4})));
}

TEST(Binarisation, DynamicIsOneWithThePixelsProbability) {
  ModelSpec spec = spec_of(ModelKind::vae);
  spec.binarise = Binarise::dynamic;
  const at::Tensor x = at::tensor({0.0F, 0.2F, 0.9F, 1.0F}).repeat({20000, 1});
  const at::Tensor drawn = binarised(spec, x, draws(0, 20000));
  EXPECT_TRUE(drawn.eq(0).logical_or(drawn.eq(1)).all().item<bool>());
  const at::Tensor mean = drawn.mean(0);
  EXPECT_EQ(mean[0].item<float>(), 0);
  EXPECT_NEAR(mean[1].item<float>(), 0.2, 0.015);
  EXPECT_NEAR(mean[2].item<float>(), 0.9, 0.015);
  EXPECT_EQ(mean[3].item<float>(), 1);
}

TEST(Presented, ADaeIsScoredOnTheCleanInput) {
  const ModelSpec spec = spec_of(ModelKind::dae);
  const at::Tensor x = at::ones({2, 784});
  const Presented shown = present(spec, x, draws(1, 2));
  EXPECT_TRUE(at::equal(shown.target, x));
  EXPECT_EQ(shown.seen.eq(0).sum().item<int>(), 2 * 196);
  EXPECT_FALSE(shown.hidden.defined());
}

}  // namespace
}  // namespace zscape
