// The loops of training against plain double arithmetic, for every instruction set of this machine.
#include "engine/kernels/kernels.h"

#include <gtest/gtest.h>

#include <atomic>
#include <bit>
#include <cmath>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/kernels/team.h"
#include "engine/random.h"

namespace zscape {
namespace {

std::vector<float> numbers(std::size_t count, std::uint64_t seed) {
  std::vector<float> values(count);
  Random(seed, Stream::evaluation, 0).fill_normal(values);
  return values;
}

class EachKernel : public testing::TestWithParam<const Kernels*> {
 protected:
  const Kernels& kernels_ = *GetParam();
};
INSTANTIATE_TEST_SUITE_P(Sets, EachKernel,
                         testing::ValuesIn(usable_kernels().begin(), usable_kernels().end()),
                         [](const auto& tested) { return std::string(tested.param->name); });

struct Shape {
  int rows, columns, length, segments;

  int b_row() const { return (columns + kPanel - 1) / kPanel * kPanel; }
};

// Of A, transposed in memory, and B, both segment by segment; into C.
template <class Element>
ProductOf<Element> product_of(const Shape& shape, const std::vector<Element>& a,
                              const std::vector<Element>& b, std::vector<float>& c, bool adds) {
  ProductOf<Element> product;
  product.a = a.data();
  product.a_row = 1;
  product.a_column = shape.rows;
  product.a_segment = shape.rows * shape.length;
  product.b = b.data();
  product.b_row = shape.b_row();
  product.b_segment = shape.length * shape.b_row();
  product.c = c.data();
  product.c_row = shape.columns;
  product.rows = shape.rows;
  product.columns = shape.columns;
  product.length = shape.length;
  product.segments = shape.segments;
  product.adds = adds;
  return product;
}

TEST_P(EachKernel, ProductsOfOddShapes) {
  for (const Shape shape : {Shape{1, 1, 1, 1},
                            {14, 32, 8, 1},
                            {15, 33, 7, 1},
                            {3, 31, 300, 1},
                            {29, 784, 32, 4},
                            {6, 16, 1, 1},
                            {400, 2, 32, 2},
                            {5, 64, 784, 1}}) {
    for (const bool adds : {false, true}) {
      const auto a =
          numbers(static_cast<std::size_t>(shape.rows * shape.length * shape.segments), 1);
      // Whole panels: what is behind the last column is no part of the product.
      const int b_row = shape.b_row();
      const auto b = numbers(static_cast<std::size_t>(shape.length * shape.segments * b_row), 2);
      auto c = numbers(static_cast<std::size_t>(shape.rows * shape.columns), 3);
      const auto before = c;
      kernels_.multiply(product_of(shape, a, b, c, adds));
      for (int i = 0; i < shape.rows; ++i) {
        for (int j = 0; j < shape.columns; ++j) {
          const auto at = static_cast<std::size_t>(i * shape.columns + j);
          double expected = adds ? static_cast<double>(before[at]) : 0;
          for (int p = 0; p < shape.length * shape.segments; ++p) {
            expected += static_cast<double>(a[static_cast<std::size_t>(p * shape.rows + i)]) *
                        static_cast<double>(b[static_cast<std::size_t>(p * b_row + j)]);
          }
          ASSERT_NEAR(static_cast<double>(c[at]), expected, 1e-4)
              << shape.rows << " × " << shape.columns << " × " << shape.length;
        }
      }
    }
  }
}

TEST_P(EachKernel, PanelsOfColumnsMayLieApart) {
  constexpr int kRows = 5, kLength = 9, kPanels = 3, kApart = 1000;
  const auto a = numbers(kRows * kLength, 1), b = numbers(kPanels * kApart, 2);
  std::vector<float> c(kPanels * kApart, -7);
  Product product;
  product.a = a.data();
  product.a_row = kLength;
  product.a_column = 1;
  product.b = b.data();
  product.b_row = kPanel;
  product.b_panel = kApart;
  product.c = c.data();
  product.c_row = kPanel;
  product.c_panel = kApart;
  product.rows = kRows;
  product.columns = kPanels * kPanel;
  product.length = kLength;
  kernels_.multiply(product);
  for (int panel = 0; panel < kPanels; ++panel) {
    for (int i = 0; i < kRows; ++i) {
      for (int j = 0; j < kPanel; ++j) {
        double expected = 0;
        for (int p = 0; p < kLength; ++p) {
          expected +=
              static_cast<double>(a[static_cast<std::size_t>(i * kLength + p)]) *
              static_cast<double>(b[static_cast<std::size_t>(panel * kApart + p * kPanel + j)]);
        }
        ASSERT_NEAR(
            static_cast<double>(c[static_cast<std::size_t>(panel * kApart + i * kPanel + j)]),
            expected, 1e-5);
      }
    }
    EXPECT_EQ(c[static_cast<std::size_t>(panel * kApart + kRows * kPanel)], -7);  // nothing behind
  }
}

TEST_P(EachKernel, TransposesAnyShape) {
  for (const auto& [rows, columns] : {std::pair{1, 1}, {16, 16}, {17, 5}, {32, 784}, {3, 40}}) {
    const auto from = numbers(static_cast<std::size_t>(rows * columns), 1);
    std::vector<float> to(from.size());
    kernels_.transpose(from.data(), columns, rows, columns, to.data(), rows);
    for (int i = 0; i < rows; ++i) {
      for (int j = 0; j < columns; ++j) {
        ASSERT_EQ(to[static_cast<std::size_t>(j * rows + i)],
                  from[static_cast<std::size_t>(i * columns + j)]);
      }
    }
  }
}

TEST_P(EachKernel, BernoulliIsTheCrossEntropyAndItsSlope) {
  constexpr int kFeatures = 3, kSamples = 21;
  auto panel = numbers(kFeatures * kPanel, 1);
  for (float& logit : panel) logit *= 10;
  panel[0] = 95;
  panel[1] = -95;  // far into the tails
  const auto logits = panel;
  auto x = numbers(kFeatures * kPanel, 2);
  for (float& value : x) value = 0.5F + 0.5F * std::tanh(value);
  const double total = kernels_.bernoulli(panel.data(), x.data(), kFeatures, kSamples, 0.25F);
  double expected = 0;
  for (int feature = 0; feature < kFeatures; ++feature) {
    for (int i = 0; i < kPanel; ++i) {
      const auto at = static_cast<std::size_t>(feature * kPanel + i);
      const auto logit = static_cast<double>(logits[at]), target = static_cast<double>(x[at]);
      const double sigmoid = 1 / (1 + std::exp(-logit));
      if (i >= kSamples) {
        EXPECT_EQ(panel[at], 0);
        continue;
      }
      expected += std::max(logit, 0.0) - logit * target + std::log1p(std::exp(-std::abs(logit)));
      EXPECT_NEAR(static_cast<double>(panel[at]), 0.25 * (sigmoid - target), 1e-7);
    }
  }
  EXPECT_NEAR(total, expected, 1e-6 * expected);
}

TEST_P(EachKernel, SquaresAndTheirSlope) {
  constexpr int kFeatures = 4, kSamples = 18;
  const auto x = numbers(kFeatures * kPanel, 2);
  auto weight = numbers(kFeatures * kPanel, 3);
  for (float& value : weight) value = value > 0 ? 1.0F : 0.0F;
  for (const bool sigmoid : {false, true}) {
    for (const float* weights :
         {static_cast<const float*>(nullptr), std::as_const(weight).data()}) {
      auto panel = numbers(kFeatures * kPanel, 1);
      const auto outputs = panel;
      const double total =
          kernels_.squares(panel.data(), x.data(), weights, sigmoid, kFeatures, kSamples, 0.5F);
      double expected = 0;
      for (int feature = 0; feature < kFeatures; ++feature) {
        for (int i = 0; i < kSamples; ++i) {
          const auto at = static_cast<std::size_t>(feature * kPanel + i);
          const auto output = static_cast<double>(outputs[at]);
          const double p = sigmoid ? 1 / (1 + std::exp(-output)) : output;
          const double slope = sigmoid ? p * (1 - p) : 1;
          const double w = weights ? static_cast<double>(weights[at]) : 1;
          const double off = p - static_cast<double>(x[at]);
          expected += off * off * w;
          EXPECT_NEAR(static_cast<double>(panel[at]), off * w * slope, 1e-6);
        }
      }
      EXPECT_NEAR(total, expected, 1e-6 * expected);
    }
  }
}

TEST_P(EachKernel, AdamIsItsFormula) {
  constexpr std::size_t kCount = 37;
  const auto gradients = numbers(kCount, 1);
  auto weights = numbers(kCount, 4), m = numbers(kCount, 5), v = numbers(kCount, 6);
  for (float& value : v) value *= value;
  const auto w0 = weights, m0 = m, v0 = v;
  const AdamStep step{.rate = 0.002F, .second_correction = 1 / 0.3F};
  kernels_.adam(step, gradients.data(), kCount, weights.data(), m.data(), v.data());
  for (std::size_t i = 0; i < kCount; ++i) {
    const auto gradient = static_cast<double>(gradients[i]);
    const double m1 = 0.9 * static_cast<double>(m0[i]) + 0.1 * gradient;
    const double v1 = 0.999 * static_cast<double>(v0[i]) + 0.001 * gradient * gradient;
    EXPECT_NEAR(static_cast<double>(m[i]), m1, 1e-6);
    EXPECT_NEAR(static_cast<double>(v[i]), v1, 1e-6);
    EXPECT_NEAR(static_cast<double>(weights[i]),
                static_cast<double>(w0[i]) - 0.002 * m1 / (std::sqrt(v1) / 0.3 + 1e-8), 1e-6);
  }
}

TEST_P(EachKernel, SmallLoops) {
  std::vector<std::uint8_t> bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<std::uint8_t>(i));
  std::vector<float> floats(256);
  kernels_.unit_floats(bytes.data(), 256, floats.data());
  for (std::size_t i = 0; i < 256; ++i) EXPECT_EQ(floats[i], static_cast<float>(i) / 255.0F);

