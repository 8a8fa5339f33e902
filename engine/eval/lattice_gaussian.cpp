#include "engine/eval/lattice_gaussian.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace zscape {
namespace {

constexpr double kReach = 4.5;           // deviations of q that are looked at
constexpr double kCovered = 2e-3;        // how far q's mass on the nodes may be from 1
constexpr std::size_t kMostTiles = 700;  // that q reaches
constexpr std::size_t kMostPeaks = 3;    // where the best Gaussian may be
constexpr double kPeakDepth = 3;         // nats: below the heaviest, of such a peak
constexpr int kMostRounds = 60;
constexpr double kSmallestGain = 1e-6;  // nats, of a round
constexpr double kSmallestStep = 1e-3;

enum class GaussianFamily { diagonal, full };

using Matrix = std::array<double, 3>;  // symmetric: xx, xy, yy

double determinant_of(const Matrix& m) {
  return m[0] * m[2] - m[1] * m[1];
}

Matrix inverse_of(const Matrix& m) {
  const double determinant = determinant_of(m);
  return {m[2] / determinant, -m[1] / determinant, m[0] / determinant};
}

bool is_positive(const Matrix& m) {
  return m[0] > 0 && determinant_of(m) > 1e-9 * m[0] * m[2] && std::isfinite(determinant_of(m));
}

double entropy_of(const LatentGaussian& gaussian, int dimensions) {
  return dimensions * std::log(2 * std::numbers::pi * std::numbers::e) / 2 +
         std::log(determinant_of(gaussian.covariance)) / 2;
}

struct Bound {
  double elbo = 0;
  LatentPlace gradient{};  // E ∇ log p
  Matrix precision{};      // −E ∇² log p
};

// E_q of a function f by nodes ε of the standard normal distribution.
class Expectation {
 public:
  // weight: that of (x, y) in the distribution, but for a constant.
  void add(double weight, double x, double y, double f) {
    const Matrix squares{x * x, x * y, y * y};
    mass_ += weight;
    first_ += weight * f;
    shift_[0] += weight * x;
    shift_[1] += weight * y;
    slope_[0] += weight * x * f;
    slope_[1] += weight * y * f;
    for (std::size_t i = 0; i < 3; ++i) {
      spread_[i] += weight * squares[i];
      curvature_[i] += weight * squares[i] * f;
    }
  }

  double mass() const { return mass_; }

  // E f ε and E f (εεᵀ − I). f less its mean changes neither, and loses fewer digits.
  LatentPlace slope() const {
    const double mean = first_ / mass_;
    return {(slope_[0] - mean * shift_[0]) / mass_, (slope_[1] - mean * shift_[1]) / mass_};
  }
  Matrix curvature() const {
    const double mean = first_ / mass_;
    Matrix result{};
    for (std::size_t i = 0; i < 3; ++i) result[i] = (curvature_[i] - mean * spread_[i]) / mass_;
    return result;
  }
  // The nodes' own error is taken off for the parabola that goes with slope and curvature.
  double mean(int dimensions) const {
    const LatentPlace a = slope();
    const Matrix b = curvature();
    double off = a[0] * shift_[0] / mass_ + b[0] * (spread_[0] / mass_ - 1) / 2;
    if (dimensions > 1) {
      off += a[1] * shift_[1] / mass_ + b[1] * spread_[1] / mass_ +
             b[2] * (spread_[2] / mass_ - 1) / 2;
    }
    return first_ / mass_ - off;
  }

