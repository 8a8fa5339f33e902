#include "app/gui/view/curves/code_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/gui/view/frame/format.h"

namespace zscape {
namespace {

constexpr double kBinsPerDecade = 8;
constexpr std::int64_t kMostValues = 200000;  // some 2 ms
constexpr std::int64_t kFewestRows = 100;
constexpr int kLargestAggregate = 32;

// The first steps of any VAE look collapsed.
constexpr std::int64_t kStepsBeforeWarning = 50;

// log det of a symmetric positive definite matrix [k, k] by Cholesky's decomposition; nothing where
// it is none.
std::optional<double> log_determinant(std::vector<double> matrix, std::size_t k) {
  double sum = 0;
  for (std::size_t column = 0; column < k; ++column) {
    for (std::size_t row = column; row < k; ++row) {
      double value = matrix[row * k + column];
      for (std::size_t i = 0; i < column; ++i)
        value -= matrix[row * k + i] * matrix[column * k + i];
      if (row == column) {
        if (!(value > 0)) return std::nullopt;
        matrix[row * k + row] = std::sqrt(value);
        sum += std::log(value);
      } else {
        matrix[row * k + column] = value / matrix[column * k + column];
      }
    }
  }
  return sum;
}

// ½ (tr S + mᵀm − k − log det S) with S = Cov μ + diag E σ².
std::optional<double> aggregate_kl(const Codes& codes, const std::vector<std::size_t>& rows,
                                   const std::vector<double>& centre,
                                   const std::vector<double>& mean_square_sigma) {
  const std::size_t k = centre.size();
  std::vector<double> covariance(k * k);
  for (const std::size_t row : rows) {
    const float* mean = codes.mean.data() + row * k;
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        covariance[i * k + j] += (mean[i] - centre[i]) * (mean[j] - centre[j]);
      }
    }
  }
  double trace = 0, distance = 0;
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j <= i; ++j) covariance[i * k + j] /= static_cast<double>(rows.size());
    covariance[i * k + i] += mean_square_sigma[i];
    trace += covariance[i * k + i];
    distance += centre[i] * centre[i];
  }
  const auto log_det = log_determinant(std::move(covariance), k);
  if (!log_det) return std::nullopt;
  return (trace + distance - static_cast<double>(k) - *log_det) / 2;
}

std::string dimensions_carry(int silent, int all) {
  return fmt::format("{} of {} {} {} nothing", silent, all, all == 1 ? "dimension" : "dimensions",
                     silent == 1 ? "carries" : "carry");
}

}  // namespace

int sigma_bin(double sigma) {
  const double place = kBinsPerDecade * std::log10(std::max(sigma, kLowestSigma) / kLowestSigma);
  // Powers of ten fall into the bin that begins with them, rounding or not.
  return std::clamp(static_cast<int>(std::floor(place + 1e-6)), 0, kSigmaBins - 1);
}

double sigma_at(int bin) {
  return kLowestSigma * std::pow(10.0, bin / kBinsPerDecade);
}

CodeFigures code_figures(const Codes& codes) {
  CodeFigures figures;
  figures.latent = codes.latent;
  figures.step = codes.step;
  const auto k = static_cast<std::size_t>(codes.latent);
  if (k == 0 || codes.mean.size() < k) return figures;
  const auto all = static_cast<std::int64_t>(codes.mean.size() / k);
  const std::int64_t wanted =
      std::min(all, std::max(kFewestRows, kMostValues / static_cast<std::int64_t>(k)));
  std::vector<std::size_t> rows;
  for (std::int64_t i = 0; i < wanted; ++i) {
    rows.push_back(static_cast<std::size_t>(i * all / wanted));
  }
  figures.count = wanted;
  const auto count = static_cast<double>(wanted);
  const bool has_prior = codes.sigma.size() == codes.mean.size();

  std::vector<double> centre(k), square(k), sigma_square(k);
  figures.variance.assign(k, 0);
  if (has_prior) {
    figures.kl.assign(k, 0);
    figures.sigma_counts.assign(k * kSigmaBins, 0);
  }
  for (const std::size_t row : rows) {
    for (std::size_t i = 0; i < k; ++i) {
      const double mean = codes.mean[row * k + i];
      centre[i] += mean;
      square[i] += mean * mean;
      if (!has_prior) continue;
      const double sigma = codes.sigma[row * k + i];
      sigma_square[i] += sigma * sigma;
      figures.mean_sigma += sigma;
      figures.kl[i] += (mean * mean + sigma * sigma - 2 * std::log(sigma) - 1) / 2;
      ++figures.sigma_counts[i * kSigmaBins + static_cast<std::size_t>(sigma_bin(sigma))];
    }
  }
  double squares = 0;
  for (std::size_t i = 0; i < k; ++i) {
    centre[i] /= count;
    sigma_square[i] /= count;
    squares += square[i];
    if (has_prior) figures.kl[i] /= count;
  }
  for (const std::size_t row : rows) {  // a second pass: the difference of squares would cancel
    for (std::size_t i = 0; i < k; ++i) {
      const double away = codes.mean[row * k + i] - centre[i];
      figures.variance[i] += away * away / count;
    }
  }
  figures.spread = std::sqrt(squares / count / static_cast<double>(k));
  figures.mean_sigma /= count * static_cast<double>(k);
  figures.active_units = static_cast<int>(std::ranges::count_if(
      figures.variance, [](double variance) { return variance >= kActiveVariance; }));
  if (has_prior && codes.latent <= kLargestAggregate) {
    figures.aggregate_kl = aggregate_kl(codes, rows, centre, sigma_square);
  }
  return figures;
}

const CodesPtr& codes_for_figures(const ModelView& view) {
  const bool has_test = view.test_sample && view.test_sample->count() > 0;
  return has_test ? view.test_sample : view.train_sample;
}

std::optional<CodeWarning> code_warning(const CodeFigures& figures, const ModelView& view) {
  if (!view.spec.has_prior() || figures.kl.empty()) return std::nullopt;
  if (figures.step < kStepsBeforeWarning) return std::nullopt;
  const double weight = view.settings.kl_weight;
  const int silent = figures.latent - figures.active_units;
  if (silent == figures.latent) {
    return CodeWarning{
        dimensions_carry(silent, figures.latent),
        fmt::format("Posterior collapse: μ is the same for every input and σ is near 1, so q(z|x) "
                    "is the prior and the decoder hears nothing of x. λ is {}; a smaller one, or "
                    "a warm-up, lets codes come apart again.",
                    format_setting(weight)),
        true};
  }
  const bool rising = view.kl_schedule.kind != KlSchedule::Kind::constant;
  if (weight == 0 && !rising) {
    return CodeWarning{
        "λ = 0: nothing holds the codes near the prior",
        fmt::format("The codes drift apart: their root mean square is {} where the prior's is 1, "
                    "and σ shrinks. Places between them decode to nothing in particular.",
                    format_value(figures.spread, 3)),
        true};
  }
  if (silent == 0) return std::nullopt;
  return CodeWarning{dimensions_carry(silent, figures.latent),
                     "Their μ hardly varies from input to input (variance below 0.01). The model "
                     "does without them: more dimensions would not help it.",
                     false};
}

const CodeFigures* CodeFiguresCache::update(const ModelView& view) {
  const CodesPtr& codes = codes_for_figures(view);
  if (codes != codes_) {
    codes_ = codes;
    figures_ = codes ? code_figures(*codes) : CodeFigures{};
  }
  return codes_ ? &figures_ : nullptr;
}

}  // namespace zscape
