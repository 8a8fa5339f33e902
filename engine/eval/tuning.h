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

// The model with its encoder trained by Adam so that the kernel classifier gets the given labels
// right: each step fits it to one half of them, in random order, and lowers the mean square of its
// errors on the other half. x: [n, d], the given inputs in the order of the labels.
//
// How many steps to take is found on a fifth of the labels, held out; then training begins again,
// with all of them. The encoder may stay as it is: where no step helps, or where no class has a
// label to spare. Nothing but x and these labels is read. Ends with ErrorCode::cancelled where
// progress says stop.
Expected<Autoencoder> tuned(const Autoencoder& start, const at::Tensor& x, const GivenLabels& given,
                            const Tuning& tuning, const Progress& progress);

}  // namespace zscape
