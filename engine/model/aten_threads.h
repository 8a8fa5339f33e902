#pragma once

#include <ATen/Parallel.h>

namespace zscape {

// Sets the number of ATen threads of the calling thread. At its first parallel call a thread takes
// ATen's process-wide default, even over an explicit setting; so this makes that first call itself.
inline void use_threads(int count) {
  at::get_num_threads();
  at::set_num_threads(count);
}

// Sets the calling thread's number of ATen threads for a scope. Use one thread for short work:
// OpenMP's threads spin for a while after each piece.
class WithThreads {
 public:
  explicit WithThreads(int count) : before_(at::get_num_threads()) {
    if (before_ != count) at::set_num_threads(count);
  }
  ~WithThreads() {
    if (at::get_num_threads() != before_) at::set_num_threads(before_);
  }
  WithThreads(const WithThreads&) = delete;
  WithThreads& operator=(const WithThreads&) = delete;

 private:
  int before_;
};

}  // namespace zscape
