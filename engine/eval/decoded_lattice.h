#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/eval/tile_likelihood.h"
#include "engine/model/autoencoder.h"

namespace zscape {

// A place of one or two latent dimensions; of one, the second number is 0.
using LatentPlace = std::array<double, 2>;

// Sixteen neighbouring nodes of a lattice: 4 × 4, or in one dimension 16 in a row. Tile (i, j)
// begins at node (4 i, 4 j), or 16 i.
struct LatticeTile {
  int level = 0;  // each halves the spacing
  std::array<std::int32_t, 2> place{};
  bool operator==(const LatticeTile&) const = default;
};

struct LatticeTileHash {
  std::size_t operator()(const LatticeTile& tile) const {
    std::uint64_t bits = static_cast<std::uint32_t>(tile.place[0]);
    bits = bits << 32 | static_cast<std::uint32_t>(tile.place[1]);
    bits = (bits ^ static_cast<std::uint64_t>(tile.level) << 58) * 0x9E3779B97F4A7C15u;
    return static_cast<std::size_t>(bits ^ bits >> 32);
  }
};

// What the decoder makes of the nodes of lattices over one or two latent dimensions; each node is
// decoded once. The lattices of all levels pass through 0: every second node of a level is one of
// the level before. One thread at a time.
class DecodedLattice {
 public:
  static constexpr int kNodes = 16;  // of a tile

  // label: one-hot [1, c], of cvae; else undefined. The model must outlive it.
  DecodedLattice(const Autoencoder& model, at::Tensor label);

  int dimensions() const { return dimensions_; }
  int side() const { return dimensions_ == 1 ? kNodes : 4; }  // of a tile, nodes
  double spacing(int level) const { return spacing_ / static_cast<double>(1 << level); }
  double width(int level) const { return side() * spacing(level); }  // of a tile
  LatentPlace node(const LatticeTile& tile, int number) const;
  LatticeTile tile_at(int level, const LatentPlace& place) const;
  // Whether a node belongs to the level before too.
  bool is_even(int number) const {
    return number % 2 == 0 && (dimensions_ == 1 || number / 4 % 2 == 0);
  }

  // Level 0 where the prior has mass: known from the first look on.
  const std::vector<LatticeTile>& first_tiles() const { return first_; }

  // Decodes those that are not known.
  void require(std::span<const LatticeTile> tiles);
  // log p(x, z) at the nodes of a known tile, of the first of these inputs.
  std::array<double, kNodes> joint(const LatticeTile& tile, const ComparedInputs& input) const;
  ComparedInputs compared(const at::Tensor& x) const { return likelihood_.compared(x); }

  // Forgets the finer levels where they take too much memory.
  void trim();

  const Autoencoder& model() const { return model_; }
  const at::Tensor& label() const { return label_; }

 private:
  struct Known {
    const DecodedTiles* tiles = nullptr;
    std::int64_t number = 0;  // among them
  };

  const Autoencoder& model_;
  const at::Tensor label_;
  const int dimensions_;
  const TileLikelihood likelihood_;
  double spacing_ = 0;  // of level 0
  std::vector<LatticeTile> first_;
  std::unordered_map<LatticeTile, Known, LatticeTileHash> known_;
  std::vector<std::unique_ptr<DecodedTiles>> kept_first_, kept_;  // what known_ points into
  std::size_t bytes_ = 0;                                         // of kept_
};

}  // namespace zscape
