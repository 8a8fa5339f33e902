#include "child_input.h"
#include "targets.h"

namespace zscape {
namespace {

bool read_hdf5(FuzzBytes bytes) {
  static const FuzzFolder folder;
  return is_read_or_refused(folder.put("file.h5ad", bytes));
}

}  // namespace

FuzzTarget hdf5_target() {
  return {.name = "hdf5", .formats = {"an HDF5 file"}, .run = read_hdf5};
}

}  // namespace zscape
