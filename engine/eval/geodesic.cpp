#include "engine/eval/geodesic.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace zscape {
namespace {

constexpr int kRounds = 60;            // of the search, at most
constexpr int kIterationsPerRound = 5;  // after which progress is reported
constexpr double kSmallGradient = 1e-7;
constexpr double kSmallGain = 1e-7;  // of the energy in one round, as a share

at::Tensor energy_of(const Surface& surface, const at::Tensor& path, at::ScalarType type) {
  const at::Tensor points = surface(path.to(type)).to(at::kDouble);
  return at::diff(points, 1, 0).square().sum();
}

at::Tensor straight_line(const at::Tensor& from, const at::Tensor& to, int points) {
  const at::Tensor start = from.to(at::kDouble);
  const at::Tensor way = to.to(at::kDouble) - start;
  return start + at::linspace(0, 1, points, at::kDouble).unsqueeze(1) * way;
}

// A basis of the paths that are 0 at both ends, [inner, inner], in which the energy of a flat
// surface has the unit matrix as its Hessian: sine waves, each divided by the root of its
// eigenvalue of the second difference. Without it the search would take as many steps as points.
at::Tensor smooth_basis(std::int64_t inner) {
  const at::Tensor place = at::arange(1, inner + 1, at::kDouble) / static_cast<double>(inner + 1);
  const at::Tensor wave = at::arange(1, inner + 1, at::kDouble) * std::numbers::pi;
  const at::Tensor eigenvalue = 2 - 2 * at::cos(wave / static_cast<double>(inner + 1));
  return at::sin(at::outer(place, wave)) *
         at::sqrt(2 / (static_cast<double>(inner + 1) * eigenvalue));
}

at::Tensor metric_root(const Surface& surface, const at::Tensor& line, at::ScalarType type) {
  const std::int64_t k = line.size(1);
  if (getenv("NOMETRIC")) return at::eye(k, at::kDouble);
  const std::int64_t count = std::min<std::int64_t>(line.size(0), 9);
  const at::Tensor places = at::linspace(0, static_cast<double>(line.size(0) - 1), count).round().to(at::kLong);
  const at::Tensor base = line.index_select(0, places);           // [c, k]
  const double h = 1e-2 * (line[-1] - line[0]).norm().item<double>();
  const at::Tensor moved = (base.unsqueeze(1) + h * at::eye(k, at::kDouble)).flatten(0, 1);
  const at::NoGradGuard no_grad;
  const at::Tensor f0 = surface(base.to(type)).to(at::kDouble).unsqueeze(1);
  const at::Tensor f1 = surface(moved.to(type)).to(at::kDouble).view({count, k, -1});
  const at::Tensor j = (f1 - f0) / h;  // [c, k, d]
  at::Tensor m = at::bmm(j, j.transpose(1, 2)).mean(0);
  const double ridge = getenv("RIDGE") ? atof(getenv("RIDGE")) : 1e-2;
  m = m + at::eye(k, at::kDouble) * (ridge * m.trace() / static_cast<double>(k));
  const at::Tensor l = at::linalg_cholesky(m);  // m = l lᵀ; z = a l^-1
  return at::linalg_solve_triangular(l, at::eye(k, at::kDouble), false);
}

}  // namespace

double path_energy(const Surface& surface, const at::Tensor& path) {
  const at::NoGradGuard no_grad;
  return energy_of(surface, path, path.scalar_type()).item<double>();
}


Expected<at::Tensor> improved(const Surface& surface, const at::Tensor& from, at::ScalarType type, const Progress& progress, int rounds) {
  const std::int64_t points = from.size(0), inner = points - 2;
  const double scale = path_energy(surface, from.to(type));
  const at::Tensor basis = smooth_basis(inner);
  const at::Tensor root = metric_root(surface, from, type);
  at::Tensor shares = at::zeros({inner, from.size(1)}, at::kDouble).requires_grad_();
  const auto path = [&] {
    const at::Tensor bend = at::mm(at::mm(basis, shares), root);
    return at::cat({from.narrow(0, 0, 1), from.narrow(0, 1, inner) + bend,
                    from.narrow(0, points - 1, 1)});
  };
  torch::optim::LBFGS search({shares}, torch::optim::LBFGSOptions(1)
                                           .max_iter(kIterationsPerRound)
                                           .history_size(20)
                                           .tolerance_grad(kSmallGradient)
                                           .tolerance_change(0)
                                           .line_search_fn("strong_wolfe"));
  int evals = 0;
  const auto closure = [&] {
    ++evals;
    search.zero_grad();
    at::Tensor energy = energy_of(surface, path(), type) / scale;
    energy.backward();
    return energy;
  };
  const double gain = getenv("GAIN") ? atof(getenv("GAIN")) : 1e-6;
  double before = 1;
  int round = 0;
  for (; round < rounds; ++round) {
    if (!report(progress, static_cast<double>(round) / kRounds)) return fail("cancelled");
    search.step(closure);
    const double now = path_energy(surface, path().detach().to(type)) / scale;
    if (!(before - now > gain * before)) break;
    before = now;
  }
  if (getenv("TRACE")) fprintf(stderr, "points %d round %d evals %d energy %.8f grad %.3g\n", (int)points, round, evals, before*scale, shares.grad().abs().max().item<double>());
  return path().detach();
}

Expected<at::Tensor> shortest_path(const Surface& surface, const at::Tensor& from,
                                   const at::Tensor& to, int points, const Progress& progress) {
  const at::ScalarType type = from.scalar_type();
  const at::Tensor line = straight_line(from, to, points);
  const double line_energy = path_energy(surface, line.to(type));
  if (points == 2 || !(line_energy > 0)) return line.to(type);

  const at::AutoGradMode with_gradients(true);
  std::vector<int> levels{points};
  int div=getenv("DIV")?atoi(getenv("DIV")):4; int least=getenv("LEAST")?atoi(getenv("LEAST")):10;
  while (levels.back()/div >= least) levels.push_back(levels.back()/div);
  at::Tensor path = straight_line(from, to, levels.back());
  int rounds = 30; for(size_t i=1;i<levels.size();++i) rounds*=2;
  for (; !levels.empty(); levels.pop_back(), rounds/=2) {
    path = at::upsample_linear1d(path.t().unsqueeze(0), {levels.back()}, true)[0].t().contiguous();
    path = *improved(surface, path, type, progress, rounds);
  }
  path = path.to(type);
  return path_energy(surface, path) <= line_energy ? path : line.to(type);
}

}  // namespace zscape
