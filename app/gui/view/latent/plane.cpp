#include "app/gui/view/latent/plane.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace zscape {
namespace {

std::size_t index(int coordinate, std::size_t size) {
  return std::min(static_cast<std::size_t>(std::max(coordinate, 0)), size - 1);
}

}  // namespace

double CodeAxes::share(int axis) const {
  const auto i = static_cast<std::size_t>(axis);
  if (i >= principal_deviation.size() || !(total_variance > 0)) return 0;
  const double deviation_of = principal_deviation[i];
  return deviation_of * deviation_of / total_variance;
}

LatentPlane::LatentPlane(const AxisChoice& choice, CodeAxesPtr code_axes) : choice_(choice) {
  if (choice.principal && code_axes && code_axes->has_principal()) {
    principal_ = std::move(code_axes);
  }
}

bool LatentPlane::shows(int coordinate) const {
  const auto end = choice_.axes.begin() + shown_axes();
  return std::find(choice_.axes.begin(), end, coordinate) != end;
}

std::span<const float> LatentPlane::direction(int coordinate) const {
  const auto latent = static_cast<std::size_t>(principal_->latent);
  return std::span(principal_->directions).subspan(index(coordinate, latent) * latent, latent);
}

float LatentPlane::coordinate(std::span<const float> z, int coordinate) const {
  if (z.empty()) return 0;
  if (!principal_ || principal_->directions.size() != z.size() * z.size()) {
    return z[index(coordinate, z.size())];
  }
  const std::span<const float> along = direction(coordinate);
  float sum = 0;
  for (std::size_t i = 0; i < z.size(); ++i) sum += along[i] * z[i];
  return sum;
}

std::vector<float> LatentPlane::moved(std::vector<float> z, int coordinate, float to) const {
  if (z.empty()) return z;
  if (!principal_ || principal_->directions.size() != z.size() * z.size()) {
    z[index(coordinate, z.size())] = to;
    return z;
  }
  const float by = to - this->coordinate(z, coordinate);
  const std::span<const float> along = direction(coordinate);
  for (std::size_t i = 0; i < z.size(); ++i) z[i] += by * along[i];
  return z;
}

std::string LatentPlane::name(int coordinate) const {
  return (principal() ? "PC " : "z") + std::to_string(coordinate + 1);
}

Vec2 LatentPlane::project(std::span<const float> z) const {
  if (z.empty()) return {};
  return {coordinate(z, choice_.axes[0]), z.size() > 1 ? coordinate(z, choice_.axes[1]) : 0.0f};
}

float LatentPlane::depth(std::span<const float> z) const {
  return choice_.spatial && z.size() > 2 ? coordinate(z, choice_.axes[2]) : 0.0f;
}

std::vector<float> LatentPlane::lift(Vec2 place, std::vector<float> z) const {
  if (z.size() > 1) z = moved(std::move(z), choice_.axes[1], place.y);
  return moved(std::move(z), choice_.axes[0], place.x);
}

PlaneEllipse LatentPlane::ellipse(std::span<const float> sigma) const {
  if (!principal_ || principal_->directions.size() != sigma.size() * sigma.size()) {
    return {project(sigma)};
  }
  const std::span<const float> u = direction(choice_.axes[0]), v = direction(choice_.axes[1]);
  float xx = 0, xy = 0, yy = 0;
  for (std::size_t i = 0; i < sigma.size(); ++i) {
    const float variance = sigma[i] * sigma[i];
    xx += u[i] * u[i] * variance;
    xy += u[i] * v[i] * variance;
    yy += v[i] * v[i] * variance;
  }
  const float angle = 0.5f * std::atan2(2 * xy, xx - yy);
  const float middle = (xx + yy) / 2, off = std::hypot((xx - yy) / 2, xy);
  return {{std::sqrt(std::max(middle + off, 0.0f)), std::sqrt(std::max(middle - off, 0.0f))},
          {std::cos(angle), std::sin(angle)}};
}

}  // namespace zscape
