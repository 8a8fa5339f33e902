// How far the gradient of a step strays, and why.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <vector>

#include "engine/eval/measures/parts.h"
#include "engine/eval/rows.h"
#include "engine/model/batch.h"
#include "engine/model/loss.h"
#include "engine/random.h"
#include "engine/text.h"

namespace zscape {
namespace {

at::Tensor repeated(const at::Tensor& tensor, std::int64_t times) {
  return tensor.defined() && times > 1 ? tensor.repeat_interleave(times, 0) : tensor;
}

// Gradients of the objective (engine/training/trainers/objective.cpp) by all weights.
class Gradients {
 public:
  Gradients(const Autoencoder& model, double kl_weight)
      : model_(model.clone()), kl_weight_(kl_weight) {
    for (const auto& [name, tensor] : model_.learned()) weights_.push_back(tensor.requires_grad_());
  }

  // Of the mean over a batch. noise: [N · samples, k]. → [P] float32
  at::Tensor of(const Batch& batch, const at::Tensor& noise) const {
    const at::AutoGradMode with_gradients(true);
    const std::int64_t samples = noise.size(0) / batch.x.size(0);
    const Posterior posterior = model_.encode(batch.x, batch.label);
    const at::Tensor z = reparameterise(
        {repeated(posterior.mean, samples), repeated(posterior.log_variance, samples)}, noise);
    const at::Tensor reconstruction =
        reconstruction_loss(model_.spec(), {model_.decode(z, repeated(batch.label, samples)),
                                            repeated(batch.x, samples),
                                            {},
                                            model_.log_sigma});
    const at::Tensor loss = reconstruction.mean() + kl_weight_ * kl_divergence(posterior).mean();
    const auto gradients = torch::autograd::grad({loss}, weights_, {}, /*retain_graph=*/false,
                                                 /*create_graph=*/false, /*allow_unused=*/true);
    std::vector<at::Tensor> flat;
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      flat.push_back(
          (gradients[i].defined() ? gradients[i] : at::zeros_like(weights_[i])).reshape({-1}));
    }
    return at::cat(flat);
  }

 private:
  Autoencoder model_;
  double kl_weight_;
  std::vector<at::Tensor> weights_;
};

double squares(const at::Tensor& values) {
  return values.square().sum(at::kDouble).item<double>();
}

// Sums of gradients, for the trace of their covariance.
class Spread {
 public:
  void add(const at::Tensor& gradient) {
    // Relative to the first: the difference of large squares would cancel.
    if (count_ == 0) first_ = gradient.clone();
    const at::Tensor off = gradient - first_;
    sum_ = count_ == 0 ? off : sum_ + off;
    squares_ += squares(off);
    ++count_;
  }
  double variance() const {  // unbiased
    const auto count = static_cast<double>(count_);
    return std::max(0.0, (squares_ - squares(sum_) / count) / (count - 1));
  }
  at::Tensor mean() const { return first_ + sum_ / static_cast<double>(count_); }

 private:
  at::Tensor first_, sum_;
  double squares_ = 0;
  std::int64_t count_ = 0;
};

}  // namespace

Expected<Measured> measure_gradient_variance(const MeasureTask& task) {
  const ModelSpec& spec = task.spec();
  if (auto fits = check_prior(spec); !fits) return tl::unexpected(fits.error());
  if (spec.objective != Objective::elbo) {
    return fail(tr("the gradient's variance is split for the ELBO; this model learns by iwae"));
  }
  const std::uint64_t seed = task.settings.seed;
  const Gradients gradients(task.model, task.settings.kl_weight);
  std::uint64_t draw = 0;
  const auto noise = [&](std::int64_t rows) {
    return normal_noise(rows, spec.latent, seed, Stream::evaluation,
                        counter_of(MeasureUse::gradients, draw++));
  };

  // One input at a time: the mean over inputs of the variance over ε, and the variance over inputs.
  const auto rows = training_rows(task, task.whole("inputs"), MeasureUse::rows);
  if (rows.size() < 2) return fail(tr("the gradient's variance needs two training inputs"));
  const std::int64_t draws = task.whole("draws");
  Spread over_inputs;
  double by_noise = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!report(task.progress, 0.4 * static_cast<double>(i) / static_cast<double>(rows.size()))) {
      return measuring_cancelled();
    }
    const Batch one = read_rows(spec, task.data, SplitName::train, std::span(&rows[i], 1), seed);
    Spread over_noise;
    for (std::int64_t j = 0; j < draws; ++j) over_noise.add(gradients.of(one, noise(1)));
    by_noise += over_noise.variance() / static_cast<double>(rows.size());
    over_inputs.add(over_noise.mean());
  }
  // The means over so few draws vary by their noise, too.
  const double by_data =
      std::max(0.0, over_inputs.variance() - by_noise / static_cast<double>(draws));

  // Whole batches.
  const std::int64_t steps = task.whole("steps");
  const Indices all =
      task.settings.train_rows ? task.settings.train_rows : all_rows(task.data.train);
  const auto count = static_cast<std::int64_t>(all->size());
  std::uint64_t batches = 0;
  const auto variance_of = [&](std::int64_t wanted, std::int64_t samples) {
    const std::int64_t size = std::min(wanted, count);
    Spread spread;
    for (std::int64_t step = 0; step < steps; ++step) {
      Random random(seed, Stream::evaluation, counter_of(MeasureUse::batches, batches++));
      std::vector<std::int64_t> chosen;  // with repetition: as from endless data
      for (std::int64_t i = 0; i < size; ++i) {
        chosen.push_back((*all)[random.below(static_cast<std::uint32_t>(count))]);
      }
      const Batch batch = read_rows(spec, task.data, SplitName::train, chosen, seed);
      spread.add(gradients.of(batch, noise(size * samples)));
    }
    return spread.variance();
  };
  const std::vector<double> samples = values_of(task.request, "samples");
  const std::vector<double> times = values_of(task.request, "batches");
  const std::size_t parts_in_all = samples.size() + times.size();
  std::size_t done = 0;
  const auto go_on = [&] {
    return report(task.progress,
                  0.4 + 0.6 * static_cast<double>(done++) / static_cast<double>(parts_in_all));
  };
  std::vector<double> by_samples, by_batch;
  for (const double each : samples) {
    if (!go_on()) return measuring_cancelled();
    by_samples.push_back(variance_of(task.settings.batch_size, static_cast<std::int64_t>(each)));
  }
  for (const double each : times) {
    if (!go_on()) return measuring_cancelled();
    by_batch.push_back(variance_of(task.settings.batch_size * static_cast<std::int64_t>(each), 1));
  }

  MeasuredParts parts(task);
  const double whole = by_noise + by_data;
  parts.add("noise_share", whole > 0 ? by_noise / whole : 0);
  parts.add("gradient_noise", by_noise);
  parts.add("gradient_data", by_data);
  parts.add("gradient_variance", "samples", by_samples);
  parts.add("gradient_variance_batch", "batches", by_batch);
  return parts.take();
}

}  // namespace zscape
