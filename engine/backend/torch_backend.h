#pragma once

#include <memory>

#include "engine/backend.h"

namespace zscape {

struct TorchBackendOptions {
  int threads = 0;  // of the engine thread; 0: measured once and kept in the user's cache folder
};

// The backend on LibTorch, on the CPU.
std::unique_ptr<Backend> make_torch_backend(const TorchBackendOptions& options);

}  // namespace zscape
