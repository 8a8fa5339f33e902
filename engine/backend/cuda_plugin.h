#pragma once

#include <memory>

#include "engine/error.h"
#include "engine/training/trainers/accelerator.h"

namespace zscape {

// This machine's first NVIDIA GPU, opened at the first call; or, in one line, why there is none
// that can be used. Without a driver nothing is loaded. From any thread.
const Expected<std::shared_ptr<Accelerator>>& cuda_accelerator();

}  // namespace zscape
