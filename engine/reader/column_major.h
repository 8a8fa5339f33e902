#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/reader/file_reader.h"

namespace zscape {

// Writes rows of an array whose first axis varies fastest, as MATLAB's do: those along `axis`,
// which comes first in what is written; in C order. data: the whole array, `item` bytes each.
// The rows must be there.
void write_column_major(std::span<const std::byte> data, std::size_t item,
                        const std::vector<std::int64_t>& shape, std::size_t axis,
                        std::int64_t first, std::int64_t rows, const Sink& sink);

}  // namespace zscape
