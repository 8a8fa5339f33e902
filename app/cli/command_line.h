#pragma once

#include <span>
#include <string>

#include "app/cli/options.h"
#include "app/cli/outcome.h"

namespace zscape {

// Reads the command line, without the program's name. Looks at files only to tell a model from
// data where a command takes either.
Outcome<Request> parse_command_line(std::span<const std::string> arguments);

}  // namespace zscape
