#pragma once

#include <string>
#include <vector>

#include "app/cli/outcome.h"
#include "app/files/file_type.h"

namespace zscape {

// A file that a command is to write.
struct Output {
  std::string option;  // that names it: "--out"
  std::string path;    // empty: none
  FileType type = FileType::unknown;
};

// What a command reads.
struct CommandInputs {
  struct File {
    std::string path;  // empty: none
    std::string what;  // "the model"
  };
  std::vector<File> files;
  std::string data;  // as --data has it; empty: none
};

// Refuses an output in whose place one of the inputs lies, or a file of another type: it would be
// lost. A former output of the same type may be replaced. Ask before the work.
Outcome<void> check_replaces_nothing(const Output& output, const CommandInputs& inputs);

}  // namespace zscape
