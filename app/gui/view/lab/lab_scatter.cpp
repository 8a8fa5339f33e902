#include "app/gui/view/lab/lab_scatter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "engine/code_moments.h"
#include "engine/symmetric_matrix.h"

namespace zscape {
namespace {

constexpr int kMostPrincipal = 256;  // dimensions; of more, the two of largest variance
constexpr double kLeftOut = 0.01;    // at each end

// Two directions in latent space, as rows [2, k].
std::vector<double> directions(const CodeMoments& moments, int k) {
  std::vector<double> rows(static_cast<std::size_t>(2 * k));
  if (k <= kMostPrincipal) {
    const SymmetricEigen eigen = eigen_of_symmetric(moments.covariance, k);
    for (int axis = 0; axis < 2; ++axis) {
      const auto row =
          std::span(eigen.vectors)
              .subspan(static_cast<std::size_t>(axis * k), static_cast<std::size_t>(k));
      const auto largest = std::ranges::max_element(row, {}, [](double v) { return std::abs(v); });
      const double sign = *largest < 0 ? -1 : 1;
      std::ranges::transform(row, rows.begin() + axis * k, [sign](double v) { return sign * v; });
    }
    return rows;
  }
  std::array<int, 2> best = {0, 1};
  const auto variance = [&](int i) {
    return moments.covariance[static_cast<std::size_t>(i * k + i)];
  };
  for (int i = 0; i < k; ++i) {
    if (variance(i) > variance(best[0])) {
      best = {i, best[0]};
    } else if (i != best[0] && variance(i) > variance(best[1])) {
      best[1] = i;
    }
  }
  rows[static_cast<std::size_t>(best[0])] = 1;
  rows[static_cast<std::size_t>(k + best[1])] = 1;
  return rows;
}

// The ends of what most numbers span.
std::pair<double, double> ends(std::vector<double> numbers) {
  if (numbers.empty()) return {0, 1};
  std::ranges::sort(numbers);
  const auto out = static_cast<std::size_t>(kLeftOut * static_cast<double>(numbers.size()));
  const double low = numbers[out], high = numbers[numbers.size() - 1 - out];
  const double room = high > low ? 0.06 * (high - low) : 0.5;
  return {low - room, high + room};
}

}  // namespace

LabScatter scatter_of(const Codes& codes, const std::vector<int>& labels) {
  LabScatter scatter;
  const int k = codes.latent;
  const auto count = static_cast<std::size_t>(codes.count());
  if (k < 1 || count == 0) return scatter;
  const auto label_of = [&](std::size_t i) { return i < labels.size() ? labels[i] : -1; };
  scatter.principal = k > 2;
  std::vector<double> rows;
  if (k > 2) rows = directions(code_moments(codes, k <= kMostPrincipal), k);
  std::vector<double> xs, ys;
  std::vector<int> kept;
  for (std::size_t i = 0; i < count; ++i) {
    const float* z = &codes.mean[i * static_cast<std::size_t>(k)];
    double x = z[0], y = k == 1 ? static_cast<double>(label_of(i)) : z[1];
    if (k > 2) {
      x = y = 0;
      for (int j = 0; j < k; ++j) {
        x += rows[static_cast<std::size_t>(j)] * z[j];
        y += rows[static_cast<std::size_t>(k + j)] * z[j];
      }
    }
    if (!std::isfinite(x) || !std::isfinite(y)) continue;
    xs.push_back(x);
    ys.push_back(y);
    kept.push_back(label_of(i));
  }
  const auto [left, right] = ends(xs);
  const auto [low, high] = ends(ys);
  for (std::size_t i = 0; i < xs.size(); ++i) {
    const auto in_box = [](double value) {
      return static_cast<float>(std::clamp(value, 0.0, 1.0));
    };
    scatter.dots.push_back(
        {in_box((xs[i] - left) / (right - left)), in_box((ys[i] - low) / (high - low)), kept[i]});
  }
  return scatter;
}

}  // namespace zscape
