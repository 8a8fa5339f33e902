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

constexpr double kReach = 9;          // σ
constexpr double kNegligible = 40.5;  // ½ · 9²: such terms are less than a double holds of a sum
constexpr double kFewest = 1e-12;     // a density below which what lies farther away may count

// Gaussians in the plane's one or two coordinates, an array a part.
struct PlaneGaussians {
  std::vector<double> x, y;        // means
  std::vector<double> xx, xy, yy;  // precision
  std::vector<double> wide, high;  // standard deviation along either axis
  std::vector<double> log_peak;    // log density at the mean

  double log_density(std::size_t n, double a, double b) const {
    const double dx = a - x[n], dy = b - y[n];
    return log_peak[n] - 0.5 * (xx[n] * dx * dx + 2 * xy[n] * dx * dy + yy[n] * dy * dy);
  }
  void add(std::span<const float> mean, std::span<const float> sigma, const PlaneGrid& grid);
};

void PlaneGaussians::add(std::span<const float> mean, std::span<const float> sigma,
                         const PlaneGrid& grid) {
  const std::size_t k = grid.origin.size();
  const bool flat = grid.axes() == 2;
  const float* first = grid.directions.data();
  const float* second = flat ? first + k : nullptr;
  double at_x = 0, at_y = 0, a = 0, b = 0, c = 0;  // covariance ((a, b), (b, c))
  for (std::size_t i = 0; i < k; ++i) {
    const double off = double{mean[i]} - double{grid.origin[i]};
    const double variance = double{sigma[i]} * double{sigma[i]};
    at_x += first[i] * off;
    a += first[i] * first[i] * variance;
    if (!flat) continue;
    at_y += second[i] * off;
    b += first[i] * second[i] * variance;
    c += second[i] * second[i] * variance;
  }
  constexpr double kLogTwoPi = 1.8378770664093453;
  const double determinant = flat ? a * c - b * b : a;
  x.push_back(at_x);
  y.push_back(at_y);
  xx.push_back(flat ? c / determinant : 1 / a);
  xy.push_back(flat ? -b / determinant : 0);
  yy.push_back(flat ? a / determinant : 0);
  wide.push_back(std::sqrt(a));
  high.push_back(std::sqrt(c));
  log_peak.push_back(-(flat ? kLogTwoPi : kLogTwoPi / 2) - 0.5 * std::log(determinant));
}

// [begin, end) of the grid's lines within reach of a mean.
std::array<int, 2> lines_near(double mean, double reach, float first, float step, int count) {
  const auto line = [&](double place) {
    return std::clamp((place - double{first}) / double{step}, -1.0, static_cast<double>(count));
  };
  if (!std::isfinite(mean) || !std::isfinite(reach)) return {0, 0};
  return {std::max(0, static_cast<int>(std::ceil(line(mean - reach)))),
          std::min(count, static_cast<int>(std::floor(line(mean + reach))) + 1)};
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
  const auto cancelled = [] {
    return fail(tr("measuring the codes against the prior was cancelled"), ErrorCode::cancelled);
  };
  const auto k = static_cast<std::size_t>(codes.latent);
  const auto count = static_cast<std::size_t>(codes.count());
  const std::span<const float> means(codes.mean.data(), count * k);
  const std::span<const float> sigmas(codes.sigma);
  PlaneGaussians all, prior;
  for (std::size_t n = 0; n < count; ++n) {
    all.add(means.subspan(n * k, k), sigmas.subspan(n * k, k), grid);
  }
  const std::vector<float> zero(k, 0), one(k, 1);
  prior.add(zero, one, grid);

  // Each code adds to the places that it reaches …
  std::vector<double> density(grid.count(), 0);
  for (std::size_t n = 0; n < count; ++n) {
    if (n % 4096 == 0 &&
        !report(progress, 0.5 * static_cast<double>(n) / static_cast<double>(count))) {
      return cancelled();
    }
    const auto columns =
        lines_near(all.x[n], kReach * all.wide[n], grid.left, grid.step, grid.columns);
    const auto rows = grid.axes() == 1 ? std::array{0, 1}
                                       : lines_near(all.y[n], kReach * all.high[n], grid.low,
                                                    grid.step, grid.rows);
    for (int row = rows[0]; row < rows[1]; ++row) {
      for (int column = columns[0]; column < columns[1]; ++column) {
        const std::size_t at =
            static_cast<std::size_t>(row) * static_cast<std::size_t>(grid.columns) +
            static_cast<std::size_t>(column);
        const auto [a, b] = grid.place(at);
        density[at] += std::exp(all.log_density(n, a, b));
      }
    }
  }
  // … and where that is next to nothing, all of them are asked.
  std::vector<float> ratios(grid.count());
  std::vector<double> terms(count);
  for (std::size_t at = 0; at < ratios.size(); ++at) {
    if (at % 64 == 0 && !report(progress, 0.5 + 0.5 * static_cast<double>(at) /
                                                    static_cast<double>(ratios.size()))) {
      return cancelled();
    }
    const auto [a, b] = grid.place(at);
    double log_sum = std::log(density[at]);
    if (density[at] < kFewest * static_cast<double>(count)) {
      for (std::size_t n = 0; n < count; ++n) terms[n] = all.log_density(n, a, b);
      const double top = *std::ranges::max_element(terms);
      double rest = -1;  // the largest itself
      for (const double term : terms) {
        if (term > top - kNegligible) rest += std::exp(term - top);
      }
      log_sum = top + std::log1p(std::max(rest, 0.0));
    }
    ratios[at] = static_cast<float>(log_sum - std::log(static_cast<double>(count)) -
                                    prior.log_density(0, a, b));
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
