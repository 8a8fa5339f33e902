#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "app/cli/console.h"
#include "app/cli/explore_options.h"
#include "engine/backend.h"

namespace zscape {

// What the command line needs from outside. Both are called only by commands that need them, so
// that --help and wrong usage start no numerical library and no window.
struct Surroundings {
  // threads: of the engine thread; 0: measured.
  std::function<std::shared_ptr<Backend>(int threads)> make_backend;
  // Opens the window; returns the exit code.
  std::function<int(const ExploreOptions&, std::shared_ptr<Backend>)> explore;
};

// The whole program behind main(): reads the command line (without the program's name), does what
// it says, prints an error as one line. Returns the exit code.
int run(std::span<const std::string> arguments, const Surroundings& surroundings, Console& console);

}  // namespace zscape
