#include "engine/eval/measures/mixture.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "engine/eval/measures/parts.h"
#include "engine/random.h"

namespace zscape {
namespace {

constexpr double kLeastVariance = 1e-3;  // as a share of the points' mean variance
constexpr double kSmallRise = 1e-4;      // of the mean log density in a round
constexpr int kMostRounds = 100;
constexpr int kMeansRounds = 10;

at::Tensor squared_distances(const at::Tensor& points, const at::Tensor& centres) {  // [n, c]
  return (points.square().sum(1, true) + centres.square().sum(1) - 2 * at::mm(points, centres.t()))
      .clamp_min(0);
}

// k-means++: each next centre is a point drawn in proportion to its squared distance.
at::Tensor first_centres(const at::Tensor& points, std::int64_t components, Random& random) {
  const std::int64_t count = points.size(0);
  std::vector<std::int64_t> chosen = {
      static_cast<std::int64_t>(random.below(static_cast<std::uint32_t>(count)))};
  at::Tensor nearest = squared_distances(points, points.narrow(0, chosen[0], 1)).squeeze(1);
  while (static_cast<std::int64_t>(chosen.size()) < components) {
    const at::Tensor sums = nearest.cumsum(0);
    const double wanted = random.uniform() * sums[count - 1].item<double>();
    const at::Tensor place =
        at::searchsorted(sums, at::full({1}, wanted, at::kDouble), false, /*right=*/true);
    chosen.push_back(std::min(place.item<std::int64_t>(), count - 1));
    nearest = at::minimum(nearest,
                          squared_distances(points, points.narrow(0, chosen.back(), 1)).squeeze(1));
  }
  return points.index_select(0, at::tensor(chosen, at::kLong));
}

// Which centre each point belongs to, one-hot [n, c]; moves the centres.
at::Tensor grouped(const at::Tensor& points, at::Tensor centres) {
  at::Tensor member;
  for (int round = 0; round < kMeansRounds; ++round) {
    const at::Tensor nearest = squared_distances(points, centres).argmin(1);
    member = at::one_hot(nearest, centres.size(0)).to(at::kDouble);
    const at::Tensor counts = member.sum(0).unsqueeze(1);  // [c, 1]
    centres = at::where(counts.gt(0), at::mm(member.t(), points) / counts.clamp_min(1), centres);
  }
  return member;
}

// The mixture of largest likelihood for these shares of the points, [n, c].
GaussianMixture maximised(const at::Tensor& points, const at::Tensor& shares, double ridge) {
  const at::Tensor counts = shares.sum(0).clamp_min(1e-12);  // [c]
  GaussianMixture mixture;
  mixture.weight = counts / counts.sum();
  mixture.mean = at::mm(shares.t(), points) / counts.unsqueeze(1);
  const at::Tensor spared = ridge * at::eye(points.size(1), at::kDouble);
  std::vector<at::Tensor> covariances;
  for (std::int64_t i = 0; i < shares.size(1); ++i) {
    const at::Tensor off = points - mixture.mean[i];
    covariances.push_back(at::mm((off * shares.select(1, i).unsqueeze(1)).t(), off) / counts[i] +
                          spared);
  }
  mixture.covariance = at::stack(covariances);
  return mixture;
}

double ridge_of(const at::Tensor& points) {
  const at::Tensor off = points - points.mean(0);
  return std::max(kLeastVariance * off.square().mean().item<double>(), 1e-12);
}

// log weight + log N(point; …) of each component: [n, c].
at::Tensor joint_log_densities(const GaussianMixture& mixture, const at::Tensor& points) {
  const auto k = static_cast<double>(points.size(1));
  std::vector<at::Tensor> columns;
  for (std::int64_t i = 0; i < mixture.weight.size(0); ++i) {
    const at::Tensor root = at::linalg_cholesky(mixture.covariance[i]);
    const at::Tensor off = (points - mixture.mean[i]).t();
    const at::Tensor scaled = at::linalg_solve_triangular(root, off, /*upper=*/false);  // [k, n]
    columns.push_back(mixture.weight[i].log() - 0.5 * scaled.square().sum(0) -
                      root.diagonal().log().sum() - 0.5 * k * std::log(2 * std::numbers::pi));
  }
  return at::stack(columns, 1);
}

}  // namespace

at::Tensor GaussianMixture::log_density(const at::Tensor& points) const {
  return at::logsumexp(joint_log_densities(*this, points.to(at::kDouble)), 1);
}

at::Tensor GaussianMixture::draws(std::int64_t count, std::uint64_t seed,
                                  std::uint64_t counter) const {
  Random random(seed, Stream::evaluation, counter);
  const at::Tensor ends = weight.cumsum(0).contiguous();
  const double* end = ends.const_data_ptr<double>();
  const std::int64_t components = weight.size(0), k = mean.size(1);
  const at::Tensor roots = at::linalg_cholesky(covariance);
  const at::Tensor all = at::empty({count, k}, at::kDouble);
  std::vector<double> noise(static_cast<std::size_t>(k));
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t component = std::min<std::int64_t>(
        std::upper_bound(end, end + components, random.uniform()) - end, components - 1);
    for (double& value : noise) value = random.normal();
    all[i].copy_(mean[component] + at::mv(roots[component], at::tensor(noise, at::kDouble)));
  }
  return all;
}

GaussianMixture fitted_gaussian(const at::Tensor& points) {
  const at::Tensor all = points.to(at::kDouble);
  return maximised(all, at::ones({all.size(0), 1}, at::kDouble), 1e-9 * ridge_of(all));
}

Expected<GaussianMixture> fitted_mixture(const at::Tensor& points, std::int64_t components,
                                         std::uint64_t seed, std::uint64_t counter,
                                         const Progress& progress) {
  const at::NoGradGuard no_grad;
  const at::Tensor all = points.to(at::kDouble);
  Random random(seed, Stream::evaluation, counter);
  const double ridge = ridge_of(all);
  const at::Tensor member =
      grouped(all, first_centres(all, std::min(components, all.size(0)), random));
  GaussianMixture mixture = maximised(all, member, ridge);
  double before = -std::numeric_limits<double>::infinity();
  for (int round = 0; round < kMostRounds; ++round) {
    if (!report(progress, static_cast<double>(round) / kMostRounds)) return measuring_cancelled();
    const at::Tensor joint = joint_log_densities(mixture, all);
    const at::Tensor density = at::logsumexp(joint, 1);
    const double now = density.mean().item<double>();
    if (now - before < kSmallRise) break;
    before = now;
    mixture = maximised(all, (joint - density.unsqueeze(1)).exp(), ridge);
  }
  return mixture;
}

}  // namespace zscape
