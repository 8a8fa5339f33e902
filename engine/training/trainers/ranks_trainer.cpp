#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <optional>
#include <utility>

#include "engine/model/aten_threads.h"
#include "engine/model/batch.h"
#include "engine/model/corruption.h"
#include "engine/model/program.h"
#include "engine/random.h"
#include "engine/ranks.h"
#include "engine/text.h"
#include "engine/training/trainers/batches.h"
#include "engine/training/trainers/dense_step.h"
#include "engine/training/trainers/objective.h"
#include "engine/training/trainers/state_tensors.h"
#include "engine/training/trainers/trainers.h"

namespace zscape {
namespace {

// Behind the gradient in the array that ranks add up: the losses, as means over the batch.
enum Result { kLoss, kReconstruction, kKl, kResults };

class RanksTrainer final : public Trainer {
 public:
  RanksTrainer(Autoencoder start, const TrainingTask& task, Freezer freezer)
      : model_(std::move(start)),
        flat_(model_, at::kCPU),
        data_(task.data),
        ranks_(task.ranks),
        seed_(task.seed),
        freezer_(std::move(freezer)),
        batches_(task) {
    const at::NoGradGuard no_grad;
    const NamedTensors learned = learned_tensors(model_);
    sums_ = at::zeros({flat_.weights.numel() + kResults});
    gradient_ = sums_.narrow(0, 0, flat_.weights.numel());
    results_ = sums_.narrow(0, flat_.weights.numel(), kResults);
    const NamedTensors gradients = views_of(gradient_, learned);
    if (is_fused(spec())) {
      dense_.emplace(spec(), learned, gradients, /*bf16=*/false);
    } else {
      for (std::size_t i = 0; i < learned.size(); ++i) {
        at::Tensor tensor = learned[i].second;
        tensor.requires_grad_().mutable_grad() = gradients[i].second;
      }
    }
  }

  Losses step(const StepSettings& settings) override {
    const WithThreads all(threads_);
    const at::NoGradGuard no_grad;
    const auto rows = batches_.next(settings.batch_size);
    compute(rows, settings.kl_weight);
    ranks_->sum(std::span(sums_.data_ptr<float>(), static_cast<std::size_t>(sums_.numel())));

    const float* results = results_.data_ptr<float>();
    Losses losses;
    losses.loss = static_cast<double>(results[kLoss]);
    losses.reconstruction = static_cast<double>(results[kReconstruction]);
    losses.kl = spec().has_prior() ? static_cast<double>(results[kKl]) : kNotMeasured.kl;
    if (!std::isfinite(losses.loss)) return losses;
    adam_step_.fill_(static_cast<double>(position().step + 1));
    at::_fused_adam_({flat_.weights}, {gradient_}, {flat_.first_moments}, {flat_.second_moments},
                     {}, {adam_step_}, settings.learning_rate, 0.9, 0.999, /*weight_decay=*/0.0,
                     /*eps=*/1e-8, /*amsgrad=*/false, /*maximize=*/false);
    batches_.advance(static_cast<std::int64_t>(rows.size()));
    return losses;
  }

  TrainingPosition position() const override { return batches_.position(); }
  const ModelSpec& spec() const override { return model_.spec(); }
  FrozenModelPtr freeze() const override { return freezer_(model_.clone(), position().step); }

  std::shared_ptr<const TrainerState> state() const override {
    return std::make_shared<const TrainerState>(TrainerState{position(), to_state(flat_.state)});
  }

  Expected<void> restore(const TrainerState& state) override {
    const at::NoGradGuard no_grad;
    if (auto copied = copy_state(state.tensors, flat_.state); !copied) return copied;
    batches_.go_to(state.position);
    return {};
  }

