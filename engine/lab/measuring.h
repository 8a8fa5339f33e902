#pragma once

#include <string>
#include <vector>

#include "engine/backend.h"
#include "engine/lab/results.h"
#include "engine/progress.h"
#include "engine/training/loop.h"

namespace zscape::lab {

// A trained model with all that its figures need.
struct Trained {
  const RunPlan& plan;
  const Dataset& data;
  FrozenModelPtr model;
  RunRecord record;
  Indices rows;                       // that it learned from; null: the whole training split
  std::vector<EpochMeasured> epochs;  // in their order
  std::string pictures;               // how their files begin; empty: none are kept
};

// Fills in the figures and curves that the run asks for, in its order. A figure that this model
// does not have is NaN.
Expected<void> measure(const std::vector<LabMeasure>& wanted, const Trained& trained,
                       LabResult& result, const Progress& progress);

}  // namespace zscape::lab
