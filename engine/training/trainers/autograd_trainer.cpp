#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <utility>

#include "engine/model/aten_threads.h"
#include "engine/model/batch.h"
#include "engine/model/corruption.h"
#include "engine/random.h"
#include "engine/training/trainers/batches.h"
#include "engine/training/trainers/objective.h"
#include "engine/training/trainers/state_tensors.h"
#include "engine/training/trainers/trainers.h"

namespace zscape {
namespace {

class AutogradTrainer final : public Trainer {
 public:
  AutogradTrainer(Autoencoder start, const TrainingTask& task, Freezer freezer)
      : model_(std::move(start)),
        data_(task.data),
        seed_(task.seed),
        freezer_(std::move(freezer)),
        batches_(task) {
    for (const auto& [name, tensor] : learned_tensors(model_)) {
      weights_.push_back(tensor.requires_grad_());
      first_moments_.push_back(at::zeros_like(tensor));
      second_moments_.push_back(at::zeros_like(tensor));
      adam_steps_.push_back(at::zeros({}));
      state_.emplace_back(name, weights_.back());
      state_.emplace_back("adam.first_moment." + name, first_moments_.back());
      state_.emplace_back("adam.second_moment." + name, second_moments_.back());
    }
    for (const auto& [name, tensor] : model_.not_learned()) {
      statistics_.push_back(tensor);
      state_.emplace_back(name, tensor);
    }
  }

  Losses step(const StepSettings& settings) override {
    const WithThreads all(threads_);
    const std::int64_t step = batches_.position().step;
    const Batch batch = gather(spec(), data_->train, batches_.next(settings.batch_size));
    const std::int64_t rows = batch.x.size(0);
    const Presented presented = present(spec(), batch.x, training_draws(seed_, step, rows));
    at::Tensor noise;
    if (spec().has_prior()) {
      noise = normal_noise(rows * spec().samples, spec().latent, seed_, Stream::posterior,
                           static_cast<std::uint64_t>(step));
    }
    std::vector<at::Tensor> before;  // what the step itself changes while it computes
    for (const at::Tensor& tensor : statistics_) before.push_back(tensor.clone());
    model_.begin_training_step(seed_, step);
    ObjectiveValue value;
    try {
      value = objective(model_, presented, batch.label, noise,
                        at::scalar_tensor(settings.kl_weight, at::kDouble));
    } catch (...) {
      put_back(before);
      throw;
    }
    Losses losses;
    losses.loss = value.loss.item<double>();
    losses.reconstruction = value.reconstruction.item<double>();
    losses.kl = value.kl.defined() ? value.kl.item<double>() : kNotMeasured.kl;
    if (!std::isfinite(losses.loss)) {
      put_back(before);
      return losses;
    }

    value.loss.backward();
    apply_adam(settings.learning_rate);
    if (value.log_sigma.defined()) follow_sigma(model_.log_sigma, value.log_sigma, rows);
    batches_.advance(rows);
    return losses;
  }

  TrainingPosition position() const override { return batches_.position(); }
  const ModelSpec& spec() const override { return model_.spec(); }

  FrozenModelPtr freeze() const override { return freezer_(model_.clone(), position().step); }

  std::shared_ptr<const TrainerState> state() const override {
    return std::make_shared<const TrainerState>(TrainerState{position(), to_state(state_)});
  }

  Expected<void> restore(const TrainerState& state) override {
    if (auto copied = copy_state(state.tensors, state_); !copied) return copied;
    batches_.go_to(state.position);
    return {};
  }

 private:
  void put_back(const std::vector<at::Tensor>& statistics) {
    for (std::size_t i = 0; i < statistics.size(); ++i) statistics_[i].copy_(statistics[i]);
  }

  void apply_adam(double learning_rate) {
    const at::NoGradGuard no_grad;
    std::vector<at::Tensor> gradients;
    gradients.reserve(weights_.size());
    for (const at::Tensor& weight : weights_) {
      // A program may keep a weight that it does not use.
      gradients.push_back(weight.grad().defined() ? weight.grad() : at::zeros_like(weight));
    }
    // Counts updates from 1, for the bias correction.
    const auto update = static_cast<double>(position().step + 1);
    for (at::Tensor& count : adam_steps_) count.fill_(update);
    at::_fused_adam_(weights_, gradients, first_moments_, second_moments_, {}, adam_steps_,
                     learning_rate, 0.9, 0.999, /*weight_decay=*/0.0, /*eps=*/1e-8,
                     /*amsgrad=*/false, /*maximize=*/false);
    for (at::Tensor& weight : weights_) weight.mutable_grad().reset();
  }

  Autoencoder model_;
  std::shared_ptr<const Dataset> data_;
  std::uint64_t seed_;
  Freezer freezer_;
  Batches batches_;
  std::vector<at::Tensor> weights_;  // the model's own
  std::vector<at::Tensor> first_moments_;
  std::vector<at::Tensor> second_moments_;
  std::vector<at::Tensor> adam_steps_;  // scalars
  std::vector<at::Tensor> statistics_;  // of batch norm and the like, which no gradient changes
  NamedTensors state_;                  // weights, moments and statistics under their names
  int threads_ = at::get_num_threads();
};

}  // namespace

std::unique_ptr<Trainer> make_autograd_trainer(Autoencoder start, const TrainingTask& task,
                                               Freezer freezer) {
  return std::make_unique<AutogradTrainer>(std::move(start), task, std::move(freezer));
}

}  // namespace zscape
