#include "app/gui/view/points.h"

#include <algorithm>
#include <cmath>

namespace zscape {
namespace {

// A motion lasts as long as the last one took to be replaced, so that points keep moving while
// training refreshes them, within these bounds.
constexpr double kShortestMotion = 0.1;
constexpr double kLongestMotion = 0.5;

constexpr double kOutside = 0.005;  // of the points on each side of each axis

const CodesPtr& shown_codes(const ModelView& view, SplitName split) {
  const CodesPtr& whole = split == SplitName::train ? view.train_codes : view.test_codes;
  const CodesPtr& sample = split == SplitName::train ? view.train_sample : view.test_sample;
  return whole && view.state != RunState::running ? whole : sample;
}

std::vector<Vec2> project(const Codes& codes, Axes axes) {
  const auto count = static_cast<std::size_t>(codes.count());
  const auto latent = static_cast<std::size_t>(codes.latent);
  const auto x = static_cast<std::size_t>(std::clamp(axes[0], 0, codes.latent - 1));
  const auto y = static_cast<std::size_t>(std::clamp(axes[1], 0, codes.latent - 1));
  std::vector<Vec2> points(count);
  for (std::size_t i = 0; i < count; ++i) {
    const float* mean = codes.mean.data() + i * latent;
    points[i] = {mean[x], latent == 1 ? 0.0f : mean[y]};
  }
  return points;
}

// [low, high] of the values but for the outermost on either side.
std::array<float, 2> inner_range(std::vector<float>& values) {
  const auto last = static_cast<std::ptrdiff_t>(values.size()) - 1;
  const auto skipped = static_cast<std::ptrdiff_t>(kOutside * static_cast<double>(last));
  std::nth_element(values.begin(), values.begin() + skipped, values.end());
  const float low = values[static_cast<std::size_t>(skipped)];
  std::nth_element(values.begin(), values.begin() + (last - skipped), values.end());
  return {low, values[static_cast<std::size_t>(last - skipped)]};
}

Box inner_box(const std::vector<Vec2>& points) {
  std::vector<float> xs, ys;
  xs.reserve(points.size());
  ys.reserve(points.size());
  for (const Vec2 point : points) {
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) continue;
    xs.push_back(point.x);
    ys.push_back(point.y);
  }
  if (xs.empty()) return {};
  const auto [left, right] = inner_range(xs);
  const auto [bottom, top] = inner_range(ys);
  return {{left, bottom}, {right, top}};
}

Vec2 lerp(Vec2 a, Vec2 b, float t) {
  return {a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t};
}

}  // namespace

void Points::update(const ModelView& view, std::shared_ptr<const Dataset> data, SplitName split,
                    Axes axes, double now_s) {
  const CodesPtr& codes = shown_codes(view, split);
  if (!codes || codes->count() == 0) {
    clear();
    return;
  }
  data_ = std::move(data);
  const bool same_codes = codes_ && codes->revision == codes_->revision &&
                          codes->indices == codes_->indices && codes->split == codes_->split;
  if (!same_codes || axes != axes_) {
    snap_or_move(codes, axes, now_s);
  }
  mix_ = mix_at(now_s);
}

float Points::mix_at(double now_s) const {
  return static_cast<float>(std::clamp((now_s - moved_at_s_) / duration_s_, 0.0, 1.0));
}

void Points::snap_or_move(const CodesPtr& codes, Axes axes, double now_s) {
  const bool same_inputs = codes_ && codes_->indices == codes->indices &&
                           codes_->split == codes->split && codes_->latent == codes->latent &&
                           axes == axes_;
  if (same_inputs && gliding_) {
    mix_ = mix_at(now_s);
    for (std::size_t i = 0; i < from_.size(); ++i) from_[i] = position(i);
    to_ = project(*codes, axes);
    duration_s_ = std::clamp(now_s - moved_at_s_, kShortestMotion, kLongestMotion);
    moved_at_s_ = now_s;
  } else {
    to_ = project(*codes, axes);
    from_ = to_;
    moved_at_s_ = now_s - duration_s_;
    entries_.resize(to_.size());
    const Split* split = data_ ? &data_->split(codes->split) : nullptr;
    std::fill(counts_.begin(), counts_.end(), 0);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const int label = split ? split->label((*codes->indices)[i]) : -1;
      entries_[i] =
          label < 0 ? kNoLabel : static_cast<std::uint8_t>(std::min(label, kMaxLabels - 1));
      ++counts_[entries_[i]];
    }
  }
  codes_ = codes;
  axes_ = axes;
  extent_ = inner_box(to_);
  ++revision_;
}

void Points::clear() {
  if (codes_) ++revision_;
  codes_.reset();
  from_.clear();
  to_.clear();
  entries_.clear();
  std::fill(counts_.begin(), counts_.end(), 0);
  extent_ = {};
  mix_ = 1;
}

Vec2 Points::position(std::size_t point) const {
  return lerp(from_[point], to_[point], mix_);
}

std::span<const float> Points::mean(std::size_t point) const {
  const auto latent = static_cast<std::size_t>(codes_->latent);
  return std::span(codes_->mean).subspan(point * latent, latent);
}

PointRef Points::ref(std::size_t point) const {
  return {codes_->split, (*codes_->indices)[point]};
}

std::optional<std::size_t> Points::find(PointRef input) const {
  if (!codes_ || codes_->split != input.split) return {};
  const std::vector<std::int64_t>& rows = *codes_->indices;  // they rise
  const auto found = std::lower_bound(rows.begin(), rows.end(), input.index);
  if (found == rows.end() || *found != input.index) return {};
  return static_cast<std::size_t>(found - rows.begin());
}

int Points::label(std::size_t point) const {
  return data_ ? data_->split(codes_->split).label((*codes_->indices)[point]) : -1;
}

bool Points::hidden(std::size_t point, const HiddenLabels& labels) const {
  return entries_[point] != kNoLabel && labels[entries_[point]];
}

}  // namespace zscape
