#pragma once

#include <cstdint>
#include <memory>

#include "engine/dataset.h"

namespace zscape {

// The data with `limit` training inputs (or sequences) that the seed draws, one of each class at
// least (RunPlan::limit); 0, or as many as there are: the data themselves. Copies only what is
// kept: all of it may fill the memory. Mapped inputs stay mapped where even these are too many.
std::shared_ptr<const Dataset> limited(std::shared_ptr<const Dataset> data, std::int64_t limit,
                                       std::uint64_t seed);

}  // namespace zscape
