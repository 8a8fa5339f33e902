#pragma once

#include <array>
#include <string>

#include "app/gui/layout.h"
#include "app/gui/view/frame/appearance.h"
#include "engine/error.h"
#include "engine/history.h"

namespace zscape {

inline constexpr std::array kStoreMegabytes = {256, 384, 512, 1024, 2048};

// The user's settings, independent of the session.
struct Settings {
  Appearance appearance;
  bool hint_seen = false;  // of the first start
  int store_megabytes =
      static_cast<int>(kStoreBytes >> 20);  // one of kStoreMegabytes: SetStoreSize
  OpenRegions open = {};

  bool operator==(const Settings&) const = default;
};

// Reads the settings; a missing file, and each missing or invalid entry, means the default. A file
// that is not JSON is set aside as path.broken.
Expected<Settings> read_settings(const std::string& path);

// Makes the folder where it is missing.
Expected<void> write_settings(const Settings& settings, const std::string& path);

}  // namespace zscape
