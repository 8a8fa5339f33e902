#pragma once

#include <cstdint>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/eval/few_labels.h"
#include "engine/frozen_model.h"
#include "engine/model/autoencoder.h"
#include "engine/progress.h"

namespace zscape {

// Classification of the test split by codes μ from few labels of the training split, in the task's
// number of draws. An encoder pre-trained without labels, then a KernelClassifier on the codes of
// the labelled inputs; the modes differ in the encoder only: as it is (frozen), trained on from its
// weights or from random ones by the same labels (Tuning). Labels beyond the given ones choose the
// draw and score the result, and are read for nothing else.
//
// Runs on the calling thread. Fails for cvae, whose encoder reads the label, and for data without
// enough labels; ends with ErrorCode::cancelled where progress says stop.
Expected<FewLabelAccuracy> classify(const Autoencoder& model, const Dataset& data,
                                    const FewLabels& task, const Progress& progress);

// One draw of it: the share of the test split that is right. Of data.train, the pixels of the given
// rows are read and no labels. draw: what random numbers to train with.
Expected<double> accuracy_with(const Autoencoder& model, const Dataset& data,
                               const GivenLabels& given, const FewLabels& task, int draw,
                               const Progress& progress);

}  // namespace zscape
