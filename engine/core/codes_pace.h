#pragma once

#include <chrono>
#include <cstdint>

namespace zscape {

// How often the codes on show are made anew while a model takes its first steps, in which it
// changes most.
struct CodesPace {
  using Duration = std::chrono::steady_clock::duration;
  static constexpr std::int64_t kFirstSteps = 500;
  static constexpr std::int64_t kStepsBetween = 20;
  static constexpr int kTrainingShare = 3;  // training gets three quarters of the time at least

  // Whether codes of `codes_step` should be replaced at this step, whatever else is due. took: how
  // long the last refresh lasted. since: the time since it ended.
  static bool is_due(std::int64_t step, std::int64_t codes_step, Duration took, Duration since) {
    return step <= kFirstSteps && step - codes_step >= kStepsBetween &&
           since >= kTrainingShare * took;
  }
};

}  // namespace zscape