  const auto x = numbers(19, 1);
  std::vector<float> out(19);
  kernels_.exponential(x.data(), 19, 0.5F, out.data());
  for (std::size_t i = 0; i < 19; ++i) {
    EXPECT_NEAR(static_cast<double>(out[i]), std::exp(0.5 * static_cast<double>(x[i])), 1e-6);
  }

  for (const std::size_t count : {1U, 19U, 784U, 1030U}) {
    auto logits = numbers(count, 3);
    for (float& logit : logits) logit *= 12;
    std::vector<double> factors(count);
    double partition = 0, product = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto logit = static_cast<double>(logits[i]);
      partition += std::log1p(std::exp(-std::abs(logit))) + std::abs(logit) / 2;
      factors[i] = std::sin(static_cast<double>(i));
      product += logit * factors[i];
    }
    const auto n = static_cast<std::int64_t>(count);
    EXPECT_NEAR(kernels_.softplus(logits.data(), n), partition, 1e-6 * partition) << count;
    EXPECT_NEAR(kernels_.dot(logits.data(), factors.data(), n), product, 1e-12 * partition);
  }

  auto panel = numbers(2 * kPanel, 2);
  const auto before = panel;
  const std::vector<float> bias = {0.5F, -1};
  kernels_.add_bias(panel.data(), 2, bias.data(), 0.2F);
  std::vector<float> sums = {1, 2};
  double expected = 2;
  for (std::size_t i = 0; i < 2 * kPanel; ++i) {
    const float biased = before[i] + bias[i / kPanel];
    EXPECT_FLOAT_EQ(panel[i], biased > 0 ? biased : 0.2F * biased);
    if (i >= kPanel) expected += static_cast<double>(panel[i]);
  }
  kernels_.add_row_sums(panel.data(), 2, sums.data());
  EXPECT_NEAR(static_cast<double>(sums[1]), expected, 1e-5);
  std::vector<float> gradient(2 * kPanel, 3);
  kernels_.activation_gradient(gradient.data(), panel.data(), 2 * kPanel, 0.2F);
  for (std::size_t i = 0; i < 2 * kPanel; ++i) {
    EXPECT_FLOAT_EQ(gradient[i], panel[i] > 0 ? 3.0F : 3 * 0.2F);
  }
}

