#pragma once

#include <cstddef>
#include <functional>

#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// Calls work(index) for 0 … count-1 on the caller's thread and up to three more, each index once,
// in no certain order. Ends early with an Error: that of the smallest index that failed, or
// if_cancelled. progress is called on the caller's thread. work may throw; the exception becomes an
// Error.
Expected<void> for_each_index(std::size_t count, const char* if_cancelled, const Progress& progress,
                              const std::function<Expected<void>(std::size_t)>& work);

}  // namespace zscape
