#pragma once

#include <cstddef>
#include <functional>

#include "engine/progress.h"

namespace zscape {

// Gives the calling thread a team until it ends: `count` threads, itself included, that share its
// evaluations. They sleep in between; OpenMP's threads would spin and slow training down.
void use_team(int count);

// Calls work(0) … work(count − 1) once each, without gradients, in parallel by the calling thread's
// team. Each member has one ATen thread, so that results do not depend on their number. A thread
// without a team does everything with its own ATen threads. The calling thread reports
// progress; returns false if it was told to stop. Throws the first exception of work.
bool by_team(std::size_t count, const Progress& progress,
             const std::function<void(std::size_t)>& work);

}  // namespace zscape
