#pragma once

#include <cstddef>
#include <functional>

#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// Calls work(index) once for each index in 0 … count-1, on the calling thread and further ones, in
// any order. threads: 0 means one a processor, up to four. Ends early with an Error: the one of the
// smallest index that failed, or if_cancelled. An exception of work becomes an Error. progress is
// called on the calling thread.
Expected<void> for_each_index(std::size_t count, const char* if_cancelled, const Progress& progress,
                              const std::function<Expected<void>(std::size_t)>& work,
                              int threads = 0);

}  // namespace zscape
