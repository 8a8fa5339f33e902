#pragma once

#include <cmath>
#include <cstdint>

namespace zscape {

// The mean KL term of N inputs, split in two (Hoffman and Johnson 2016, "ELBO surgery"):
// (1/N) Σ KL(q(z|x_n) ‖ p(z)) = I(x; z) + KL(q(z) ‖ p(z)), where q(z) = (1/N) Σ q(z|x_n). In nats.
struct KlSplit {
  std::int64_t inputs = 0;        // N; 0: nothing is measured
  double kl = 0;                  // the left side, in closed form
  double mutual_information = 0;  // sampled: the mean of log q(z|x_n) − log q(z)
  double standard_error = 0;      // of it
  std::int64_t draws = 0;         // behind it

  double marginal_kl() const { return kl - mutual_information; }  // exactly the rest
  double most_information() const { return std::log(static_cast<double>(inputs)); }  // ln N ≥ I
};

}  // namespace zscape
