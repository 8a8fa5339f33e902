#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "app/gui/view/latent/metadata_matches.h"
#include "app/gui/view/latent/points.h"

namespace zscape {

enum class SelectMode { replace, add, subtract };

// The selected inputs of either split. New codes keep them; other data clear them until the former
// are back. Lives on the window's thread.
class Selection {
 public:
  // Once a frame.
  void follow(std::shared_ptr<const Dataset> data);

  // rows: of the split, rising; omits rows beyond it. Replacing clears the other split too.
  void choose(SplitName split, std::vector<std::int64_t> rows, SelectMode mode);
  void toggle(PointRef input);
  void clear();

  bool empty() const { return count() == 0; }
  std::size_t count() const { return rows(SplitName::train).size() + rows(SplitName::test).size(); }
  const std::vector<std::int64_t>& rows(SplitName split) const {
    return rows_[static_cast<std::size_t>(split)];
  }
  bool contains(PointRef input) const {
    return std::ranges::binary_search(rows(input.split), input.index);
  }
  PointRef input(std::size_t number) const;  // in order: training inputs, then those of the test
  std::uint64_t revision() const { return revision_; }  // differs for different inputs

  // [classes], how many of each label; behind them those without a label.
  std::span<const std::int64_t> label_counts() const { return label_counts_; }

  // The mean of the selected pictures so far; adds a few each frame, as a million take a second.
  void add_up();
  bool adding_up() const { return added_ < count(); }
  std::vector<float> mean_picture() const;  // [d], in [0, 1]; empty: none yet
  std::uint64_t mean_revision() const { return mean_revision_; }

 private:
  using Rows = std::array<std::vector<std::int64_t>, 2>;  // by SplitName, rising
  struct OfData {
    std::weak_ptr<const Dataset> data;
    Rows rows;
  };

  void changed();
  void add(PointRef input);

  std::shared_ptr<const Dataset> data_;
  Rows rows_;
  std::vector<OfData> former_;  // of data that may come back
  std::vector<std::int64_t> label_counts_;
  std::vector<double> sums_;  // [d]
  std::size_t added_ = 0;
  std::uint64_t revision_ = 0;
  std::uint64_t mean_revision_ = 0;
};

// Which points the renderer dims: those of labels that the legend has switched off, those that a
// filter leaves out, those that a search does not find and, without a search, those that are not
// selected while others are. Lives on the window's thread.
class PointDimming {
 public:
  // Where no selected input is in the plot, the legend alone decides.
  void update(const Points& points, const HiddenLabels& hidden, const Selection* selection,
              const MetadataMatches& matches);

  bool any_selected() const { return !selected_.empty(); }
  std::span<const std::size_t> selected() const { return selected_; }  // points, rising
  std::span<const std::uint8_t> dimmed() const { return dimmed_; }     // [points], 1: yes
  std::uint64_t revision() const { return revision_; }

 private:
  std::uint64_t points_revision_ = 0;
  std::uint64_t selection_revision_ = 0;
  std::uint64_t matches_revision_ = 0;
  HiddenLabels hidden_;
  std::vector<std::size_t> selected_;
  std::vector<std::uint8_t> dimmed_;
  std::uint64_t revision_ = 0;
};

}  // namespace zscape
