#pragma once

#include <filesystem>
#include <string>

namespace zscape {

// The user's folders by the XDG Base Directory Specification; empty if neither the variable nor
// HOME is an absolute path. They may not exist.
std::filesystem::path config_folder();    // $XDG_CONFIG_HOME/zscape, by default ~/.config/zscape
std::filesystem::path state_folder();     // $XDG_STATE_HOME/zscape, ~/.local/state/zscape
std::filesystem::path pictures_folder();  // $XDG_PICTURES_DIR, ~/Pictures where there is one

// A free file name for a screenshot, with the time of day: in the current folder, or in the
// pictures folder if that is the home folder or read-only.
std::string screenshot_path();

}  // namespace zscape
