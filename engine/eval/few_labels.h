#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/frozen_model.h"

namespace zscape {

// The labelled inputs of one draw, in random order: all that a few-label classifier may read.
struct GivenLabels {
  std::vector<std::int64_t> rows;  // of the training split
  std::vector<int> labels;         // theirs, each in [0, classes)
  int classes = 0;
};

// The draw-th choice of labelled inputs: labels / classes from each class; a remainder goes to
// random classes, one each. Depends only on the task's seed and number of labels, on draw and on
// the data. Fails if the data has no labels or too few inputs of a class.
Expected<GivenLabels> draw_labels(const Dataset& data, const FewLabels& task, int draw);

// Places in a list of labels, divided for early stopping.
struct HoldOut {
  std::vector<std::int64_t> kept;
  std::vector<std::int64_t> held;  // a fifth of each class, at least one of two or more
};
HoldOut hold_out(std::span<const int> labels, int classes);

}  // namespace zscape
