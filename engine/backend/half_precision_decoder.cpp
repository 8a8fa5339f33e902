#include "engine/backend/half_precision_decoder.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "engine/backend/decode_pictures.h"

namespace zscape {
namespace {

constexpr std::string_view kDecoder = "decoder.";

}  // namespace

HalfPrecisionDecoder::HalfPrecisionDecoder(const Autoencoder& model, std::uint64_t revision)
    : spec_(model.spec()), revision_(revision) {
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : model.named_tensors()) {
    if (name.starts_with(kDecoder)) tensors_.push_back(tensor.to(at::kHalf));
  }
}

std::size_t HalfPrecisionDecoder::bytes() const {
  std::size_t bytes = 0;
  for (const at::Tensor& tensor : tensors_) bytes += tensor.nbytes();
  return bytes;
}

// Builds the full network for each call: a history cannot afford its memory, and the conversion
// takes less than a thousandth of a frame.
void HalfPrecisionDecoder::decode(std::span<const float> z, std::span<const int> labels,
                                  std::span<float> pictures) const {
  const at::NoGradGuard no_grad;
  const Autoencoder model(spec_);
  auto from = tensors_.begin();
  for (auto& [name, tensor] : model.named_tensors()) {
    if (name.starts_with(kDecoder)) tensor.copy_(*from++);
  }
  decode_pictures(model, z, labels, pictures);
}

}  // namespace zscape
