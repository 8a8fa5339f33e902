#include "engine/neighbours.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kRowsAtOnce = 4096;   // between two looks at the progress
constexpr std::size_t kBlockValues = 4096;  // of codes, which a core's first cache holds

// Partial sums side by side, so that the compiler can use wide registers.
template <class Term>
float sum_of(std::size_t count, Term term) {
  constexpr std::size_t kLanes = 16;
  float sums[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += term(i + lane);
  }
  float sum = 0;
  for (; i < count; ++i) sum += term(i);
  for (const float part : sums) sum += part;
  return sum;
}

float square_apart(const float* a, const float* b, std::size_t count) {
  return sum_of(count, [a, b](std::size_t i) { return (a[i] - b[i]) * (a[i] - b[i]); });
}

// The nearest so far, as a heap with the farthest on top.
class Nearest {
 public:
  explicit Nearest(int most) : most_(static_cast<std::size_t>(std::max(most, 1))) {}

  void add(std::int64_t index, float square) {
    if (!std::isfinite(square)) return;
    const Neighbour found{index, square};
    if (heap_.size() == most_) {
      if (!is_nearer(found, heap_.front())) return;
      std::ranges::pop_heap(heap_, is_nearer);
      heap_.pop_back();
    }
    heap_.push_back(found);
    std::ranges::push_heap(heap_, is_nearer);
  }

  std::vector<Neighbour> take(float unit) {
    std::ranges::sort_heap(heap_, is_nearer);
    for (Neighbour& each : heap_) each.distance = std::sqrt(each.distance) * unit;
    return std::move(heap_);
  }

 private:
  static bool is_nearer(const Neighbour& a, const Neighbour& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.index < b.index;
  }

  std::size_t most_;
  std::vector<Neighbour> heap_;
};

// The squared distances of a split's inputs from one of them, in units of unit().
class InputDistances {
 public:
  InputDistances(const Dataset& data, const Split& split, std::int64_t index)
      : split_(split), size_(static_cast<std::size_t>(data.inputs())) {
    if (split.values.empty()) {
      own_bytes_ = std::span(split.pixels).subspan(split.first(index, size_), size_);
      return;
    }
    own_ = std::span(split.values).subspan(split.first(index, size_), size_);
    weights_.assign(size_, 1.0F);
    if (!data.scaling) return;
    const std::vector<float> divisor = divisors(*data.scaling);
    for (std::size_t i = 0; i < size_; ++i) weights_[i] = 1 / divisor[i];
  }

  float square(std::int64_t index) const {
    const std::size_t first = split_.first(index, size_);
    if (own_.empty()) {
      const std::uint8_t* other = split_.pixels.data() + first;
      return sum_of(size_, [this, other](std::size_t i) {
        const auto apart = static_cast<float>(int{own_bytes_[i]} - int{other[i]});
        return apart * apart;
      });
    }
    const float* other = split_.values.data() + first;
    return sum_of(size_, [this, other](std::size_t i) {
      const float apart = (own_[i] - other[i]) * weights_[i];
      return apart * apart;
    });
  }

  float unit() const { return own_.empty() ? 1.0F / 255.0F : 1.0F; }

 private:
  const Split& split_;
  std::size_t size_;
  std::span<const std::uint8_t> own_bytes_;
  std::span<const float> own_;
  std::vector<float> weights_;
};

}  // namespace

// The codes pass through the cache once for all z.
std::vector<std::size_t> nearest_codes(const Codes& codes, std::span<const float> z) {
  const auto latent = static_cast<std::size_t>(codes.latent);
  const std::size_t rows = codes.indices->size(), count = z.size() / latent;
  const std::size_t block = std::max<std::size_t>(kBlockValues / latent, 1);
  std::vector<std::size_t> nearest(count);
  std::vector<float> least(count, std::numeric_limits<float>::infinity());
  for (std::size_t begin = 0; begin < rows; begin += block) {
    const std::size_t end = std::min(begin + block, rows);
    for (std::size_t which = 0; which < count; ++which) {
      const float* from = z.data() + which * latent;
      for (std::size_t row = begin; row < end; ++row) {
        const float square = square_apart(from, codes.mean.data() + row * latent, latent);
        if (!(square < least[which])) continue;
        least[which] = square;
        nearest[which] = row;
      }
    }
  }
  return nearest;
}

Expected<Neighbours> find_neighbours(const Dataset& data, const CodesPtr& codes, std::int64_t index,
                                     int count, const Progress& progress) {
  Neighbours found;
  found.index = index;
  found.codes = codes;
  const InputDistances inputs(data, data.split(codes->split), index);
  const std::vector<std::int64_t>& rows = *codes->indices;  // they rise
  const auto latent = static_cast<std::size_t>(codes->latent);
  const auto at = std::ranges::lower_bound(rows, index);
  const bool has_code = at != rows.end() && *at == index;
  const float* own = has_code
                         ? codes->mean.data() + static_cast<std::size_t>(at - rows.begin()) * latent
                         : nullptr;
  Nearest by_input(count), by_code(count);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (row % kRowsAtOnce == 0 &&
        !report(progress, static_cast<double>(row) / static_cast<double>(rows.size()))) {
      return fail(tr("the search for neighbours was cancelled"), ErrorCode::cancelled);
    }
    if (rows[row] == index) continue;
    by_input.add(rows[row], inputs.square(rows[row]));
    if (own != nullptr) {
      by_code.add(rows[row], square_apart(own, codes->mean.data() + row * latent, latent));
    }
  }
  found.by_input = by_input.take(inputs.unit());
  found.by_code = by_code.take(1);
  return found;
}

}  // namespace zscape
