#include <ATen/ATen.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <utility>

#include "engine/kernels/team.h"
#include "engine/model/batch.h"
#include "engine/model/corruption.h"
#include "engine/random.h"
#include "engine/training/trainers/batches.h"
#include "engine/training/trainers/fused_pass.h"
#include "engine/training/trainers/state_tensors.h"
#include "engine/training/trainers/trainers.h"

namespace zscape {
namespace {

constexpr float kEncoderLeak = 0.2F, kDecoderLeak = 0;

// The kinds and likelihoods with a gradient in this file; autograd trains all others.
bool has_gradient(ModelKind kind) {
  switch (kind) {
    case ModelKind::ae:
    case ModelKind::dae:
    case ModelKind::mae:
    case ModelKind::vae:
    case ModelKind::cvae:
      return true;
    case ModelKind::pca:
      return false;
  }
  return false;
}

bool has_gradient(Likelihood likelihood) {
  switch (likelihood) {
    case Likelihood::bernoulli:
    case Likelihood::gaussian:
    case Likelihood::mse:
      return true;
  }
  return false;
}

constexpr int kLeastRows = 12;      // a thread takes at least so many at once
constexpr int kPanelsOfThread = 4;  // in one pass: more would not fit the caches

class FusedTrainer final : public Trainer {
 public:
  FusedTrainer(Autoencoder start, const TrainingTask& task, Freezer freezer,
               const FusedOptions& options)
      : model_(std::move(start)),
        flat_(model_, at::kCPU),
        data_(task.data),
        seed_(task.seed),
        freezer_(std::move(freezer)),
        batches_(task),
        kernels_(*options.kernels),
        most_panels_(kPanelsOfThread * options.threads),
        team_(options.threads) {
    make_pass(options.bf16);
    divide_rows();
    take_weights();
  }

  Losses step(const StepSettings& settings) override {
    const std::int64_t step = batches_.position().step;
    FusedBatch batch;
    batch.parameters = flat_.weights.data_ptr<float>();
    batch.rows = batches_.next(settings.batch_size);
    batch.kl_weight = settings.kl_weight;
    batch.sigma = sigma();
    const auto rows = static_cast<std::int64_t>(batch.rows.size());
    batch.seed = seed_;
    batch.step = step;
    at::Tensor noise;
    if (spec().has_prior()) {
      noise = normal_noise(rows, spec().latent, seed_, Stream::posterior,
                           static_cast<std::uint64_t>(step));
      batch.noise = noise.data_ptr<float>();
    }

    const AdamStep adam = adam_of(settings.learning_rate);
    const std::int64_t most = std::int64_t{most_panels_} * kPanel;
    if (rows > most) gradients_.resize(static_cast<std::size_t>(flat_.weights.numel()));
    FusedSums sums;
    Part last{};
    for (std::int64_t done = 0; done < rows; done += most) {
      const auto samples = static_cast<int>(std::min(rows - done, most));
      const int panels = (samples + kPanel - 1) / kPanel;
      std::atomic<int> next = 0;
      team_.run([&](int) {
        for (int panel = next++; panel < panels; panel = next++) {
          pass_->work(batch, done, samples, panel, panel + 1);
        }
      });
      for (int panel = 0; panel < panels; ++panel) {
        sums.reconstruction += pass_->sums()[static_cast<std::size_t>(panel)].reconstruction;
        sums.kl += pass_->sums()[static_cast<std::size_t>(panel)].kl;
      }
      const Part part{panels, done == 0, done + most >= rows};
      batches_.check();
      if (part.is_last) {
        last = part;
      } else {
        learn(part, adam);  // adds up gradients
      }
    }
    const Losses losses = losses_of(batch, sums);
    if (!std::isfinite(losses.loss)) return losses;  // neither are the gradients
    learn(last, adam);
    if (model_.log_sigma.defined()) learn_sigma(adam);
    batches_.advance(rows);
    return losses;
  }

  TrainingPosition position() const override { return batches_.position(); }
  const ModelSpec& spec() const override { return model_.spec(); }
  FrozenModelPtr freeze() const override { return freezer_(model_.clone(), position().step); }

