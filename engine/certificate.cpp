#include "engine/certificate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "engine/text.h"

namespace zscape {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 3> kEstimators = {"prior", "importance", "annealed"};
constexpr std::array<std::string_view, 4> kVerdicts = {"none", "unsettled", "settled", "exact"};

constexpr double kErrors = 2;  // standard errors beside a figure that must hold

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : std::string();
}

// What holds the estimates, and where they end: for the table of people.
std::string cell(double value, int decimals) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : std::string("–");
}

std::string title_of(Estimator estimator) {
  switch (estimator) {
    case Estimator::prior:
      return tr("samples of the prior");
    case Estimator::importance:
      return tr("importance samples");
    case Estimator::annealed:
      return tr("annealed importance sampling");
  }
  return {};
}

std::string both_text(const Certificate& certificate) {
  const std::optional<double> within = certificate.within();
  if (!within) return {};
  return tr(
      "On inputs drawn from the model, where an upper bound holds too, annealed sampling is "
      "within {:.2f} nats of log p(x).",
      *within);
}

std::string bound_text(const Certificate& certificate) {
  const CertificateCurve& best = *certificate.best();
  const CertificatePoint& last = best.points.back();
  if (certificate.verdict() == Verdict::settled) {
    return tr("A lower bound of log p(x), settled: {:.2f} ± {:.2f} by {}.", last.mean,
              last.standard_error, title_of(best.estimator));
  }
  if (!std::isfinite(last.move)) {
    return tr("A lower bound of log p(x), not settled: {:.2f} ± {:.2f} by {}.", last.mean,
              last.standard_error, title_of(best.estimator));
  }
  return tr(
      "A lower bound of log p(x), not settled: {:.2f} ± {:.2f} by {}, and the last doubling "
      "moved it by {:.2f}.",
      last.mean, last.standard_error, title_of(best.estimator), last.move);
}

}  // namespace

const CertificateCurve* Certificate::find(Estimator estimator) const {
  const auto found = std::ranges::find(curves, estimator, &CertificateCurve::estimator);
  return found == curves.end() ? nullptr : &*found;
}

const CertificateCurve* Certificate::best() const {
  const CertificateCurve* best = nullptr;
  for (const CertificateCurve& curve : curves) {
    if (curve.points.empty()) continue;
    if (best == nullptr || curve.points.back().mean > best->points.back().mean) best = &curve;
  }
  if (best == nullptr || best->is_settled) return best;
  const double highest = best->points.back().mean;
  for (const CertificateCurve& curve : curves) {
    if (curve.is_settled && curve.points.back().mean > highest - kSettledMove) best = &curve;
  }
  return best;
}

Verdict Certificate::verdict() const {
  if (exact) return Verdict::exact;
  const CertificateCurve* highest = best();
  if (highest == nullptr) return Verdict::none;
  return highest->is_settled ? Verdict::settled : Verdict::unsettled;
}

std::optional<double> Certificate::within() const {
  if (both.empty()) return std::nullopt;
  const BothBounds& last = both.back();
  return std::max(0.0, last.upper - last.lower) + kErrors * last.standard_error;
}

std::string_view name_of(Estimator estimator) {
  return kEstimators[static_cast<std::size_t>(estimator)];
}

std::string_view name_of(Verdict verdict) {
  return kVerdicts[static_cast<std::size_t>(verdict)];
}

std::string verdict_text(const Certificate& certificate) {
  switch (certificate.verdict()) {
    case Verdict::none:
      return tr("Nothing is measured yet.");
    case Verdict::exact: {
      const ExactValue& exact = *certificate.exact;
      return exact.is_closed_form
                 ? tr("Exact, in closed form: log p(x) = {:.3f} ± {:.2f} by the choice of inputs.",
                      exact.mean, exact.standard_error)
                 : tr("Exact, by quadrature: log p(x) = {:.3f}, integrated to {:.1g} nats, ± "
                      "{:.2f} "
                      "by the choice of inputs.",
                      exact.mean, exact.error, exact.standard_error);
    }
    case Verdict::unsettled:
    case Verdict::settled:
      break;
  }
  const std::string both = both_text(certificate);
  return both.empty() ? bound_text(certificate)
                      : fmt::format("{} {}", bound_text(certificate), both);
}

std::string certificate_csv(const Certificate& certificate) {
  std::string text =
      "estimate,effort,mean,standard_error,move,move_error,effective,least_effective,worst_input,"
      "worst_move,decodings,seconds,settled,inputs,seed\n";
  const auto end = [&](const char* settled, std::int64_t inputs) {
    return fmt::format("{},{},{}\n", settled, inputs, certificate.seed);
  };
  if (certificate.exact) {
    const ExactValue& exact = *certificate.exact;
    text += fmt::format("{},,{},{},,,,,,,,{},", exact.is_closed_form ? "closed_form" : "quadrature",
                        exact.mean, exact.standard_error, exact.seconds);
    text += end("true", certificate.inputs);
  }
  for (const CertificateCurve& curve : certificate.curves) {
    for (const CertificatePoint& point : curve.points) {
      const bool is_last = &point == &curve.points.back();
      text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},", name_of(curve.estimator),
                          point.effort, point.mean, point.standard_error, number(point.move),
                          number(point.move_error), point.effective, point.least_effective,
                          point.worst, number(point.worst_move), point.decodings, point.seconds);
      text += end(is_last && curve.is_settled ? "true" : "false", certificate.inputs);
    }
  }
  for (const BothBounds& point : certificate.both) {
    for (const bool upper : {false, true}) {
      text += fmt::format("{},{},{},,,,{},,{},{},{},{},", upper ? "drawn_upper" : "drawn_lower",
                          point.temperatures, upper ? point.upper : point.lower, point.effective,
                          point.worst, point.worst_gap, point.decodings, point.seconds);
      text += end("", certificate.drawn);
    }
  }
  return text;
}

std::string certificate_markdown(const Certificate& certificate) {
  std::string text = fmt::format("{}\n\n", verdict_text(certificate));
  if (certificate.is_mere_score) {
    text += tr("Bernoulli on grey pixels: a score of these inputs, no density.\n\n");
  }
  text +=
      tr("| estimate | effort | log p(x) | ± | moved | effective samples | least | worst input | "
         "decodings | seconds |\n");
  text += "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  if (certificate.exact) {
    const ExactValue& exact = *certificate.exact;
    text += fmt::format("| {} | | {:.3f} | {:.3f} | | | | | | {:.1f} |\n",
                        exact.is_closed_form ? tr("exact, closed form") : tr("exact, quadrature"),
                        exact.mean, exact.standard_error, exact.seconds);
  }
  for (const CertificateCurve& curve : certificate.curves) {
    for (const CertificatePoint& point : curve.points) {
      text += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
                          title_of(curve.estimator), point.effort, cell(point.mean, 3),
                          cell(point.standard_error, 3), cell(point.move, 3),
                          cell(point.effective, 1), cell(point.least_effective, 1), point.worst,
                          point.decodings, cell(point.seconds, 1));
    }
  }
  if (certificate.both.empty()) return text;
  text += tr("\nOn {} inputs drawn from the model:\n\n", certificate.drawn);
  text += tr("| temperatures | lower bound | upper bound | apart | ± | decodings | seconds |\n");
  text += "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  for (const BothBounds& point : certificate.both) {
    text += fmt::format("| {} | {:.3f} | {:.3f} | {:.3f} | {:.3f} | {} | {:.1f} |\n",
                        point.temperatures, point.lower, point.upper, point.upper - point.lower,
                        point.standard_error, point.decodings, point.seconds);
  }
  return text;
}

}  // namespace zscape
