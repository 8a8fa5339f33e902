#pragma once

#include <filesystem>
#include <string>

namespace zscape {

// The user's folders after the XDG Base Directory Specification; empty where neither the variable
// nor HOME is an absolute path. Nothing is made.
std::filesystem::path config_folder();    // $XDG_CONFIG_HOME/zscape, by default ~/.config/zscape
std::filesystem::path state_folder();     // $XDG_STATE_HOME/zscape, ~/.local/state/zscape
std::filesystem::path pictures_folder();  // $XDG_PICTURES_DIR, ~/Pictures where there is one

// Where a screenshot goes, under a name with this time of day that is not taken: the current
// folder; the pictures' where that is the home folder or cannot be written to.
std::string screenshot_path();

}  // namespace zscape
