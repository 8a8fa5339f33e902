#include "engine/backend/half_precision_decoder.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "engine/model/batch.h"
#include "engine/model/program.h"

namespace zscape {
namespace {

constexpr std::string_view kDecoder = "decoder.";

// A program's whole numbers, such as positions, stay as its file has them.
bool fits_half(const Autoencoder& model, std::string_view name) {
  if (model.spec().network != Network::program) return true;
  const auto& program = dynamic_cast<const Program&>(*model.spec().program);
  name.remove_prefix(kDecoder.size());
  const auto state = std::ranges::find(program.decoder->states, name, &ProgramState::name);
  return at::isFloatingType(state->type);
}

// The decoder's tensors.
std::vector<at::Tensor> decoder_tensors(const Autoencoder& model) {
  std::vector<at::Tensor> tensors;
  for (const auto& [name, tensor] : model.named_tensors()) {
    if (name.starts_with(kDecoder) && fits_half(model, name)) tensors.push_back(tensor);
  }
  return tensors;
}

// Calls use(tensor, its values in half precision) for each tensor, whose values lie one after the
// other from `bytes` on.
template <class Use>
void with_halves(const std::vector<at::Tensor>& tensors, const std::byte* bytes, const Use& use) {
  for (const at::Tensor& tensor : tensors) {
    // from_blob() takes no const; where the bytes are const, `use` only reads them.
    use(tensor, at::from_blob(const_cast<std::byte*>(bytes), tensor.sizes(), at::kHalf));
    bytes += tensor.numel() * static_cast<std::int64_t>(sizeof(at::Half));
  }
}

std::size_t half_bytes(const std::vector<at::Tensor>& tensors) {
  std::size_t bytes = 0;
  for (const at::Tensor& tensor : tensors) bytes += tensor.numel() * sizeof(at::Half);
  return bytes;
}

}  // namespace

void decode_pictures(const Autoencoder& model, std::span<const float> z,
                     std::span<const int> labels, std::span<float> pictures) {
  const ModelSpec& spec = model.spec();
  TORCH_CHECK(spec.has_decoder(), "this model has no decoder");
  const at::NoGradGuard no_grad;
  const auto latent = static_cast<std::int64_t>(spec.latent);
  const auto rows = static_cast<std::int64_t>(z.size()) / latent;
  TORCH_CHECK(rows * latent == static_cast<std::int64_t>(z.size()) &&
                  pictures.size() == static_cast<std::size_t>(rows * spec.inputs()),
              "decode: z must be [n, ", latent, "] and pictures [n, ", spec.inputs(), "]");
  if (rows == 0) return;
  const at::Tensor codes = at::from_blob(const_cast<float*>(z.data()), {rows, latent});
  at::Tensor label;
  if (spec.reads_label()) {
    TORCH_CHECK(static_cast<std::int64_t>(labels.size()) == rows, "decode: one label a code");
    label = one_hot(labels, spec.classes);
  }
  const at::Tensor outputs = model.decode(codes, label);
  at::Tensor out = at::from_blob(pictures.data(), {rows, spec.inputs()});
  if (spec.has_sigmoid()) {
    at::sigmoid_out(out, outputs);
  } else {
    out.copy_(model.picture(outputs));
  }
}

HalfPrecisionDecoder::HalfPrecisionDecoder(const Autoencoder& model, std::uint64_t revision)
    : spec_(model.spec()),
      weights_(half_bytes(decoder_tensors(model)),
               [&](std::span<std::byte> bytes) {
                 const at::NoGradGuard no_grad;
                 with_halves(decoder_tensors(model), bytes.data(),
                             [](const at::Tensor& tensor, at::Tensor half) { half.copy_(tensor); });
               }),
      revision_(revision) {}

HalfPrecisionDecoder::HalfPrecisionDecoder(const ModelSpec& spec, std::span<const std::byte> halves,
                                           std::uint64_t revision)
    : spec_(spec),
      weights_(halves.size(),
               [&](std::span<std::byte> bytes) { std::ranges::copy(halves, bytes.begin()); }),
      revision_(revision) {}

std::size_t HalfPrecisionDecoder::bytes_of(const ModelSpec& spec) {
  return half_bytes(decoder_tensors(Autoencoder(spec)));
}

// Builds the full network for each call: a history cannot afford its memory, and the conversion
// takes less than a thousandth of a frame.
void HalfPrecisionDecoder::decode(std::span<const float> z, std::span<const int> labels,
                                  std::span<float> pictures) const {
  const at::NoGradGuard no_grad;
  const Autoencoder model(spec_);
  weights_.read([&](std::span<const std::byte> bytes) {
    with_halves(decoder_tensors(model), bytes.data(),
                [](at::Tensor tensor, const at::Tensor& half) { tensor.copy_(half); });
  });
  decode_pictures(model, z, labels, pictures);
}

}  // namespace zscape
