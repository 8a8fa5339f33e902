#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "app/gui/view/latent/points.h"

namespace zscape {

// The mean of each label's codes, of the points in the plot. Lives on the window's thread.
class ClassMeans {
 public:
  void update(const Points& points, int classes);

  int classes() const { return static_cast<int>(count_.size()); }
  int count(int label) const { return count_[static_cast<std::size_t>(label)]; }
  std::span<const float> mean(int label) const;  // [k]
  Vec2 position(int label, float mix) const;     // in the plane, moving as its points do

  // The label with the nearest mean in the whole latent space; -1: none.
  int nearest(std::span<const float> z) const;

 private:
  std::uint64_t revision_ = 0;
  std::size_t latent_ = 0;
  std::vector<int> count_;
  std::vector<float> mean_;  // [classes, k]
  std::vector<Vec2> from_;   // [classes]
  std::vector<Vec2> to_;
};

}  // namespace zscape
