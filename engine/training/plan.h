#pragma once

#include <cstdint>

#include "engine/computing.h"
#include "engine/data_request.h"
#include "engine/hold_out.h"
#include "engine/kl_schedule.h"
#include "engine/model_spec.h"
#include "engine/trainer.h"

namespace zscape {

// Everything that decides a run's numbers: equal plans on equal data and equal processors give the
// same bits.
struct RunPlan {
  DataRequest data{"synthetic", {}};
  std::int64_t limit = 0;         // training inputs to use; 0: all
  ModelSpec spec;                 // shape, classes and scaling are taken from the data
  bool chose_likelihood = false;  // false: the likelihood follows the data
  StepSettings settings;          // of every step; kl_weight is the schedule's final λ
  double last_learning_rate = 0;  // at the end of the run, reached by equal factors; 0: constant
  KlSchedulePlan schedule;        // of λ
  std::int64_t epochs = 10;       // ≥ 1; 0: until somebody pauses it
  HoldOut hold_out;               // validation rows and patience
  std::uint64_t seed = 0;
  ComputeOptions compute;  // threads, kernels, precision, device
};

}  // namespace zscape
