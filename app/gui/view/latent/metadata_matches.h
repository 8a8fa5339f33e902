#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/gui/view/latent/points.h"
#include "engine/dataset.h"

namespace zscape {

// Which inputs one column of the data's metadata shows.
struct MetadataFilter {
  static constexpr double kNoEnd = std::numeric_limits<double>::infinity();

  int column = -1;      // of Split::metadata; −1: all inputs are shown
  HiddenLabels hidden;  // by the text's place, the last place but one shared; missing_entry() too
  double low = -kNoEnd, high = kNoEnd;  // of numbers, both ends shown

  bool operator==(const MetadataFilter&) const = default;
};

// What a person looks for among the inputs, by what their metadata say.
struct MetadataChoice {
  MetadataFilter filter;
  std::string search;          // empty: nothing is searched
  const void* data = nullptr;  // the choice is about these

  bool operator==(const MetadataChoice&) const = default;
};

// [count] of a split, 1: an input is shown; empty: all are.
std::vector<std::uint8_t> rows_shown(const Split& split, const MetadataFilter& filter);

// Forgets a choice that is about other data. Once a frame.
void follow_data(MetadataChoice& choice, const Dataset* data);

// The place among hidden texts, and among counts, of a text or of inputs without a value.
std::size_t text_entry(std::int32_t place);
std::size_t missing_entry(const MetadataColumn& column);

// Its text, or its number as people read it; empty: it has none.
std::string value_text(const MetadataColumn& column, std::int64_t row);

// Which points a filter leaves out and which a search finds. Lives on the window's thread.
class MetadataMatches {
 public:
  // Once a frame, before the points are drawn.
  void update(const Points& points, const Dataset& data, const MetadataChoice& choice);

  // [points], 1: yes; empty: the filter leaves out none.
  const std::vector<std::uint8_t>& left_out() const { return left_out_; }
  // [points], 1: yes; empty: nothing is searched.
  std::span<const std::uint8_t> found() const { return found_; }
  std::span<const std::size_t> found_points() const { return found_points_; }  // rising
  std::uint64_t revision() const { return revision_; }

  // Of the whole split, however few inputs the plot shows.
  std::int64_t shown_inputs() const { return shown_inputs_; }
  std::int64_t found_inputs() const { return found_inputs_; }

 private:
  MetadataChoice choice_;
  Indices indices_;  // of the points
  SplitName split_ = SplitName::train;
  std::vector<std::uint8_t> left_out_;
  std::vector<std::uint8_t> found_;
  std::vector<std::size_t> found_points_;
  std::int64_t shown_inputs_ = 0;
  std::int64_t found_inputs_ = 0;
  std::uint64_t revision_ = 1;
};

}  // namespace zscape
