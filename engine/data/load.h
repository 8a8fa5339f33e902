#pragma once

#include <memory>

#include "engine/data_request.h"
#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// Loads what request.source names, by the first format that can open it (engine/data/formats.h):
// names come first, so that a folder of such a name is ./mnist. A format delivers raw parts; this
// checks that they fit together, names the classes, reads the inputs, holds out a test part where
// there is none, and finds the scaling. Data from files are called after their folder or file, and
// their source is its absolute path. Any thread; takes a second or so for MNIST.
Expected<std::shared_ptr<const Dataset>> load_dataset(const DataRequest& request,
                                                      const Progress& progress = {});

}  // namespace zscape
