#pragma once

#include <functional>

namespace zscape {

// Called by long work with the fraction done, in [0, 1], on the thread that works. Returning false
// asks the work to stop soon; it then ends with an Error of ErrorCode::cancelled. May be empty.
using Progress = std::function<bool(double fraction)>;

// Reports progress where somebody listens; true means go on.
inline bool report(const Progress& progress, double fraction) {
  return !progress || progress(fraction);
}

}  // namespace zscape
