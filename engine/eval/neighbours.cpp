#include "engine/eval/neighbours.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <map>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::int64_t kQueriesAtOnce = 128;  // × 60,000 references: 30 MB of distances

// neighbours: nearest first.
int vote(std::span<const std::int64_t> neighbours, std::span<const int> labels) {
  std::map<int, int> count;
  for (const std::int64_t neighbour : neighbours) ++count[labels[neighbour]];
  int best = labels[neighbours.front()];
  for (const std::int64_t neighbour : neighbours) {
    const int label = labels[neighbour];
    if (count[label] > count[best]) best = label;
  }
  return best;
}

}  // namespace

Expected<double> neighbour_accuracy(const at::Tensor& references,
                                    std::span<const int> reference_labels,
                                    const at::Tensor& queries, std::span<const int> query_labels,
                                    int k, bool self, const Progress& progress) {
  const at::NoGradGuard no_grad;
  const std::int64_t count = queries.size(0);
  const std::int64_t wanted = std::min<std::int64_t>(k + (self ? 1 : 0), references.size(0));
  if (count == 0 || wanted - (self ? 1 : 0) < 1) return fail(tr("there are no neighbours to ask"));
  const at::Tensor norms = references.square().sum(1);  // [M]
  std::int64_t right = 0;
  for (std::int64_t begin = 0; begin < count; begin += kQueriesAtOnce) {
    if (!report(progress, static_cast<double>(begin) / static_cast<double>(count))) {
      return fail(tr("classifying by neighbours was cancelled"), ErrorCode::cancelled);
    }
    const std::int64_t rows = std::min(kQueriesAtOnce, count - begin);
    // ‖r‖² − 2 q·r orders the references as the distance does.
    const at::Tensor distance =
        at::addmm(norms, queries.narrow(0, begin, rows), references.t(), 1, -2);
    const at::Tensor nearest =
        std::get<1>(distance.topk(wanted, 1, /*largest=*/false, /*sorted=*/true)).contiguous();
    for (std::int64_t row = 0; row < rows; ++row) {
      std::span<std::int64_t> neighbours(nearest.data_ptr<std::int64_t>() + row * wanted,
                                         static_cast<std::size_t>(wanted));
      if (self) {
        const auto rest = std::ranges::remove(neighbours, begin + row);
        neighbours = neighbours.first(std::min<std::size_t>(static_cast<std::size_t>(wanted - 1),
                                                            neighbours.size() - rest.size()));
      }
      right +=
          vote(neighbours, reference_labels) == query_labels[static_cast<std::size_t>(begin + row)];
    }
  }
  return static_cast<double>(right) / static_cast<double>(count);
}

}  // namespace zscape
