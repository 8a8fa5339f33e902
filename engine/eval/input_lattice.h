#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/eval/decoded_lattice.h"
#include "engine/evidence.h"

namespace zscape {

// log p(x, z) of one input at the nodes of a DecodedLattice that its search has come to.
class InputLattice {
 public:
  using Values = std::array<double, DecodedLattice::kNodes>;
  using Level = std::unordered_map<LatticeTile, Values, LatticeTileHash>;

  // x: [1, d].
  InputLattice(DecodedLattice& lattice, const at::Tensor& x)
      : lattice_(lattice), x_(x), input_(lattice.compared(x)) {}

  const DecodedLattice& lattice() const { return lattice_; }
  const at::Tensor& x() const { return x_; }
  int dimensions() const { return lattice_.dimensions(); }

  void require(std::span<const LatticeTile> tiles);
  const Level& level(int number) const { return levels_[static_cast<std::size_t>(number)]; }
  double best(int number) const { return best_[static_cast<std::size_t>(number)]; }
  // Of a node by its number on the whole lattice of the level; nothing: not looked at.
  std::optional<double> at(int number, std::int64_t column, std::int64_t row) const;

  // Looks at these tiles, and beside those whose border reaches within `depth` nats of the highest
  // node, until none does. False: that would be more than `most` tiles.
  bool flood(int number, std::vector<LatticeTile> tiles, double depth, std::size_t most);

  static constexpr int kLevels = 11;

 private:
  // Those at whose border the tile reaches higher than `least`.
  std::vector<LatticeTile> neighbours(const LatticeTile& tile, double least) const;

  DecodedLattice& lattice_;
  const at::Tensor x_;
  const ComparedInputs input_;
  std::array<Level, kLevels> levels_;
  std::array<double, kLevels> best_ = [] {
    std::array<double, kLevels> none{};
    none.fill(-std::numeric_limits<double>::infinity());
    return none;
  }();
};

// The tiles of a level that touch the ellipse of so many deviations; nothing: more than `most`.
std::optional<std::vector<LatticeTile>> tiles_over(const DecodedLattice& lattice, int level,
                                                   const LatentGaussian& gaussian,
                                                   double deviations, std::size_t most);

// A peak of log p(x, z): where a parabola through nine nodes has its top, and its curvature's
// Gaussian.
struct PosteriorPeak {
  LatentGaussian gaussian;
  double log_mass = 0;   // of that Gaussian, nats
  double narrowest = 0;  // its least deviation along any axis
};
// All peaks of a level within `depth` nats of the heaviest, the heaviest first.
std::vector<PosteriorPeak> peaks_of(const InputLattice& values, int level, double depth);

// The posterior on the coarsest level that resolves it.
struct ResolvedPosterior {
  int level = 0;
  double log_likelihood = 0;  // log ∫ p(x, z) dz
  double error = 0;           // nats, estimated: how far half the nodes are from all of them
  std::vector<PosteriorPeak> peaks;
};
// code: the encoder's, where the search begins too.
ResolvedPosterior resolve(InputLattice& values, const LatentGaussian& code);

}  // namespace zscape
