#pragma once

#include <optional>
#include <set>
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
  std::string offered;                   // the folder that was not typed, at the text's beginning
  std::set<std::string> gone;            // of the recent files, when it was opened
  std::optional<std::string> warned_of;  // Enter was pressed on this file, which would be replaced
  bool to_end = false;                   // the caret then goes to the end of the text
};

void ask_for_path(PathPromptState& state, std::string title, std::string start, bool saves);

// Draws it over the middle of frame.rect while it is open. Returns the path that was entered.
std::optional<std::string> draw_path_prompt(PathPromptState& state,
                                            std::span<const std::string> recent,
                                            const PanelFrame& frame);

// The files of a list that do not exist.
std::set<std::string> gone_of(std::span<const std::string> files);

// A path that begins at the root or at home, typed after the folder that was offered, takes its
// place: "/here//data" is "/data". Else the text as it is.
std::string without_offer(const std::string& text, const std::string& offered);

// "~" is the home folder, with or without more behind it.
std::string with_home(const std::string& text);

// The typed text, completed as far as all entries that begin with it agree.
std::string completed(const std::string& text, std::span<const PathPromptState::Entry> entries);

}  // namespace zscape
