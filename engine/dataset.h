#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace zscape {

// The form of one input. Pixels lie row by row, the channels of a pixel side by side.
struct ImageShape {
  int height = 0;
  int width = 0;
  int channels = 1;

  int size() const { return height * width * channels; }
  bool operator==(const ImageShape&) const = default;
};

enum class SplitName { train, test };

// One part of a data set.
struct Split {
  std::int64_t count = 0;
  std::vector<std::uint8_t> pixels;  // [count, inputs]; 0 … 255 stand for [0, 1]
  std::vector<std::int32_t> labels;  // [count], each in [0, classes); empty: no labels
  std::vector<float> factors;        // [count, factors]; empty: no known factors

  int label(std::int64_t index) const {  // -1 without labels
    return labels.empty() ? -1 : labels[static_cast<std::size_t>(index)];
  }
};

// Images to learn from, with what is known about them. Immutable once loaded, so that any thread
// may read it through a shared_ptr<const Dataset>.
struct Dataset {
  std::string name;    // short, for people: "synthetic", or the folder's name
  std::string source;  // what loads it again: "synthetic", or a path
  ImageShape shape;
  std::vector<std::string> class_names;   // one a class; empty: no labels
  std::vector<std::string> factor_names;  // one a column of Split::factors
  Split train;
  Split test;

  int inputs() const { return shape.size(); }
  int classes() const { return static_cast<int>(class_names.size()); }
  const Split& split(SplitName which) const { return which == SplitName::train ? train : test; }

  // The pixels of one input, [inputs].
  std::span<const std::uint8_t> image(SplitName which, std::int64_t index) const {
    const auto size = static_cast<std::size_t>(inputs());
    return std::span(split(which).pixels).subspan(static_cast<std::size_t>(index) * size, size);
  }
};

}  // namespace zscape
