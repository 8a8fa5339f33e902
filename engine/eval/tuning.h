#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/error.h"
#include "engine/eval/few_labels.h"
#include "engine/model/autoencoder.h"
#include "engine/progress.h"

namespace zscape {

// How an encoder learns from few labels.
struct Tuning {
  double learning_rate = 1e-4;
  std::uint64_t seed = 0;     // of the evaluation stream
  std::uint64_t counter = 0;  // the first of kTuningCounters of it
};

inline constexpr std::uint64_t kTuningCounters = std::uint64_t{1} << 20;

// The model with an encoder that Adam trained for the kernel classifier: each step fits the
// classifier to a random half of the labels and lowers its mean squared error on the other half. x:
// [n, d], the given inputs in the order of the labels.
//
// A fifth of the labels, held out, decides the number of steps; then training begins again with all
// labels. The encoder stays unchanged if no step helps or no class has a label to spare. Reads
// nothing but x and these labels. progress can cancel it.
Expected<Autoencoder> tuned(const Autoencoder& start, const at::Tensor& x, const GivenLabels& given,
                            const Tuning& tuning, const Progress& progress);

}  // namespace zscape
