#pragma once

#include <ATen/core/Tensor.h>

#include "engine/model/autoencoder.h"

namespace zscape {

// Decodes latent space tile by tile, each at the same nodes. Where the last layer but one is made
// of ReLUs, most units bend outside a small tile: inside, they are linear in z, and so is what they
// add to the outputs. Then only the bent ones need a product of their own, and the rest one for
// all, which is some ten times quicker for fine tiles. Other decoders decode as ever.
class TileDecoder {
 public:
  // nodes: [P, k] of a tile of width 1 at 0, or around 0; any linear map of them is a tile.
  TileDecoder(const Autoencoder& model, const at::Tensor& nodes);

  // z: [T · P, k], float32, tile by tile; label: [T · P, c] or undefined → the decoder's outputs,
  // [T · P, d], up to the rounding of float32.
  at::Tensor decode(const at::Tensor& z, const at::Tensor& label) const;

 private:
  const Autoencoder& model_;
  Sequential hidden_;  // all layers but the last; without layers: model_ decodes
  at::Tensor weight_;  // [h, d] of the last layer
  at::Tensor bias_;    // [d]
  at::Tensor basis_;   // [P, k + 1] orthonormal: constant and linear functions at the nodes
};

}  // namespace zscape
