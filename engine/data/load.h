#pragma once

#include <memory>

#include "engine/data_request.h"
#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// Loads what request.source names:
//   synthetic                      the embedded digits (engine/data/synthetic.h)
//   mnist, fashion-mnist, kmnist   what `zscape fetch` downloaded (engine/data/named_sets.h); these
//                                  words win over files, so that a folder of that name is ./mnist
//   an .npy file                   one array (engine/data/npy_folder.h), known by its content
//   a folder                       by what it holds, the first that fits: IDX files
//                                  (engine/data/idx_folder.h), NPY files (npy_folder.h), pictures
//                                  (image_folder.h)
// Data from files are named after their folder or file, and their source is its absolute path. Any
// thread; takes a second or so for MNIST.
Expected<std::shared_ptr<const Dataset>> load_dataset(const DataRequest& request,
                                                      const Progress& progress = {});

}  // namespace zscape
