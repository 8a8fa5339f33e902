#include "engine/train/fused_lane.h"

#include <algorithm>
#include <cmath>

#include "engine/model/corruption.h"

namespace zscape {
namespace {

// Samples of one pass: more would not fit the caches.
constexpr int kMostPanels = 4;
constexpr int kMostSamples = kMostPanels * kPanel;

int panels_of(int samples) {
  return (samples + kPanel - 1) / kPanel;
}

std::size_t panel_floats(int features) {
  return static_cast<std::size_t>(features) * kMostSamples;
}

}  // namespace

FusedLane::FusedLane(const ModelSpec& spec, const Split& split,
                     const std::vector<DenseLayer>& encoder, const std::vector<DenseLayer>& decoder,
                     std::size_t parameters, const Kernels& kernels)
    : spec_(spec),
      split_(split),
      kernels_(kernels),
      encoder_(encoder, kernels, kMostPanels),
      decoder_(decoder, kernels, kMostPanels),
      gradients_(parameters),
      rows_(panel_floats(encoder_.inputs())),
      code_gradient_(panel_floats(spec.latent)) {
  for (const auto* layers : {&encoder, &decoder}) {
    for (const DenseLayer& layer : *layers) biases_.emplace_back(layer.bias, layer.outputs);
  }
  if (spec.kind == ModelKind::dae || spec.kind == ModelKind::mae) {
    target_.resize(panel_floats(spec.inputs()));
  }
  if (spec.kind == ModelKind::mae) hidden_.resize(panel_floats(spec.inputs()));
  if (spec.has_prior()) sigma_.resize(panel_floats(spec.latent));
}

FusedSums FusedLane::work(const FusedBatch& batch, std::int64_t first, std::int64_t count) {
  for (const auto& [place, length] : biases_)
    std::fill_n(&gradients_[static_cast<std::size_t>(place)], length, 0.0F);
  FusedSums sums;
  for (std::int64_t done = 0; done < count; done += kMostSamples) {
    const auto samples = static_cast<int>(std::min<std::int64_t>(count - done, kMostSamples));
    const int panels = panels_of(samples);
    const bool fresh = done == 0;
    read(batch, first + done, samples);
    encoder_.forward(batch.parameters, panels);
    sums.kl += sample(batch, first + done, samples);
    decoder_.forward(batch.parameters, panels);
    sums.reconstruction += score(batch, samples);
    decoder_.backward(batch.parameters, panels, gradients_.data(), fresh, nullptr,
                      code_gradient_.data(), spec_.latent);
    give_back(batch, first + done, samples);
    encoder_.backward(batch.parameters, panels, gradients_.data(), fresh, rows_.data(), nullptr, 0);
  }
  return sums;
}

// [samples, d] of the batch as panels.
void FusedLane::fill(const float* rows, std::int64_t first, int samples,
                     std::vector<float>& panels) {
  const int inputs = spec_.inputs();
  for (int from = 0; from < samples; from += kPanel) {
    kernels_.transpose(rows + (first + from) * inputs, inputs, std::min(samples - from, kPanel),
                       inputs, panels.data() + static_cast<std::int64_t>(from) * inputs, kPanel);
  }
}

void FusedLane::read(const FusedBatch& batch, std::int64_t first, int samples) {
  const int inputs = spec_.inputs(), width = encoder_.inputs();
  for (int i = 0; i < samples; ++i) {
    const std::int64_t row = batch.rows[static_cast<std::size_t>(first + i)];
    float* to = rows_.data() + static_cast<std::int64_t>(i) * width;
    if (batch.seen) {
      std::copy_n(batch.seen + (first + i) * inputs, inputs, to);
    } else {
      kernels_.unit_floats(split_.pixels.data() + row * inputs, inputs, to);
    }
    if (spec_.reads_label()) {
      std::fill_n(to + inputs, width - inputs, 0.0F);
      to[inputs + split_.label(row)] = 1;
    }
  }
  for (int panel = 0; panel < panels_of(samples); ++panel) {
    kernels_.transpose(rows_.data() + static_cast<std::int64_t>(panel) * kPanel * width, width,
                       kPanel, width, encoder_.input(panel), kPanel);
  }
  if (!target_.empty()) fill(batch.target, first, samples, target_);
  if (!hidden_.empty()) fill(batch.hidden, first, samples, hidden_);
}

// z = μ + σ ⊙ ε, with the label behind it. Returns the sum of the KL terms.
double FusedLane::sample(const FusedBatch& batch, std::int64_t first, int samples) {
  const int latent = spec_.latent;
  double kl = 0;
  for (int from = 0; from < samples; from += kPanel) {
    const int panel = from / kPanel, here = std::min(samples - from, kPanel);
    const float* mean = encoder_.output(panel);
    float* z = decoder_.input(panel);
    std::copy_n(mean, latent * kPanel, z);
    if (spec_.reads_label()) {
      float* label = z + latent * kPanel;
      std::fill_n(label, spec_.classes * kPanel, 0.0F);
      for (int i = 0; i < here; ++i) {
        const std::int64_t row = batch.rows[static_cast<std::size_t>(first + from + i)];
        label[split_.label(row) * kPanel + i] = 1;
      }
    }
    if (!batch.noise) continue;
    const float* log_variance = mean + latent * kPanel;
    float* sigma = sigma_.data() + static_cast<std::int64_t>(from) * latent;
    kernels_.exponential(log_variance, latent * kPanel, 0.5F, sigma);
    for (int k = 0; k < latent; ++k) {
      for (int i = 0; i < here; ++i) {
        const int at = k * kPanel + i;
        z[at] += sigma[at] * batch.noise[(first + from + i) * latent + k];
        const auto mu = static_cast<double>(mean[at]), s = static_cast<double>(sigma[at]);
        kl += 0.5 * (mu * mu + s * s - static_cast<double>(log_variance[at]) - 1);
      }
    }
  }
  return kl;
}

// The outputs become the gradient of the loss.
double FusedLane::score(const FusedBatch& batch, int samples) {
  const int inputs = spec_.inputs();
  const auto count = static_cast<double>(batch.rows.size());
  double scale = 1 / count;
  if (spec_.likelihood == Likelihood::gaussian) scale /= 2 * batch.sigma * batch.sigma;
  if (spec_.likelihood == Likelihood::mse) scale /= hidden_.empty() ? inputs : hidden_inputs(spec_);
  double sum = 0;
  for (int from = 0; from < samples; from += kPanel) {
    const int panel = from / kPanel, here = std::min(samples - from, kPanel);
    const std::int64_t at = static_cast<std::int64_t>(from) * inputs;
    const float* x = target_.empty() ? encoder_.input(panel) : target_.data() + at;
    float* out = decoder_.output(panel);
    if (spec_.likelihood == Likelihood::bernoulli) {
      sum += kernels_.bernoulli(out, x, inputs, here, static_cast<float>(scale));
    } else {
      sum += kernels_.squares(out, x, hidden_.empty() ? nullptr : hidden_.data() + at,
                              spec_.has_sigmoid(), inputs, here, static_cast<float>(scale));
    }
  }
  return sum;
}

// From the gradient of z to that of the encoder's outputs.
void FusedLane::give_back(const FusedBatch& batch, std::int64_t first, int samples) {
  const int latent = spec_.latent;
  const double scale = batch.kl_weight / static_cast<double>(batch.rows.size());
  for (int from = 0; from < samples; from += kPanel) {
    const float* of_z = code_gradient_.data() + static_cast<std::int64_t>(from) * latent;
    const float* sigma = sigma_.data() + static_cast<std::int64_t>(from) * latent;
    float* mean = encoder_.output(from / kPanel);
    if (!batch.noise) {
      std::copy_n(of_z, latent * kPanel, mean);
      continue;
    }
    float* log_variance = mean + latent * kPanel;
    const int here = std::min(samples - from, kPanel);
    for (int k = 0; k < latent; ++k) {
      for (int i = 0; i < kPanel; ++i) {
        const int at = k * kPanel + i;
        if (i >= here) {
          mean[at] = log_variance[at] = 0;
          continue;
        }
        const auto s = static_cast<double>(sigma[at]), back = static_cast<double>(of_z[at]);
        const auto noise = static_cast<double>(batch.noise[(first + from + i) * latent + k]);
        mean[at] = static_cast<float>(back + scale * static_cast<double>(mean[at]));
        log_variance[at] = static_cast<float>(0.5 * (back * noise * s + scale * (s * s - 1)));
      }
    }
  }
}

}  // namespace zscape
