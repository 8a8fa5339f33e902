
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>

#include "engine/text.h"
#include "engine/training/trainers/batches.h"
#include "engine/training/trainers/dense_step.h"
#include "engine/training/trainers/device_inputs.h"
#include "engine/training/trainers/objective.h"
#include "engine/training/trainers/state_tensors.h"
#include "engine/training/trainers/trainers.h"

namespace zscape {
namespace {

constexpr double kTurnSeconds = 0.016;  // of steps before the engine looks at its commands
constexpr int kStepsBeforeRecording = 2;
constexpr int kMostSteps = 2000;  // of one turn
constexpr std::size_t kMostRecordings = 8;

// The results of a turn of steps, in double precision.
enum Result { kLoss, kReconstruction, kKl, kInputs, kSteps, kBroken, kResults };

class DeviceTrainer final : public Trainer {
 public:
  DeviceTrainer(Autoencoder start, const TrainingTask& task, Freezer freezer, DeviceOptions options)
      : options_(std::move(options)),
        device_(accelerator().device()),
        model_(std::move(start)),
        flat_(model_, device_),
        freezer_(std::move(freezer)),
        seed_(task.seed),
        batches_(task),
        inputs_(model_.spec(), task.data->train, device_),
        generator_(accelerator().make_generator(task.seed)) {
    const at::NoGradGuard no_grad;
    const NamedTensors learned = learned_tensors(model_);
    gradients_ = at::zeros_like(flat_.weights);
    const NamedTensors gradients = views_of(gradients_, learned);
    if (is_fused(spec())) {
      dense_.emplace(spec(), learned, gradients, options_.bf16);
    } else {
      for (std::size_t i = 0; i < learned.size(); ++i) {
        at::Tensor tensor = learned[i].second;
        tensor.requires_grad_().mutable_grad() = gradients[i].second;
      }
    }
    const auto on_device = at::device(device_);
    order_ = at::zeros({batches_.count()}, on_device.dtype(at::kLong));
    cursor_ = at::zeros({1}, on_device.dtype(at::kLong));
    kl_weight_ = at::zeros({}, on_device);
    learning_rate_ = at::zeros({}, on_device);
    adam_step_ = at::zeros({}, on_device);
    broken_ = at::zeros({}, on_device);
    results_ = at::zeros({kResults}, on_device.dtype(at::kDouble));
  }

  Losses step(const StepSettings& settings) override {
    if (const auto held_back = std::exchange(error_, nullptr)) std::rethrow_exception(held_back);
    const auto began = std::chrono::steady_clock::now();
    const std::vector<std::int64_t> sizes = batch_sizes(settings);
    accelerator().run([&] {
      const at::NoGradGuard no_grad;
      try {
        set_up(settings);
        for (const std::int64_t rows : sizes) take_step(rows);
      } catch (const c10::OutOfMemoryError&) {
        error_ = std::make_exception_ptr(full());
      } catch (...) {
        error_ = std::current_exception();
      }
    });
    const at::Tensor results = accelerator().fetch(results_);
    const std::span of(results.data_ptr<double>(), kResults);
    const auto taken = static_cast<std::size_t>(of[kSteps]);
    for (const std::int64_t rows : std::span(sizes).first(taken)) batches_.advance(rows);
    // Each recording has memory of its own.
    if (error_ || recordings_.size() > kMostRecordings) recordings_.clear();
    retired_.clear();
    queued_ = 0;
    if (error_ && taken == 0) std::rethrow_exception(std::exchange(error_, nullptr));
    adapt(std::chrono::steady_clock::now() - began, sizes.size());

    Losses losses;
    if (of[kBroken] != 0) {
      losses.loss = losses.reconstruction = losses.kl = std::numeric_limits<double>::quiet_NaN();
      return losses;
    }
    losses.loss = of[kLoss] / of[kInputs];
    losses.reconstruction = of[kReconstruction] / of[kInputs];
    losses.kl = spec().has_prior() ? of[kKl] / of[kInputs] : kNotMeasured.kl;
    return losses;
  }

  TrainingPosition position() const override { return batches_.position(); }
  const ModelSpec& spec() const override { return model_.spec(); }