// ---- bf16
// -----------------------------------------------------------------------------------------------

// To the nearest, ties to even.
float rounded(float value) {
  auto bits = std::bit_cast<std::uint32_t>(value);
  bits += 0x7fff + ((bits >> 16) & 1);
  return std::bit_cast<float>(bits & 0xffff0000U);
}
std::pair<float, float> parts(Bf16Pair pair) {
  return {std::bit_cast<float>(pair << 16), std::bit_cast<float>(pair & 0xffff0000U)};
}
Bf16Pair paired(float first, float second) {
  return (std::bit_cast<std::uint32_t>(rounded(first)) >> 16) |
         std::bit_cast<std::uint32_t>(rounded(second));
}

class Bf16 : public testing::Test {
 protected:
  void SetUp() override {
    if (!kernels_) GTEST_SKIP() << "this processor has no AVX512_BF16";
  }
  const Bf16Kernels* kernels_ = usable_bf16_kernels();
};

TEST_F(Bf16, ProductsAreThoseOfTheRoundedOperands) {
  for (const Shape shape : {Shape{1, 1, 1, 1},
                            {14, 32, 8, 1},
                            {15, 33, 7, 1},
                            {3, 31, 300, 1},
                            {29, 784, 16, 4},
                            {6, 16, 1, 1},
                            {400, 2, 16, 2},
                            {5, 64, 392, 1}}) {
    for (const bool adds : {false, true}) {
      const int pairs = shape.length * shape.segments;
      const int b_row = shape.b_row();
      const auto count = [](int rows, int columns) {
        return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
      };
      const auto a = numbers(count(2 * pairs, shape.rows), 1),
                 b = numbers(count(2 * pairs, b_row), 2);
      auto c = numbers(count(shape.rows, shape.columns), 3);
      const auto before = c;
      std::vector<Bf16Pair> a_pairs(count(pairs, shape.rows)), b_pairs(count(pairs, b_row));
      const auto pair_rows = [&](const std::vector<float>& from, int width,
                                 std::vector<Bf16Pair>& to) {
        for (int p = 0; p < pairs; ++p) {
          for (int i = 0; i < width; ++i) {
            const auto at = static_cast<std::size_t>(2 * p * width + i);
            to[static_cast<std::size_t>(p * width + i)] =
                paired(from[at], from[at + static_cast<std::size_t>(width)]);
          }
        }
      };
      pair_rows(a, shape.rows, a_pairs);
      pair_rows(b, b_row, b_pairs);
      kernels_->multiply(product_of(shape, a_pairs, b_pairs, c, adds));
      for (int i = 0; i < shape.rows; ++i) {
        for (int j = 0; j < shape.columns; ++j) {
          const auto at = static_cast<std::size_t>(i * shape.columns + j);
          double expected = adds ? static_cast<double>(before[at]) : 0;
          for (int p = 0; p < 2 * pairs; ++p) {
            expected +=
                static_cast<double>(rounded(a[static_cast<std::size_t>(p * shape.rows + i)])) *
                static_cast<double>(rounded(b[static_cast<std::size_t>(p * b_row + j)]));
          }
          ASSERT_NEAR(static_cast<double>(c[at]), expected, 1e-4)
              << shape.rows << " × " << shape.columns << " × " << shape.length;
        }
      }
    }
  }
}

