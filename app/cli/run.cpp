#include "app/cli/run.h"

#include <algorithm>
#include <exception>
#include <iostream>
#include <new>
#include <ostream>
#include <streambuf>
#include <utility>
#include <vector>

#include "app/cli/interrupt.h"
#include "app/cli/subcommand.h"
#include "app/cli/together.h"
#include "app/files/source_kind.h"
#include "engine/io/pytorch_file.h"
#include "engine/launch.h"
#include "engine/text.h"
#include "engine/thrown.h"

namespace zscape {
namespace {

constexpr auto kDefaultCommand = "explore";

// A line without a command opens the explorer.
Outcome<std::vector<std::string>> with_command(std::span<const std::string> arguments) {
  std::vector<std::string> all(arguments.begin(), arguments.end());
  if (all.empty()) return std::vector<std::string>{kDefaultCommand};
  const std::string& first = all[0];
  const bool is_command =
      std::ranges::any_of(commands(), [&](const CommandRow& row) { return row.name == first; });
  if (first == "--help" || first == "-h" || first == "--version" || is_command) return all;
  if (const auto refusal = refusal_of_pytorch(first)) return wrong_usage(refusal->message);
  if (!first.starts_with("-") && !source_kind(first)) {
    return wrong_usage(
        tr("{} is no command, no model, no session and no data; zscape --help lists the commands",
           first));
  }
  all.insert(all.begin(), kDefaultCommand);
  return all;
}

// What one rank alone meets must not leave the others waiting.
template <class Work>
Outcome<void> by_ranks(Ranks& ranks, const Work& work) {
  try {
    const std::string version = ZSCAPE_VERSION;
    std::string first = version;
    ranks.broadcast(first, 0);
    const bool is_same = first == version;
    if (auto all = agreed(ranks, is_same ? Outcome<void>()
                                         : failed(tr("this is zscape {}, and rank 0 is zscape {}",
                                                     version, first)));
        !all) {
      return all;
    }
    return work();
  } catch (const std::bad_alloc&) {
    end_all(ranks, tr("there is not enough memory for this"));
  } catch (const std::exception& error) {
    end_all(ranks, first_line(error));
  }
}

Outcome<void> perform(std::span<const std::string> arguments, const Surroundings& surroundings,
                      Console& console, const Launch& launch) {
  CLI::App app(
      tr("Watch autoencoders learn and walk through their latent space.\n"
         "Without a command the explorer opens: zscape [MODEL|SESSION|DATA] [OPTIONS]; its options "
         "are in\n"
         "zscape explore --help."));
  app.name("zscape");
  app.set_version_flag("--version", "zscape " ZSCAPE_VERSION);
  app.require_subcommand(1);
  std::vector<std::pair<CLI::App*, SubcommandPtr>> all;
  for (const CommandRow& row : commands()) {
    CLI::App* command = app.add_subcommand(row.name, row.help);
    if (*row.help == 0) command->group("");
    all.emplace_back(command, row.make(*command));
  }
  auto words = with_command(arguments);
  if (!words) return tl::unexpected(words.error());
  const auto given = [&] {
    return std::ranges::find_if(all, [](const auto& command) { return command.first->parsed(); });
  };
  const std::string name = words->front();  // the command, given or default
  try {
    std::ranges::reverse(*words);  // CLI11 takes them from the back
    app.parse(std::move(*words));
  } catch (const CLI::CallForHelp&) {
    console.out << app.help();
    return {};
  } catch (const CLI::CallForVersion&) {
    console.out << app.version() << '\n';
    return {};
  } catch (const CLI::ValidationError& error) {
    return wrong_usage(error.what());  // a whole sentence of OptionList
  } catch (const CLI::ArgumentMismatch& error) {
    // "--out: 1 required FILE missing", "--out: At Most 1 required but received 2"
    const std::string text = error.what();
    if (text.find("received") != std::string::npos) {
      return wrong_usage(tr("{}: it is given more than once; zscape {} --help lists what there is",
                            text.substr(0, text.find(':')), name));
    }
    return wrong_usage(tr("{}: a value must follow it; zscape {} --help lists what there is",
                          text.substr(0, text.find(':')), name));
  } catch (const CLI::ParseError& error) {
    return wrong_usage(given() == all.end()
                           ? tr("{}; zscape --help lists what there is", error.what())
                           : tr("{}; zscape {} --help lists what there is", error.what(), name));
  }
  Subcommand& command = *given()->second;
  if (launch.size == 1) return command.run(surroundings, console);
  if (!command.takes_ranks() || !surroundings.open_ranks) {
    return wrong_usage(
        tr("{} processes were started together, and zscape {} works in one; start "
           "it without mpirun and srun",
           launch.size, name));
  }
  auto ranks = surroundings.open_ranks();
  if (!ranks) {
    // The host of rank 0 may have what this one lacks.
    if (launch.rank != 0 && launch.is_first_of_host) {
      std::cerr << "zscape: " << tr("rank {}: {}", launch.rank, ranks.error().message) << std::endl;
    }
    return failed(ranks.error().message);
  }
  return by_ranks(**ranks, [&] {
    command.work_with(*ranks);
    return command.run(surroundings, console);
  });
}

// Takes what is written and keeps nothing.
class Nowhere final : public std::streambuf {
  int_type overflow(int_type character) override { return traits_type::not_eof(character); }
  std::streamsize xsputn(const char*, std::streamsize count) override { return count; }
};

}  // namespace

int run(std::span<const std::string> arguments, const Surroundings& surroundings,
        Console& of_process) {
  const Launch launch = launch_of_this_process();
  Nowhere nowhere;
  std::ostream silence(&nowhere);
  Console silent{silence, silence};
  Console& console = launch.rank == 0 ? of_process : silent;
  const Outcome<void> done = [&]() -> Outcome<void> {
    try {
      if (auto performed = perform(arguments, surroundings, console, launch); !performed)
        return performed;
    } catch (const std::bad_alloc&) {
      return failed(tr("there is not enough memory for this"));
    } catch (const std::exception& error) {
      return failed(first_line(error));
    }
    console.out.flush();
    if (!console.out && interrupted()) return ended_by_signal();
    if (!console.out) return failed(tr("the results cannot be written to standard output"));
    return {};
  }();
  if (done) return static_cast<int>(ExitCode::done);
  if (!done.error().message.empty()) {
    console.err << "zscape: " << done.error().message << std::endl;
  }
  return static_cast<int>(done.error().code);
}

}  // namespace zscape
