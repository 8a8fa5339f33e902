#include "engine/frozen_model.h"

#include <cmath>
#include <numeric>

namespace zscape {

double FewLabelAccuracy::mean() const {
  return std::accumulate(accuracies.begin(), accuracies.end(), 0.0) /
         static_cast<double>(accuracies.size());
}

double FewLabelAccuracy::standard_deviation() const {
  if (accuracies.size() < 2) return 0;
  const double centre = mean();
  double squares = 0;
  for (const double accuracy : accuracies) squares += (accuracy - centre) * (accuracy - centre);
  return std::sqrt(squares / static_cast<double>(accuracies.size() - 1));
}

}  // namespace zscape
