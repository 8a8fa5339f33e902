#include "engine/backend/half_decoder.h"

#include <torch/torch.h>

#include "engine/backend/decode_pictures.h"

namespace zscape {
namespace {

constexpr std::string_view kDecoder = "decoder.";

tl::unexpected<Error> no_encoder() {
  return fail("this moment of the past has no encoder; only its decoder was kept");
}

}  // namespace

HalfDecoder::HalfDecoder(const Autoencoder& model, std::int64_t step, std::uint64_t revision)
    : spec_(model.spec()), step_(step), revision_(revision) {
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : model.named_tensors()) {
    if (name.starts_with(kDecoder)) tensors_.push_back(tensor.to(at::kHalf));
  }
}

std::size_t HalfDecoder::bytes() const {
  std::size_t bytes = 0;
  for (const at::Tensor& tensor : tensors_) bytes += tensor.nbytes();
  return bytes;
}

FrozenModelPtr HalfDecoder::decoder_alone() const {
  return std::make_shared<HalfDecoder>(*this);
}

// The whole network is made anew for each call: its memory is what a history cannot afford, and
// the conversion costs less than a frame's thousandth part.
void HalfDecoder::decode(std::span<const float> z, std::span<const int> labels,
                         std::span<float> pictures) const {
  const at::NoGradGuard no_grad;
  const Autoencoder model(spec_);
  auto from = tensors_.begin();
  for (auto& [name, tensor] : model.named_tensors()) {
    if (name.starts_with(kDecoder)) tensor.copy_(*from++);
  }
  decode_pictures(model, z, labels, pictures);
}

Expected<Codes> HalfDecoder::encode(const Dataset&, SplitName, const Indices&,
                                    const Progress&) const {
  return no_encoder();
}
Expected<Reconstructions> HalfDecoder::reconstruct(const Dataset&, SplitName, const Indices&,
                                                   std::uint64_t) const {
  return no_encoder();
}
Expected<Losses> HalfDecoder::evaluate(const Dataset&, SplitName, const Indices&,
                                       const EvaluationSettings&, const Progress&) const {
  return no_encoder();
}
Expected<Figures> HalfDecoder::figures(const Dataset&, SplitName, int, const EvaluationSettings&,
                                       const Progress&) const {
  return no_encoder();
}
Expected<FewLabelAccuracy> HalfDecoder::classify(const Dataset&, const FewLabels&,
                                                 const Progress&) const {
  return no_encoder();
}
Expected<std::vector<float>> HalfDecoder::geodesic(std::span<const float>, std::span<const float>,
                                                   int, int, const Progress&) const {
  return no_encoder();
}

}  // namespace zscape
