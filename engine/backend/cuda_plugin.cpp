#include "engine/backend/cuda_plugin.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "engine/cuda/plugin.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

// Asks the driver itself: LibTorch's CUDA libraries take half a second to load.
Expected<void> check_driver() {
  void* driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (driver == nullptr) return fail(tr("no NVIDIA driver is installed here (libcuda.so.1)"));
  const auto initialise = reinterpret_cast<int (*)(unsigned)>(dlsym(driver, "cuInit"));
  const auto count_devices = reinterpret_cast<int (*)(int*)>(dlsym(driver, "cuDeviceGetCount"));
  int error = -1, devices = 0;
  if (initialise != nullptr && count_devices != nullptr) {
    error = initialise(0);
    if (error == 0) error = count_devices(&devices);
  }
  // Stays open: CUDA's libraries need it, too.
  if (error == 0 && devices > 0) return {};
  constexpr int kNoDevice = 100;
  if (error == 0 || error == kNoDevice) return fail(tr("the NVIDIA driver finds no GPU"));
  return fail(tr("the NVIDIA driver does not answer (cuInit: error {})", error));
}

// The plug-in lies beside the program.
Expected<fs::path> plugin_path() {
  std::error_code unknown;
  const fs::path program = fs::read_symlink("/proc/self/exe", unknown);
  const fs::path path = program.parent_path() / "libzscape_cuda.so";
  if (!unknown && fs::exists(path, unknown)) return path;
  return fail(
      tr("this zscape was built without its part for CUDA (libzscape_cuda.so); run ZSCAPE_CUDA=on "
         "./dev build"));
}

Expected<std::shared_ptr<Accelerator>> open() {
  if (auto driver = check_driver(); !driver) return tl::unexpected(driver.error());
  const auto path = plugin_path();
  if (!path) return tl::unexpected(path.error());
  void* plugin = dlopen(path->c_str(), RTLD_NOW | RTLD_LOCAL);
  if (plugin == nullptr) return fail(dlerror());
  const auto open_cuda =
      reinterpret_cast<decltype(&zscape_open_cuda)>(dlsym(plugin, "zscape_open_cuda"));
  if (open_cuda == nullptr) return fail(dlerror());
  std::unique_ptr<Accelerator> accelerator;
  std::string error;
  open_cuda(&accelerator, &error);
  if (!accelerator) return fail(error);
  return std::shared_ptr<Accelerator>(std::move(accelerator));
}

}  // namespace

const Expected<std::shared_ptr<Accelerator>>& cuda_accelerator() {
  // Never destroyed: CUDA's libraries may be gone by then.
  static const auto& opened = *new Expected<std::shared_ptr<Accelerator>>(open());
  return opened;
}

}  // namespace zscape
