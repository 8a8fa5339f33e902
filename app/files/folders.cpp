#include "app/files/folders.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <ctime>
#include <system_error>

#include "engine/data/user_folder.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

bool can_write(const fs::path& folder) {
  return !folder.empty() && ::access(folder.c_str(), W_OK | X_OK) == 0;
}

}  // namespace

fs::path config_folder() {
  return user_folder("XDG_CONFIG_HOME", ".config");
}

fs::path state_folder() {
  return user_folder("XDG_STATE_HOME", ".local/state");
}

fs::path pictures_folder() {
  if (fs::path named = absolute_path_in("XDG_PICTURES_DIR"); !named.empty()) return named;
  fs::path home = absolute_path_in("HOME");
  std::error_code ignored;
  if (home.empty() || !fs::is_directory(home / "Pictures", ignored)) return home;
  return home / "Pictures";
}

std::string screenshot_path() {
  std::error_code error;
  fs::path folder = fs::current_path(error);
  const bool at_home = !error && fs::equivalent(folder, absolute_path_in("HOME"), error);
  const fs::path pictures = pictures_folder();
  if (at_home || !can_write(folder)) {
    if (can_write(pictures)) folder = pictures;
  }
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  const std::string name = fmt::format("zscape-{:%Y%m%d-%H%M%S}", local);
  fs::path path = folder / (name + ".png");
  for (int number = 2; fs::exists(path, error); ++number) {
    path = folder / fmt::format("{}-{}.png", name, number);
  }
  return path.string();
}

}  // namespace zscape
