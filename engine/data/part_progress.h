#pragma once

#include "engine/progress.h"

namespace zscape {

// The progress of a part of long work that takes it from one fraction to another. Refers to
// progress, which must outlive it.
inline Progress part_of(const Progress& progress, double from, double to) {
  return [&progress, from, to](double fraction) {
    return report(progress, from + (to - from) * fraction);
  };
}

}  // namespace zscape
