#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/computing.h"

namespace zscape {

// Sets the number of ATen threads of the calling thread. ATen keeps a process-wide default that a
// thread takes over at its first parallel call, even after it was set by hand; so this makes that
// first call before it sets.
void use_threads(int count);

std::string processor_name();

// Seconds of one training step by these kernels on so many threads.
using StepTimer = std::function<double(const std::string& kernels, int threads)>;

// Both are measured once for this processor and kept in the user's cache folder.

// The candidates with their speeds, the one to take first: the first of them unless another is
// clearly faster, so that a disturbance does not change a run's bits. flops: of one step.
std::vector<KernelSpeed> kernels_by_speed(const std::vector<std::string>& candidates, double flops,
                                          const StepTimer& time_step);

// How many threads train fastest with these kernels.
int fastest_thread_count(const std::string& kernels, const StepTimer& time_step);

}  // namespace zscape
