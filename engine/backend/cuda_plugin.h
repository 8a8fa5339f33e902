#pragma once

#include <memory>

#include "engine/error.h"
#include "engine/training/trainers/accelerator.h"

namespace zscape {

// This machine's first NVIDIA GPU, opened at the first call, or one line that says why none can be
// used. Loads nothing if there is no driver. Any thread.
const Expected<std::shared_ptr<Accelerator>>& cuda_accelerator();

}  // namespace zscape
