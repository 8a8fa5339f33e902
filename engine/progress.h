#pragma once

#include <functional>

namespace zscape {

// Long work calls this on its own thread with the fraction done, in [0, 1]. If it returns false,
// the work stops soon and ends with an Error of ErrorCode::cancelled. May be empty.
using Progress = std::function<bool(double fraction)>;

// Reports progress if somebody listens; true means go on.
inline bool report(const Progress& progress, double fraction) {
  return !progress || progress(fraction);
}

// The progress of one part of the work, which takes it from one fraction to another.
inline Progress part_of(const Progress& progress, double from, double to) {
  return [=](double fraction) { return report(progress, from + (to - from) * fraction); };
}

}  // namespace zscape
