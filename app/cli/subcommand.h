#pragma once

#include <memory>
#include <span>
#include <utility>

#include "app/cli/options.h"
#include "app/cli/outcome.h"
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

  // Whether several processes can carry it out together. Then all of them call run(), return the
  // same outcome, and only rank 0 has a console.
  virtual bool takes_ranks() const { return false; }
  void work_with(std::shared_ptr<Ranks> ranks) { ranks_ = std::move(ranks); }

 protected:
  void add_json() { options_.flag("--json", json_, tr("Prints one JSON object.")); }

  // Prints to_json(things…) with --json, else calls print(things…, out).
  Outcome<void> show(Console& console, auto to_json, auto print, const auto&... things) const {
    if (json_) {
      console.out << one_line(to_json(things...)) << std::endl;
    } else {
      print(things..., console.out);
    }
    return {};
  }

  OptionList options_;
  ParameterOptions parameters_;  // options that are parameters of a run
  bool json_ = false;
  std::shared_ptr<Ranks> ranks_;  // null: this process alone
};
using SubcommandPtr = std::unique_ptr<Subcommand>;

using MakeCommand = SubcommandPtr (*)(CLI::App& app);

template <class Command>
SubcommandPtr make(CLI::App& app) {
  return std::make_unique<Command>(app);
}

// Each in a file of its own: app/cli/NAME.cpp.
extern const MakeCommand make_explore, make_train, make_eval, make_measure, make_encode,
    make_decode, make_sample, make_reconstruct, make_manifold, make_interpolate, make_classify,
    make_forecast, make_translate_loss, make_lab, make_sweep, make_lab_worker, make_synthesize,
    make_fetch, make_info;

// A row of the table of commands.
struct CommandRow {
  const char* name;
  const char* help;  // empty: of programs alone, so that --help does not list it
  MakeCommand make;
};

// In the order in which --help lists them.
std::span<const CommandRow> commands();

}  // namespace zscape
