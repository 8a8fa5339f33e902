#pragma once

#include <cstdint>

#include "engine/dataset.h"

namespace zscape {

// CRC-32 over the shape and, of both splits, the number of inputs, the inputs and the labels: tells
// whether a run would go on with the data that it began with. Names do not count. The same on all
// machines of one byte order; some 50 ms for MNIST. Any thread.
std::uint32_t checksum(const Dataset& data);

}  // namespace zscape