 private:
  double mass_ = 0, first_ = 0;
  LatentPlace shift_{}, slope_{};  // Σ w ε, Σ w ε f
  Matrix spread_{}, curvature_{};  // Σ w ε εᵀ, Σ w ε εᵀ f
};

// In one dimension the second has variance 1 and only one node, at its mean.
std::optional<Bound> measure(InputLattice& values, int level, const LatentGaussian& q) {
  const DecodedLattice& lattice = values.lattice();
  const int dimensions = values.dimensions();
  if (!is_positive(q.covariance)) return {};
  const auto tiles = tiles_over(lattice, level, q, kReach, kMostTiles);
  if (!tiles) return {};
  values.require(*tiles);
  // ε = L⁻¹ (z − mean), covariance = L Lᵀ.
  const double l00 = std::sqrt(q.covariance[0]), l10 = q.covariance[1] / l00;
  const double l11 = std::sqrt(q.covariance[2] - l10 * l10);
  const double best = values.best(level);
  Expectation expectation;
  const double step = lattice.spacing(level);
  const int side = lattice.side(), rows = DecodedLattice::kNodes / side;
  const auto bell = [](double at) { return std::exp(-at * at / 2); };
  std::array<double, DecodedLattice::kNodes> x{}, along_x{};
  for (const LatticeTile& tile : *tiles) {
    const InputLattice::Values& nodes = values.level(level).at(tile);
    const LatentPlace corner = lattice.node(tile, 0);
    for (int i = 0; i < side; ++i) {
      const auto at = static_cast<std::size_t>(i);
      x[at] = (corner[0] + i * step - q.mean[0]) / l00;
      along_x[at] = bell(x[at]);
    }
    for (int j = 0; j < rows; ++j) {
      const double off = corner[1] + j * step - q.mean[1];
      const double straight = dimensions == 1 ? 0 : off / l11, along_y = bell(straight);
      for (int i = 0; i < side; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const double turned = l10 == 0 ? straight : (off - l10 * x[at]) / l11;
        if (x[at] * x[at] + turned * turned > kReach * kReach) continue;
        const double weight = along_x[at] * (l10 == 0 ? along_y : bell(turned));
        expectation.add(weight, x[at], turned,
                        nodes[static_cast<std::size_t>(j * side + i)] - best);
      }
    }
  }
  const double cell =
      std::pow(lattice.spacing(level) / std::sqrt(2 * std::numbers::pi), dimensions);
  if (!(std::abs(expectation.mass() * cell / (l00 * l11) - 1) < kCovered)) return {};
  Bound bound;
  bound.elbo = best + expectation.mean(dimensions) + entropy_of(q, dimensions);
  // L⁻ᵀ a and L⁻ᵀ b L⁻¹.
  const LatentPlace a = expectation.slope();
  const Matrix b = expectation.curvature();
  const double i00 = 1 / l00, i10 = -l10 / (l00 * l11), i11 = 1 / l11;
  bound.gradient = {i00 * a[0] + i10 * a[1], i11 * a[1]};
  const double c00 = i00 * b[0] + i10 * b[1], c01 = i00 * b[1] + i10 * b[2];
  const double c10 = i11 * b[1], c11 = i11 * b[2];
  bound.precision = {-(c00 * i00 + c01 * i10), -(c10 * i00 + c11 * i10), -c11 * i11};
  if (dimensions == 1) {
    bound.gradient[1] = 0;
    bound.precision[1] = 0;
    bound.precision[2] = 1;
  }
  return bound;
}

// Climbs from a Gaussian that has a bound.
BoundedGaussian climbed(InputLattice& values, int level, GaussianFamily family,
                        LatentGaussian gaussian, Bound bound) {
  double step = 1;
  for (int round = 0; round < kMostRounds; ++round) {
    const Matrix present = inverse_of(gaussian.covariance);
    Matrix wanted = bound.precision;
    if (family == GaussianFamily::diagonal) wanted[1] = 0;
    Matrix precision{};
    for (std::size_t i = 0; i < 3; ++i) precision[i] = (1 - step) * present[i] + step * wanted[i];
    // Where the curvature is that of no peak, the present precision stays.
    if (!is_positive(precision)) precision = present;
    LatentGaussian tried;
    tried.covariance = inverse_of(precision);
    const auto& [xx, xy, yy] = tried.covariance;
    const LatentPlace& g = bound.gradient;
    tried.mean = {gaussian.mean[0] + step * (xx * g[0] + xy * g[1]),
                  gaussian.mean[1] + step * (xy * g[0] + yy * g[1])};
    const auto moved = measure(values, level, tried);
    const double gain = moved ? moved->elbo - bound.elbo : -1;
    if (gain > 0) {
      gaussian = tried;
      bound = *moved;
      step = std::min(step * 1.5, 1.0);
      if (gain < kSmallestGain) break;
    } else {
      step /= 4;
      if (step < kSmallestStep) break;
    }
  }
  return {gaussian, bound.elbo};
}

// The bound by the nodes of a level, decoding those that q reaches and nobody has looked at.
// Nothing: q is too narrow for them, or reaches too many.
std::optional<BoundedGaussian> bound_on_lattice(InputLattice& values, int level,
                                                const LatentGaussian& gaussian) {
  const auto bound = measure(values, level, gaussian);
  if (!bound) return {};
  return BoundedGaussian{gaussian, bound->elbo};
}

// The same on nodes of q's own, a quarter of a deviation apart. For a diagonal q.
BoundedGaussian bound_on_own_nodes(const InputLattice& values, const LatentGaussian& gaussian) {
  constexpr int kHalf = 18, kADeviation = 4;  // nodes on each side, and in a deviation
  const int dimensions = values.dimensions(), rows = dimensions == 1 ? 0 : kHalf;
  std::vector<double> noise;  // [P, k]
  for (int j = -rows; j <= rows; ++j) {
    for (int i = -kHalf; i <= kHalf; ++i) {
      const double x = i / double{kADeviation}, y = j / double{kADeviation};
      if (x * x + y * y > kReach * kReach) continue;
      noise.push_back(x);
      if (dimensions > 1) noise.push_back(y);
    }
  }
  const at::NoGradGuard no_grad;
  const at::Tensor nodes = at::tensor(noise, at::kDouble).view({-1, dimensions});
  const auto of_each = [dimensions](double x, double y) {
    return at::tensor({x, y}, at::kDouble).narrow(0, 0, dimensions);
  };
  const at::Tensor z =
      of_each(gaussian.mean[0], gaussian.mean[1]) +
      nodes * of_each(std::sqrt(gaussian.covariance[0]), std::sqrt(gaussian.covariance[2]));
  const TileLikelihood likelihood(values.lattice().model(), nodes);
  const ComparedInputs input = likelihood.compared(values.x());
  const at::Tensor joint =
      likelihood.decode(z, values.lattice().label()).joint(0, input.slope) + input.offset;
  const double best = joint.max().item<double>();
  const double* heights = joint.data_ptr<double>();
  Expectation expectation;
  for (std::int64_t i = 0; i < nodes.size(0); ++i) {
    const double* at = noise.data() + i * dimensions;
    const double x = at[0], y = dimensions == 1 ? 0 : at[1];
    expectation.add(std::exp(-(x * x + y * y) / 2), x, y, heights[i] - best);
  }
  return {gaussian, best + expectation.mean(dimensions) + entropy_of(gaussian, dimensions)};
}

// The q of a family with the highest bound that natural gradient steps with E ∇² log p from Price's
// theorem (Opper and Archambeau 2009) find from any of these starts, of which one has a bound. A
// start of another family counts with its own variances along the axes.
std::optional<BoundedGaussian> best_on_lattice(InputLattice& values, int level,
                                               GaussianFamily family,
                                               const std::vector<LatentGaussian>& starts) {
  std::optional<BoundedGaussian> best;
  for (LatentGaussian start : starts) {
    if (family == GaussianFamily::diagonal) start.covariance[1] = 0;
    const auto bound = measure(values, level, start);
    if (!bound) continue;
    const BoundedGaussian found = climbed(values, level, family, start, *bound);
    if (!best || found.elbo > best->elbo) best = found;
  }
  return best;
}

}  // namespace