  std::shared_ptr<const TrainerState> state() const override {
    return std::make_shared<const TrainerState>(TrainerState{position(), to_state(flat_.state)});
  }

  Expected<void> restore(const TrainerState& state) override {
    if (auto copied = copy_state(state.tensors, flat_.state); !copied) return copied;
    batches_.go_to(state.position);
    take_weights();
    return {};
  }

 private:
  // Some rows of one layer: what one thread learns at a time.
  struct Rows {
    DensePass* network;
    std::size_t layer;
    int first, count;
  };

  // The part of a batch in one pass.
  struct Part {
    int panels;
    bool is_first, is_last;
  };

  void make_pass(const Bf16Kernels* bf16) {
    const std::size_t encoder_layers = spec().hidden.size() + 1;
    std::vector<DenseLayer> encoder, decoder;
    std::int64_t at = 0;
    for (const auto& [name, tensor] : learned_tensors(model_)) {
      if (tensor.dim() == 2) {
        const bool encodes = encoder.size() < encoder_layers;
        (encodes ? encoder : decoder)
            .push_back({static_cast<int>(tensor.size(1)), static_cast<int>(tensor.size(0)), at,
                        at + tensor.numel(), encodes ? kEncoderLeak : kDecoderLeak});
      }
      at += tensor.numel();
    }
    encoder.back().leak = decoder.back().leak = 1;
    pass_ = std::make_unique<FusedPass>(spec(), data_->train, std::move(encoder),
                                        std::move(decoder), kernels_, bf16, most_panels_);
  }

  // Divides the rows of all layers, the largest layers first, so that all threads end together.
  void divide_rows() {
    const int count = kernels_.tile_rows * std::max(1, kLeastRows / kernels_.tile_rows);
    std::size_t widest = 0;
    for (DensePass* network : {&pass_->decoder(), &pass_->encoder()}) {
      const auto& layers = network->layers();
      for (std::size_t i = layers.size(); i-- > 0;) {
        widest = std::max(widest, static_cast<std::size_t>(layers[i].inputs));
        for (int row = 0; row < layers[i].outputs; row += count) {
          shares_.push_back({network, i, row, std::min(count, layers[i].outputs - row)});
        }
      }
    }
    std::ranges::stable_sort(shares_, std::greater{}, [](const Rows& rows) {
      return std::int64_t{rows.count} * rows.network->layers()[rows.layer].inputs;
    });
    scratch_.assign(static_cast<std::size_t>(team_.size()),
                    std::vector<float>((widest + 1) * static_cast<std::size_t>(count)));
  }

  void take_weights() {
    const float* weights = flat_.weights.data_ptr<float>();
    for (const Rows& rows : shares_) {
      rows.network->take_weights(weights, rows.layer, rows.first, rows.count);
    }
  }

  // Computes all gradients, and takes Adam's step when the batch is complete.
  void learn(const Part& part, const AdamStep& adam) {
    std::atomic<std::size_t> next = 0;
    team_.run([&](int member) {
      for (std::size_t i = next++; i < shares_.size(); i = next++) {
        learn(shares_[i], part, adam, scratch_[static_cast<std::size_t>(member)].data());
      }
    });
  }

  void learn(const Rows& rows, const Part& part, const AdamStep& adam, float* scratch) {
    const DenseLayer& layer = rows.network->layers()[rows.layer];
    const std::int64_t count = std::int64_t{rows.count} * layer.inputs;
    const std::int64_t weight = layer.weight + std::int64_t{rows.first} * layer.inputs;
    const std::int64_t bias = layer.bias + rows.first;
    const bool is_whole = part.is_first && part.is_last;
    float* of_weights = is_whole ? scratch : gradients_.data() + weight;
    float* of_biases = is_whole ? scratch + count : gradients_.data() + bias;
    const std::initializer_list<const float*> none = {};
    const std::initializer_list<const float*> stepped = {
        flat_.weights.data_ptr<float>() + weight, flat_.first_moments.data_ptr<float>() + weight,
        flat_.second_moments.data_ptr<float>() + weight};
    rows.network->weight_gradient(rows.layer, rows.first, rows.count, part.panels, !part.is_first,
                                  of_weights, part.is_last ? stepped : none);
    rows.network->bias_gradient(rows.layer, rows.first, rows.count, part.panels, !part.is_first,
                                of_biases);
    if (!part.is_last) return;
    apply(adam, of_weights, weight, count);
    apply(adam, of_biases, bias, rows.count);
    rows.network->take_weights(flat_.weights.data_ptr<float>(), rows.layer, rows.first, rows.count);
  }

