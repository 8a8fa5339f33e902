#include "engine/eval/measures/judge.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/optim.h>

#include <cmath>

#include "engine/model/batch.h"
#include "engine/random.h"

namespace zscape {
namespace {

constexpr std::int64_t kHidden = 200;
constexpr std::int64_t kBatch = 128;
constexpr std::int64_t kLeastSteps = 800;
constexpr std::int64_t kMostEpochs = 200;
constexpr double kRate = 1e-3;
constexpr std::size_t kPicturesAtOnce = 1000;

// N(0, 1 / inputs)
at::Tensor first_weight(std::int64_t outputs, std::int64_t inputs, std::uint64_t seed,
                        std::uint64_t number) {
  return normal_noise(outputs, inputs, seed, Stream::evaluation,
                      counter_of(MeasureUse::judge_weights, number)) /
         std::sqrt(static_cast<double>(inputs));
}

}  // namespace

at::Tensor Judge::logits(const at::Tensor& pictures) const {
  return at::linear(at::relu(at::linear(pictures, hidden_weight_, hidden_bias_)), weight_, bias_);
}

at::Tensor Judge::probabilities(const at::Tensor& pictures) const {
  const at::NoGradGuard no_grad;
  return at::softmax(logits(pictures), 1);
}

Expected<Judge> Judge::learned(const MeasureTask& task, const Progress& progress) {
  if (auto fits = check_labels(task.data); !fits) return tl::unexpected(fits.error());
  const std::uint64_t seed = task.settings.seed;
  const auto rows = training_rows(task, task.whole("judge_inputs"), MeasureUse::judge_rows);
  const at::Tensor x = pictures_of(task.spec(), task.data, SplitName::train, rows);
  const at::Tensor labels = labels_of(task.data.train, rows);
  const std::int64_t count = x.size(0), classes = task.data.classes();

  Judge judge;
  judge.hidden_weight_ = first_weight(kHidden, x.size(1), seed, 0);
  judge.hidden_bias_ = at::zeros({kHidden});
  judge.weight_ = first_weight(classes, kHidden, seed, 1);
  judge.bias_ = at::zeros({classes});
  {
    const at::AutoGradMode with_gradients(true);
    std::vector<at::Tensor> weights;
    for (at::Tensor* each :
         {&judge.hidden_weight_, &judge.hidden_bias_, &judge.weight_, &judge.bias_}) {
      weights.push_back(each->requires_grad_());
    }
    torch::optim::Adam search(weights, torch::optim::AdamOptions(kRate));
    const std::int64_t steps_an_epoch = (count + kBatch - 1) / kBatch;
    const std::int64_t epochs =
        std::min(kMostEpochs, (kLeastSteps + steps_an_epoch - 1) / steps_an_epoch);
    for (std::int64_t epoch = 0; epoch < epochs; ++epoch) {
      if (!report(progress, static_cast<double>(epoch) / static_cast<double>(epochs))) {
        return measuring_cancelled();
      }
      const auto order = at::tensor(
          permutation(count, seed, Stream::evaluation,
                      counter_of(MeasureUse::judge_order, static_cast<std::uint64_t>(epoch))),
          at::kLong);
      for (const at::Tensor& batch : order.split(kBatch)) {
        search.zero_grad();
        at::cross_entropy_loss(judge.logits(x.index_select(0, batch)),
                               labels.index_select(0, batch))
            .backward();
        search.step();
      }
    }
    for (at::Tensor* each :
         {&judge.hidden_weight_, &judge.hidden_bias_, &judge.weight_, &judge.bias_}) {
      *each = each->detach();
    }
  }

  const Indices all = all_rows(task.data.test);
  std::int64_t right = 0;
  const std::span<const std::int64_t> tested(*all);
  for (std::size_t first = 0; first < tested.size(); first += kPicturesAtOnce) {
    const auto piece = tested.subspan(first, std::min(kPicturesAtOnce, tested.size() - first));
    const at::Tensor answers =
        judge.probabilities(pictures_of(task.spec(), task.data, SplitName::test, piece)).argmax(1);
    right += answers.eq(labels_of(task.data.test, piece)).sum().item<std::int64_t>();
  }
  judge.accuracy_ = static_cast<double>(right) / static_cast<double>(tested.size());
  return judge;
}

}  // namespace zscape
