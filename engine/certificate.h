#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/dataset.h"

namespace zscape {

// What is known of log p(x): lower bounds by sampling that rise with their effort, each with its
// errors, and what holds them: quadrature or a closed form where there is one, and upper bounds on
// inputs drawn from the model. All means over inputs, in nats.

// Ways to estimate log p(x), each a lower bound in expectation.
enum class Estimator {
  prior,       // z ~ p(z), the same for all inputs
  importance,  // z ~ q(z|x) (Burda et al. 2016)
  annealed,    // from the prior to the posterior by HMC (Neal 2001, Wu et al. 2017)
};

struct CertificateSettings {
  std::int64_t inputs = 100;  // ≥ 1, drawn by the seed; all, if the split has fewer
  std::int64_t drawn = 100;   // inputs drawn from the model, for both bounds; 0: none
  std::int64_t most_prior_samples = std::int64_t{1} << 17;
  std::int64_t most_importance_samples = std::int64_t{1} << 13;
  std::int64_t least_temperatures = 32;  // the first of the doublings
  std::int64_t most_temperatures = 1024;
  int chains = 8;  // of an input
  std::uint64_t seed = 0;
};

// A doubling settles an estimate that moves by less than this, two standard errors of the move
// included.
inline constexpr double kSettledMove = 0.05;

// An estimate with one effort.
struct CertificatePoint {
  std::int64_t effort = 0;    // samples K of z, or temperatures
  double mean = 0;            // of log p(x)
  double standard_error = 0;  // of the mean, by the choice of inputs
  // From half the effort, over the same inputs; NaN: the first point.
  double move = std::numeric_limits<double>::quiet_NaN();
  double move_error = std::numeric_limits<double>::quiet_NaN();  // its standard error
  double effective = 0;        // samples, (Σw)² / Σw²: the mean over inputs
  double least_effective = 0;  // of an input
  std::int64_t worst = 0;      // row of the input that moved most; at first: least effective
  double worst_move = std::numeric_limits<double>::quiet_NaN();
  std::int64_t decodings = 0;  // for one input, those with a gradient counted once
  double seconds = 0;          // so far, for all inputs
};

struct CertificateCurve {
  Estimator estimator = Estimator::prior;
  std::vector<CertificatePoint> points;  // doublings
  bool is_settled = false;
  bool is_done = false;
};

// Both bounds on log p(x) of inputs x ~ p(x|z), z ~ p(z), whose z is a draw of the posterior
// (Grosse et al. 2015; with several chains: Brekelmans et al. 2022), with one effort.
struct BothBounds {
  std::int64_t temperatures = 0;
  double lower = 0, upper = 0;
  double standard_error = 0;  // of upper − lower, by the choice of inputs
  double effective = 0;       // chains of the lower bound, of them all
  std::int64_t worst = 0;     // number of the input whose bounds lie furthest apart
  double worst_gap = 0;
  std::int64_t decodings = 0;  // for one input
  double seconds = 0;          // so far
};

struct ExactValue {
  double mean = 0;
  double standard_error = 0;    // by the choice of inputs
  double error = 0;             // of the integration; 0: a closed form
  bool is_closed_form = false;  // else by quadrature
  double seconds = 0;
};

// What a certificate says, from weak to strong.
enum class Verdict {
  none,       // nothing is measured yet
  unsettled,  // a lower bound that still moves
  settled,    // a lower bound that a doubling no longer moves
  exact,
};

struct Certificate {
  std::int64_t inputs = 0;  // behind the means
  std::int64_t drawn = 0;   // behind `both`
  SplitName split = SplitName::test;
  int latent = 0;
  int chains = 0;              // of annealed importance sampling
  bool is_mere_score = false;  // Bernoulli on grey pixels: no density of these inputs
  std::optional<ExactValue> exact;
  std::vector<CertificateCurve> curves;  // in the order of Estimator
  std::vector<BothBounds> both;          // doublings
  bool is_done = false;
  std::uint64_t seed = 0;
  std::uint64_t revision = 0;  // of the weights
  std::int64_t step = 0;       // likewise, with those before this run

  const CertificateCurve* find(Estimator estimator) const;
  // The last point of the highest bound; null: none yet.
  const CertificateCurve* best() const;
  Verdict verdict() const;
  // On inputs drawn from the model: how far apart both bounds lie, two standard errors included.
  std::optional<double> within() const;
};
using CertificatePtr = std::shared_ptr<const Certificate>;

// Gets a certificate each time that it has grown, on the thread that measures.
using CertificateListener = std::function<void(const Certificate&)>;

std::string_view name_of(Estimator estimator);
std::string_view name_of(Verdict verdict);
// For people, in one or two sentences.
std::string verdict_text(const Certificate& certificate);

// Every point as a table: for programs, and for people.
std::string certificate_csv(const Certificate& certificate);
std::string certificate_markdown(const Certificate& certificate);

}  // namespace zscape
