#include "engine/model/autoencoder.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

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
  if (spec.network == Network::program) return {};
  if (spec.network == Network::conv) return Sequential::conv_encoder(spec.shape, heads(spec));
  std::vector<int> widths = {spec.inputs() + spec.classes};
  widths.insert(widths.end(), spec.hidden.begin(), spec.hidden.end());
  widths.push_back(heads(spec));
  return Sequential::dense(widths, between_of(spec, kReferenceEncoder));
}

Sequential decoder_of(const ModelSpec& spec) {
  if (spec.network == Network::program) return {};
  if (spec.network == Network::conv) return Sequential::conv_decoder(spec.shape, spec.latent);
  std::vector<int> widths = {spec.latent + spec.classes};
  widths.insert(widths.end(), spec.hidden.rbegin(), spec.hidden.rend());
  widths.push_back(spec.inputs());
  return Sequential::dense(widths, between_of(spec, kReferenceDecoder));
}

at::Tensor join(const at::Tensor& values, const at::Tensor& label) {
  return label.defined() ? at::cat({values, label}, 1) : values;
}

// Lets constant inputs come out as 0, their standardised value, which no loss ever moves.
void silence_constants(const ModelSpec& spec, Sequential::Layer& last) {
  for (std::size_t i = 0; spec.scaling && i < spec.scaling->constant.size(); ++i) {
    if (!spec.scaling->is_constant(i)) continue;
    last.weight[static_cast<std::int64_t>(i)].zero_();
    last.bias[static_cast<std::int64_t>(i)].zero_();
  }
}

// The same for outputs [N, d] of a foreign program.
at::Tensor without_constants(const ModelSpec& spec, const at::Tensor& outputs) {
  if (spec.scored_inputs() == spec.inputs()) return outputs;
  std::vector<float> scored(spec.scaling->constant.size());
  for (std::size_t i = 0; i < scored.size(); ++i) scored[i] = spec.scaling->is_constant(i) ? 0 : 1;
  return outputs * at::tensor(scored, outputs.options());
}

}  // namespace

Autoencoder::Autoencoder(const ModelSpec& spec)
    : spec_(spec), encoder_(encoder_of(spec)), decoder_(decoder_of(spec)) {
  if (spec.learned_sigma) log_sigma = at::full({}, std::log(spec.sigma));
  if (spec.network != Network::program) return;
  TORCH_CHECK(spec.program, "a spec of a program has none");
  if (program().encoder) program_encoder_ = ProgramNetwork(program().encoder);
  if (program().decoder) program_decoder_ = ProgramNetwork(program().decoder);
  const at::NoGradGuard no_grad;
  const auto tensors = named_tensors();
  for (const auto& [name, value] : program().kept) {
    for (const auto& [of, tensor] : tensors) {
      if (of == name) at::Tensor(tensor).copy_(value);
    }
  }
}

void Autoencoder::initialise(std::uint64_t seed) {
  std::uint64_t tensor_number = 0;
  for (ProgramNetwork* network : {&program_encoder_, &program_decoder_}) {
    if (*network) network->initialise(seed, tensor_number);
  }
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
  if (!decoder_.layers.empty()) silence_constants(spec_, decoder_.layers.back());
}

void Autoencoder::begin_training_step(std::uint64_t seed, std::int64_t step) {
  if (spec_.network != Network::program) return;
  constexpr unsigned kArrays = 20;  // bits for the arrays of noise of one step
  noise_ = std::make_shared<ProgramNoise>(seed, static_cast<std::uint64_t>(step) << kArrays);
}

Posterior Autoencoder::encode_by_program(const at::Tensor& x, const at::Tensor& label) const {
  TORCH_CHECK(program_encoder_, "this model has no encoder");
  const PixelRange& range = program().range;
  at::Tensor seen = x;
  if (!spec_.scaling && !(range == PixelRange{0, 1})) {
    seen = x * (range.high - range.low) + range.low;
  }
  std::vector<std::int64_t> sizes = {x.size(0)};
  if (program().layout == ProgramLayout::nchw) {
    const ImageShape& shape = spec_.shape;
    seen = seen.reshape({-1, shape.height, shape.width, shape.channels})
               .permute({0, 3, 1, 2})
               .contiguous();
  } else {
    sizes.insert(sizes.end(), program().input.begin(), program().input.end());
    seen = seen.reshape(sizes);
  }
  std::vector<at::Tensor> outputs = program_encoder_.forward(seen, label, mode());
  for (at::Tensor& output : outputs) output = output.flatten(1);
  if (!spec_.has_prior()) return {outputs[0].narrow(1, 0, spec_.latent), {}};
  if (outputs.size() == 2) return {outputs[0], outputs[1]};
  return {outputs[0].narrow(1, 0, spec_.latent), outputs[0].narrow(1, spec_.latent, spec_.latent)};
}

