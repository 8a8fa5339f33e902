#include "engine/history.h"

#include <algorithm>
#include <limits>

namespace zscape {
namespace {

std::size_t bytes_of(const CodesPtr& codes) {
  return codes ? (codes->mean.size() + codes->sigma.size()) * sizeof(float) : 0;
}

// The inner moment whose removal leaves the smallest gap for its age: gaps grow with age, and the
// newest moments stay dense.
std::size_t least_missed(const Moments& moments) {
  const auto step = [&](std::size_t i) { return static_cast<double>(moments[i]->position.step); };
  const double now = step(moments.size() - 1);
  std::size_t least = 1;
  double smallest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 1; i + 1 < moments.size(); ++i) {
    const double gap = (step(i + 1) - step(i - 1)) / (now - step(i) + 1);
    if (gap < smallest) {
      smallest = gap;
      least = i;
    }
  }
  return least;
}

// Drops moments until the rest keeps to both bounds; bytes: of all.
void thin(Moments& moments, std::size_t& bytes, std::size_t most_bytes, std::size_t most_moments) {
  while (moments.size() > 2 && (bytes > most_bytes || moments.size() > most_moments)) {
    const std::size_t least = least_missed(moments);
    bytes -= moments[least]->bytes();
    moments.erase(moments.begin() + static_cast<std::ptrdiff_t>(least));
  }
}

}  // namespace

std::size_t Moment::bytes() const {
  return sizeof(Moment) + decoder->bytes() + bytes_of(train_sample) + bytes_of(test_sample);
}

void History::add(MomentPtr moment) {
  drop_after(moment->position.step - 1);
  Moments moments = *moments_;
  bytes_ += moment->bytes();
  moments.push_back(std::move(moment));
  thin(moments, bytes_, most_bytes_, most_moments_);
  moments_ = std::make_shared<const Moments>(std::move(moments));
}

void History::set_most_bytes(std::size_t most_bytes) {
  most_bytes_ = most_bytes;
  if (bytes_ <= most_bytes_) return;
  Moments moments = *moments_;
  thin(moments, bytes_, most_bytes_, most_moments_);
  moments_ = std::make_shared<const Moments>(std::move(moments));
}

void History::drop_after(std::int64_t step) {
  if (moments_->empty() || moments_->back()->position.step <= step) return;
  Moments moments = *moments_;
  while (!moments.empty() && moments.back()->position.step > step) {
    bytes_ -= moments.back()->bytes();
    moments.pop_back();
  }
  moments_ = std::make_shared<const Moments>(std::move(moments));
}

void History::clear() {
  moments_ = std::make_shared<const Moments>();
  bytes_ = 0;
}

void History::restore(std::shared_ptr<const Moments> moments) {
  bytes_ = bytes_of(*moments);
  Moments kept = *moments;
  thin(kept, bytes_, most_bytes_, most_moments_);
  moments_ = std::make_shared<const Moments>(std::move(kept));
}

std::size_t bytes_of(const Moments& moments) {
  std::size_t bytes = 0;
  for (const MomentPtr& moment : moments) bytes += moment->bytes();
  return bytes;
}

std::shared_ptr<const Moments> thinned(std::shared_ptr<const Moments> moments,
                                       std::size_t most_bytes) {
  std::size_t bytes = bytes_of(*moments);
  if (bytes <= most_bytes) return moments;
  Moments kept = *moments;
  thin(kept, bytes, most_bytes, kept.size());
  return std::make_shared<const Moments>(std::move(kept));
}

std::size_t nearest_moment(const Moments& moments, double step) {
  const auto after = std::ranges::lower_bound(moments, step, {}, [](const MomentPtr& moment) {
    return static_cast<double>(moment->position.step);
  });
  if (after == moments.begin()) return 0;
  const auto index = static_cast<std::size_t>(after - moments.begin());
  if (after == moments.end()) return index - 1;
  const double above = static_cast<double>(moments[index]->position.step) - step;
  const double below = step - static_cast<double>(moments[index - 1]->position.step);
  return below <= above ? index - 1 : index;
}

}  // namespace zscape
