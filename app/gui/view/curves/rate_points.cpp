#include "app/gui/view/curves/rate_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <map>

namespace zscape {
namespace {

// What is measured most often of inputs that no training saw; of a run without, training itself.
const Curve& series_of(const Curves& curves) {
  return curves.test_sample.empty() ? curves.train : curves.test_sample;
}

// The index behind the last point at or before a step.
std::size_t end_at(const Curve& curve, std::int64_t step) {
  std::size_t low = 0, high = curve.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (curve[middle].step <= step) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// A stretch of steps with one λ, or one schedule. Measured in it are the points from `begin` to
// before `end`: one at the very step of a change has the weights of the former λ.
struct Visit {
  std::int64_t since = 0;
  std::optional<double> kl_weight = {};  // that a person has set; nothing: as each point says
  std::size_t begin = 0, end = 0;
};

std::vector<Visit> visits(const Curve& curve, const std::vector<KlWeightMark>& marks) {
  std::vector<Visit> found{Visit{}};
  for (const KlWeightMark& mark : marks) {
    if (mark.step > found.back().since) {
      found.push_back({mark.step, {}, end_at(curve, mark.step), 0});
    }
    found.back().kl_weight.reset();
    if (mark.schedule == KlSchedule::Kind::constant) found.back().kl_weight = mark.kl_weight;
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    found[i].end = i + 1 < found.size() ? found[i + 1].begin : curve.size();
  }
  std::erase_if(found, [](const Visit& visit) { return visit.begin >= visit.end; });
  return found;
}

// A curve has λ in single precision: 0.1f is the λ that a person calls 0.1.
double as_set(float kl_weight) {
  return std::strtod(fmt::format("{:.6g}", kl_weight).c_str(), nullptr);
}

std::optional<RatePoint> point_of(const Curve& curve, const Visit& visit, std::size_t index) {
  const CurvePoint& at = curve[index];
  if (!std::isfinite(at.kl) || !std::isfinite(at.reconstruction)) return std::nullopt;
  const double weight = visit.kl_weight.value_or(as_set(at.kl_weight));
  if (!std::isfinite(weight)) return std::nullopt;
  return RatePoint{weight, at.kl, at.reconstruction, at.step, at.step - visit.since};
}

// The visit's last point that was measured with its own λ.
std::optional<RatePoint> last_of(const Curve& curve, const Visit& visit) {
  std::size_t last = visit.end - 1;
  const bool is_late = visit.end < curve.size();  // a change followed, perhaps before it
  if (!visit.kl_weight && is_late && last > visit.begin) --last;
  return point_of(curve, visit, last);
}

// One for each visit, oldest first: of the test inputs where the visit has such a measurement.
std::map<std::int64_t, RatePoint> points_of_visits(const Curves& curves) {
  std::map<std::int64_t, RatePoint> points;  // by the step since which it lasted
  for (const Curve* series : {&curves.train, &curves.test_sample}) {
    for (const Visit& visit : visits(*series, curves.marks)) {
      auto point = last_of(*series, visit);
      if (!point) continue;
      point->of_training = series == &curves.train;
      points.insert_or_assign(visit.since, *point);
    }
  }
  return points;
}

}  // namespace

std::vector<RatePoint> rate_points(const Curves& curves) {
  std::map<double, RatePoint> newest;
  for (const auto& [since, point] : points_of_visits(curves)) {
    newest.insert_or_assign(point.kl_weight, point);
  }
  std::vector<RatePoint> points;
  for (const auto& [weight, point] : newest) points.push_back(point);
  return points;
}

std::optional<RatePoint> present_point(const Curves& curves) {
  const auto all = points_of_visits(curves);
  if (all.empty()) return std::nullopt;
  return all.rbegin()->second;
}

std::vector<RatePoint> present_trail(const Curves& curves, std::size_t most) {
  const auto all = visits(series_of(curves), curves.marks);
  std::vector<RatePoint> trail;
  if (all.empty()) return trail;
  const Visit& last = all.back();
  const std::size_t stride = (last.end - last.begin) / std::max<std::size_t>(most, 1) + 1;
  for (std::size_t i = last.end; i > last.begin; i -= std::min(i - last.begin, stride)) {
    if (const auto point = point_of(series_of(curves), last, i - 1)) trail.push_back(*point);
  }
  std::ranges::reverse(trail);
  return trail;
}

std::vector<RatePoint> linear_curve(const Spectrum& spectrum, Likelihood likelihood, double sigma,
                                    int latent, double most_rate) {
  std::vector<RatePoint> curve;
  const auto& values = spectrum.eigenvalues;
  if (likelihood == Likelihood::bernoulli || values.empty() || !(values.front() > 0)) return curve;
  const double one = threshold_of_one(spectrum, likelihood, sigma);
  constexpr double kStep = 0.97;  // from λ to λ
  constexpr int kMost = 2000;
  double weight = values.front() / one;
  for (int i = 0; i < kMost; ++i, weight *= kStep) {
    const Forecast at = forecast(spectrum, likelihood, weight, sigma, latent);
    curve.push_back(
        {weight, at.rate, linear_reconstruction(at, spectrum, likelihood, sigma), 0, 0});
    if (at.rate > most_rate) break;
  }
  return curve;
}

}  // namespace zscape
