#include "engine/eval/few_labels.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "engine/eval/rows.h"
#include "engine/model/batch.h"
#include "engine/random.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr double kHeldShare = 0.2;

// The classes that have inputs to train on.
std::vector<int> present_classes(const Dataset& data) {
  std::vector<char> occurs(static_cast<std::size_t>(data.classes()));
  for (const std::int32_t label : data.train.labels) occurs[static_cast<std::size_t>(label)] = 1;
  std::vector<int> present;
  for (int label = 0; label < data.classes(); ++label) {
    if (occurs[static_cast<std::size_t>(label)] != 0) present.push_back(label);
  }
  return present;
}

// How many labels each class gets: as many as the others, or one more.
std::vector<int> wanted(const FewLabels& task, const Dataset& data, std::span<const int> present,
                        std::uint64_t draw) {
  const auto count = static_cast<int>(present.size());
  std::vector<int> counts(static_cast<std::size_t>(data.classes()));
  const auto order = permutation(count, task.seed, Stream::evaluation, kClassOrderCounter + draw);
  for (int i = 0; i < count; ++i) {
    const auto label = present[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])];
    counts[static_cast<std::size_t>(label)] = task.labels / count + (i < task.labels % count);
  }
  return counts;
}

Expected<void> check(const Dataset& data, const FewLabels& task, std::size_t present) {
  if (data.train.labels.empty()) {
    return fail(tr("{} has no labels: few-label classification needs some", data.name));
  }
  if (present < 2) {
    return fail(tr("{} has one class: classification needs two or more", data.name));
  }
  if (static_cast<std::size_t>(task.labels) < present) {
    return fail(tr("{} labels are too few: {} has {} classes, and each needs one", task.labels,
                   data.name, present));
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
  const std::vector<int> present = present_classes(data);
  if (auto fits = check(data, task, present.size()); !fits) return tl::unexpected(fits.error());
  const auto number = static_cast<std::uint64_t>(draw);
  GivenLabels given;
  given.classes = data.classes();
  std::vector<int> missing = wanted(task, data, present, number);
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
