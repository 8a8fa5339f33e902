#pragma once

#include <memory>
#include <string>

#include "engine/training/trainers/accelerator.h"

// The export of libzscape_cuda.so: the first GPU, or one line that says why it cannot be used.
// Program and plug-in must be built by the same compiler from the same headers.
extern "C" void zscape_open_cuda(std::unique_ptr<zscape::Accelerator>* accelerator,
                                 std::string* error);
