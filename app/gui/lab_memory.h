#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/gui/view/lab/lab_page.h"
#include "engine/error.h"

namespace zscape {

// What the place Lab keeps over a restart: predictions, how labs were run, opened folders.
struct LabMemory {
  std::map<std::string, LabGuess> guesses;  // by the experiment's name
  std::map<std::string, LabSetup> setups;   // likewise
  std::vector<std::string> opened;          // folders and files of one's own, the newest first
};

inline constexpr std::size_t kMostOpened = 12;

// An empty one where there is no file; a broken file is set aside and said to be.
Expected<LabMemory> read_lab_memory(const std::string& path);

// Whole or not at all.
Expected<void> write_lab_memory(const LabMemory& memory, const std::string& path);

}  // namespace zscape