 private:
  // Leaves this rank's share of the batch's mean gradient and losses in sums_.
  void compute(std::span<const std::int64_t> rows, double kl_weight) {
    sums_.zero_();
    const auto count = static_cast<std::int64_t>(rows.size());
    const std::int64_t first = count * ranks_->rank() / ranks_->size();
    const std::int64_t mine = count * (ranks_->rank() + 1) / ranks_->size() - first;
    if (mine == 0) return;  // more ranks than rows
    const std::int64_t step = position().step;
    const Batch batch =
        gather(spec(), data_->train,
               rows.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(mine)));
    const Presented presented = present(spec(), batch.x, training_draws(seed_, step, mine, first));
    at::Tensor noise;
    if (spec().has_prior()) {
      const std::int64_t samples = spec().samples;
      noise = normal_noise(count * samples, spec().latent, seed_, Stream::posterior,
                           static_cast<std::uint64_t>(step))
                  .narrow(0, first * samples, mine * samples);
    }
    const at::Tensor weight = at::scalar_tensor(kl_weight, at::kDouble);
    const ObjectiveValue value = dense_ ? dense_->run(presented, batch.label, noise, weight)
                                        : by_autograd(presented, batch.label, noise, weight);
    float* results = results_.data_ptr<float>();
    results[kLoss] = value.loss.item<float>();
    results[kReconstruction] = value.reconstruction.item<float>();
    if (value.kl.defined()) results[kKl] = value.kl.item<float>();
    sums_.mul_(static_cast<double>(mine) / static_cast<double>(count));
  }

  ObjectiveValue by_autograd(const Presented& presented, const at::Tensor& label,
                             const at::Tensor& noise, const at::Tensor& kl_weight) {
    const at::AutoGradMode grad(true);
    ObjectiveValue value = objective(model_, presented, label, noise, kl_weight);
    value.loss.backward();
    return value;
  }

  Autoencoder model_;
  FlatParameters flat_;  // of the model
  std::shared_ptr<const Dataset> data_;
  std::shared_ptr<Ranks> ranks_;
  std::uint64_t seed_;
  Freezer freezer_;
  Batches batches_;
  at::Tensor sums_;                 // [P + kResults]
  at::Tensor gradient_, results_;   // views of it
  std::optional<DenseStep> dense_;  // absent: autograd
  at::Tensor adam_step_ = at::zeros({});
  int threads_ = at::get_num_threads();
};

// Null: its result for a row depends on nothing else.
const ProgramNode* node_that_mixes(const ProgramGraph& graph) {
  for (const ProgramNode& node : graph.nodes) {
    const bool is_own = node.allowed != nullptr && node.allowed->own != nullptr;
    if (!is_own) continue;
    if (node.allowed->name == "aten::scaled_dot_product_attention") {
      constexpr std::size_t kDropout = 4;
      const bool drops = node.arguments.size() > kDropout &&
                         (node.arguments[kDropout].from != Argument::From::constant ||
                          node.arguments[kDropout].value.toDouble() > 0);
      if (!drops) continue;
    }
    return &node;
  }
  return nullptr;
}

}  // namespace

std::string why_no_ranks(const ModelSpec& spec) {
  if (spec.is_linear()) return tr("pca is fitted in one step, by one process");
  if (spec.optimal_sigma) return tr("--sigma optimal measures each batch as a whole");
  if (spec.network != Network::program) return "";
  const auto program = std::dynamic_pointer_cast<const Program>(spec.program);
  if (!program) return "";
  for (const auto& graph : {program->encoder, program->decoder}) {
    const ProgramNode* node = graph ? node_that_mixes(*graph) : nullptr;
    if (node == nullptr) continue;
    return tr(
        "this PyTorch program calls {} (in {}), whose result for one input depends on the "
        "whole batch, and several processes divide each batch",
        node->allowed->name, node->name);
  }
  return "";
}

std::unique_ptr<Trainer> make_ranks_trainer(Autoencoder start, const TrainingTask& task,
                                            Freezer freezer) {
  return std::make_unique<RanksTrainer>(std::move(start), task, std::move(freezer));
}

}  // namespace zscape
