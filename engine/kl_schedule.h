#pragma once

#include <cstdint>

namespace zscape {

// How λ rises during a run: a factor in [0, 1] on its final value for each step.
struct KlSchedule {
  enum class Kind {
    constant,  // 1 from the first step on
    warm_up,   // a ramp from 0 over the first `steps`, then 1
    cyclic,    // `cycles` equal parts of `steps`: a ramp over the first half of each, then 1;
  };           // 1 after the last (Fu et al. 2019)
  Kind kind = Kind::constant;
  double steps = 0;             // > 0 unless constant
  int cycles = 4;               // ≥ 1; cyclic only
  std::int64_t first_step = 0;  // where it begins; the factor before it is 0

  // Steps count from 0.
  double factor(std::int64_t step) const;

  // Whether a later step has another factor.
  bool changes_after(std::int64_t step) const;

  bool operator==(const KlSchedule&) const = default;
};

// The course of λ as people write it: "constant", "warmup:E", "cyclic:M".
struct KlSchedulePlan {
  KlSchedule::Kind kind = KlSchedule::Kind::constant;
  double amount = 0;  // warm_up: epochs > 0; cyclic: cycles ≥ 1

  // The same in steps of a run.
  KlSchedule in_steps(std::int64_t epochs, std::int64_t steps_per_epoch) const;

  bool operator==(const KlSchedulePlan&) const = default;
};

}  // namespace zscape
