#include "engine/training/trainers/fused_pass.h"

#include <algorithm>
#include <utility>

#include "engine/model/batch.h"
#include "engine/model/corruption.h"

namespace zscape {

FusedPass::FusedPass(const ModelSpec& spec, const Split& split, std::vector<DenseLayer> encoder,
                     std::vector<DenseLayer> decoder, const Kernels& kernels,
                     const Bf16Kernels* bf16, int most_panels)
    : spec_(spec),
      split_(split),
      reader_(spec, split),
      kernels_(kernels),
      encoder_(std::move(encoder), kernels, bf16, most_panels),
      decoder_(std::move(decoder), kernels, bf16, most_panels),
      sums_(static_cast<std::size_t>(most_panels)) {
  const auto resize = [most_panels](std::vector<float>& panels, int features) {
    panels.resize(static_cast<std::size_t>(features) * kPanel *
                  static_cast<std::size_t>(most_panels));
  };
  resize(rows_, encoder_.inputs());
  resize(code_gradient_, spec.latent);
  if (spec.traits().corruption != Corruption::none) resize(target_, spec.inputs());
  if (spec.hides_patches()) {
    resize(hidden_, spec.inputs());
    resize(hidden_rows_, spec.inputs());
  }
  if (!is_plain()) resize(target_rows_, spec.inputs());
  if (spec.has_prior()) resize(sigma_, spec.latent);
}

void FusedPass::work(const FusedBatch& batch, std::int64_t first, int samples, int from, int end) {
  const auto each = [&](auto&& act) {
    for (int panel = from; panel < end; ++panel) {
      const int before = panel * kPanel;
      act(Place{panel, first + before, std::min(samples - before, kPanel)},
          sums_[static_cast<std::size_t>(panel)]);
    }
  };
  each([&](const Place& place, FusedSums&) { read(batch, place); });
  encoder_.forward(batch.parameters, from, end);
  each([&](const Place& place, FusedSums& sums) { sums.kl = sample(batch, place); });
  decoder_.forward(batch.parameters, from, end);
  each([&](const Place& place, FusedSums& sums) { sums.reconstruction = score(batch, place); });
  decoder_.backward(batch.parameters, from, end, code_gradient_.data(), spec_.latent);
  each([&](const Place& place, FusedSums&) { give_back(batch, place); });
  encoder_.backward(batch.parameters, from, end, nullptr, 0);
}

bool FusedPass::is_plain() const {
  return split_.values.empty() && !spec_.scaling && spec_.binarise == Binarise::none &&
         target_.empty();
}

// Reads sample `row` of the panel: what the encoder sees, and the target if it differs.
void FusedPass::read_row(const FusedBatch& batch, const Place& place, int row, float* seen) {
  const auto inputs = static_cast<std::size_t>(spec_.inputs());
  const std::int64_t sample = place.first + row;
  const std::int64_t index = batch.rows[static_cast<std::size_t>(sample)];
  if (is_plain()) {
    kernels_.unit_floats(split_.pixels.data() + split_.first(index, inputs), spec_.inputs(), seen);
    return;
  }
  const std::size_t at = static_cast<std::size_t>(place.panel * kPanel + row) * inputs;
  const auto part = [&](std::vector<float>& rows) {
    return rows.empty() ? std::span<float>{} : std::span(rows).subspan(at, inputs);
  };
  const std::span target = part(target_rows_);
  reader_.read(index, target);
  present_row(spec_, batch.seed, Stream::corruption, training_counter(batch.step, sample), target,
              {seen, inputs}, part(hidden_rows_));
}

void FusedPass::read(const FusedBatch& batch, const Place& place) {
  const int inputs = spec_.inputs(), width = encoder_.inputs();
  float* rows = rows_.data() + std::int64_t{place.panel} * width * kPanel;
  for (int i = 0; i < place.samples; ++i) {
    float* to = rows + std::int64_t{i} * width;
    read_row(batch, place, i, to);
    if (spec_.reads_label()) {
      const std::int64_t row = batch.rows[static_cast<std::size_t>(place.first + i)];
      std::fill_n(to + inputs, width - inputs, 0.0F);
      to[inputs + split_.label(row)] = 1;
    }
  }
  kernels_.transpose(rows, width, kPanel, width, encoder_.input(place.panel), kPanel);
  const std::int64_t at = std::int64_t{place.panel} * inputs * kPanel;
  if (!target_.empty()) {
    kernels_.transpose(target_rows_.data() + at, inputs, kPanel, inputs, target_.data() + at,
                       kPanel);
  }
  if (!hidden_.empty()) {
    kernels_.transpose(hidden_rows_.data() + at, inputs, kPanel, inputs, hidden_.data() + at,
                       kPanel);
  }
}

// z = μ + σ ⊙ ε, followed by the label. Returns the sum of the KL terms.
double FusedPass::sample(const FusedBatch& batch, const Place& place) {
  const int latent = spec_.latent;
  const float* mean = encoder_.output(place.panel);
  float* z = decoder_.input(place.panel);
  std::copy_n(mean, latent * kPanel, z);
  if (spec_.reads_label()) {
    float* label = z + latent * kPanel;
    std::fill_n(label, spec_.classes * kPanel, 0.0F);
    for (int i = 0; i < place.samples; ++i) {
      const std::int64_t row = batch.rows[static_cast<std::size_t>(place.first + i)];
      label[split_.label(row) * kPanel + i] = 1;
    }
  }
  if (!batch.noise) return 0;
  const float* log_variance = mean + latent * kPanel;
  float* sigma = sigma_.data() + std::int64_t{place.panel} * latent * kPanel;
  kernels_.exponential(log_variance, latent * kPanel, 0.5F, sigma);
  double kl = 0;
  for (int k = 0; k < latent; ++k) {
    for (int i = 0; i < place.samples; ++i) {
      const int at = k * kPanel + i;
      z[at] += sigma[at] * batch.noise[(place.first + i) * latent + k];
      const auto mu = static_cast<double>(mean[at]), s = static_cast<double>(sigma[at]);
      kl += 0.5 * (mu * mu + s * s - static_cast<double>(log_variance[at]) - 1);
    }
  }
  return kl;
}

// Replaces the outputs by the gradient of the loss. Returns the sum of the losses.
double FusedPass::score(const FusedBatch& batch, const Place& place) {
  const int inputs = spec_.inputs();
  double scale = 1 / static_cast<double>(batch.rows.size());
  if (spec_.likelihood == Likelihood::gaussian) scale /= 2 * batch.sigma * batch.sigma;
  if (spec_.likelihood == Likelihood::mse) {
    scale /= hidden_.empty() ? spec_.scored_inputs() : hidden_inputs(spec_);
  }
  const std::int64_t at = std::int64_t{place.panel} * inputs * kPanel;
  const float* x = target_.empty() ? encoder_.input(place.panel) : target_.data() + at;
  float* out = decoder_.output(place.panel);
  if (spec_.likelihood == Likelihood::bernoulli) {
    return kernels_.bernoulli(out, x, inputs, place.samples, static_cast<float>(scale));
  }
  return kernels_.squares(out, x, hidden_.empty() ? nullptr : hidden_.data() + at,
                          spec_.has_sigmoid(), inputs, place.samples, static_cast<float>(scale));
}

// Turns the gradient of z into that of the encoder's outputs.
void FusedPass::give_back(const FusedBatch& batch, const Place& place) {
  const int latent = spec_.latent;
  const std::int64_t at_panel = std::int64_t{place.panel} * latent * kPanel;
  const float* of_z = code_gradient_.data() + at_panel;
  float* mean = encoder_.output(place.panel);
  if (!batch.noise) {
    std::copy_n(of_z, latent * kPanel, mean);
    return;
  }
  const double scale = batch.kl_weight / static_cast<double>(batch.rows.size());
  const float* sigma = sigma_.data() + at_panel;
  float* log_variance = mean + latent * kPanel;
  for (int k = 0; k < latent; ++k) {
    for (int i = 0; i < kPanel; ++i) {
      const int at = k * kPanel + i;
      if (i >= place.samples) {
        mean[at] = log_variance[at] = 0;
        continue;
      }
      const auto s = static_cast<double>(sigma[at]), back = static_cast<double>(of_z[at]);
      const auto noise = static_cast<double>(batch.noise[(place.first + i) * latent + k]);
      mean[at] = static_cast<float>(back + scale * static_cast<double>(mean[at]));
      log_variance[at] = static_cast<float>(0.5 * (back * noise * s + scale * (s * s - 1)));
    }
  }
}

}  // namespace zscape
