#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// The contents of an IDX file of unsigned bytes, the format of the MNIST data: a header in
// big-endian words, then the values, the last dimension varying fastest.
struct IdxArray {
  std::vector<std::int64_t> dims;    // 1 to 4 of them, each ≥ 0
  std::vector<std::uint8_t> values;  // as many as the product of dims
};

// Reads an IDX file, plain or compressed by gzip, told apart by its content. Refuses a file whose
// header does not fit its size. Takes memory for what the file holds, not for what it claims.
// Any thread.
Expected<IdxArray> read_idx(const std::string& path, const Progress& progress = {});

// The bytes of a plain IDX file: images [count, height, width], or [count, height, width,
// channels] where an image has several channels.
std::vector<std::uint8_t> idx_images_bytes(const Split& split, const ImageShape& shape);

// The bytes of a plain IDX file: labels [count]. Each label must be at most 255; the split must
// have labels.
std::vector<std::uint8_t> idx_labels_bytes(const Split& split);

}  // namespace zscape