TEST_F(Bf16, OperandsOfAPanelArePaired) {
  for (const int features : {1, 2, 15, 16, 33, 50}) {
    const auto panel = numbers(static_cast<std::size_t>(features * kPanel), 1);
    const auto at = [&](int feature, int sample) {
      return feature < features
                 ? rounded(panel[static_cast<std::size_t>(feature * kPanel + sample)])
                 : 0;
    };
    const auto size = static_cast<std::size_t>(features * kPanel);
    const int tiles = (features + kPanel - 1) / kPanel;
    std::vector<Bf16Pair> by_feature(static_cast<std::size_t>((features + 1) / 2 * kPanel));
    std::vector<Bf16Pair> by_sample(size / 2);
    std::vector<Bf16Pair> tiled(static_cast<std::size_t>(tiles * kPanel / 2 * kPanel), 7);
    kernels_->pair_features(panel.data(), features, by_feature.data());
    kernels_->pair_samples(panel.data(), features, by_sample.data());
    kernels_->pair_tiles(panel.data(), features, tiled.data());
    for (int feature = 0; feature < features; ++feature) {
      for (int sample = 0; sample < kPanel; ++sample) {
        if (feature % 2 == 0) {
          ASSERT_EQ(parts(by_feature[static_cast<std::size_t>(feature / 2 * kPanel + sample)]),
                    std::pair(at(feature, sample), at(feature + 1, sample)));
        }
        if (sample % 2 == 1) continue;
        const std::pair both(at(feature, sample), at(feature, sample + 1));
        ASSERT_EQ(parts(by_sample[static_cast<std::size_t>((feature * kPanel + sample) / 2)]),
                  both);
        const int tile = feature / kPanel;
        ASSERT_EQ(parts(tiled[static_cast<std::size_t>((tile * kPanel + sample) / 2 * kPanel +
                                                       feature % kPanel)]),
                  both);
      }
    }
    if (features % kPanel != 0) {
      EXPECT_EQ(tiled.back(), 7U);  // nothing behind
    }
  }
}

