#include "engine/aggregate_posterior.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <span>

#include "engine/figures.h"
#include "engine/random.h"
#include "engine/text.h"

namespace zscape {
namespace {

// Counts of the evaluation stream from here on; no other use reaches it (engine/eval/rows.h).
constexpr std::uint64_t kSplitCounter = std::uint64_t{1} << 47;

// One code in the plane: a Gaussian in its m coordinates.
struct PlaneGaussian {
  double x = 0, y = 0;            // mean
  double xx = 0, xy = 0, yy = 0;  // precision
  double log_peak = 0;            // log density at the mean
};

PlaneGaussian in_plane(std::span<const float> mean, std::span<const float> sigma,
                       const PlaneGrid& grid) {
  const std::size_t k = grid.origin.size();
  const bool flat = grid.axes() == 2;
  const float* first = grid.directions.data();
  const float* second = flat ? first + k : nullptr;
  double x = 0, y = 0, a = 0, b = 0, c = 0;  // covariance ((a, b), (b, c))
  for (std::size_t i = 0; i < k; ++i) {
    const double off = double{mean[i]} - double{grid.origin[i]};
    const double variance = double{sigma[i]} * double{sigma[i]};
    x += first[i] * off;
    a += first[i] * first[i] * variance;
    if (!flat) continue;
    y += second[i] * off;
    b += first[i] * second[i] * variance;
    c += second[i] * second[i] * variance;
  }
  PlaneGaussian result{x, y, 0, 0, 0, 0};
  constexpr double kLogTwoPi = 1.8378770664093453;
  if (!flat) {
    result.xx = 1 / a;
    result.log_peak = -0.5 * (kLogTwoPi + std::log(a));
    return result;
  }
  const double determinant = a * c - b * b;
  result.xx = c / determinant;
  result.xy = -b / determinant;
  result.yy = a / determinant;
  result.log_peak = -kLogTwoPi - 0.5 * std::log(determinant);
  return result;
}

double log_density(const PlaneGaussian& gaussian, double x, double y) {
  const double dx = x - gaussian.x, dy = y - gaussian.y;
  return gaussian.log_peak -
         0.5 * (gaussian.xx * dx * dx + 2 * gaussian.xy * dx * dy + gaussian.yy * dy * dy);
}

// log Σ exp, where the sum grows term by term.
class LogSum {
 public:
  void add(double value) {
    if (value <= top_) {
      sum_ += std::exp(value - top_);
    } else if (value > top_) {  // not for what is no number
      sum_ = sum_ * std::exp(top_ - value) + 1;
      top_ = value;
    }
  }
  double top() const { return top_; }
  double value() const { return sum_ > 0 ? top_ + std::log(sum_) : top_; }

 private:
  double top_ = -std::numeric_limits<double>::infinity();
  double sum_ = 0;
};

}  // namespace

Expected<std::vector<float>> log_density_ratio(const Codes& codes, const PlaneGrid& grid,
                                               const Progress& progress) {
  const auto k = static_cast<std::size_t>(codes.latent);
  const auto count = static_cast<std::size_t>(codes.count());
  std::vector<PlaneGaussian> all(count);
  const std::span<const float> means(codes.mean.data(), count * k);
  const std::span<const float> sigmas(codes.sigma);
  for (std::size_t n = 0; n < count; ++n) {
    all[n] = in_plane(means.subspan(n * k, k), sigmas.subspan(n * k, k), grid);
  }
  const std::vector<float> zero(k, 0), one(k, 1);
  const PlaneGaussian prior = in_plane(zero, one, grid);
  // Terms this far below the largest one change the sum by less than a double can hold of it.
  constexpr double kNegligible = 40.5;  // ½ · 9²
  std::vector<float> ratios(grid.count());
  for (std::size_t at = 0; at < ratios.size(); ++at) {
    if (at % 64 == 0 &&
        !report(progress, static_cast<double>(at) / static_cast<double>(ratios.size()))) {
      return fail(tr("measuring the codes against the prior was cancelled"), ErrorCode::cancelled);
    }
    const auto [a, b] = grid.place(at);
    LogSum sum;
    for (const PlaneGaussian& gaussian : all) {
      const double term = log_density(gaussian, a, b);
      if (term > sum.top() - kNegligible) sum.add(term);
    }
    ratios[at] = static_cast<float>(sum.value() - std::log(static_cast<double>(count)) -
                                    log_density(prior, a, b));
  }
  return ratios;
}

int split_draws(const Codes& codes) {
  constexpr double kMost = 2e9;  // numbers
  const double each = static_cast<double>(std::max<std::size_t>(codes.mean.size(), 1));
  return static_cast<int>(std::clamp(kMost / each, 100.0, 2000.0));
}

Expected<KlSplit> split_kl(const Codes& codes, int draws, std::uint64_t seed,
                           const Progress& progress) {
  const auto k = static_cast<std::size_t>(codes.latent);
  const auto count = static_cast<std::size_t>(codes.count());
  const std::span<const float> means(codes.mean.data(), count * k);
  const std::span<const float> sigmas(codes.sigma);
  KlSplit split;
  split.inputs = codes.count();
  split.draws = draws;
  std::vector<double> inverse(count * k), peak(count, 0);  // 1/σ; −Σ log σ
  for (std::size_t n = 0; n < count; ++n) {
    split.kl += posterior_kl(means.subspan(n * k, k), sigmas.subspan(n * k, k));
    for (std::size_t i = 0; i < k; ++i) {
      inverse[n * k + i] = 1 / double{sigmas[n * k + i]};
      peak[n] -= std::log(double{sigmas[n * k + i]});
    }
  }
  split.kl /= static_cast<double>(count);
  const std::vector<std::int64_t> order =
      permutation(codes.count(), seed, Stream::evaluation, kSplitCounter);
  Random random(seed, Stream::evaluation, kSplitCounter + 1);
  std::vector<double> z(k);
  double total = 0, squares = 0;
  for (int draw = 0; draw < draws; ++draw) {
    if (draw % 16 == 0 && !report(progress, static_cast<double>(draw) / draws)) {
      return fail(tr("splitting the KL term was cancelled"), ErrorCode::cancelled);
    }
    const auto own = static_cast<std::size_t>(order[static_cast<std::size_t>(draw) % count]);
    double log_own = peak[own];
    for (std::size_t i = 0; i < k; ++i) {
      const double noise = random.normal();
      z[i] = double{means[own * k + i]} + double{sigmas[own * k + i]} * noise;
      log_own -= 0.5 * noise * noise;
    }
    LogSum sum;
    sum.add(log_own);
    constexpr double kNegligible = 40.5;
    for (std::size_t n = 0; n < count; ++n) {
      if (n == own) continue;
      double term = peak[n];
      for (std::size_t i = 0; i < k; ++i) {
        const double off = (z[i] - double{means[n * k + i]}) * inverse[n * k + i];
        term -= 0.5 * off * off;
      }
      if (term > sum.top() - kNegligible) sum.add(term);
    }
    const double gain = log_own - sum.value() + std::log(static_cast<double>(count));
    total += gain;
    squares += gain * gain;
  }
  const double n = draws;
  split.mutual_information = total / n;
  const double variance =
      std::max(0.0, squares / n - split.mutual_information * split.mutual_information);
  split.standard_error = draws > 1 ? std::sqrt(variance / (n - 1)) : 0;
  return split;
}

}  // namespace zscape