  FrozenModelPtr freeze() const override {
    Autoencoder copy(spec());
    const at::Tensor weights = accelerator().fetch(flat_.weights);
    const NamedTensors tensors = learned_tensors(copy);
    const NamedTensors views = views_of(weights, tensors);
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      at::Tensor(tensors[i].second).set_data(views[i].second);
    }
    return freezer_(copy.clone(), position().step);
  }

  std::shared_ptr<const TrainerState> state() const override {
    return std::make_shared<const TrainerState>(TrainerState{position(), to_state(flat_.state)});
  }

  Expected<void> restore(const TrainerState& state) override {
    Expected<void> copied;
    accelerator().run([&] { copied = copy_state(state.tensors, flat_.state); });
    if (!copied) return copied;
    go_to(state.position);
    error_ = nullptr;
    return {};
  }

 private:
  Accelerator& accelerator() const { return *options_.accelerator; }

  // Later draws depend on the position only, and differ from those of an unbroken run.
  void go_to(const TrainingPosition& position) {
    batches_.go_to(position);
    shown_epoch_.reset();
    generator_.set_current_seed(seed_here());
  }

  std::uint64_t seed_here() const {
    return seed_ + 0x9E3779B97F4A7C15 * static_cast<std::uint64_t>(position().step + queued_);
  }

  // A recording draws from the generator it was made with. With a new generator, all are recorded
  // again, and the old ones stay until the queue is done.
  void draw_anew() {
    generator_ = accelerator().make_generator(seed_here());
    for (auto& [rows, prepared] : recordings_) {
      if (!prepared.recording) continue;
      retired_.push_back(std::move(prepared.recording));
      prepared.done = kStepsBeforeRecording;
    }
  }

  // The sizes of the next batches of this epoch, as many as there is time for.
  std::vector<std::int64_t> batch_sizes(const StepSettings& settings) const {
    std::int64_t left = batches_.count() - batches_.position().seen_in_epoch;
    const int most =
        settings.most_steps > 0 ? std::min(settings.most_steps, affordable_) : affordable_;
    std::vector<std::int64_t> sizes;
    while (left > 0 && static_cast<int>(sizes.size()) < most) {
      sizes.push_back(std::min<std::int64_t>(left, settings.batch_size));
      left -= sizes.back();
    }
    return sizes;
  }

  std::runtime_error full() const {
    return std::runtime_error(
        tr("the memory of {} is full; use smaller batches, fewer hidden units or --device cpu",
           accelerator().name()));
  }

  // A turn with a recording tells nothing about the time of steps.
  void adapt(std::chrono::duration<double> elapsed, std::size_t steps) {
    if (std::exchange(recorded_, false)) return;
    const double fitting = kTurnSeconds * static_cast<double>(steps) / elapsed.count();
    const int most = std::min(2 * affordable_, kMostSteps);
    affordable_ = std::clamp(static_cast<int>(std::min(fitting, 1e6)), 1, most);
  }

  void set_up(const StepSettings& settings) {
    results_.zero_();
    const TrainingPosition& at = batches_.position();
    if (shown_epoch_ != at.epoch) {
      const std::vector<std::int64_t> order = batches_.order();
      order_.copy_(at::from_blob(const_cast<std::int64_t*>(order.data()), {batches_.count()},
                                 at::dtype(at::kLong)));
      shown_epoch_ = at.epoch;
    }
    cursor_.fill_(at.seen_in_epoch);
    adam_step_.fill_(static_cast<double>(at.step));
    kl_weight_.fill_(settings.kl_weight);
    learning_rate_.fill_(settings.learning_rate);
    broken_.zero_();
  }

  void take_step(std::int64_t rows) {
    Prepared& prepared = recordings_[rows];
    if (!prepared.recording && prepared.done++ == kStepsBeforeRecording) {
      recorded_ = true;
      try {
        prepared.recording = accelerator().record(generator_, [this, rows] { queue_step(rows); });
      } catch (const c10::OutOfMemoryError&) {
        draw_anew();
        throw;
      } catch (const c10::Error&) {
        draw_anew();  // steps of this size go on without a recording
      }
    }
    if (prepared.recording) {
      prepared.recording->replay();
    } else {
      queue_step(rows);
    }
    ++queued_;
  }

