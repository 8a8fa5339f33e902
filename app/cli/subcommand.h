#pragma once

#include <memory>
#include <span>

#include "app/cli/option_list.h"
#include "app/cli/outcome.h"
#include "app/cli/parameter_options.h"
#include "app/cli/run.h"

namespace zscape {

// One command of the program: its options, and what it does. Its constructor adds the options,
// CLI11 reads them, then run() does the work.
class Subcommand {
 public:
  explicit Subcommand(CLI::App& app) : options_(app), parameters_(options_) {}
  virtual ~Subcommand() = default;
  Subcommand(const Subcommand&) = delete;
  Subcommand& operator=(const Subcommand&) = delete;

  // Refuses wrong usage before any work. Calls Backend::enter_thread for this thread before it
  // uses a backend. Writes results to console.out and progress to console.err, and leaves the error
  // line to the caller.
  virtual Outcome<void> run(const Surroundings& surroundings, Console& console) = 0;

 protected:
  void add_json() { options_.flag("--json", json_, tr("Prints one JSON object.")); }

  OptionList options_;
  ParameterOptions parameters_;  // options that are parameters of a run
  bool json_ = false;
};
using SubcommandPtr = std::unique_ptr<Subcommand>;

// A row of the table of commands.
struct CommandRow {
  const char* name;
  const char* help;
  SubcommandPtr (*make)(CLI::App& app);
};

// In the order in which --help lists them.
std::span<const CommandRow> commands();

}  // namespace zscape
