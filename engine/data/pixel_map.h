#pragma once

#include <optional>
#include <string>

#include "engine/data/mapped_inputs.h"
#include "engine/data_request.h"
#include "engine/dataset.h"

namespace zscape {

// Which numbers of pictures from low to high are black and white: null where they are as usual
// (bytes of 0 … 255, numbers in [0, 1]); −1 … 1, 0 … 255 or 0 … 65535 where the numbers fit and
// use more than half of it; 0 … 1 for bytes that are 0 or 1; where all are whole and lie between
// 256 and 65535 at most, as of cameras of 10, 12 or 14 bits, as many bits as they use; else low …
// high themselves.
enum class PixelType { bytes, whole, fractions };
std::optional<PixelRange> range_from(double low, double high, PixelType type);

// Maps the inputs of both splits to [0, 1] by one map and sets Dataset::range. The map is
// request.range, or found from the training split. Numbers beyond its ends become the ends, and
// data.assumed says how many. For pictures and bytes; others only where request.range is given.
void map_pixels(Dataset& data, const DataRequest& request);
// The same of mapped data, of which a pass has told this much. Where their numbers change, they are
// written to a scratch file. Returns whether they changed.
Expected<bool> map_pixels(Dataset& data, const DataRequest& request, const MappedNumbers& numbers,
                          const Progress& progress);

// For people: "0 … 16 becomes 0 … 1".
std::string map_text(const Dataset& data);

// The numbers of the source that became 0 and 1; null: it has no such, as each input has its own.
std::optional<PixelRange> shown_range(const Dataset& data);

// Whether no input goes beyond a fiftieth of its range, as where it is that of other data.
bool are_all_dark(const Dataset& data);

}  // namespace zscape
