#include "app/cli/certificate_text.h"

#include <fmt/format.h>

#include <cmath>
#include <string>

#include "engine/text.h"

namespace zscape {
namespace {

Json point_json(const CertificatePoint& point, const char* effort) {
  return {{effort, point.effort},
          {"mean", point.mean},
          {"standard_error", point.standard_error},
          {"move", number_or_null(point.move)},
          {"move_error", number_or_null(point.move_error)},
          {"effective", point.effective},
          {"least_effective", point.least_effective},
          {"worst_input", point.worst},
          {"worst_move", number_or_null(point.worst_move)},
          {"decodings", point.decodings},
          {"seconds", point.seconds}};
}

Json curve_json(const CertificateCurve& curve) {
  const char* effort = curve.estimator == Estimator::annealed ? "temperatures" : "samples";
  Json points = Json::array();
  for (const CertificatePoint& point : curve.points) points.push_back(point_json(point, effort));
  Json json = point_json(curve.points.back(), effort);
  json["settled"] = curve.is_settled;
  json["points"] = std::move(points);
  return json;
}

Json both_json(const Certificate& certificate) {
  Json points = Json::array();
  for (const BothBounds& both : certificate.both) {
    points.push_back({{"temperatures", both.temperatures},
                      {"lower", both.lower},
                      {"upper", both.upper},
                      {"standard_error", both.standard_error},
                      {"effective", both.effective},
                      {"worst_input", both.worst},
                      {"worst_gap", both.worst_gap},
                      {"decodings", both.decodings},
                      {"seconds", both.seconds}});
  }
  Json json = points.back();
  json["images"] = certificate.drawn;
  json["within"] = *certificate.within();
  json["points"] = std::move(points);
  return json;
}

const char* name_in_text(Estimator estimator) {
  switch (estimator) {
    case Estimator::prior:
      return tr("prior samples");
    case Estimator::importance:
      return tr("importance samples");
    case Estimator::annealed:
      return tr("temperatures");
  }
  return "";
}

std::string cell(double value, int decimals) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : std::string("-");
}

}  // namespace

Json certificate_json(const Certificate& certificate) {
  Json json{{"verdict", name_of(certificate.verdict())},
            {"says", verdict_text(certificate)},
            {"images", certificate.inputs},
            {"chains", certificate.chains}};
  if (certificate.exact) {
    const ExactValue& exact = *certificate.exact;
    json["exact"] = {{"mean", exact.mean},
                     {"standard_error", exact.standard_error},
                     {"error", exact.error},
                     {"by", exact.is_closed_form ? "closed_form" : "quadrature"},
                     {"seconds", exact.seconds}};
  }
  if (const CertificateCurve* best = certificate.best()) json["best"] = name_of(best->estimator);
  for (const CertificateCurve& curve : certificate.curves) {
    if (!curve.points.empty()) json[std::string(name_of(curve.estimator))] = curve_json(curve);
  }
  if (!certificate.both.empty()) json["drawn"] = both_json(certificate);
  return json;
}

void print_certificate(const Certificate& certificate, std::ostream& out) {
  out << tr("\nlog p(x) of {} inputs\n", certificate.inputs);
  out << fmt::format("{:<20} {:>9} {:>11} {:>8} {:>8} {:>11} {:>8} {:>8} {:>8}\n", tr("by"),
                     tr("effort"), tr("nats"), "±", tr("moved"), tr("effective"), tr("least"),
                     tr("worst"), tr("seconds"));
  if (certificate.exact) {
    const ExactValue& exact = *certificate.exact;
    out << fmt::format("{:<20} {:>9} {:>11.3f} {:>8.3f} {:>8} {:>11} {:>8} {:>8} {:>8.1f}\n",
                       exact.is_closed_form ? tr("closed form") : tr("quadrature"), "-", exact.mean,
                       exact.standard_error, "-", "-", "-", "-", exact.seconds);
  }
  for (const CertificateCurve& curve : certificate.curves) {
    for (const CertificatePoint& point : curve.points) {
      out << fmt::format(
          "{:<20} {:>9} {:>11.3f} {:>8.3f} {:>8} {:>11.1f} {:>8.1f} {:>8} {:>8.1f}\n",
          name_in_text(curve.estimator), point.effort, point.mean, point.standard_error,
          cell(point.move, 3), point.effective, point.least_effective, point.worst, point.seconds);
    }
  }
  if (!certificate.both.empty()) {
    out << tr("on {} inputs drawn from the model\n", certificate.drawn);
    for (const BothBounds& both : certificate.both) {
      out << tr("{} temperatures: between {:.3f} and {:.3f}, apart {:.3f} ± {:.3f}\n",
                both.temperatures, both.lower, both.upper, both.upper - both.lower,
                both.standard_error);
    }
  }
  out << verdict_text(certificate) << '\n';
}

}  // namespace zscape
