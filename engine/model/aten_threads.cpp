#include "engine/model/aten_threads.h"

#include <torch/torch.h>

namespace zscape {

void use_threads(int count) {
  at::get_num_threads();
  at::set_num_threads(count);
}

OneThread::OneThread() : before_(at::get_num_threads()) {
  if (before_ != 1) at::set_num_threads(1);
}

OneThread::~OneThread() {
  if (before_ != 1) at::set_num_threads(before_);
}

}  // namespace zscape