at::Tensor Autoencoder::decode_by_program(const at::Tensor& z, const at::Tensor& label) const {
  TORCH_CHECK(program_decoder_, "this model has no decoder");
  std::vector<std::int64_t> sizes = {z.size(0)};
  sizes.insert(sizes.end(), program().latent.begin(), program().latent.end());
  at::Tensor x = program_decoder_.forward(z.reshape(sizes), label, mode()).front();
  if (program().layout == ProgramLayout::nchw) {
    const ImageShape& shape = spec_.shape;
    x = x.reshape({-1, shape.channels, shape.height, shape.width}).permute({0, 2, 3, 1});
  }
  x = x.flatten(1);
  if (!spec_.outputs_mean || spec_.scaling) return without_constants(spec_, x);
  const PixelRange& range = program().range;
  if (!(range == PixelRange{0, 1})) x = (x - range.low) / (range.high - range.low);
  constexpr double kNearest = 1e-6;  // to 0 and 1
  return spec_.has_sigmoid() ? at::logit(x, kNearest) : x;
}

Posterior Autoencoder::encode(const at::Tensor& x, const at::Tensor& label) const {
  if (spec_.network == Network::program) return encode_by_program(x, label);
  const at::Tensor outputs = encoder_.forward(join(x, label));  // [N, 2k] or [N, k]
  if (!spec_.has_prior()) return {outputs, {}};
  return {outputs.narrow(1, 0, spec_.latent), outputs.narrow(1, spec_.latent, spec_.latent)};
}

at::Tensor Autoencoder::decode(const at::Tensor& z, const at::Tensor& label) const {
  if (spec_.network == Network::program) return decode_by_program(z, label);
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
  for (const auto& [name, network] :
       {std::pair{"encoder.", &program_encoder_}, {"decoder.", &program_decoder_}}) {
    if (!*network) continue;
    for (std::size_t i = 0; i < network->values().size(); ++i) {
      tensors.emplace_back(name + network->graph().states[i].name, network->values()[i]);
    }
  }
  return tensors;
}

std::vector<std::pair<std::string, at::Tensor>> Autoencoder::learned() const {
  if (spec_.network != Network::program) return named_tensors();
  return program_tensors(true);
}

std::vector<std::pair<std::string, at::Tensor>> Autoencoder::not_learned() const {
  if (spec_.network != Network::program) return {};
  return program_tensors(false);
}

std::vector<std::pair<std::string, at::Tensor>> Autoencoder::program_tensors(bool learn) const {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const auto& [name, network] :
       {std::pair{"encoder.", &program_encoder_}, {"decoder.", &program_decoder_}}) {
    if (!*network) continue;
    for (std::size_t i = 0; i < network->values().size(); ++i) {
      const ProgramState& state = network->graph().states[i];
      if (state.learns != learn || state.same_as >= 0) continue;
      tensors.emplace_back(name + state.name, network->values()[i]);
    }
  }
  return tensors;
}

Autoencoder Autoencoder::clone() const {
  const WithThreads one(1);
  Autoencoder copy = *this;
  copy.encoder_ = encoder_.clone();
  copy.decoder_ = decoder_.clone();
  if (program_encoder_) copy.program_encoder_ = program_encoder_.clone();
  if (program_decoder_) copy.program_decoder_ = program_decoder_.clone();
  copy.noise_ = nullptr;
  if (log_sigma.defined()) {
    copy.log_sigma = log_sigma.detach().clone();
    copy.spec_.sigma = std::max(kSmallestSigma, std::exp(copy.log_sigma.item<double>()));
  }
  return copy;
}

Autoencoder Autoencoder::copy_on(at::Device device) const {
  Autoencoder copy = clone();
  for (ProgramNetwork* network : {&copy.program_encoder_, &copy.program_decoder_}) {
    if (*network) network->move_to(device);
  }
  if (spec_.network != Network::program) {
    for (auto& [name, tensor] : copy.named_tensors()) tensor.set_data(tensor.to(device));
  }
  if (copy.log_sigma.defined()) copy.log_sigma = copy.log_sigma.to(device);
  return copy;
}

at::Device Autoencoder::device() const {
  if (program_encoder_) return program_encoder_.device();
  if (program_decoder_) return program_decoder_.device();
  return encoder_.layers.front().weight.device();
}

at::Tensor reparameterise(const Posterior& posterior, const at::Tensor& noise) {
  if (!posterior.log_variance.defined()) return posterior.mean;
  return at::addcmul(posterior.mean, at::exp(posterior.log_variance * 0.5), noise);
}

}  // namespace zscape