  void queue_step(std::int64_t rows) {
    const at::Tensor places = at::arange(rows, cursor_.options()).add_(cursor_);
    const Batch batch = inputs_.gather(order_.index_select(0, places));
    const Presented presented = inputs_.present(batch.x, generator_);
    at::Tensor noise;
    if (spec().has_prior()) {
      noise = at::empty({rows * spec().samples, spec().latent}, at::device(device_))
                  .normal_(0, 1, generator_);
    }
    const ObjectiveValue value = dense_ ? dense_->run(presented, batch.label, noise, kl_weight_)
                                        : by_autograd(presented, batch.label, noise);
    // After the first loss that is not finite nothing changes.
    broken_.copy_(at::maximum(broken_, value.loss.isfinite().logical_not().to(at::kFloat)));
    const at::Tensor counts = 1 - broken_;
    adam_step_.add_(counts);
    at::_fused_adam_({flat_.weights}, {gradients_}, {flat_.first_moments}, {flat_.second_moments},
                     {}, {adam_step_}, learning_rate_, 0.9, 0.999, /*weight_decay=*/0.0,
                     /*eps=*/1e-8, /*amsgrad=*/false, /*maximize=*/false, /*grad_scale=*/{},
                     broken_);
    if (value.log_sigma.defined()) {
      follow_sigma(model_.log_sigma, at::where(broken_.eq(0), value.log_sigma, model_.log_sigma),
                   rows);
    }
    cursor_.add_(rows);
    const at::Tensor kl = value.kl.defined() ? value.kl : at::zeros_like(value.loss);
    const auto inputs = static_cast<double>(rows);
    results_.narrow(0, kLoss, kInputs)
        .add_(at::stack({value.loss, value.reconstruction, kl}), inputs);
    results_.select(0, kInputs).add_(inputs);
    results_.select(0, kSteps).add_(counts);
    results_.select(0, kBroken).copy_(broken_);
  }

  ObjectiveValue by_autograd(const Presented& presented, const at::Tensor& label,
                             const at::Tensor& noise) {
    const at::AutoGradMode grad(true);
    gradients_.zero_();
    ObjectiveValue value = objective(model_, presented, label, noise, kl_weight_);
    value.loss.backward();
    for (at::Tensor* each : {&value.loss, &value.reconstruction, &value.kl}) {
      if (each->defined()) *each = each->detach();
    }
    return value;
  }

  struct Prepared {
    int done = 0;  // steps without it
    std::unique_ptr<Recording> recording;
  };

  DeviceOptions options_;
  at::Device device_;
  Autoencoder model_;
  FlatParameters flat_;  // of the model
  Freezer freezer_;
  std::uint64_t seed_;
  Batches batches_;
  DeviceInputs inputs_;
  at::Generator generator_;
  at::Tensor gradients_;                                       // [P]
  std::optional<DenseStep> dense_;                             // absent: autograd
  at::Tensor order_;                                           // [n] rows, of the present epoch
  at::Tensor cursor_;                                          // [1] place in it
  at::Tensor kl_weight_, learning_rate_, adam_step_, broken_;  // scalars
  at::Tensor results_;                                         // [kResults]
  std::map<std::int64_t, Prepared> recordings_;                // by the batch's size
  std::vector<std::unique_ptr<Recording>> retired_;            // may still be queued
  int queued_ = 0;                                             // steps of the present turn
  std::exception_ptr error_;                                   // of a turn that took steps before
  std::optional<std::int64_t> shown_epoch_;                    // whose order is there
  int affordable_ = 8;                                         // steps of a turn
  bool recorded_ = false;                                      // in the present turn
};

}  // namespace

std::unique_ptr<Trainer> make_device_trainer(Autoencoder start, const TrainingTask& task,
                                             Freezer freezer, DeviceOptions options) {
  std::unique_ptr<Trainer> trainer;
  Accelerator& accelerator = *options.accelerator;
  accelerator.run([&] {
    trainer = std::make_unique<DeviceTrainer>(std::move(start), task, std::move(freezer),
                                              std::move(options));
  });
  return trainer;
}

}  // namespace zscape
