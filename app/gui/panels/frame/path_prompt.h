#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/gui/view/frame/theme.h"

namespace zscape {

// A path typed in the window where the desktop has no file chooser.
struct PathPromptState {
  struct Entry {
    std::string name;
    bool is_folder = false;
  };

  bool wanted = false;  // open it in the next frame
  bool saves = false;   // for a file that need not exist
  std::string title;
  std::string text;                      // as typed
  std::vector<Entry> entries;            // of the typed folder, sorted, folders first
  std::optional<std::string> folder;     // the folder of the entries
  bool focus = false;                    // the field gets the keyboard in the next frame
  std::optional<std::string> warned_of;  // Enter was pressed on this file, which would be replaced
  bool to_end = false;                   // the caret then goes to the end of the text
};

void ask_for_path(PathPromptState& state, std::string title, std::string start, bool saves);

// Draws it over the middle of frame.rect while it is open. Returns the path that was entered.
std::optional<std::string> draw_path_prompt(PathPromptState& state,
                                            std::span<const std::string> recent,
                                            const PanelFrame& frame);

// The typed text, completed as far as all entries that begin with it agree.
std::string completed(const std::string& text, std::span<const PathPromptState::Entry> entries);

}  // namespace zscape
