#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/gui/view/frame/theme.h"

namespace zscape {

// What was chosen in the menu of the File section.
struct FileRequest {
  enum class Kind { open_file, open_folder, open_path, save_session, begin_afresh };
  Kind kind;
  std::string path;  // open_path only
};

struct FileMenuState {
  std::vector<std::string> recent;      // newest first
  std::vector<std::string> ready_made;  // models that come with zscape
  std::optional<FileRequest> request;   // the window takes it
};

// A small button at the right end of the present row, with its menu.
void draw_file_menu(FileMenuState& state, const PanelFrame& frame);

}  // namespace zscape
