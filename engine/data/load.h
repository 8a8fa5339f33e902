#pragma once

#include <memory>

#include "engine/data_request.h"
#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// Loads request.source with the first format that can open it (engine/data/formats.h). Names come
// first: a folder called mnist is ./mnist. The format delivers raw parts; this function checks that
// they fit together, names the classes, reads the inputs, holds out a test part if there is none,
// and finds the scaling. Data from files are named after their file or folder, and their source is
// its absolute path. Any thread; takes about a second for MNIST.
Expected<std::shared_ptr<const Dataset>> load_dataset(const DataRequest& request,
                                                      const Progress& progress = {});

}  // namespace zscape
