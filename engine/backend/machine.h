#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/computing.h"

namespace zscape {

std::string processor_name();

// Seconds of one training step.
struct StepTime {
  double elapsed = 0;
  double of_thread = 0;  // processor time of the calling thread: programs beside do not stretch it
};
using StepTimer = std::function<StepTime(const std::string& kernels, int threads)>;

// Both are measured once for this processor and kept in the user's cache folder.

// The candidates with their speeds, the one to take first: the first of them unless another is
// clearly faster, so that a disturbance does not change a run's bits. flops: of one step.
std::vector<KernelSpeed> kernels_by_speed(const std::vector<std::string>& candidates, double flops,
                                          const StepTimer& time_step);

// How many threads train fastest with these kernels. Not kept where other programs took so much of
// the processors that it may be less than what is best on an idle machine.
int fastest_thread_count(const std::string& kernels, const StepTimer& time_step);

}  // namespace zscape