  void apply(const AdamStep& adam, const float* gradient, std::int64_t first, std::int64_t count) {
    kernels_.adam(adam, gradient, count, flat_.weights.data_ptr<float>() + first,
                  flat_.first_moments.data_ptr<float>() + first,
                  flat_.second_moments.data_ptr<float>() + first);
  }

  // The present s of the Gaussian likelihood.
  double sigma() const {
    if (!model_.log_sigma.defined()) return spec().sigma;
    return std::max(kSmallestSigma, std::exp(model_.log_sigma.item<double>()));
  }

  Losses losses_of(const FusedBatch& batch, const FusedSums& sums) {
    const auto count = static_cast<double>(batch.rows.size());
    const auto inputs = static_cast<double>(spec().scored_inputs());
    Losses losses;
    losses.reconstruction = sums.reconstruction / count;
    if (spec().likelihood == Likelihood::mse) {
      losses.reconstruction /= spec().hides_patches() ? hidden_inputs(spec()) : inputs;
    } else if (spec().likelihood == Likelihood::gaussian) {
      const double variance = batch.sigma * batch.sigma;
      squares_ = losses.reconstruction;
      losses.reconstruction =
          squares_ / (2 * variance) + 0.5 * inputs * std::log(2 * std::numbers::pi * variance);
    }
    losses.kl = spec().has_prior() ? sums.kl / count : kNotMeasured.kl;
    losses.loss = losses.reconstruction;
    if (spec().has_prior()) losses.loss += batch.kl_weight * losses.kl;
    // A loss that overflows single precision has no gradients in it either.
    if (std::isinf(static_cast<float>(losses.loss))) {
      losses.loss = std::numeric_limits<double>::infinity();
    }
    return losses;
  }

  AdamStep adam_of(double learning_rate) const {
    const auto update = static_cast<double>(position().step + 1);
    AdamStep adam;
    adam.rate = static_cast<float>(learning_rate / (1 - std::pow(0.9, update)));
    adam.second_correction = static_cast<float>(1 / std::sqrt(1 - std::pow(0.999, update)));
    return adam;
  }

  // log s is the last parameter. No gradient below the smallest s.
  void learn_sigma(const AdamStep& adam) {
    const auto log_sigma = model_.log_sigma.item<double>();
    const double variance = std::exp(2 * log_sigma);
    const auto gradient =
        log_sigma < std::log(kSmallestSigma)
            ? 0.0F
            : static_cast<float>(static_cast<double>(spec().scored_inputs()) - squares_ / variance);
    apply(adam, &gradient, flat_.weights.numel() - 1, 1);
  }

  Autoencoder model_;
  FlatParameters flat_;  // of the model
  std::shared_ptr<const Dataset> data_;
  std::uint64_t seed_;
  Freezer freezer_;
  Batches batches_;
  const Kernels& kernels_;
  int most_panels_;  // of one pass
  std::unique_ptr<FusedPass> pass_;
  std::vector<Rows> shares_;
  std::vector<std::vector<float>> scratch_;  // one a thread
  std::vector<float> gradients_;             // of batches that need several passes
  double squares_ = 0;  // Σ(x̂ − x)², mean over the last batch, for a learned s
  Team team_;
};

}  // namespace

bool is_fused(const ModelSpec& spec) {
  return has_gradient(spec.kind) && has_gradient(spec.likelihood) && spec.network == Network::mlp &&
         spec.activation == Activation::reference && spec.objective == Objective::elbo &&
         spec.samples == 1 && !spec.optimal_sigma;  // s would be needed before the first gradient
}

std::unique_ptr<Trainer> make_fused_trainer(Autoencoder start, const TrainingTask& task,
                                            Freezer freezer, const FusedOptions& options) {
  return std::make_unique<FusedTrainer>(std::move(start), task, std::move(freezer), options);
}

}  // namespace zscape
