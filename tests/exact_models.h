#pragma once

// Models of which something exact is known, and a plain fine lattice to hold others against.

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <numbers>
#include <vector>

#include "engine/eval/pair_likelihood.h"
#include "engine/model/autoencoder.h"
#include "engine/model/batch.h"
#include "tests/eval_data.h"

namespace zscape {

// Inputs as the test split of a data set.
inline Dataset dataset_of(const Batch& batch, const ModelSpec& spec) {
  Dataset data;
  data.name = "given";
  data.shape = spec.shape;
  data.scaling = spec.scaling;
  data.test.count = batch.x.size(0);
  const at::Tensor x = batch.x.contiguous();
  data.test.values.own().assign(x.data_ptr<float>(), x.data_ptr<float>() + x.numel());
  if (batch.label.defined()) {
    for (int label = 0; label < spec.classes; ++label) {
      data.class_names.push_back(std::to_string(label));
    }
    const at::Tensor labels = batch.label.argmax(1);
    for (std::int64_t i = 0; i < labels.numel(); ++i) {
      data.test.labels.push_back(static_cast<std::int32_t>(labels[i].item<std::int64_t>()));
    }
  }
  return data;
}

// x = W z + b + s ε: everything about it is known.
class Linear {
 public:
  Linear(int latent, double sigma, double steepness) {
    spec_ = small_vae({1, kInputs, 1}, latent, {});
    spec_.likelihood = Likelihood::gaussian;
    spec_.sigma = sigma;
    Scaling scaling;
    scaling.mean.assign(kInputs, 0);
    scaling.deviation.assign(kInputs, 1);
    spec_.scaling = std::make_shared<const Scaling>(scaling);
    model_ = std::make_unique<Autoencoder>(initialised(spec_));
    const auto tensors = tensors_of(*model_);
    const at::NoGradGuard no_grad;
    for (const auto& [name, tensor] : tensors) {
      if (name.starts_with("decoder.") && name.ends_with("weight")) tensor.mul_(steepness);
      if (name.starts_with("decoder.")) {
        (name.ends_with("weight") ? weight_ : bias_) = tensor.to(at::kDouble);
      }
    }
    Random random(2, Stream::evaluation, 0);
    const at::Tensor z = at::empty({kRows, latent}), noise = at::empty({kRows, kInputs});
    random.fill_normal({z.data_ptr<float>(), static_cast<std::size_t>(z.numel())});
    random.fill_normal({noise.data_ptr<float>(), static_cast<std::size_t>(noise.numel())});
    batch_.x = model_->decode(z, {}) + sigma * noise;
    posterior_ = model_->encode(batch_.x, {});
  }

  static constexpr int kInputs = 6, kRows = 40;
  Dataset data() const { return dataset_of(batch_, spec_); }
  const Autoencoder& model() const { return *model_; }
  const Batch& batch() const { return batch_; }
  const Posterior& posterior() const { return posterior_; }

  at::Tensor precision() const {  // [k, k], of the posterior of every input
    return at::eye(spec_.latent, at::kDouble) + at::mm(weight_.t(), weight_) / variance();
  }
  at::Tensor centre() const {  // [N, k], the posterior's mean
    return at::mm(centred(), weight_).mm(at::linalg_inv(precision())) / variance();
  }
  at::Tensor evidence() const {  // log N(x; b, W Wᵀ + s² I)
    const at::Tensor covariance =
        at::mm(weight_, weight_.t()) + variance() * at::eye(kInputs, at::kDouble);
    const at::Tensor distance = (at::mm(centred(), at::linalg_inv(covariance)) * centred()).sum(1);
    return -0.5 * (distance + at::logdet(covariance) + kInputs * std::log(2 * std::numbers::pi));
  }
  // The bound of N(mean, Σ), which is log p(x) − KL(q ‖ the posterior).
  at::Tensor bound(const at::Tensor& mean, const at::Tensor& covariance) const {
    const at::Tensor off = mean - centre();
    const at::Tensor divergence =
        0.5 * ((at::matmul(off, precision()) * off).sum(1) +
               at::matmul(precision(), covariance).diagonal(0, 1, 2).sum(1) - spec_.latent -
               at::logdet(precision()) - at::logdet(covariance));
    return evidence() - divergence;
  }

 private:
  double variance() const { return spec_.sigma * spec_.sigma; }
  at::Tensor centred() const { return batch_.x.to(at::kDouble) - bias_; }

  ModelSpec spec_;
  std::unique_ptr<Autoencoder> model_;
  at::Tensor weight_, bias_;
  Batch batch_;
  Posterior posterior_;
};

inline double largest(const at::Tensor& tensor) {
  return tensor.abs().max().item<double>();
}

// A bent decoder whose posteriors have several narrow peaks.
inline Autoencoder bent(int latent, ModelKind kind) {
  ModelSpec spec = small_vae({4, 4, 1}, latent, {24});
  spec.kind = kind;
  if (kind == ModelKind::cvae) spec.classes = 3;
  Autoencoder model = initialised(spec, 5);
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : tensors_of(model)) {
    if (name.starts_with("decoder.")) tensor.mul_(6);
  }
  return model;
}

inline Batch some_inputs(const ModelSpec& spec, std::int64_t rows) {
  Batch batch;
  const at::Tensor noise = normal_noise(rows, spec.inputs(), 3, Stream::evaluation, 0);
  batch.x = at::sigmoid(2 * noise);
  if (spec.reads_label()) {
    std::vector<int> labels;
    for (std::int64_t i = 0; i < rows; ++i) labels.push_back(static_cast<int>(i % spec.classes));
    batch.label = one_hot(labels, spec.classes);
  }
  return batch;
}

// log ∫ by the midpoints of a lattice from −reach to reach.
inline at::Tensor by_lattice(const Autoencoder& model, const Batch& batch, double reach,
                             int steps) {
  const int latent = model.spec().latent;
  const double width = 2 * reach / steps;
  const at::Tensor line = (at::arange(steps, at::kDouble) + 0.5) * width - reach;
  const at::Tensor z = latent == 1 ? line.unsqueeze(1) : at::cartesian_prod({line, line});
  const at::Tensor log_prior =
      -0.5 * z.square().sum(1) - 0.5 * latent * std::log(2 * std::numbers::pi);
  const at::Tensor result = at::empty({batch.x.size(0)}, at::kDouble);
  for (std::int64_t i = 0; i < batch.x.size(0); ++i) {
    const at::Tensor label =
        batch.label.defined() ? batch.label.narrow(0, i, 1).expand({z.size(0), -1}) : batch.label;
    const at::Tensor outputs = model.decode(z.to(at::kFloat), label).to(at::kDouble);
    const at::Tensor joint =
        log_likelihood_of_pairs(model, outputs, batch.x.narrow(0, i, 1).to(at::kDouble))
            .squeeze(1) +
        log_prior;
    result[i] = at::logsumexp(joint, 0) + latent * std::log(width);
  }
  return result;
}

}  // namespace zscape
