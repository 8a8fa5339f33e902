#pragma once

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

}  // namespace zscape
