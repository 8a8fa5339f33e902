#include "app/gui/view/latent/points.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace zscape {
namespace {

// A motion lasts as long as the last one did until its replacement, within these bounds, so that
// points keep moving during training.
constexpr double kShortestMotion = 0.1;
constexpr double kLongestMotion = 0.5;

constexpr double kOutside = 0.005;  // of the points on each side of each axis

Box inner_box(const std::vector<Vec2>& points) {
  std::vector<float> xs, ys;
  xs.reserve(points.size());
  ys.reserve(points.size());
  for (const Vec2 point : points) {
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) continue;
    xs.push_back(point.x);
    ys.push_back(point.y);
  }
  const auto [left, right] = inner_range(std::move(xs), kOutside);
  const auto [bottom, top] = inner_range(std::move(ys), kOutside);
  return {{left, bottom}, {right, top}};
}

}  // namespace

std::array<float, 2> inner_range(std::vector<float> values, double outside) {
  std::erase_if(values, [](float value) { return !std::isfinite(value); });
  if (values.empty()) return {};
  const auto last = static_cast<std::ptrdiff_t>(values.size()) - 1;
  const auto skipped = static_cast<std::ptrdiff_t>(outside * static_cast<double>(last));
  std::nth_element(values.begin(), values.begin() + skipped, values.end());
  const float low = values[static_cast<std::size_t>(skipped)];
  std::nth_element(values.begin(), values.begin() + (last - skipped), values.end());
  return {low, values[static_cast<std::size_t>(last - skipped)]};
}

std::optional<std::size_t> row_of(const Codes& codes, std::int64_t index) {
  const std::vector<std::int64_t>& rows = *codes.indices;  // they rise
  const auto found = std::lower_bound(rows.begin(), rows.end(), index);
  if (found == rows.end() || *found != index) return {};
  return static_cast<std::size_t>(found - rows.begin());
}

const CodesPtr& codes_shown(const ModelView& view, SplitName split) {
  const CodesPtr& whole = split == SplitName::train ? view.train_codes : view.test_codes;
  const CodesPtr& sample = split == SplitName::train ? view.train_sample : view.test_sample;
  return whole && view.state != RunState::running ? whole : sample;
}

void Points::update(const ModelView& view, std::shared_ptr<const Dataset> data, SplitName split,
                    const LatentPlane& plane, double now_s) {
  const CodesPtr& codes = codes_shown(view, split);
  if (!codes || codes->count() == 0) {
    clear();
    return;
  }
  data_ = std::move(data);
  time_s_ = now_s;
  const bool same_codes = codes_ && codes->revision == codes_->revision &&
                          codes->indices == codes_->indices && codes->split == codes_->split;
  if (!same_codes || plane != plane_) {
    snap_or_move(codes, plane, now_s);
  }
  mix_ = mix_at(now_s);
}

float Points::mix_at(double now_s) const {
  return static_cast<float>(std::clamp((now_s - moved_at_s_) / duration_s_, 0.0, 1.0));
}

void Points::project(const Codes& codes, const LatentPlane& plane) {
  const auto count = static_cast<std::size_t>(codes.count());
  const auto latent = static_cast<std::size_t>(codes.latent);
  to_.resize(count);
  to_depth_.resize(plane.spatial() ? count : 0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto mean = std::span(codes.mean).subspan(i * latent, latent);
    to_[i] = plane.project(mean);
    if (plane.spatial()) to_depth_[i] = plane.depth(mean);
  }
}

void Points::snap_or_move(const CodesPtr& codes, const LatentPlane& plane, double now_s) {
  const bool same_inputs = codes_ && codes_->indices == codes->indices &&
                           codes_->split == codes->split && codes_->latent == codes->latent &&
                           plane.same_choice(plane_);
  if (same_inputs && gliding_) {
    mix_ = mix_at(now_s);
    for (std::size_t i = 0; i < from_.size(); ++i) from_[i] = position(i);
    for (std::size_t i = 0; i < from_depth_.size(); ++i) from_depth_[i] = depth(i);
    project(*codes, plane);
    duration_s_ = std::clamp(now_s - moved_at_s_, kShortestMotion, kLongestMotion);
    moved_at_s_ = now_s;
  } else {
    project(*codes, plane);
    from_ = to_;
    from_depth_ = to_depth_;
    moved_at_s_ = now_s - duration_s_;
    if (left_out_.size() != to_.size() || codes_ == nullptr || codes_->indices != codes->indices) {
      left_out_.clear();
    }
    labels_.resize(to_.size());
    const Split* split = data_ ? &data_->split(codes->split) : nullptr;
    const auto label_of = [split](std::int64_t row) {
      const int label = split ? split->label(row) : -1;
      return label < 0 ? kNoLabel : static_cast<std::uint16_t>(std::min(label, kMaxLabels - 1));
    };
    std::fill(counts_.begin(), counts_.end(), 0);
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      labels_[i] = label_of((*codes->indices)[i]);
      ++counts_[labels_[i]];
    }
    const std::pair whole{data_.get(), codes->split};
    if (std::exchange(totals_of_, whole) != whole) {
      std::fill(totals_.begin(), totals_.end(), 0);
      for (std::int64_t row = 0; split && row < split->count; ++row) ++totals_[label_of(row)];
    }
  }
  codes_ = codes;
  plane_ = plane;
  extent_ = inner_box(to_);
  depth_extent_ = inner_range(to_depth_, kOutside);
  ++revision_;
}

void Points::clear() {
  if (codes_) ++revision_;
  codes_.reset();
  from_.clear();
  to_.clear();
  from_depth_.clear();
  to_depth_.clear();
  labels_.clear();
  left_out_.clear();
  std::fill(counts_.begin(), counts_.end(), 0);
  extent_ = {};
  mix_ = 1;
}

void Points::leave_out(const std::vector<std::uint8_t>& points) {
  assert(points.empty() || points.size() == count());
  if (points == left_out_) return;
  left_out_ = points;
  ++revision_;
}

Vec2 Points::position(std::size_t point) const {
  const Vec2 from = from_[point], to = to_[point];
  return from + mix_ * (to - from);
}

float Points::depth(std::size_t point) const {
  if (to_depth_.empty()) return 0;
  return from_depth_[point] + (to_depth_[point] - from_depth_[point]) * mix_;
}

std::span<const float> Points::mean(std::size_t point) const {
  const auto latent = static_cast<std::size_t>(codes_->latent);
  return std::span(codes_->mean).subspan(point * latent, latent);
}

std::optional<std::size_t> Points::find(PointRef input) const {
  if (!codes_ || codes_->split != input.split) return {};
  return row_of(*codes_, input.index);
}

int Points::label(std::size_t point) const {
  return data_ ? data_->split(codes_->split).label((*codes_->indices)[point]) : -1;
}

}  // namespace zscape
