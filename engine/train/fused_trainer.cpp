#include "engine/train/fused_trainer.h"

#include <torch/torch.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

#include "engine/kernels/team.h"
#include "engine/model/batch.h"
#include "engine/model/corruption.h"
#include "engine/random.h"
#include "engine/train/batches.h"
#include "engine/train/fused_lane.h"
#include "engine/train/state_tensors.h"

namespace zscape {
namespace {

constexpr float kEncoderLeak = 0.2F, kDecoderLeak = 0;

class FusedTrainer final : public Trainer {
 public:
  FusedTrainer(Autoencoder start, const TrainingTask& task, Freezer freezer, int threads)
      : model_(std::move(start)),
        data_(task.data),
        seed_(task.seed),
        freezer_(std::move(freezer)),
        batches_(task.rows, task.data->train.count, task.seed),
        team_(threads) {
    flatten();
    for (int lane = 0; lane < threads; ++lane) {
      lanes_.emplace_back(model_.spec(), data_->train, encoder_, decoder_,
                          static_cast<std::size_t>(weights_.numel()), kernels_);
    }
    sums_.resize(lanes_.size());
  }

  Losses step(const StepSettings& settings) override {
    const std::int64_t step = batches_.position().step;
    FusedBatch batch;
    batch.parameters = weights_.data_ptr<float>();
    batch.rows = batches_.next(settings.batch_size);
    batch.kl_weight = settings.kl_weight;
    batch.sigma = sigma();
    const auto rows = static_cast<std::int64_t>(batch.rows.size());
    const Presented presented = presented_of(batch, step);
    at::Tensor noise;
    if (spec().has_prior()) {
      noise = normal_noise(rows, spec().latent, seed_, Stream::posterior,
                           static_cast<std::uint64_t>(step));
      batch.noise = noise.data_ptr<float>();
    }

    // Whole panels for each thread: half of one costs as much.
    const std::int64_t panels = (rows + kPanel - 1) / kPanel;
    const auto share = [&](int lane) { return panels * lane / team_.size() * kPanel; };
    team_.run([&](int lane) {
      const std::int64_t first = share(lane), end = std::min(share(lane + 1), rows);
      const auto at = static_cast<std::size_t>(lane);
      sums_[at] = first < end ? lanes_[at].work(batch, first, end - first) : FusedSums{};
    });
    std::vector<const float*> gradients;
    for (int lane = 0; lane < team_.size(); ++lane) {
      if (share(lane) < std::min(share(lane + 1), rows)) {
        gradients.push_back(lanes_[static_cast<std::size_t>(lane)].gradients());
      }
    }
    const Losses losses = losses_of(batch);
    if (!std::isfinite(losses.loss)) return losses;  // the gradients would be no better
    apply_adam(gradients, settings.learning_rate);
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
  // Parameters and moments move into flat arrays, which the model's tensors are views of.
  void flatten() {
    NamedTensors tensors = model_.named_tensors();
    if (model_.log_sigma.defined()) tensors.emplace_back("log_sigma", model_.log_sigma);
    std::int64_t total = 0;
    for (const auto& [name, tensor] : tensors) total += tensor.numel();
    weights_ = at::empty({total});
    first_moments_ = at::zeros({total});
    second_moments_ = at::zeros({total});
    const std::size_t encoder_layers = spec().hidden.size() + 1;
    std::int64_t at = 0;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      auto& [name, tensor] = tensors[i];
      const auto part = [&](const at::Tensor& flat) {
        return flat.narrow(0, at, tensor.numel()).view(tensor.sizes());
      };
      if (tensor.dim() == 2) {
        const bool encodes = i / 2 < encoder_layers;
        (encodes ? encoder_ : decoder_)
            .push_back({static_cast<int>(tensor.size(1)), static_cast<int>(tensor.size(0)), at,
                        at + tensor.numel(), encodes ? kEncoderLeak : kDecoderLeak});
      }
      part(weights_).copy_(tensor);
      state_.emplace_back("adam.first_moment." + name, part(first_moments_));
      state_.emplace_back("adam.second_moment." + name, part(second_moments_));
      tensor.set_data(part(weights_));
      state_.emplace_back(name, tensor);
      at += tensor.numel();
    }
    encoder_.back().leak = decoder_.back().leak = 1;
  }

  // s of the Gaussian likelihood, now.
  double sigma() const {
    if (!model_.log_sigma.defined()) return spec().sigma;
    return std::max(kSmallestSigma, std::exp(model_.log_sigma.item<double>()));
  }

