#include "engine/model/autoencoder.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <cmath>
#include <span>

#include "engine/random.h"

namespace zscape {
namespace {

constexpr double kLeak = 0.2;

std::vector<int> encoder_widths(const ModelSpec& spec) {
  std::vector<int> widths = {spec.inputs() + spec.classes};
  widths.insert(widths.end(), spec.hidden.begin(), spec.hidden.end());
  widths.push_back(spec.has_prior() ? 2 * spec.latent : spec.latent);
  return widths;
}

std::vector<int> decoder_widths(const ModelSpec& spec) {
  std::vector<int> widths = {spec.latent + spec.classes};
  widths.insert(widths.end(), spec.hidden.rbegin(), spec.hidden.rend());
  widths.push_back(spec.inputs());
  return widths;
}

at::Tensor join(const at::Tensor& values, const at::Tensor& label) {
  return label.defined() ? at::cat({values, label}, 1) : values;
}

Mlp clone_of(const Mlp& network) {
  Mlp copy;
  copy.activation = network.activation;
  for (const Mlp::Linear& layer : network.layers) {
    copy.layers.push_back({layer.weight.detach().clone(), layer.bias.detach().clone()});
  }
  return copy;
}

}  // namespace

Mlp::Mlp(const std::vector<int>& widths, Activation between) : activation(between) {
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    layers.push_back({at::empty({widths[i + 1], widths[i]}), at::empty({widths[i + 1]})});
  }
}

at::Tensor Mlp::forward(at::Tensor x) const {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    x = at::linear(x, layers[i].weight, layers[i].bias);
    if (i + 1 == layers.size()) break;
    x = activation == Activation::relu ? at::relu_(x) : at::leaky_relu_(x, kLeak);
  }
  return x;
}

Autoencoder::Autoencoder(const ModelSpec& spec)
    : spec_(spec),
      encoder_(encoder_widths(spec), Mlp::Activation::leaky_relu),
      decoder_(decoder_widths(spec), Mlp::Activation::relu) {}

void Autoencoder::initialise(std::uint64_t seed) {
  std::uint64_t tensor_number = 0;
  for (Mlp* network : {&encoder_, &decoder_}) {
    for (Mlp::Linear& layer : network->layers) {
      const double bound = 1.0 / std::sqrt(static_cast<double>(layer.weight.size(1)));
      for (at::Tensor* tensor : {&layer.weight, &layer.bias}) {
        Random random(seed, Stream::initialisation, tensor_number++);
        const std::span values(tensor->data_ptr<float>(),
                               static_cast<std::size_t>(tensor->numel()));
        for (float& value : values) {
          value = static_cast<float>((2 * random.uniform() - 1) * bound);
        }
      }
    }
  }
}

Posterior Autoencoder::encode(const at::Tensor& x, const at::Tensor& label) const {
  const at::Tensor heads = encoder_.forward(join(x, label));  // [N, 2k] or [N, k]
  if (!spec_.has_prior()) return {heads, {}};
  return {heads.narrow(1, 0, spec_.latent), heads.narrow(1, spec_.latent, spec_.latent)};
}

at::Tensor Autoencoder::decode(const at::Tensor& z, const at::Tensor& label) const {
  return decoder_.forward(join(z, label));
}

std::vector<std::pair<std::string, at::Tensor>> Autoencoder::named_tensors() const {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const auto& [name, network] : {std::pair{"encoder", &encoder_}, {"decoder", &decoder_}}) {
    for (std::size_t i = 0; i < network->layers.size(); ++i) {
      // The activations take the odd places of the nn.Sequential.
      tensors.emplace_back(fmt::format("{}.{}.weight", name, 2 * i), network->layers[i].weight);
      tensors.emplace_back(fmt::format("{}.{}.bias", name, 2 * i), network->layers[i].bias);
    }
  }
  return tensors;
}

Autoencoder Autoencoder::clone() const {
  Autoencoder copy = *this;
  copy.encoder_ = clone_of(encoder_);
  copy.decoder_ = clone_of(decoder_);
  return copy;
}

at::Tensor reparameterise(const Posterior& posterior, const at::Tensor& noise) {
  if (!posterior.log_variance.defined()) return posterior.mean;
  return at::addcmul(posterior.mean, at::exp(posterior.log_variance * 0.5), noise);
}

}  // namespace zscape
