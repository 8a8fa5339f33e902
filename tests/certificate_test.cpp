// What a certificate says: the verdict and the tables, from numbers made up.
#include "engine/certificate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace zscape {
namespace {

CertificateCurve curve(Estimator estimator, std::vector<double> means, bool settled) {
  CertificateCurve made{estimator, {}, settled, true};
  std::int64_t effort = 1;
  for (const double mean : means) {
    CertificatePoint point;
    point.effort = point.decodings = effort;
    point.mean = mean;
    if (!made.points.empty()) point.move = mean - made.points.back().mean;
    made.points.push_back(point);
    effort *= 2;
  }
  return made;
}

Certificate three(bool settled) {
  Certificate made;
  made.inputs = 100;
  made.curves = {curve(Estimator::prior, {-90, -80}, false),
                 curve(Estimator::importance, {-60, -52, -51}, false),
                 curve(Estimator::annealed, {-70, -50.5, -50}, settled)};
  return made;
}

TEST(Certificate, SaysWhatIsKnown) {
  EXPECT_EQ(Certificate().verdict(), Verdict::none);
  EXPECT_EQ(three(false).verdict(), Verdict::unsettled);
  EXPECT_EQ(three(true).verdict(), Verdict::settled);
  EXPECT_EQ(three(true).best()->estimator, Estimator::annealed);
  Certificate exact = three(false);
  exact.exact = ExactValue{-49.5, 1, 0, true, 0};
  EXPECT_EQ(exact.verdict(), Verdict::exact);
  EXPECT_NE(verdict_text(exact).find("-49.500"), std::string::npos);
}

// A settled bound counts although another stands a hair above it.
TEST(Certificate, TakesTheSettledBoundOfTwoAlike) {
  Certificate made = three(true);
  made.curves[1].points.back().mean = -49.98;
  EXPECT_EQ(made.verdict(), Verdict::settled);
  made.curves[1].points.back().mean = -49;
  EXPECT_EQ(made.verdict(), Verdict::unsettled);
  EXPECT_EQ(made.best()->estimator, Estimator::importance);
}

TEST(Certificate, CountsTwoErrorsWithTheDistanceOfTheBounds) {
  Certificate made = three(true);
  EXPECT_FALSE(made.within());
  BothBounds both;
  both.lower = -50.1;
  both.upper = -50;
  both.standard_error = 0.02;
  made.drawn = 100;
  made.both.push_back(both);
  EXPECT_NEAR(*made.within(), 0.14, 1e-9);
  EXPECT_NE(verdict_text(made).find("within 0.14 nats"), std::string::npos);
}

TEST(Certificate, TablesHaveEveryPoint) {
  Certificate made = three(true);
  made.both.push_back({});
  made.exact = ExactValue{};
  const auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };
  const std::string csv = certificate_csv(made);
  EXPECT_EQ(lines(csv), 1 + 1 + 8 + 2);
  const auto commas = [](std::string_view line) { return std::ranges::count(line, ','); };
  for (std::string_view rest = csv; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    EXPECT_EQ(commas(rest.substr(0, end)), 14) << rest.substr(0, end);
    rest.remove_prefix(end + 1);
  }
  EXPECT_NE(csv.find("annealed,4,-50,"), std::string::npos);
  const std::string text = certificate_markdown(made);
  EXPECT_EQ(lines(text), 2 + 2 + 1 + 8 + 3 + 2 + 1);
  EXPECT_EQ(text.find("nan"), std::string::npos);
}

}  // namespace
}  // namespace zscape