LatentGaussian gaussian_of(const Posterior& posterior, std::int64_t row) {
  LatentGaussian gaussian{{}, {0, 0, 1}};
  const at::Tensor mean = posterior.mean[row].to(at::kDouble).contiguous();
  const at::Tensor variance = posterior.log_variance[row].to(at::kDouble).exp().contiguous();
  for (std::int64_t d = 0; d < mean.size(0); ++d) {
    gaussian.mean[static_cast<std::size_t>(d)] = mean.data_ptr<double>()[d];
    gaussian.covariance[static_cast<std::size_t>(2 * d)] = variance.data_ptr<double>()[d];
  }
  return gaussian;
}

LatticeBounds bounds_on_lattice(InputLattice& values, const ResolvedPosterior& posterior,
                                std::vector<LatentGaussian> starts, bool wants_full) {
  const LatentGaussian code = starts.front();
  const auto on_lattice = bound_on_lattice(values, posterior.level, code);
  const BoundedGaussian own = on_lattice ? *on_lattice : bound_on_own_nodes(values, code);
  const std::size_t most = starts.size() + kMostPeaks;
  for (const PosteriorPeak& peak : posterior.peaks) {
    // A Gaussian on a peak with so little of the mass has a bound as far below log p(x).
    if (starts.size() == most || peak.log_mass < posterior.peaks.front().log_mass - kPeakDepth) {
      break;
    }
    LatentGaussian start = peak.gaussian;  // along an axis, the others held still
    const auto& [xx, xy, yy] = peak.gaussian.covariance;
    const double correlation = 1 - xy * xy / (xx * yy);
    start.covariance = {xx * correlation, 0, yy * correlation};
    if (values.dimensions() == 1) start.covariance = {xx, 0, 1};
    starts.push_back(start);
  }
  BoundedGaussian diagonal =
      best_on_lattice(values, posterior.level, GaussianFamily::diagonal, starts).value_or(own);
  if (diagonal.elbo < own.elbo) diagonal = own;
  LatticeBounds bounds{own, diagonal, diagonal};
  if (!wants_full || values.dimensions() == 1) return bounds;
  starts = {diagonal.gaussian};
  if (!posterior.peaks.empty()) starts.push_back(posterior.peaks.front().gaussian);
  const auto full = best_on_lattice(values, posterior.level, GaussianFamily::full, starts);
  if (full && full->elbo > diagonal.elbo) bounds.full = *full;
  return bounds;
}

}  // namespace zscape
