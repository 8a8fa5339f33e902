#include "app/gui/settings_file.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

bool read_and_write(FuzzBytes bytes) {
  static const FuzzFolder folder;
  const std::string path = folder.put("settings.json", bytes);
  const auto settings = read_settings(path);
  if (!settings) {
    std::filesystem::remove(path + ".broken");
    return false;
  }
  demand(write_settings(*settings, path).has_value(), "settings can be written");
  const auto again = read_settings(path);
  demand(again && *again == *settings, "written settings are those that were read");
  return true;
}

}  // namespace

FuzzTarget settings_target() {
  return {.name = "settings", .run = read_and_write};
}

}  // namespace zscape
