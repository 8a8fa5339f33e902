#include "engine/eval/classify.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/optim.h>

#include <algorithm>
#include <vector>

#include "engine/eval/evaluate.h"
#include "engine/eval/few_labels.h"
#include "engine/eval/rows.h"
#include "engine/random.h"
#include "engine/text.h"
#include "engine/training/validation.h"

namespace zscape {
namespace {

constexpr double kFinetuneRate = 1e-4;
constexpr double kScratchRate = 1e-3;
constexpr int kMostLabels = 10000;  // the kernel's matrix: 800 MB
constexpr std::int64_t kCodesAtOnce = 1000;

Expected<void> check(const Autoencoder& model, const Dataset& data, const FewLabels& task) {
  if (model.spec().reads_label()) {
    return fail(
        tr("the encoder of a cvae reads the label, so that its codes tell the class: few-label "
           "classification needs an ae, dae, mae, vae or pca"));
  }
  if (data.test.labels.empty()) return fail(tr("{} has no labelled inputs to test on", data.name));
  if (task.labels > kMostLabels) {
    return fail(tr("{} labels are not few; use at most {}", task.labels, kMostLabels));
  }
  if (task.draws < 1) return fail(tr("{} draws are too few; use at least 1", task.draws));
  return {};
}

Expected<Autoencoder> encoder_for(const Autoencoder& model, const at::Tensor& x,
                                  const GivenLabels& given, const FewLabels& task, int draw,
                                  const Progress& progress) {
  if (task.mode == FewLabels::Mode::frozen) return model;
  const auto number = static_cast<std::uint64_t>(draw);
  Tuning tuning{kFinetuneRate, task.seed, kTuningCounter + number * kTuningCounters};
  if (task.mode == FewLabels::Mode::finetune) return tuned(model, x, given, tuning, progress);
  tuning.learning_rate = kScratchRate;
  Autoencoder fresh(model.spec());
  fresh.initialise(task.seed + number);
  return tuned(fresh, x, given, tuning, progress);
}

// [n]
at::Tensor classes_of(const KernelClassifier& classifier, const at::Tensor& codes) {
  std::vector<at::Tensor> classes;
  for (const at::Tensor& piece : codes.split(kCodesAtOnce)) {
    classes.push_back(classifier.scores(piece.to(at::kDouble)).argmax(1));
  }
  return at::cat(classes);
}

constexpr std::int64_t kLabelsPerStep = 512;
constexpr int kMostSteps = 200;
constexpr int kStepsPerCheck = 5;
constexpr int kPatience = 6;  // checks without a better loss
static_assert(2 * kMostSteps < static_cast<int>(kTuningCounters));

// Labelled inputs.
struct Examples {
  at::Tensor x;        // [n, d]
  at::Tensor targets;  // [n, c]

  Examples at(const std::vector<std::int64_t>& places) const {
    const at::Tensor rows = at::tensor(places, at::kLong);
    return {x.index_select(0, rows), targets.index_select(0, rows)};
  }
};

// The mean squared error on `asked` of a classifier fitted to `fitted`.
at::Tensor error_of(const Autoencoder& model, const Examples& fitted, const Examples& asked) {
  const KernelClassifier classifier(model.encode(fitted.x, {}).mean, fitted.targets);
  return (classifier.scores(model.encode(asked.x, {}).mean) - asked.targets).square().mean();
}

// A copy of a model whose encoder learns.
class Tuner {
 public:
  // counter: the order of step i is drawn from counter + i.
  Tuner(const Autoencoder& start, const Tuning& tuning, std::uint64_t counter)
      : model_(start.clone()),
        search_(encoder_weights(model_), torch::optim::AdamOptions(tuning.learning_rate)),
        seed_(tuning.seed),
        counter_(counter) {}

  void step(const Examples& examples) {
    const at::AutoGradMode with_gradients(true);
    std::vector<std::int64_t> order =
        permutation(examples.x.size(0), seed_, Stream::evaluation, counter_++);
    order.resize(std::min(order.size(), static_cast<std::size_t>(kLabelsPerStep)));
    const auto middle = order.begin() + static_cast<std::ptrdiff_t>(order.size() / 2);
    search_.zero_grad();
    error_of(model_, examples.at({order.begin(), middle}), examples.at({middle, order.end()}))
        .backward();
    search_.step();
  }

