#include "engine/data/user_folder.h"

#include <cstdlib>

namespace zscape {

namespace fs = std::filesystem;

fs::path absolute_path_in(const char* variable) {
  const char* value = std::getenv(variable);
  const fs::path path = value == nullptr ? "" : value;
  return path.is_absolute() ? path : fs::path();
}

fs::path user_folder(const char* variable, const char* home_part) {
  if (const fs::path base = absolute_path_in(variable); !base.empty()) return base / "zscape";
  if (const fs::path home = absolute_path_in("HOME"); !home.empty()) {
    return home / home_part / "zscape";
  }
  return {};
}

}  // namespace zscape
