#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/data_request.h"
#include "engine/input_block.h"
#include "engine/metadata_column.h"
#include "engine/pixel_range.h"

namespace zscape {

// The form of one input. Pixels lie row by row, the channels of a pixel side by side.
struct ImageShape {
  int height = 0;
  int width = 0;
  int channels = 1;

  int size() const { return height * width * channels; }
  bool operator==(const ImageShape&) const = default;
};

// For people: "28×28", "32×32×3", "96 numbers".
std::string shape_text(const ImageShape& shape);

enum class SplitName { train, test };

// Standardises numbers outside [0, 1] for a network: (value − mean) / deviation.
struct Scaling {
  std::vector<double> mean;      // [inputs], of the training split
  std::vector<float> deviation;  // [inputs], likewise, > 0 (1 where an input never changes)
  // [inputs]: 1 where an input never changes in the training split: no loss scores it, and decoders
  // give its mean. Empty: all are scored, as in models that an older zscape has written.
  std::vector<std::uint8_t> constant = {};

  bool is_constant(std::size_t input) const { return !constant.empty() && constant[input] != 0; }
  bool operator==(const Scaling&) const = default;
};

// The grey value of a standardised number: 0.5 is the mean, 0 and 1 lie three deviations away.
inline float shown_value(float standardised) {
  constexpr float kShownDeviations = 3;
  return std::clamp(0.5F + standardised / (2 * kShownDeviations), 0.0F, 1.0F);
}

struct Split;

// What standardising takes from each value of the split, [inputs].
std::vector<float> centres(const Scaling& scaling, const Split& split);
// What it divides by then, [inputs]: the deviations, and infinity for a constant input, which
// networks always read as 0.
std::vector<float> divisors(const Scaling& scaling);

// One part of a data set. Its inputs are bytes or floats; both splits of a data set hold the same.
struct Split {
  std::int64_t count = 0;
  InputBlock<std::uint8_t> pixels;  // [count, inputs]; 0 … 255 stand for [0, 1]; empty: see values
  InputBlock<float> values;         // [count, inputs], finite; empty: see pixels
  // Where each input lies in a block of more inputs than these, as both splits of a mapped file:
  // [count]; empty: one after the other.
  std::vector<std::int64_t> places = {};
  // [inputs]: what was taken from the values so that float32 holds them, as of a clock's seconds;
  // null: nothing. Both splits share it.
  std::shared_ptr<const std::vector<double>> offset = nullptr;
  std::vector<std::int32_t> labels;  // [count], each in [0, classes); empty: no labels
  std::vector<float> factors;        // [count, factors]; empty: no known factors
  // Where each input stands in the user's own data, from 0: [count]; empty: where it stands here.
  std::vector<std::int64_t> rows = {};
  std::vector<std::string> files = {};  // [count], from the data's folder on; empty: not of files
  std::vector<MetadataColumn> metadata = {};
  std::optional<std::uint32_t> checksum = {};  // CRC-32 of mapped inputs, in their order

  bool is_mapped() const { return pixels.is_mapped() || values.is_mapped(); }
  // Of mapped inputs; null: they lie in memory.
  const std::shared_ptr<const InputMapping>& mapping() const {
    return pixels.is_mapped() ? pixels.mapping() : values.mapping();
  }

  // Where the numbers of an input begin in pixels or values.
  std::size_t first(std::int64_t index, std::size_t inputs) const {
    const auto i = static_cast<std::size_t>(index);
    return (places.empty() ? i : static_cast<std::size_t>(places[i])) * inputs;
  }
  std::int64_t row(std::int64_t index) const {
    return rows.empty() ? index : rows[static_cast<std::size_t>(index)];
  }
  int label(std::int64_t index) const {  // -1 without labels
    return labels.empty() ? -1 : labels[static_cast<std::size_t>(index)];
  }
};

// Inputs to learn from, with labels and factors. Immutable once loaded; any thread may read it.
struct Dataset {
  std::string name;    // short, for people: "synthetic", or the folder's name
  std::string source;  // what loads it again: "synthetic", "mnist", or a path
  ImageShape shape;    // plain vectors: {1, inputs, 1}
  // Null: all inputs lie in [0, 1]. Else some do not, and networks read them standardised.
  std::shared_ptr<const Scaling> scaling;
  // Null: bytes stand for 0 … 255, and numbers in [0, 1] for themselves. Else what the numbers were
  // before loading mapped them to [0, 1].
  std::optional<PixelRange> range = {};
  std::vector<std::string> class_names;       // one a class; empty: no labels
  std::vector<std::string> factor_names;      // one a column of Split::factors
  std::vector<std::string> input_names = {};  // one an input, as of a table; empty: not known
  // How many inputs one sequence has, which lie one after the other; 0: the data are no sequences.
  std::int64_t steps = 0;
  Split train;
  Split test;
  std::string format = {};  // as the table of formats names it
  std::string type = {};    // of the numbers in the file: "uint8"; empty: not known
  std::optional<PictureRules> pictures = {};  // empty: no folder of pictures
  // Sentences for people: what loading took for granted, and what of the source it did not take.
  std::vector<std::string> assumed = {};
  std::vector<std::string> left_out = {};
  std::optional<double> memory = {};  // of the request, where the inputs are mapped

  int inputs() const { return shape.size(); }
  int classes() const { return static_cast<int>(class_names.size()); }
  const Split& split(SplitName which) const { return which == SplitName::train ? train : test; }
  bool has_images() const { return shape.height > 1; }
  // Bytes of which 0 … 255 stand for 0 … 1.
  bool are_bytes() const { return !range && (!train.pixels.empty() || !test.pixels.empty()); }

  // The pixels of one input of bytes, [inputs].
  std::span<const std::uint8_t> image(SplitName which, std::int64_t index) const {
    const auto size = static_cast<std::size_t>(inputs());
    const Split& rows = split(which);
    return std::span(rows.pixels).subspan(rows.first(index, size), size);
  }

  // One input as a picture, [inputs], in [0, 1]; standardised ones by shown_value().
  std::vector<float> picture(SplitName which, std::int64_t index) const;
};

// The request that loads this data again and treats its pictures as it did this time, whatever
// pictures come to the folder meanwhile.
DataRequest as_loaded(DataRequest request, const Dataset& data);

// The request that a run has kept. Older versions of zscape kept no fit: they stretched pictures.
DataRequest as_kept(DataRequest request);

}  // namespace zscape
