#include "engine/code_range.h"

#include <algorithm>
#include <cmath>

namespace zscape {
namespace {

constexpr std::size_t kCodesForRange = 5000;

}  // namespace

CodeRange central_range(const Codes& codes) {
  CodeRange range;
  const auto count = static_cast<std::size_t>(codes.count());
  const auto latent = static_cast<std::size_t>(codes.latent);
  if (count == 0) return range;
  const auto rank = [count](double share) {
    return static_cast<std::ptrdiff_t>(std::lround(share * static_cast<double>(count - 1)));
  };
  std::vector<float> values(count);
  const auto quantile = [&values](std::ptrdiff_t place) {
    std::nth_element(values.begin(), values.begin() + place, values.end());
    return values[static_cast<std::size_t>(place)];
  };
  for (std::size_t dimension = 0; dimension < latent; ++dimension) {
    for (std::size_t i = 0; i < count; ++i) values[i] = codes.mean[i * latent + dimension];
    range.low.push_back(quantile(rank(0.01)));
    range.high.push_back(quantile(rank(0.99)));
  }
  return range;
}

Expected<CodeRange> code_range(const FrozenModel& model, const Dataset& data, const Indices& rows) {
  std::vector<std::int64_t> first = rows ? *rows : *all_rows(data.train);
  first.resize(std::min(first.size(), kCodesForRange));
  const auto codes = model.encode(data, SplitName::train, make_indices(std::move(first)));
  if (!codes) return tl::unexpected(codes.error());
  return central_range(*codes);
}

}  // namespace zscape
