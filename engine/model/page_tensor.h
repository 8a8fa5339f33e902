#pragma once

#include <ATen/core/Tensor.h>

namespace zscape {

// A contiguous copy of a tensor on the CPU, without gradient. Large ones lie in pages of their
// own, which go back to the system whole: in the heap, copies of all weights that live for a moment
// leave holes between what is kept, which fit neither, and a run's past took twice its memory.
at::Tensor copy_in_pages(const at::Tensor& tensor);

}  // namespace zscape
