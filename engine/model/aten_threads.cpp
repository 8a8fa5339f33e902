#include "engine/model/aten_threads.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

namespace zscape {

void use_threads(int count) {
  at::get_num_threads();
  at::set_num_threads(count);
}

WithThreads::WithThreads(int count) : before_(at::get_num_threads()) {
  if (before_ != count) at::set_num_threads(count);
}

WithThreads::~WithThreads() {
  if (at::get_num_threads() != before_) at::set_num_threads(before_);
}

}  // namespace zscape
