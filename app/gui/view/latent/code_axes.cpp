#include "app/gui/view/latent/code_axes.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <utility>

#include "engine/code_moments.h"
#include "engine/symmetric_matrix.h"

namespace zscape {
namespace {

constexpr double kPause = 0.4;  // seconds between two fits while a model trains
constexpr double kPart = 0.25;  // of the way to the newest axes that each of them goes

std::size_t at(int row, int column, int n) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(n) +
         static_cast<std::size_t>(column);
}

double dot(const double* a, const double* b, int n) {
  return std::inner_product(a, a + n, b, 0.0);
}

// Gives an axis the sign of the former axis that it resembles most.
void sign_axis(double* axis, int k, const CodeAxes* former) {
  double along = 0;
  if (former) {
    for (int j = 0; j < k; ++j) {
      double product = 0;
      for (int i = 0; i < k; ++i) product += axis[i] * double{former->directions[at(j, i, k)]};
      if (std::abs(product) > std::abs(along)) along = product;
    }
  } else {
    along = *std::max_element(axis, axis + k,
                              [](double a, double b) { return std::abs(a) < std::abs(b); });
  }
  if (along < 0) std::transform(axis, axis + k, axis, std::negate<>());
}

}  // namespace

CodeAxes fit_code_axes(const Codes& codes, bool principal, const CodeAxes* former, double part) {
  const int k = codes.latent;
  const CodeMoments moments = code_moments(codes, principal);
  CodeAxes axes;
  axes.latent = k;
  axes.mean.assign(moments.mean.begin(), moments.mean.end());
  for (int i = 0; i < k; ++i) {
    axes.deviation.push_back(static_cast<float>(std::sqrt(moments.covariance[at(i, i, k)])));
    axes.total_variance += moments.covariance[at(i, i, k)];
  }
  if (!principal) return axes;
  if (former && (former->latent != k || !former->has_principal())) former = nullptr;
  std::vector<double> found = eigen_of_symmetric(moments.covariance, k).vectors;
  for (int row = 0; row < k; ++row) sign_axis(found.data() + at(row, 0, k), k, former);
  if (former && part < 1) {
    for (std::size_t i = 0; i < found.size(); ++i) {
      found[i] = part * found[i] + (1 - part) * double{former->directions[i]};
    }
    make_orthonormal(found, k);
    axes.exact = false;
  }
  std::vector<double> product(static_cast<std::size_t>(k));
  for (int row = 0; row < k; ++row) {
    const double* axis = found.data() + at(row, 0, k);
    for (int i = 0; i < k; ++i) {
      product[static_cast<std::size_t>(i)] = dot(moments.covariance.data() + at(i, 0, k), axis, k);
    }
    const double variance = dot(product.data(), axis, k);
    axes.principal_deviation.push_back(static_cast<float>(std::sqrt(std::max(variance, 0.0))));
    axes.principal_mean.push_back(static_cast<float>(dot(moments.mean.data(), axis, k)));
  }
  axes.directions.assign(found.begin(), found.end());
  return axes;
}

void CodeAxesFit::take() {
  CodeAxes fitted = future_.get();
  done_ = asked_;
  axes_ = std::make_shared<const CodeAxes>(std::move(fitted));
}

void CodeAxesFit::follow(const CodesPtr& codes, bool principal, bool changing, double now_s) {
  if (busy()) {
    if (future_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
    take();
  }
  if (!codes || codes->count() == 0 || codes->latent <= 2) return;
  if (axes_ && axes_->latent != codes->latent) axes_.reset();
  // The first principal axes of a space, and those at rest, are exact.
  const bool has_former = axes_ && axes_->has_principal();
  const bool exact = !principal || !changing || !has_former;
  const Request request{codes->revision, codes->count(), codes->latent,
                        principal && codes->latent <= kMostPrincipal, exact};
  const bool too_soon =
      changing && request.principal == done_.principal && now_s < asked_s_ + kPause;
  if (axes_ && (request == done_ || too_soon)) return;
  asked_ = request;
  asked_s_ = now_s;
  future_ = std::async(std::launch::async, [codes, request, former = axes_] {
    return fit_code_axes(*codes, request.principal, former.get(), request.exact ? 1 : kPart);
  });
}

}  // namespace zscape
