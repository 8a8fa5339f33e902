#pragma once

#include <memory>

#include "engine/backend.h"
#include "engine/computing.h"

namespace zscape {

// These options with the fastest kernels of this machine filled in, measured if necessary. Fails if
// this machine cannot compute so.
Expected<ComputeOptions> settled(const ComputeOptions& options);

// The backend on LibTorch. Without named kernels it finds the fastest when it first trains.
// options: must pass settled().
std::unique_ptr<Backend> make_torch_backend(const ComputeOptions& options);

// Measures what was not measured before; takes about a second.
MachineInfo machine_info();

}  // namespace zscape
