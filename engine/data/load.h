#pragma once

#include <cstdint>
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

// CRC-32 over the shape, the inputs and the labels of both splits, not over names. It shows whether
// a resumed run has the data it began with. Takes about 50 ms for MNIST, and no time for mapped
// data, whose sum loading has made. Any thread.
std::uint32_t checksum(const Dataset& data);

}  // namespace zscape
