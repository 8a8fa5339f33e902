#include "engine/eval/tile_decoder.h"

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

namespace zscape {
namespace {

constexpr double kStraight = 3e-6;         // of the largest activation: what rounding leaves
constexpr std::int64_t kFewestUnits = 64;  // else it is not worth it
constexpr std::int64_t kLargestShare = 3;  // with a third of the units straight it is not either

}  // namespace

TileDecoder::TileDecoder(const Autoencoder& model, const at::Tensor& nodes) : model_(model) {
  const ModelSpec& spec = model.spec();
  const bool has_relus =
      spec.activation == Activation::reference || spec.activation == Activation::relu;
  if (spec.network != Network::mlp || !has_relus) return;
  std::vector<int> widths;
  std::vector<at::Tensor> weights, biases;
  for (const auto& [name, tensor] : model.named_tensors()) {
    if (!name.starts_with("decoder.")) continue;
    (name.ends_with("weight") ? weights : biases).push_back(tensor);
  }
  if (weights.size() < 2 || weights.back().size(1) < kFewestUnits) return;
  for (const at::Tensor& weight : weights) widths.push_back(static_cast<int>(weight.size(1)));
  hidden_ = Sequential::dense(widths, kReferenceDecoder);
  for (std::size_t i = 0; i < hidden_.layers.size(); ++i) {
    hidden_.layers[i].weight = weights[i];
    hidden_.layers[i].bias = biases[i];
  }
  weight_ = weights.back().t().contiguous();
  bias_ = biases.back();
  const at::Tensor ones = at::ones({nodes.size(0), 1}, at::kDouble);
  basis_ = std::get<0>(at::linalg_qr(at::cat({ones, nodes.to(at::kDouble)}, 1)))
               .to(at::kFloat)
               .contiguous();
}

at::Tensor TileDecoder::decode(const at::Tensor& z, const at::Tensor& label) const {
  if (hidden_.layers.empty()) return model_.decode(z, label);
  const std::int64_t nodes = basis_.size(0), tiles = z.size(0) / nodes, units = weight_.size(0);
  const at::Tensor seen = label.defined() ? at::cat({z, label}, 1) : z;
  const at::Tensor active = at::relu(hidden_.forward(seen)).view({tiles, nodes, units});
  // Each unit as a linear function of the place, and what that leaves of it.
  const at::Tensor linear = at::matmul(basis_.t(), active);  // [T, k + 1, h]
  const at::Tensor rest = active - at::matmul(basis_, linear);
  const at::Tensor off = rest.abs().amax(1);  // [T, h]
  const at::Tensor bends = off.gt(active.amax({1, 2}).unsqueeze(1) * kStraight);
  const at::Tensor counts = bends.sum(1);
  const at::Tensor straight = at::matmul(linear, weight_);  // [T, k + 1, d]
  const at::Tensor outputs = at::empty({tiles, nodes, weight_.size(1)});
  for (std::int64_t t = 0; t < tiles; ++t) {
    at::Tensor own = outputs[t];
    if (counts[t].item<std::int64_t>() * kLargestShare > units) {
      at::addmm_out(own, bias_, active[t], weight_);
      continue;
    }
    const at::Tensor bent = bends[t].nonzero().squeeze(1);
    at::addmm_out(own, bias_, at::cat({basis_, rest[t].index_select(1, bent)}, 1),
                  at::cat({straight[t], weight_.index_select(0, bent)}, 0));
  }
  return outputs.flatten(0, 1);
}

}  // namespace zscape
