#include "engine/model/autoencoder.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "engine/model/aten_threads.h"
#include "engine/random.h"

namespace zscape {
namespace {

int heads(const ModelSpec& spec) {
  return spec.has_prior() ? 2 * spec.latent : spec.latent;
}

// reference: what stands in that network of the reference architecture.
Between between_of(const ModelSpec& spec, Between reference) {
  if (spec.activation == Activation::reference) return reference;
  return {.activation = spec.activation};
}

Sequential encoder_of(const ModelSpec& spec) {
  if (spec.network == Network::conv) return Sequential::conv_encoder(spec.shape, heads(spec));
  std::vector<int> widths = {spec.inputs() + spec.classes};
  widths.insert(widths.end(), spec.hidden.begin(), spec.hidden.end());
  widths.push_back(heads(spec));
  return Sequential::dense(widths, between_of(spec, kReferenceEncoder));
}

Sequential decoder_of(const ModelSpec& spec) {
  if (spec.network == Network::conv) return Sequential::conv_decoder(spec.shape, spec.latent);
  std::vector<int> widths = {spec.latent + spec.classes};
  widths.insert(widths.end(), spec.hidden.rbegin(), spec.hidden.rend());
  widths.push_back(spec.inputs());
  return Sequential::dense(widths, between_of(spec, kReferenceDecoder));
}

at::Tensor join(const at::Tensor& values, const at::Tensor& label) {
  return label.defined() ? at::cat({values, label}, 1) : values;
}

}  // namespace

Autoencoder::Autoencoder(const ModelSpec& spec)
    : spec_(spec), encoder_(encoder_of(spec)), decoder_(decoder_of(spec)) {
  if (spec.learned_sigma) log_sigma = at::full({}, std::log(spec.sigma));
}

void Autoencoder::initialise(std::uint64_t seed) {
  std::uint64_t tensor_number = 0;
  for (Sequential* network : {&encoder_, &decoder_}) {
    for (Sequential::Layer& layer : network->layers) {
      const double bound = Sequential::initial_bound(layer);
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
  const at::Tensor outputs = encoder_.forward(join(x, label));  // [N, 2k] or [N, k]
  if (!spec_.has_prior()) return {outputs, {}};
  return {outputs.narrow(1, 0, spec_.latent), outputs.narrow(1, spec_.latent, spec_.latent)};
}

at::Tensor Autoencoder::decode(const at::Tensor& z, const at::Tensor& label) const {
  return decoder_.forward(join(z, label));
}

at::Tensor Autoencoder::reconstruction(const at::Tensor& outputs) const {
  return spec_.has_sigmoid() ? at::sigmoid(outputs) : outputs;
}

at::Tensor Autoencoder::picture(const at::Tensor& x) const {
  // The same as shown_value(), for a tensor.
  const double scale = shown_value(1) - 0.5;
  return (spec_.scaling ? x * scale + 0.5 : x).clamp(0, 1);
}

std::vector<std::pair<std::string, at::Tensor>> Autoencoder::named_tensors() const {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const auto& [name, network] : {std::pair{"encoder.", &encoder_}, {"decoder.", &decoder_}}) {
    for (const auto& [place, tensor] : network->named_tensors()) {
      tensors.emplace_back(name + place, tensor);
    }
  }
  return tensors;
}

Autoencoder Autoencoder::clone() const {
  const WithThreads one(1);
  Autoencoder copy = *this;
  copy.encoder_ = encoder_.clone();
  copy.decoder_ = decoder_.clone();
  if (log_sigma.defined()) {
    copy.log_sigma = log_sigma.detach().clone();
    copy.spec_.sigma = std::max(kSmallestSigma, std::exp(copy.log_sigma.item<double>()));
  }
  return copy;
}

Autoencoder Autoencoder::copy_on(at::Device device) const {
  Autoencoder copy = clone();
  for (auto& [name, tensor] : copy.named_tensors()) tensor.set_data(tensor.to(device));
  if (copy.log_sigma.defined()) copy.log_sigma = copy.log_sigma.to(device);
  return copy;
}

at::Device Autoencoder::device() const {
  return encoder_.layers.front().weight.device();
}

at::Tensor reparameterise(const Posterior& posterior, const at::Tensor& noise) {
  if (!posterior.log_variance.defined()) return posterior.mean;
  return at::addcmul(posterior.mean, at::exp(posterior.log_variance * 0.5), noise);
}

}  // namespace zscape