  // Where inputs are more than bytes. The tensors own what batch then points to.
  Presented presented_of(FusedBatch& batch, std::int64_t step) const {
    const bool plain = data_->train.values.empty() && !spec().scaling &&
                       spec().binarise == Binarise::none && spec().kind != ModelKind::dae &&
                       spec().kind != ModelKind::mae;
    if (plain) return {};
    Presented presented =
        present(spec(), gather(spec(), data_->train, batch.rows).x,
                training_draws(seed_, step, static_cast<std::int64_t>(batch.rows.size())));
    presented.seen = presented.seen.contiguous();
    batch.seen = presented.seen.data_ptr<float>();
    batch.target = presented.target.data_ptr<float>();
    if (presented.hidden.defined()) batch.hidden = presented.hidden.data_ptr<float>();
    return presented;
  }

  Losses losses_of(const FusedBatch& batch) {
    FusedSums sums;
    for (const FusedSums& lane : sums_) {
      sums.reconstruction += lane.reconstruction;
      sums.kl += lane.kl;
    }
    const auto count = static_cast<double>(batch.rows.size());
    const auto inputs = static_cast<double>(spec().inputs());
    Losses losses;
    losses.reconstruction = sums.reconstruction / count;
    if (spec().likelihood == Likelihood::mse) {
      losses.reconstruction /= spec().kind == ModelKind::mae ? hidden_inputs(spec()) : inputs;
    } else if (spec().likelihood == Likelihood::gaussian) {
      const double variance = batch.sigma * batch.sigma;
      squares_ = losses.reconstruction;
      losses.reconstruction =
          squares_ / (2 * variance) + 0.5 * inputs * std::log(2 * std::numbers::pi * variance);
    }
    losses.kl = spec().has_prior() ? sums.kl / count : kNotMeasured.kl;
    losses.loss = losses.reconstruction;
    if (spec().has_prior()) losses.loss += batch.kl_weight * losses.kl;
    // What single precision cannot hold has no gradients in it either.
    if (std::isinf(static_cast<float>(losses.loss))) {
      losses.loss = std::numeric_limits<double>::infinity();
    }
    return losses;
  }

  void apply_adam(const std::vector<const float*>& gradients, double learning_rate) {
    const auto update = static_cast<double>(position().step + 1);
    AdamStep adam;
    adam.rate = static_cast<float>(learning_rate / (1 - std::pow(0.9, update)));
    adam.second_correction = static_cast<float>(std::sqrt(1 - std::pow(0.999, update)));
    const std::int64_t learned = model_.log_sigma.defined() ? 1 : 0;
    const std::int64_t total = weights_.numel() - learned;
    float* weights = weights_.data_ptr<float>();
    float* first = first_moments_.data_ptr<float>();
    float* second = second_moments_.data_ptr<float>();
    team_.run([&](int lane) {
      const std::int64_t from = total * lane / team_.size();
      const std::int64_t count = total * (lane + 1) / team_.size() - from;
      std::vector<const float*> mine = gradients;
      for (const float*& gradient : mine) gradient += from;
      kernels_.adam(adam, mine.data(), static_cast<int>(mine.size()), count, weights + from,
                    first + from, second + from);
    });
    if (learned == 0) return;
    // Below the smallest s nothing comes back.
    const double log_sigma = static_cast<double>(weights[total]);
    const double variance = std::exp(2 * log_sigma);
    const auto gradient =
        log_sigma < std::log(kSmallestSigma)
            ? 0.0F
            : static_cast<float>(static_cast<double>(spec().inputs()) - squares_ / variance);
    const float* pointer = &gradient;
    kernels_.adam(adam, &pointer, 1, 1, weights + total, first + total, second + total);
  }

  Autoencoder model_;
  std::shared_ptr<const Dataset> data_;
  std::uint64_t seed_;
  Freezer freezer_;
  Batches batches_;
  const Kernels& kernels_ = *usable_kernels().front();
  at::Tensor weights_;  // all of the model's, flat
  at::Tensor first_moments_;
  at::Tensor second_moments_;
  NamedTensors state_;  // weights and moments under their names
  std::vector<DenseLayer> encoder_;
  std::vector<DenseLayer> decoder_;
  std::vector<FusedLane> lanes_;  // one a thread
  std::vector<FusedSums> sums_;   // likewise
  double squares_ = 0;            // Σ(x̂ − x)², mean over the last batch, for a learned s
  Team team_;
};

}  // namespace

bool is_fused(const ModelSpec& spec) {
  return spec.kind != ModelKind::pca && spec.network == Network::mlp && spec.samples == 1 &&
         spec.objective == Objective::elbo;
}

std::unique_ptr<Trainer> make_fused_trainer(Autoencoder start, const TrainingTask& task,
                                            Freezer freezer, int threads) {
  return std::make_unique<FusedTrainer>(std::move(start), task, std::move(freezer), threads);
}

}  // namespace zscape
