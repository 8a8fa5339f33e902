#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/gui/view/frame/theme.h"

namespace zscape {

// A path typed in the window, where the desktop has no file chooser.
struct PathPromptState {
  struct Entry {
    std::string name;
    bool is_folder = false;
  };

  bool wanted = false;  // open it in the next frame
  bool saves = false;   // for a file that need not be there
  std::string title;
  std::string text;                   // as typed
  std::vector<Entry> entries;         // of the folder that is typed, sorted, folders first
  std::optional<std::string> folder;  // that they are of
  bool focus = false;                 // the field gets the keyboard in the next frame
  bool to_end = false;                // and its caret goes behind the text
};

void ask_for_path(PathPromptState& state, std::string title, std::string start, bool saves);

// Draws it over the middle of frame.rect where it is open. Returns the path that was entered.
std::optional<std::string> draw_path_prompt(PathPromptState& state,
                                            std::span<const std::string> recent,
                                            const PanelFrame& frame);

// How far a typed name goes on in the same way for all entries that begin with it.
std::string completed(const std::string& text, std::span<const PathPromptState::Entry> entries);

}  // namespace zscape
