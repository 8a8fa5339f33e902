#include "engine/eval/few_labels.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "engine/eval/rows.h"
#include "engine/model/batch.h"
#include "engine/random.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr double kHeldShare = 0.2;

// How many labels each class gets.
std::vector<int> wanted(const FewLabels& task, int classes, std::uint64_t draw) {
  std::vector<int> counts(static_cast<std::size_t>(classes), task.labels / classes);
  const auto order = permutation(classes, task.seed, Stream::evaluation, kClassOrderCounter + draw);
  for (int i = 0; i < task.labels % classes; ++i) {
    ++counts[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])];
  }
  return counts;
}

Expected<void> check(const Dataset& data, const FewLabels& task) {
  if (data.train.labels.empty()) {
    return fail(tr("{} has no labels: few-label classification needs some", data.name));
  }
  if (data.classes() < 2) {
    return fail(tr("{} has one class: classification needs two or more", data.name));
  }
  if (task.labels < data.classes()) {
    return fail(tr("{} labels are too few: {} has {} classes, and each needs one", task.labels,
                   data.name, data.classes()));
  }
  return {};
}

constexpr double kSharpness = 2;
constexpr double kRidge = 0.1;
constexpr std::int64_t kMedianCodes = 2000;  // more would not move the median

// exp(−scale ‖a − b‖²): [n, m]
at::Tensor kernel(const at::Tensor& a, const at::Tensor& b, const at::Tensor& scale) {
  const at::Tensor norms = a.square().sum(1).unsqueeze(1) + b.square().sum(1).unsqueeze(0);
  return at::exp(-scale * at::addmm(norms, a, b.t(), 1, -2).clamp_min(0));
}

}  // namespace

Expected<GivenLabels> draw_labels(const Dataset& data, const FewLabels& task, int draw) {
  if (auto fits = check(data, task); !fits) return tl::unexpected(fits.error());
  const auto number = static_cast<std::uint64_t>(draw);
  GivenLabels given;
  given.classes = data.classes();
  std::vector<int> missing = wanted(task, given.classes, number);
  const std::vector<int> asked = missing;
  for (const std::int64_t row :
       permutation(data.train.count, task.seed, Stream::evaluation, kLabelDrawCounter + number)) {
    const int label = data.train.label(row);
    int& left = missing[static_cast<std::size_t>(label)];
    if (left == 0) continue;
    --left;
    given.rows.push_back(row);
    given.labels.push_back(label);
  }
  for (std::size_t label = 0; label < missing.size(); ++label) {
    if (missing[label] == 0) continue;
    return fail(
        tr("{} labels ask for {} inputs of class '{}', but {} has {} to train on: ask for fewer",
           task.labels, asked[label], data.class_names[label], data.name,
           asked[label] - missing[label]));
  }
  return given;
}

DividedLabels divided(std::span<const int> labels, int classes) {
  std::vector<std::int64_t> left(static_cast<std::size_t>(classes),
                                 0);  // to hold out from each class
  for (const int label : labels) ++left[static_cast<std::size_t>(label)];
  for (std::int64_t& count : left) {
    const auto fifth = std::llround(kHeldShare * static_cast<double>(count));
    count = count < 2 ? 0 : std::max<std::int64_t>(1, fifth);
  }
  DividedLabels parts;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    std::int64_t& of_class = left[static_cast<std::size_t>(labels[i])];
    (of_class > 0 ? parts.held : parts.kept).push_back(static_cast<std::int64_t>(i));
    if (of_class > 0) --of_class;
  }
  return parts;
}

KernelClassifier::KernelClassifier(const at::Tensor& codes, const at::Tensor& targets)
    : centres_(codes) {
  if (codes.size(0) > 1) {
    const at::Tensor some = codes.detach().narrow(0, 0, std::min(codes.size(0), kMedianCodes));
    scale_ = kSharpness / at::pdist(some).median().square().clamp_min(1e-30);
  } else {
    scale_ = at::ones({}, codes.options().requires_grad(false));
  }
  const at::Tensor ridge = kRidge * at::eye(codes.size(0), codes.options().requires_grad(false));
  const at::Tensor root = at::linalg_cholesky(kernel(centres_, centres_, scale_) + ridge);
  weights_ = at::cholesky_solve(targets.to(codes.scalar_type()), root);
}

at::Tensor KernelClassifier::scores(const at::Tensor& codes) const {
  return at::mm(kernel(codes, centres_, scale_), weights_);
}

at::Tensor class_targets(std::span<const int> labels, int classes) {
  return 2 * one_hot(labels, classes) - 1;
}

}  // namespace zscape
