#include "engine/eval/classify.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <vector>

#include "engine/eval/evaluate.h"
#include "engine/eval/kernel_classifier.h"
#include "engine/eval/rows.h"
#include "engine/eval/tuning.h"
#include "engine/text.h"

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

}  // namespace zscape
