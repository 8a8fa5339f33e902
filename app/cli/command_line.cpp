#include "app/cli/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "app/cli/subcommand.h"
#include "app/files/source_kind.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr auto kDefaultCommand = "explore";

// In the order in which --help lists them.
std::vector<SubcommandPtr> make_commands(CLI::App& app) {
  std::vector<SubcommandPtr> commands;
  for (const auto make :
       {make_explore_line, make_train_line, make_eval_line, make_encode_line, make_decode_line,
        make_sample_line, make_reconstruct_line, make_manifold_line, make_interpolate_line,
        make_classify_line, make_synthesize_line, make_fetch_line, make_info_line}) {
    commands.push_back(make(app));
  }
  return commands;
}

// `zscape` alone, and anything that does not begin with a command, opens the explorer.
Outcome<std::vector<std::string>> with_command(std::span<const std::string> arguments,
                                               const std::vector<SubcommandPtr>& commands) {
  std::vector<std::string> all(arguments.begin(), arguments.end());
  if (all.empty()) return std::vector<std::string>{kDefaultCommand};
  const std::string& first = all[0];
  const bool is_command = std::ranges::any_of(
      commands, [&first](const SubcommandPtr& command) { return command->name() == first; });
  if (first == "--help" || first == "-h" || first == "--version" || is_command) return all;
  if (!first.starts_with("-") && !source_kind(first)) {
    return wrong_usage(
        tr("{} is no command, no model, no session and no data; zscape --help lists "
           "the commands",
           first));
  }
  all.insert(all.begin(), kDefaultCommand);
  return all;
}

}  // namespace

Outcome<Request> parse_command_line(std::span<const std::string> arguments) {
  CLI::App app(
      tr("Watch autoencoders learn and walk through their latent space.\n"
         "Without a command the explorer opens: zscape [MODEL|SESSION|DATA] [OPTIONS]; its options "
         "are in\n"
         "zscape explore --help."));
  app.name("zscape");
  app.set_version_flag("--version", "zscape " ZSCAPE_VERSION);
  app.require_subcommand(1);
  const std::vector<SubcommandPtr> commands = make_commands(app);

  auto all = with_command(arguments, commands);
  if (!all) return tl::unexpected(all.error());
  const auto given = [&]() -> const Subcommand* {
    const auto found = std::ranges::find_if(
        commands, [](const SubcommandPtr& command) { return command->was_given(); });
    return found == commands.end() ? nullptr : found->get();
  };
  const std::string name = all->front();  // of the command, which may not have been written
  try {
    std::ranges::reverse(*all);  // CLI11 takes them from the back
    app.parse(std::move(*all));
  } catch (const CLI::CallForHelp&) {
    return Help{app.help()};
  } catch (const CLI::CallForVersion&) {
    return Help{std::string(app.version()) + "\n"};
  } catch (const CLI::ValidationError& error) {
    return wrong_usage(error.what());  // a whole sentence of OptionList
  } catch (const CLI::ParseError& error) {
    const std::string command = given() == nullptr ? "" : " " + name;
    return wrong_usage(tr("{}; zscape{} --help lists what there is", error.what(), command));
  }
  return given()->request();
}

}  // namespace zscape
