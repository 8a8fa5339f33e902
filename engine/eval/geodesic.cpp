#include "engine/eval/geodesic.h"

#include <ATen/core/grad_mode.h>
#include <torch/optim.h>

#include <algorithm>
#include <numbers>
#include <vector>

#include "engine/eval/rows.h"
#include "engine/text.h"

namespace zscape {
namespace {

// The search refines a coarse path: each level has four times the points and half the rounds of the
// one before.
constexpr int kRefinement = 4;
constexpr int kFewestPoints = 10;
constexpr int kRounds = 30;  // at most, on the last level
constexpr int kStepsPerRound = 5;
constexpr int kHistory = 20;
constexpr double kSmallGradient = 1e-7;  // of the energy as a share of the level's first
constexpr double kSmallGain = 1e-6;      // of the energy in one round, as a share

constexpr std::int64_t kMetricPlaces = 9;  // along the path
constexpr double kMetricStep = 1e-2;       // as a share of the distance between the ends
constexpr double kMetricRidge = 1e-2;      // as a share of the mean over the directions

at::Tensor energy_of(const Surface& surface, const at::Tensor& path, at::ScalarType type) {
  const at::Tensor points = surface(path.to(type)).to(at::kDouble);
  return at::diff(points, 1, 0).square().sum();
}

at::Tensor straight_line(const at::Tensor& from, const at::Tensor& to, int points) {
  const at::Tensor start = from.to(at::kDouble);
  const at::Tensor way = to.to(at::kDouble) - start;
  at::Tensor line = start + at::linspace(0, 1, points, at::kDouble).unsqueeze(1) * way;
  line[points - 1].copy_(to);
  return line;
}

at::Tensor with_points(const at::Tensor& path, int points) {  // [p, k] → [points, k]
  return at::upsample_linear1d(path.t().unsqueeze(0), {points}, /*align_corners=*/true)[0].t();
}

// A basis of the paths that are 0 at both ends, [inner, inner]: sine waves, each divided by the
// root of its eigenvalue of the second difference. In this basis the Hessian of a flat surface's
// energy is a multiple of the identity; without it the search would need as many steps as points.
at::Tensor smooth_bends(std::int64_t inner) {
  const auto parts = static_cast<double>(inner + 1);
  const at::Tensor number = at::arange(1, inner + 1, at::kDouble);
  const at::Tensor eigenvalue = 2 - 2 * at::cos(number * (std::numbers::pi / parts));
  const at::Tensor waves = at::sin(at::outer(number, number) * (std::numbers::pi / parts));
  return waves * at::sqrt(2 / (parts * eigenvalue));
}

// Directions in latent space, the rows of [k, k], along which the surface moves about equally fast:
// L⁻¹, where L Lᵀ is the mean of JᵀJ along the path. Without them, dimensions that the surface
// ignores would slow the search down.
at::Tensor even_directions(const Surface& surface, const at::Tensor& path, at::ScalarType type) {
  const at::NoGradGuard no_grad;
  const std::int64_t latent = path.size(1);
  const std::int64_t count = std::min(path.size(0), kMetricPlaces);
  const at::Tensor places =
      at::linspace(0, static_cast<double>(path.size(0) - 1), count).round().to(at::kLong);
  const at::Tensor base = path.index_select(0, places).unsqueeze(1);  // [c, 1, k]
  const double step = kMetricStep * (path[-1] - path[0]).norm().item<double>();
  const at::Tensor eye = at::eye(latent, at::kDouble);
  const at::Tensor moved = (base + step * eye).flatten(0, 1);  // [c · k, k]
  const at::Tensor at_base = surface(base.flatten(0, 1).to(type)).to(at::kDouble).unsqueeze(1);
  const at::Tensor at_moved = surface(moved.to(type)).to(at::kDouble).view({count, latent, -1});
  const at::Tensor jacobian = (at_moved - at_base) / step;  // [c, k, d]
  const at::Tensor metric = at::bmm(jacobian, jacobian.transpose(1, 2)).mean(0);
  const at::Tensor ridge = kMetricRidge * metric.diagonal().mean().clamp_min(1e-30);
  return at::linalg_solve_triangular(at::linalg_cholesky(metric + ridge * eye), eye,
                                     /*upper=*/false);
}

// The path after a search downhill from `start`, [p, k]: L-BFGS over the offsets of its inner
// points.
Expected<at::Tensor> relaxed(const Surface& surface, const at::Tensor& start, at::ScalarType type,
                             int rounds, const Progress& progress) {
  const double start_energy = energy_of(surface, start, type).item<double>();
  const std::int64_t inner = start.size(0) - 2;
  const at::Tensor bends = smooth_bends(inner);
  const at::Tensor directions = even_directions(surface, start, type);
  const at::Tensor shares = at::zeros({inner, start.size(1)}, at::kDouble).requires_grad_();
  const auto path = [&] {
    return start + at::constant_pad_nd(at::mm(at::mm(bends, shares), directions), {0, 0, 1, 1});
  };
  torch::optim::LBFGS search({shares}, torch::optim::LBFGSOptions(1)
                                           .max_iter(kStepsPerRound)
                                           .history_size(kHistory)
                                           .tolerance_grad(kSmallGradient)
                                           .tolerance_change(0)
                                           .line_search_fn("strong_wolfe"));
  const auto energy_share = [&] {
    search.zero_grad();
    const at::Tensor energy = energy_of(surface, path(), type) / start_energy;
    energy.backward();
    return energy;
  };
  double before = 1;
  for (int round = 0; round < rounds; ++round) {
    if (!report(progress, static_cast<double>(round) / rounds))
      return fail(tr("the search for the shortest path was cancelled"), ErrorCode::cancelled);
    search.step(energy_share);
    const double now = energy_share().item<double>();
    if (!(before - now > kSmallGain * before)) break;
    before = now;
  }
  return path().detach();
}

}  // namespace

double path_energy(const Surface& surface, const at::Tensor& path) {
  const at::NoGradGuard no_grad;
  return energy_of(surface, path, path.scalar_type()).item<double>();
}

Expected<at::Tensor> shortest_path(const Surface& surface, const at::Tensor& from,
                                   const at::Tensor& to, int points, const Progress& progress) {
  const at::ScalarType type = from.scalar_type();
  const at::Tensor line = straight_line(from, to, points).to(type);
  const double line_energy = path_energy(surface, line);
  if (points == 2 || !(line_energy > 0)) return line;

  std::vector<int> levels = {points};
  while (levels.back() >= kRefinement * kFewestPoints)
    levels.push_back(levels.back() / kRefinement);
  const at::AutoGradMode with_gradients(true);
  const auto count = static_cast<int>(levels.size());
  at::Tensor path = straight_line(from, to, levels.back());
  for (int level = 0; level < count; ++level) {
    const int left = count - 1 - level;
    Expected<at::Tensor> better = relaxed(
        surface, with_points(path, levels[static_cast<std::size_t>(left)]), type, kRounds << left,
        part_of(progress, static_cast<double>(level) / count, (level + 1.0) / count));
    if (!better) return better;
    path = *std::move(better);
  }
  path = path.to(type);
  path[0].copy_(from);
  path[points - 1].copy_(to);
  return path_energy(surface, path) <= line_energy ? path : line;
}

}  // namespace zscape
