#include "engine/data/scaling.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace zscape {
namespace {

bool lies_in_unit_interval(const std::vector<float>& values) {
  return std::ranges::all_of(values, [](float value) { return value >= 0 && value <= 1; });
}

// The mean over the rows of term(value, column), [inputs].
template <class Term>
std::vector<double> column_means(const Split& split, std::size_t inputs, Term term) {
  std::vector<double> means(inputs);
  for (std::size_t i = 0; i < split.values.size(); i += inputs) {
    for (std::size_t j = 0; j < inputs; ++j) means[j] += term(split.values[i + j], j);
  }
  for (double& mean : means) mean /= static_cast<double>(split.count);
  return means;
}

// Which inputs have one value in all rows: rounding may give them a tiny variance.
std::vector<bool> constant_columns(const Split& split, std::size_t inputs) {
  std::vector<bool> constant(inputs, true);
  for (std::size_t i = inputs; i < split.values.size(); i += inputs) {
    for (std::size_t j = 0; j < inputs; ++j) {
      if (split.values[i + j] != split.values[j]) constant[j] = false;
    }
  }
  return constant;
}

}  // namespace

std::shared_ptr<const Scaling> find_scaling(const Dataset& data) {
  if (lies_in_unit_interval(data.train.values) && lies_in_unit_interval(data.test.values)) {
    return nullptr;
  }
  const auto inputs = static_cast<std::size_t>(data.inputs());
  const auto means =
      column_means(data.train, inputs, [](float value, std::size_t) { return double{value}; });
  const auto variances = column_means(data.train, inputs, [&](float value, std::size_t j) {
    return (value - means[j]) * (value - means[j]);
  });
  const auto constant = constant_columns(data.train, inputs);

  auto scaling = std::make_shared<Scaling>();
  for (std::size_t j = 0; j < inputs; ++j) {
    const auto deviation = static_cast<float>(std::sqrt(variances[j]));
    const bool usable = !constant[j] && deviation >= std::numeric_limits<float>::min();
    scaling->mean.push_back(static_cast<float>(means[j]));
    scaling->deviation.push_back(usable ? deviation : 1.0F);
  }
  return scaling;
}

}  // namespace zscape
