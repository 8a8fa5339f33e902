#pragma once

#include <functional>
#include <memory>

#include "engine/backend.h"
#include "engine/computing.h"

namespace zscape {

// What commands compute with. Each function is called only by commands that need it, so that
// --help and wrong usage start no numerical library.
struct Machine {
  // The same with the fastest kernels and the device named; fails where this machine cannot compute
  // so.
  std::function<Expected<ComputeOptions>(const ComputeOptions&)> settled;
  // options: that are known to be possible.
  std::function<std::shared_ptr<Backend>(const ComputeOptions&)> make_backend;
  std::function<MachineInfo()> info;
};

}  // namespace zscape
