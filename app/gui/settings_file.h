#pragma once

#include <string>

#include "app/gui/view/frame/appearance.h"
#include "engine/error.h"

namespace zscape {

// What is remembered of a person, whatever they work on.
struct Settings {
  Appearance appearance;
  bool hint_seen = false;  // of the first start

  bool operator==(const Settings&) const = default;
};

// Reads what is there; a missing file means the defaults, and so does each entry that is missing
// or makes no sense. A file that is no JSON is set aside under the name path.broken.
Expected<Settings> read_settings(const std::string& path);

// Makes the folder where it is missing.
Expected<void> write_settings(const Settings& settings, const std::string& path);

}  // namespace zscape
