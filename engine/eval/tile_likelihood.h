#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/model/autoencoder.h"

namespace zscape {

// Inputs as decoded tiles are compared with them:
// log p(x, z) = features(z) · slope + offset − normaliser(z).
struct ComparedInputs {
  at::Tensor slope;   // [n, m], float64
  at::Tensor offset;  // [n], float64
};

// What of log p(x, z) depends on z alone, at the nodes of T tiles, P each. Immutable.
class DecodedTiles {
 public:
  std::int64_t count() const { return normaliser_.size(0); }

  // Of one tile and n inputs without their offsets: [P, n], float64. slope: [n, m].
  at::Tensor joint(std::int64_t tile, const at::Tensor& slope) const;
  // The same of one input. slope: m numbers; joint: P.
  void joint(std::int64_t tile, const double* slope, double* joint) const;

  std::size_t bytes() const;

 private:
  friend class TileLikelihood;
  // Of a tile in which few features bend; of another, all are in features_.
  struct Bent {
    bool is_whole = false;            // it stands in features_
    std::vector<std::int64_t> units;  // those features that bend in the tile
    std::vector<float> rest;          // [P, units] what a linear function leaves of them
  };

  at::Tensor normaliser_;    // [T, P], float64
  at::Tensor basis_;         // [P, q], float64: TileLikelihood's
  at::Tensor features_;      // [T, P, m], or undefined: every tile is straight but for few features
  at::Tensor linear_;        // [T, q, m], or undefined: no tile is
  std::vector<Bent> tiles_;  // likewise
};

// log p(x, z) = log p(x|z) + log p(z) at the nodes of tiles of latent space, for any number of
// inputs: each node is decoded once. Where the last layer but one is made of ReLUs, most units bend
// outside a small tile: inside, they are linear in z. Then only the bent ones are computed node by
// node, which is some ten times quicker for fine tiles.
class TileLikelihood {
 public:
  // nodes: [P, k] of a tile of width 1 at 0, or around 0; any linear map of them is a tile. The
  // model has a prior, and Bernoulli's density or a Gaussian's; it must outlive this.
  TileLikelihood(const Autoencoder& model, const at::Tensor& nodes);

  std::int64_t nodes() const { return basis_.size(0); }

  ComparedInputs compared(const at::Tensor& x) const;  // x: [n, d]

  // z: [T · P, k], float64, tile by tile; label: [T · P, c], [1, c] or undefined.
  DecodedTiles decode(const at::Tensor& z, const at::Tensor& label) const;

 private:
  void decode_straight(const at::Tensor& seen, DecodedTiles& made) const;
  void set_normaliser(std::int64_t tile, const at::Tensor& outputs, DecodedTiles& made) const;

  const Autoencoder& model_;
  const bool is_bernoulli_;
  Sequential hidden_;  // all layers but the last; without layers: model_ decodes
  at::Tensor weight_;  // [h, d] of the last layer
  at::Tensor bias_;    // [d]
  at::Tensor basis_;   // [P, q] orthonormal: constant and linear functions at the nodes
};

}  // namespace zscape
