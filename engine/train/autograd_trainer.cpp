#include "engine/train/autograd_trainer.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/model/batch.h"
#include "engine/model/loss.h"
#include "engine/random.h"

namespace zscape {
namespace {

std::vector<at::Tensor> clones(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> copies;
  copies.reserve(tensors.size());
  for (const at::Tensor& tensor : tensors) copies.push_back(tensor.detach().clone());
  return copies;
}

void copy_into(const std::vector<at::Tensor>& targets, const std::vector<at::Tensor>& sources) {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < targets.size(); ++i) targets[i].copy_(sources[i]);
}

struct AutogradState final : TrainerState {
  std::vector<at::Tensor> weights;
  std::vector<at::Tensor> first_moments;
  std::vector<at::Tensor> second_moments;
  TrainingPosition position;
};

class AutogradTrainer final : public Trainer {
 public:
  AutogradTrainer(Autoencoder start, std::shared_ptr<const Dataset> data, std::uint64_t seed,
                  Freezer freezer)
      : model_(std::move(start)),
        data_(std::move(data)),
        seed_(seed),
        freezer_(std::move(freezer)) {
    for (const auto& [name, tensor] : model_.named_tensors()) {
      weights_.push_back(tensor.requires_grad_());
      first_moments_.push_back(at::zeros_like(tensor));
      second_moments_.push_back(at::zeros_like(tensor));
      adam_steps_.push_back(at::zeros({}));
    }
    shuffle();
  }

  Losses step(const StepSettings& settings) override {
    const Batch batch = gather(spec(), data_->train, next_indices(settings.batch_size));
    const Posterior posterior = model_.encode(batch.x, batch.label);
    at::Tensor noise;
    if (spec().has_prior()) {
      noise = normal_noise(batch.x.size(0), spec().latent, seed_, Stream::posterior,
                           static_cast<std::uint64_t>(position_.step));
    }
    const at::Tensor logits = model_.decode(reparameterise(posterior, noise), batch.label);
    const at::Tensor reconstruction = reconstruction_loss(spec(), logits, batch.x).mean();
    at::Tensor loss = reconstruction;
    Losses losses;
    losses.kl = std::numeric_limits<double>::quiet_NaN();
    if (spec().has_prior()) {
      const at::Tensor kl = kl_divergence(posterior).mean();
      loss = reconstruction + settings.kl_weight * kl;
      losses.kl = kl.item<double>();
    }
    losses.reconstruction = reconstruction.item<double>();
    losses.loss = loss.item<double>();
    if (!std::isfinite(losses.loss)) return losses;

    loss.backward();
    apply_adam(settings.learning_rate);
    advance(batch.x.size(0));
    return losses;
  }

  TrainingPosition position() const override { return position_; }
  const ModelSpec& spec() const override { return model_.spec(); }

  FrozenModelPtr freeze() const override { return freezer_(model_.clone(), position_.step); }

  std::shared_ptr<const TrainerState> state() const override {
    auto state = std::make_shared<AutogradState>();
    state->weights = clones(weights_);
    state->first_moments = clones(first_moments_);
    state->second_moments = clones(second_moments_);
    state->position = position_;
    return state;
  }

  void restore(const TrainerState& state) override {
    const auto& saved = dynamic_cast<const AutogradState&>(state);
    copy_into(weights_, saved.weights);
    copy_into(first_moments_, saved.first_moments);
    copy_into(second_moments_, saved.second_moments);
    const bool other_epoch = saved.position.epoch != position_.epoch;
    position_ = saved.position;
    if (other_epoch) shuffle();
  }

 private:
  // The next rows of this epoch's order; fewer at its end.
  std::span<const std::int64_t> next_indices(int batch_size) const {
    const std::span<const std::int64_t> order(order_);
    const auto rest = order.subspan(static_cast<std::size_t>(position_.seen_in_epoch));
    return rest.first(std::min(rest.size(), static_cast<std::size_t>(batch_size)));
  }

  void shuffle() {
    order_ = permutation(data_->train.count, seed_, Stream::order,
                         static_cast<std::uint64_t>(position_.epoch));
  }

  void apply_adam(double learning_rate) {
    const at::NoGradGuard no_grad;
    std::vector<at::Tensor> gradients;
    gradients.reserve(weights_.size());
    for (const at::Tensor& weight : weights_) gradients.push_back(weight.grad());
    // The count of this update, from 1: the bias correction needs it.
    for (at::Tensor& count : adam_steps_) count.fill_(static_cast<double>(position_.step + 1));
    at::_fused_adam_(weights_, gradients, first_moments_, second_moments_, {}, adam_steps_,
                     learning_rate, 0.9, 0.999, /*weight_decay=*/0.0, /*eps=*/1e-8,
                     /*amsgrad=*/false, /*maximize=*/false);
    for (at::Tensor& weight : weights_) weight.mutable_grad().reset();
  }

  void advance(std::int64_t seen) {
    ++position_.step;
    position_.seen_in_epoch += seen;
    if (position_.seen_in_epoch == data_->train.count) {
      position_.seen_in_epoch = 0;
      ++position_.epoch;
      shuffle();
    }
  }

  Autoencoder model_;
  std::shared_ptr<const Dataset> data_;
  std::uint64_t seed_;
  Freezer freezer_;
  std::vector<at::Tensor> weights_;  // the model's own, in the order of named_tensors()
  std::vector<at::Tensor> first_moments_;
  std::vector<at::Tensor> second_moments_;
  std::vector<at::Tensor> adam_steps_;  // scalars
  std::vector<std::int64_t> order_;     // of the present epoch
  TrainingPosition position_;
};

}  // namespace

std::unique_ptr<Trainer> make_autograd_trainer(Autoencoder start,
                                               std::shared_ptr<const Dataset> data,
                                               std::uint64_t seed, Freezer freezer) {
  return std::make_unique<AutogradTrainer>(std::move(start), std::move(data), seed,
                                           std::move(freezer));
}

}  // namespace zscape
