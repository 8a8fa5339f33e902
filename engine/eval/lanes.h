#pragma once

#include <cstddef>
#include <functional>

#include "engine/progress.h"

namespace zscape {

// Gives the calling thread lanes until it ends: so many threads, itself among them, that share out
// what it evaluates. They sleep in between; OpenMP's spin, and take what training beside them
// needs.
void use_lanes(int count);

// Calls work(0) … work(count − 1) without gradients, each once: side by side on the calling
// thread's lanes, with one ATen thread each, so that results do not depend on how many lanes there
// are. A thread without lanes does all of it with its own ATen threads. The calling thread reports
// progress between its parts; false: it was told to stop. Throws what work throws first.
bool on_lanes(std::size_t count, const Progress& progress,
              const std::function<void(std::size_t)>& work);

}  // namespace zscape
