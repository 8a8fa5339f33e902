// Few-label classification: which labels are given, what the classifier does with them, and that
// nothing reads the others.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "engine/data/synthetic.h"
#include "engine/eval/classify.h"
#include "engine/eval/few_labels.h"
#include "engine/model/batch.h"
#include "tests/eval_data.h"

namespace zscape {
namespace {

using Mode = FewLabels::Mode;

FewLabels few(int labels, Mode mode = Mode::frozen, int draws = 2) {
  FewLabels task;
  task.mode = mode;
  task.labels = labels;
  task.draws = draws;
  return task;
}

GivenLabels given_by(const Dataset& data, const FewLabels& task, int draw = 0) {
  const auto given = draw_labels(data, task, draw);
  EXPECT_TRUE(given) << (given ? "" : given.error().message);
  return given.value_or(GivenLabels{});
}

std::map<int, int> counts_of(const std::vector<int>& labels) {
  std::map<int, int> counts;
  for (const int label : labels) ++counts[label];
  return counts;
}

TEST(LabelDraw, GivesAsManyOfEachClassAndTheRestToSome) {
  const Dataset data = bars(400, 4);
  const GivenLabels even = given_by(data, few(40));
  EXPECT_EQ(counts_of(even.labels), (std::map<int, int>{{0, 10}, {1, 10}, {2, 10}, {3, 10}}));
  EXPECT_EQ(std::set<std::int64_t>(even.rows.begin(), even.rows.end()).size(), 40U);
  for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(even.labels[i], data.train.label(even.rows[i]));

  std::set<int> favoured;
  for (int draw = 0; draw < 20; ++draw) {
    const GivenLabels uneven = given_by(data, few(42), draw);
    EXPECT_EQ(uneven.labels.size(), 42U);
    int more = 0;
    for (const auto& [label, count] : counts_of(uneven.labels)) {
      EXPECT_TRUE(count == 10 || count == 11);
      if (count == 10) continue;
      ++more;
      favoured.insert(label);
    }
    EXPECT_EQ(more, 2);
  }
  EXPECT_EQ(favoured.size(), 4U);
}

TEST(LabelDraw, IsAFunctionOfSeedDrawAndData) {
  const Dataset data = bars(400, 4);
  FewLabels task = few(40);
  const auto rows = given_by(data, task, 3).rows;
  task.mode = Mode::scratch;
  task.draws = 7;
  EXPECT_EQ(given_by(data, task, 3).rows, rows);
  EXPECT_NE(given_by(data, task, 4).rows, rows);
  task.seed = 1;
  EXPECT_NE(given_by(data, task, 3).rows, rows);
}

TEST(LabelDraw, SaysWhatIsMissing) {
  Dataset data = bars(20, 4);
  EXPECT_EQ(draw_labels(data, few(21), 0).error().message.find("21 labels ask for 6 inputs of"),
            0U);
  EXPECT_NE(draw_labels(data, few(3), 0).error().message.find("has 4 classes"), std::string::npos);
  data.train.labels.clear();
  EXPECT_NE(draw_labels(data, few(8), 0).error().message.find("has no labels"), std::string::npos);
}

TEST(LabelDraw, HoldsOutAFifthOfEachClassForStopping) {
  std::vector<int> labels;
  for (int i = 0; i < 10; ++i) labels.insert(labels.end(), {0, 1});
  labels.insert(labels.end(), {2, 2, 3});
  const DividedLabels parts = divided(labels, 4);
  std::vector<int> held;
  for (const std::int64_t place : parts.held)
    held.push_back(labels[static_cast<std::size_t>(place)]);
  // One of two, but not the only one.
  EXPECT_EQ(counts_of(held), (std::map<int, int>{{0, 2}, {1, 2}, {2, 1}}));
  std::vector<std::int64_t> all = parts.kept;
  all.insert(all.end(), parts.held.begin(), parts.held.end());
  std::ranges::sort(all);
  std::vector<std::int64_t> expected(labels.size());
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(all, expected);
}

// NumPy:
//   X = np.array([[0., 0], [1, 0], [0, 2], [3, 1]]); Y = np.array([[1., -1], [1, -1], [-1, 1], [-1,
//   1]]) d = ((X[:, None] - X) ** 2).sum(2); m = np.sort(d[np.triu_indices(4, 1)])[2] A =
//   np.linalg.solve(np.exp(-2 * d / m) + 0.1 * np.eye(4), Y) q = ((np.array([[0.5, 0.5], [2.,
//   2]])[:, None] - X) ** 2).sum(2); print(np.exp(-2 * q / m) @ A)
TEST(KernelClassifier, AgreesWithNumPy) {
  const at::Tensor codes = at::tensor({0.0, 0.0, 1.0, 0.0, 0.0, 2.0, 3.0, 1.0}).view({4, 2});
  const KernelClassifier classifier(codes, class_targets(std::vector<int>{0, 0, 1, 1}, 2));
  const at::Tensor scores = classifier.scores(at::tensor({0.5, 0.5, 2.0, 2.0}).view({2, 2}));
  const at::Tensor expected =
      at::tensor({0.6868870460288634, -0.6868870460288634, -0.5407430793641751, 0.5407430793641751})
          .view({2, 2});
  EXPECT_LT((scores - expected).abs().max().item<double>(), 1e-12);
}

TEST(KernelClassifier, DoesNotDependOnTheScaleOfTheCodes) {
  const at::Tensor codes = normal_noise(20, 3, 1, Stream::evaluation, 0).to(at::kDouble);
  const at::Tensor asked = normal_noise(5, 3, 1, Stream::evaluation, 1).to(at::kDouble);
  std::vector<int> labels;
  for (int i = 0; i < 20; ++i) labels.push_back(i % 3);
  const at::Tensor targets = class_targets(labels, 3);
  const at::Tensor as_is = KernelClassifier(codes, targets).scores(asked);
  const at::Tensor larger = KernelClassifier(1000 * codes, targets).scores(1000 * asked);
  EXPECT_LT((as_is - larger).abs().max().item<double>(), 1e-9);
}

TEST(KernelClassifier, BearsCodesInOnePlace) {
  const KernelClassifier classifier(at::ones({4, 2}, at::kDouble),
                                    class_targets(std::vector<int>{0, 1, 0, 1}, 2));
  EXPECT_TRUE(classifier.scores(at::ones({1, 2}, at::kDouble)).isfinite().all().item<bool>());
}

Autoencoder model_of(ModelKind kind, const Dataset& data) {
  ModelSpec spec = small_vae(data.shape, 5, {24});
  spec.kind = kind;
  if (kind == ModelKind::pca) spec.hidden = {};
  if (!spec.has_prior()) spec.likelihood = Likelihood::mse;
  if (spec.reads_label()) spec.classes = data.classes();
  return initialised(spec, 3);
}

std::vector<double> accuracies(const Autoencoder& model, const Dataset& data,
                               const FewLabels& task) {
  const auto result = classify(model, data, task, {});
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  return result.value_or(FewLabelAccuracy{}).accuracies;
}

class EachMode : public testing::TestWithParam<std::tuple<ModelKind, Mode>> {};

TEST_P(EachMode, IsFarAboveChanceAndTheSameAgainAndLeavesTheModelAlone) {
  const Dataset data = bars(400, 200);
  const auto [kind, mode] = GetParam();
  const Autoencoder model = model_of(kind, data);
  const Autoencoder before = model.clone();
  const auto first = accuracies(model, data, few(40, mode, 1));
  ASSERT_EQ(first.size(), 1U);
  EXPECT_GT(first.front(), 0.8);  // chance: 0.25
  EXPECT_EQ(accuracies(model, data, few(40, mode, 1)), first);
  const auto tensors = model.named_tensors();
  const auto tensors_before = before.named_tensors();
  ASSERT_EQ(tensors.size(), tensors_before.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    EXPECT_TRUE(at::equal(tensors[i].second, tensors_before[i].second));
    EXPECT_FALSE(tensors[i].second.requires_grad());
  }
}

TEST_P(EachMode, ReadsNoOtherLabels) {
  const Dataset data = bars(400, 200);
  const auto [kind, mode] = GetParam();
  const Autoencoder model = model_of(kind, data);
  const FewLabels task = few(12, mode);
  const GivenLabels given = given_by(data, task);
  const auto accuracy = accuracy_with(model, data, given, task, 0, {});
  Dataset spoilt = data;
  for (std::int32_t& label : spoilt.train.labels) label = 0;
  EXPECT_EQ(*accuracy_with(model, spoilt, given, task, 0, {}), *accuracy);
  // The draw is what classify() takes.
  EXPECT_EQ(accuracies(model, data, few(12, mode, 1)).front(), *accuracy);
  // And labels that are given matter.
  GivenLabels wrong = given;
  std::ranges::rotate(wrong.labels, wrong.labels.begin() + 1);
  EXPECT_NE(*accuracy_with(model, data, wrong, task, 0, {}), *accuracy);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, EachMode,
    testing::Combine(testing::Values(ModelKind::vae, ModelKind::ae, ModelKind::pca),
                     testing::Values(Mode::frozen, Mode::finetune, Mode::scratch)));

TEST(Tuning, LowersTheErrorOfAnEncoderThatMixesTheClasses) {
  // The encoder sees the bars through a blur of noise: its weights are far too large in directions
  // that tell nothing.
  const Dataset data = bars(400, 400, 8);
  ModelSpec spec = small_vae(data.shape, 3, {24});
  const Autoencoder model = initialised(spec, 5);
  const double before = accuracies(model, data, few(64, Mode::frozen, 1)).front();
  const double after = accuracies(model, data, few(64, Mode::scratch, 1)).front();
  EXPECT_GT(after, before + 0.1);
}

TEST(Tuning, WithOneLabelOfEachClassNothingIsTrained) {
  const Dataset data = bars(400, 200);
  const Autoencoder model = model_of(ModelKind::vae, data);
  EXPECT_EQ(accuracies(model, data, few(4, Mode::finetune)),
            accuracies(model, data, few(4, Mode::frozen)));
}

TEST(Tuning, WithTwoLabelsOfEachClassItRuns) {
  const Dataset data = bars(400, 200, 2);
  const Autoencoder model = model_of(ModelKind::vae, data);
  for (const double accuracy : accuracies(model, data, few(4, Mode::scratch))) {
    EXPECT_TRUE(std::isfinite(accuracy));
  }
}

TEST(Tuning, TrainsConvolutionsToo) {
  const Dataset data = bars(100, 100, 8);
  ModelSpec spec = small_vae(data.shape, 5, {});
  spec.network = Network::conv;
  const FewLabels task = few(32, Mode::scratch, 1);
  EXPECT_GT(accuracies(initialised(spec), data, task).front(), 0.5);  // chance: 0.125
}

TEST(Classify, RefusesACvaeAndWhatHasNoLabels) {
  Dataset data = bars(100, 20);
  const auto cvae = classify(model_of(ModelKind::cvae, data), data, few(20), {});
  ASSERT_FALSE(cvae);
  EXPECT_NE(cvae.error().message.find("cvae reads the label"), std::string::npos);
  const Autoencoder model = model_of(ModelKind::vae, data);
  EXPECT_FALSE(classify(model, data, few(20, Mode::frozen, 0), {}));
  EXPECT_FALSE(classify(model, data, few(1'000'000), {}));
  data.test.labels.clear();
  EXPECT_NE(classify(model, data, few(20), {}).error().message.find("no labelled inputs"),
            std::string::npos);
}

TEST(Classify, EndsWhereItIsToldTo) {
  const Dataset data = bars(100, 20);
  const Autoencoder model = model_of(ModelKind::vae, data);
  for (const Mode mode : {Mode::frozen, Mode::finetune, Mode::scratch}) {
    double last = 0;
    const auto stopped = classify(model, data, few(20, mode), [&](double fraction) {
      EXPECT_GE(fraction, last);
      EXPECT_LE(fraction, 1);
      last = fraction;
      return fraction < 0.4;
    });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
  }
}

TEST(Classify, TellsHandwrittenLookingDigitsApart) {
  const auto data = make_synthetic(2000, 500);
  ASSERT_TRUE(data);
  const Autoencoder model = initialised(small_vae(data->shape, 20, {100}));
  const auto hundred = accuracies(model, *data, few(100));
  const auto thousand = accuracies(model, *data, few(1000));
  EXPECT_GT(hundred.front(), 0.4);  // random weights; chance: 0.1
  EXPECT_GT(thousand.front(), hundred.front() + 0.1);
}

}  // namespace
}  // namespace zscape
