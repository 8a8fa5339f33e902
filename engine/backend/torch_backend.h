#pragma once

#include <memory>

#include "engine/backend.h"
#include "engine/computing.h"

namespace zscape {

// The same with the kernels named that are fastest here, measured where they have not been; fails
// where this machine cannot compute so.
Expected<ComputeOptions> settled(const ComputeOptions& options);

// The backend on LibTorch, on the CPU. Without named kernels it takes the fastest when it first
// trains. options: what settled() does not refuse.
std::unique_ptr<Backend> make_torch_backend(const ComputeOptions& options);

// Measures what has not been measured here yet, for a second or so.
MachineInfo machine_info();

}  // namespace zscape
