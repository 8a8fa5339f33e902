#pragma once

#include <functional>

namespace zscape {

// Sets the number of ATen threads of the calling thread. ATen keeps a process-wide default that a
// thread takes over at its first parallel call, even after it was set by hand; so this makes that
// first call before it sets.
void use_threads(int count);

// How many threads train fastest on this machine. Measured once, by time_steps(threads), which
// returns the seconds of some training steps, and kept in the user's cache folder; LibTorch on few
// cores is several times slower with a wrong setting.
int fastest_thread_count(const std::function<double(int threads)>& time_steps);

}  // namespace zscape
