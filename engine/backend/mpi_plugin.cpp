#include "engine/backend/mpi_plugin.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "engine/launch.h"
#include "engine/mpi/plugin.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

// The plug-in lies beside the program.
Expected<std::shared_ptr<Ranks>> open(int size) {
  std::error_code unknown;
  const fs::path program = fs::read_symlink("/proc/self/exe", unknown);
  const fs::path path = program.parent_path() / "libzscape_mpi.so";
  if (unknown || !fs::exists(path, unknown)) {
    return fail(
        tr("{} processes were started together, and this zscape was built without its part for "
           "MPI (libzscape_mpi.so); run ./dev with mpi, or start one without mpirun",
           size));
  }
  // Global: MPI's own components look for its library among the symbols of the program.
  void* plugin = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (plugin == nullptr) return fail(dlerror());
  const auto open_mpi =
      reinterpret_cast<decltype(&zscape_open_mpi)>(dlsym(plugin, "zscape_open_mpi"));
  if (open_mpi == nullptr) return fail(dlerror());
  std::unique_ptr<Ranks> ranks;
  std::string error;
  open_mpi(&ranks, &error);
  if (!ranks) return fail(tr("MPI cannot be started: {}", error));
  if (ranks->size() != size) {
    return fail(
        tr("{} processes were started together, and MPI finds {} of them; start them by the "
           "mpirun of the MPI that this zscape was built with",
           size, ranks->size()));
  }
  return std::shared_ptr<Ranks>(std::move(ranks));
}

}  // namespace

Expected<std::shared_ptr<Ranks>> open_ranks() {
  const Launch launch = launch_of_this_process();
  if (launch.size == 1) return nullptr;
  return open(launch.size);
}

}  // namespace zscape