  const Autoencoder& model() const { return model_; }

 private:
  static std::vector<at::Tensor> encoder_weights(const Autoencoder& model) {
    std::vector<at::Tensor> weights;
    for (const auto& [name, tensor] : model.learned()) {
      if (name.starts_with("encoder.")) weights.push_back(tensor.requires_grad_());
    }
    return weights;
  }

  Autoencoder model_;
  torch::optim::Adam search_;
  std::uint64_t seed_;
  std::uint64_t counter_;
};

// The number of steps with the least held-out error. The classifier needs two codes to fit.
Expected<int> best_step_count(const Autoencoder& start, const Examples& kept, const Examples& held,
                              const Tuning& tuning, const Progress& progress) {
  Tuner tuner(start, tuning, tuning.counter);
  EarlyStopping stopping{.patience = kPatience};
  int best = 0;
  for (int step = 0; step <= kMostSteps; ++step) {
    if (step % kStepsPerCheck == 0) {
      const at::NoGradGuard no_grad;
      if (stopping.observe(error_of(tuner.model(), kept, held).item<double>())) best = step;
      if (stopping.should_stop()) break;
    }
    if (!report(progress, static_cast<double>(step) / kMostSteps))
      return fail(tr("training the classifier was cancelled"), ErrorCode::cancelled);
    if (step < kMostSteps) tuner.step(kept);
  }
  return best;
}

}  // namespace

Expected<double> accuracy_with(const Autoencoder& model, const Dataset& data,
                               const GivenLabels& given, const FewLabels& task, int draw,
                               const Progress& progress) {
  const at::NoGradGuard no_grad;
  const at::Tensor x = read_rows(model.spec(), data, SplitName::train, given.rows, 0).x;
  const auto encoder = encoder_for(model, x, given, task, draw, part_of(progress, 0, 0.9));
  if (!encoder) return tl::unexpected(encoder.error());
  const KernelClassifier classifier(encoder->encode(x, {}).mean.to(at::kDouble),
                                    class_targets(given.labels, given.classes));
  const auto codes =
      encode_rows(*encoder, data, SplitName::test, nullptr, part_of(progress, 0.9, 1));
  if (!codes) return tl::unexpected(codes.error());
  const at::Tensor answers = classes_of(classifier, as_tensor(codes->mean, codes->latent));
  const std::vector<std::int64_t> truth(data.test.labels.begin(), data.test.labels.end());
  return answers.eq(at::tensor(truth, at::kLong)).to(at::kDouble).mean().item<double>();
}

Expected<FewLabelAccuracy> classify(const Autoencoder& model, const Dataset& data,
                                    const FewLabels& task, const Progress& progress) {
  if (auto fits = check(model, data, task); !fits) return tl::unexpected(fits.error());
  FewLabelAccuracy result;
  for (int draw = 0; draw < task.draws; ++draw) {
    const auto given = draw_labels(data, task, draw);
    if (!given) return tl::unexpected(given.error());
    const double from = static_cast<double>(draw) / task.draws;
    const double to = (draw + 1.0) / task.draws;
    const auto accuracy =
        accuracy_with(model, data, *given, task, draw, part_of(progress, from, to));
    if (!accuracy) return tl::unexpected(accuracy.error());
    result.accuracies.push_back(*accuracy);
  }
  return result;
}

Expected<Autoencoder> tuned(const Autoencoder& start, const at::Tensor& x, const GivenLabels& given,
                            const Tuning& tuning, const Progress& progress) {
  const Examples all = {x, class_targets(given.labels, given.classes)};
  const DividedLabels parts = divided(given.labels, given.classes);
  if (parts.held.empty()) return start.clone();
  const Expected<int> steps = best_step_count(start, all.at(parts.kept), all.at(parts.held), tuning,
                                              part_of(progress, 0, 0.5));
  if (!steps) return tl::unexpected(steps.error());

  Tuner tuner(start, tuning, tuning.counter + kMostSteps);
  const Progress rest = part_of(progress, 0.5, 1);
  for (int step = 0; step < *steps; ++step) {
    if (!report(rest, static_cast<double>(step) / *steps))
      return fail(tr("training the classifier was cancelled"), ErrorCode::cancelled);
    tuner.step(all);
  }
  return tuner.model().clone();
}

}  // namespace zscape
