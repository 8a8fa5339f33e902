#pragma once

#include <vector>

#include "engine/codes.h"

namespace zscape {

// Mean and covariance of the codes' μ. k = latent dimensions.
struct CodeMoments {
  std::vector<double> mean;        // [k]
  std::vector<double> covariance;  // [k, k]; unless whole_matrix, only its diagonal is filled
};

// Of all codes, or of an even sample where it would take more than half a second. Codes that are
// not finite are left out; without codes all is 0.
CodeMoments code_moments(const Codes& codes, bool whole_matrix);

}  // namespace zscape
