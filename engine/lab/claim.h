#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lab/predicate.h"
#include "engine/lab/results.h"

namespace zscape {

// What a table says of a claim. undecided: the error bars are too wide, there is one seed only, or
// something is missing.
enum class Finding { confirmed, refuted, undecided };

std::string_view name_of(Finding finding);  // "confirmed"

struct Judgement {
  Finding finding = Finding::undecided;
  std::string sentence;  // worked out of the figures: what was compared, and by how much it differs
};

// Kleene's logic over comparisons. A comparison is decided only where the difference is farther
// from the limit than t standard errors, t of Student's distribution at 95 % (two-sided) with a
// degree of freedom less than seeds. Two quantities are paired by seed. A run that is missing or
// failed, a figure that is none, and a single seed leave it undecided. Values that this lab does
// not run (--quick) are left out of rises, falls and for.
Judgement judge(const Predicate& predicate, const LabTable& table);

struct ClaimVerdict {
  const LabClaim* claim = nullptr;  // of table.experiment, which must outlive it
  Judgement judgement;
};
std::vector<ClaimVerdict> judge_claims(const LabTable& table);

// A quantity with the half width of its 95 % interval; NaN and a reason where it is not known.
struct Estimate {
  double mean = std::numeric_limits<double>::quiet_NaN();
  double half_width = std::numeric_limits<double>::quiet_NaN();  // NaN: a single seed
  int seeds = 0;                                                 // 0: a constant
  std::string reason;  // why there is no mean; empty: there is
  std::string text;    // what it is, for people: "mse at latent 2"
};
Estimate estimate(const Quantity& quantity, const LabTable& table);

// Student's t: P(|T| ≤ t) = confidence.
double student_t(int degrees_of_freedom, double confidence = 0.95);

}  // namespace zscape
