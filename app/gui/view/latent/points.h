#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "app/gui/view/latent/latent_view.h"
#include "app/gui/view/latent/plane.h"
#include "engine/snapshot.h"

namespace zscape {

// One input of the data set.
struct PointRef {
  SplitName split = SplitName::train;
  std::int64_t index = 0;
  bool operator==(const PointRef&) const = default;
};

// Labels that the legend has switched off. Labels beyond the last share its switch and count.
inline constexpr int kMaxLabels = 4096;
using HiddenLabels = std::bitset<kMaxLabels>;

// An upright box in the latent plane.
struct Box {
  Vec2 low;
  Vec2 high;

  bool contains(Vec2 at) const {  // never what is not a number
    return at.x >= low.x && at.x <= high.x && at.y >= low.y && at.y <= high.y;
  }
};

// [low, high] of the finite values without this share of them at either end; 0 where there are
// none.
std::array<float, 2> inner_range(std::vector<float> values, double outside);

// The row of these codes that holds an input, if one does.
std::optional<std::size_t> row_of(const Codes& codes, std::int64_t index);

// The displayed codes of a split: all of it once encoded, else the sample.
const CodesPtr& codes_shown(const ModelView& view, SplitName split);

// The codes in the plot and where each is drawn while it moves from its place in the last snapshot
// to that in the newest. Lives on the window's thread.
class Points {
 public:
  // Among labels(): an input without one.
  static constexpr std::uint16_t kNoLabel = kMaxLabels;

  // Takes the model's codes. The same inputs move smoothly, others appear in place.
  void update(const ModelView& view, std::shared_ptr<const Dataset> data, SplitName split,
              const LatentPlane& plane, double now_s);
  void clear();

  // Whether points glide to their new places or are there at once.
  void set_gliding(bool gliding) { gliding_ = gliding; }

  std::size_t count() const { return to_.size(); }
  bool empty() const { return to_.empty(); }
  const Codes* codes() const { return codes_.get(); }  // null: none

  std::span<const Vec2> from() const { return from_; }  // where the motion began
  std::span<const Vec2> to() const { return to_; }      // where it ends
  // The third coordinate where the plot has one, else empty.
  std::span<const float> from_depth() const { return from_depth_; }
  std::span<const float> to_depth() const { return to_depth_; }
  std::span<const std::uint16_t> labels() const { return labels_; }
  float mix() const { return mix_; }  // of from (0) and to (1), as of the last update
  bool moving() const { return mix_ < 1; }
  double time_s() const { return time_s_; }             // of the last update
  std::uint64_t revision() const { return revision_; }  // differs for different from, to, labels

  Vec2 position(std::size_t point) const;                // where it is drawn now
  float depth(std::size_t point) const;                  // its third coordinate, 0 in a plane
  std::span<const float> mean(std::size_t point) const;  // μ, [k]
  PointRef ref(std::size_t point) const { return {codes_->split, (*codes_->indices)[point]}; }
  std::optional<std::size_t> find(PointRef input) const;  // its point, if it is in the plot
  int label(std::size_t point) const;                     // -1: none
  // Its label is switched off, or leave_out() named it.
  bool hidden(std::size_t point, const HiddenLabels& labels) const {
    return (labels_[point] != kNoLabel && labels[labels_[point]]) ||
           (!left_out_.empty() && left_out_[point] != 0);
  }

  // [points], 1: nobody sees it or points at it, whatever its label; empty: none. Points of other
  // inputs forget it.
  void leave_out(const std::vector<std::uint8_t>& points);
  bool leaves_out() const { return !left_out_.empty(); }
  std::span<const int> counts() const {
    return counts_;
  }  // points of each label and, last, of none
  std::span<const int> totals() const { return totals_; }  // inputs of each in the whole split

  // The box without the outermost half per cent at either end of each axis.
  Box extent() const { return extent_; }
  std::array<float, 2> depth_extent() const { return depth_extent_; }  // likewise

 private:
  float mix_at(double now_s) const;
  void snap_or_move(const CodesPtr& codes, const LatentPlane& plane, double now_s);
  void project(const Codes& codes, const LatentPlane& plane);

  CodesPtr codes_;
  std::shared_ptr<const Dataset> data_;
  LatentPlane plane_;
  std::vector<Vec2> from_;
  std::vector<Vec2> to_;
  std::vector<float> from_depth_;
  std::vector<float> to_depth_;
  std::vector<std::uint16_t> labels_;
  std::vector<std::uint8_t> left_out_;
  std::vector<int> counts_ = std::vector<int>(kNoLabel + 1);
  std::vector<int> totals_ = counts_;
  std::pair<const Dataset*, SplitName> totals_of_{nullptr, SplitName::train};
  Box extent_;
  std::array<float, 2> depth_extent_{};
  float mix_ = 1;
  double time_s_ = 0;
  double moved_at_s_ = 0;
  double duration_s_ = 0.3;
  bool gliding_ = true;
  std::uint64_t revision_ = 0;
};

}  // namespace zscape
