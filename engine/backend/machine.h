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
  double of_thread =
      0;  // processor time of the calling thread, which other programs cannot stretch
};
using StepTimer = std::function<StepTime(const std::string& kernels, int threads)>;

// Both are measured once for this processor and kept in the user's cache folder.

// The candidates with their speeds; take the first. A later candidate moves to the front only if it
// is clearly faster, so that a disturbance does not change a run's bits. flops: of one step.
std::vector<KernelSpeed> kernels_by_speed(const std::vector<std::string>& candidates, double flops,
                                          const StepTimer& time_step);

// Begins to watch what other programs do; the answer says whether they took cores meanwhile that
// the measurement would have needed.
using LoadWatch = std::function<std::function<bool()>()>;
std::function<bool()> watch_load();

// How many threads train fastest with these kernels. The result is not stored if other programs
// disturbed the measurement: the next start measures again, as it does once the machine has other
// cores.
int fastest_thread_count(const std::string& kernels, const StepTimer& time_step,
                         const LoadWatch& watch = watch_load);

}  // namespace zscape
