#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "engine/parquet/plugin.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

using OpenParquet = decltype(&zscape_open_parquet);

// The part lies beside the program. It stays open: its libraries are not made to be closed.
Expected<OpenParquet> open_part() {
  std::error_code unknown;
  const fs::path program = fs::read_symlink("/proc/self/exe", unknown);
  const fs::path path = program.parent_path() / "libzscape_parquet.so";
  if (unknown || !fs::exists(path, unknown)) {
    return fail(
        tr("this zscape was built without its part for Parquet files; ./dev with parquet adds it"));
  }
  // Arrow's own allocator reserves more address space than a reader has.
  if (::setenv("ARROW_DEFAULT_MEMORY_POOL", "system", 1) != 0) return fail(tr("no memory"));
  void* part = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (part == nullptr) {
    return fail(
        tr("the part for Parquet files does not start: {}; ./dev with parquet installs what "
           "it needs",
           ::dlerror()));
  }
  const auto open = reinterpret_cast<OpenParquet>(::dlsym(part, "zscape_open_parquet"));
  if (open == nullptr) return fail(::dlerror());
  return open;
}

}  // namespace

Expected<std::unique_ptr<FileReader>> open_parquet(const std::string& path) {
  static const Expected<OpenParquet> kOpen = open_part();
  if (!kOpen) return fail(tr("'{}' cannot be read: {}", path, kOpen.error().message));
  std::unique_ptr<FileReader> reader;
  std::string error;
  (*kOpen)(path, &reader, &error);
  if (!reader) return fail(error);
  return reader;
}

}  // namespace zscape
