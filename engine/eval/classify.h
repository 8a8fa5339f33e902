#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/eval/few_labels.h"
#include "engine/frozen_model.h"
#include "engine/model/autoencoder.h"
#include "engine/progress.h"

namespace zscape {

// Classifies the test split by codes μ from few labels of the training split, once for each draw of
// labels: a KernelClassifier on the codes of the labelled inputs. The modes differ in the encoder
// only: unchanged (frozen), or trained with the same labels from its weights or from random ones
// (Tuning). All other labels only choose the draw and score the result.
//
// Runs on the calling thread. Fails for cvae, whose encoder reads the label, and if there are not
// enough labels. progress can cancel it.
Expected<FewLabelAccuracy> classify(const Autoencoder& model, const Dataset& data,
                                    const FewLabels& task, const Progress& progress);

// One draw: the share of the test split that is classified correctly. Reads the pixels of the given
// training rows, but no other labels. draw selects the random numbers.
Expected<double> accuracy_with(const Autoencoder& model, const Dataset& data,
                               const GivenLabels& given, const FewLabels& task, int draw,
                               const Progress& progress);

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
