#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "app/cli/console.h"
#include "app/cli/explore_options.h"
#include "app/cli/machine.h"

namespace zscape {

// What the command line needs from outside.
struct Surroundings {
  Machine machine;
  // Opens the window; returns the exit code.
  std::function<int(const ExploreOptions&, std::shared_ptr<Backend>)> explore;
};

// The whole program behind main(): reads the command line (without the program's name), does what
// it says, prints an error as one line. Returns the exit code.
int run(std::span<const std::string> arguments, const Surroundings& surroundings, Console& console);

}  // namespace zscape
