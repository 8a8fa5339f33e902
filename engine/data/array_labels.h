#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/data/array_set.h"

namespace zscape {

// Labels as a file holds them: numbers, or else texts.
struct ReadLabels {
  std::string where;  // for messages
  std::vector<std::int64_t> numbers;
  std::vector<std::string> texts;
  bool one_hot = false;
  bool by_step = false;  // of sequences
};

// How many labels an array of this shape holds: [N], [N, 1], [1, N] or one-hot [N, K]; -1: it is
// none of these.
std::int64_t label_count(std::span<const std::int64_t> shape);

// Reads the labels of `count` inputs: whole numbers, also as floats, one-hot rows, or text. The
// error names the row of what is no label.
Expected<ReadLabels> read_labels(const NamedArray& array, std::int64_t count);

// Whether all are −1, which the hub's sets have in place of labels that are hidden. Not of none.
bool are_hidden(std::span<const std::int64_t> labels);

// The same for the inputs of a part. Labels of sequences are one each, which all their steps get,
// or [sequences, steps].
Expected<ReadLabels> read_labels_of(const NamedArray& array, const RawPart& part);

// Gives both parts their labels. Text that is not whole numbers throughout becomes classes by
// alphabet, of both parts together.
void put_labels(RawData& data, ReadLabels train, std::optional<ReadLabels> test);

}  // namespace zscape
