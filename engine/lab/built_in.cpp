#include "engine/lab/experiment.h"
#include "engine/lab/experiment_files.h"

namespace zscape {

std::vector<BuiltInExperiment> built_in_experiments() {
  return lab::experiment_files();  // CMake sorts them
}

}  // namespace zscape
