#pragma once

#include <memory>
#include <string>

#include "engine/training/trainers/accelerator.h"

// What libzscape_cuda.so exports: the first GPU, or why, in one line, it cannot be used. Both were
// built by the same compiler from the same headers.
extern "C" void zscape_open_cuda(std::unique_ptr<zscape::Accelerator>* accelerator,
                                 std::string* error);
