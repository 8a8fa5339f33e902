#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/snapshot.h"

namespace zscape {

// σ is counted on a logarithmic scale, since a collapsed dimension has σ = 1 and one that nothing
// holds back a thousandth of it. What lies outside is counted in the outermost bins.
inline constexpr int kSigmaBins = 28;
inline constexpr double kLowestSigma = 1e-3;  // each bin an eighth of a decade

// The bin of a σ, and the σ at which a bin begins.
int sigma_bin(double sigma);
double sigma_at(int bin);

// A dimension whose μ varies less than this over the inputs is no active unit (Burda et al. 2016).
inline constexpr double kActiveVariance = 0.01;

// What a sample of codes says of each latent dimension. Means over the sample.
struct CodeFigures {
  int latent = 0;                // k
  std::int64_t count = 0;        // inputs behind the figures
  std::int64_t step = 0;         // of the weights that made the codes
  std::vector<double> variance;  // [k] of μ
  std::vector<double> kl;        // [k] ½ (μ² + σ² − log σ² − 1); empty without a prior
  std::vector<std::int64_t> sigma_counts;  // [k, kSigmaBins]; empty without a prior
  double mean_sigma = 0;                   // of all dimensions
  double spread = 0;                       // root of the mean square of μ; 1 under the prior
  int active_units = 0;                    // dimensions whose μ varies by kActiveVariance or more
  // KL of the Gaussian with the codes' mean and covariance to N(0, I); only with a prior, up to 32
  // dimensions.
  std::optional<double> aggregate_kl;
};

// Of large codes an even part of the rows is taken: a frame must not wait.
CodeFigures code_figures(const Codes& codes);

// The codes whose figures are shown: the test sample, else the training sample; null: none yet.
const CodesPtr& codes_for_figures(const ModelView& view);

// What is wrong with the codes, in plain words.
struct CodeWarning {
  std::string text;     // "2 of 2 dimensions carry nothing"
  std::string detail;   // why, and what would help
  bool serious = true;  // else a remark
};
std::optional<CodeWarning> code_warning(const CodeFigures& figures, const ModelView& view);

// The figures of the codes on show, worked out again only when these change.
class CodeFiguresCache {
 public:
  const CodeFigures* update(const ModelView& view);  // null: no codes yet

 private:
  CodesPtr codes_;
  CodeFigures figures_;
};

}  // namespace zscape