TEST_F(Bf16, WeightsArePairedBothWays) {
  for (const auto& [rows, columns] : {std::pair{1, 1}, {2, 3}, {5, 40}, {14, 784}, {3, 31}}) {
    const auto weights = numbers(static_cast<std::size_t>(rows * columns), 1);
    const auto at = [&, height = rows, width = columns](int row, int column) {
      return row < height && column < width
                 ? rounded(weights[static_cast<std::size_t>(row * width + column)])
                 : 0;
    };
    const int width = (columns + 1) / 2;
    std::vector<Bf16Pair> along(static_cast<std::size_t>(rows * width));
    std::vector<Bf16Pair> of(static_cast<std::size_t>((rows + 1) / 2 * columns));
    kernels_->pair_weights(weights.data(), rows, columns, along.data(), of.data());
    for (int row = 0; row < rows; ++row) {
      for (int j = 0; j < width; ++j) {
        ASSERT_EQ(parts(along[static_cast<std::size_t>(row * width + j)]),
                  std::pair(at(row, 2 * j), at(row, 2 * j + 1)));
      }
    }
    for (int row = 0; row < rows; row += 2) {
      for (int column = 0; column < columns; ++column) {
        ASSERT_EQ(parts(of[static_cast<std::size_t>(row / 2 * columns + column)]),
                  std::pair(at(row, column), at(row + 1, column)));
      }
    }
    auto again = along;
    kernels_->pair_weights(weights.data(), rows, columns, again.data(), nullptr);
    EXPECT_EQ(again, along);
  }
}

TEST(Team, DoesEveryPartOnceWhoeverTakesIt) {
  for (const int size : {1, 2, 5}) {
    Team team(size);
    EXPECT_EQ(team.size(), size);
    for (int round = 0; round < 300; ++round) {
      std::vector<int> done(100);
      std::atomic<std::size_t> next = 0;
      std::atomic<int> inside = 0;
      team.run([&](int member) {
        ++inside;
        ASSERT_LT(member, size);
        for (std::size_t part = next++; part < done.size(); part = next++) ++done[part];
        --inside;
      });
      ASSERT_EQ(inside, 0);
      for (const int times : done) ASSERT_EQ(times, 1);
    }
  }
}

// Each stays until another has come: with one thread alone this would never end.
TEST(Team, MembersWorkAtTheSameTime) {
  Team team(3);
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> here = 0;
    team.run([&](int) {
      ++here;
      while (here < 2) std::this_thread::yield();
    });
    ASSERT_GE(here, 2);
  }
}

}  // namespace
}  // namespace zscape
