#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/cli/outcome.h"
#include "engine/number.h"
#include "engine/text.h"
#include "engine/training/parameters.h"

namespace zscape {

// Adds options to one command. CLI11 reads numbers its own way ("010" is 8, "nan" is a number), so
// it passes text, which is read here. A wrong value throws a CLI::ValidationError with the whole
// sentence.
class OptionList {
 public:
  static constexpr std::int64_t kNoEnd = std::numeric_limits<std::int64_t>::max();

  explicit OptionList(CLI::App& app) : app_(app) {}

  // A whole number from least to most. Target: a number or an optional one.
  template <class Target>
  CLI::Option* number(const std::string& name, Target& target, std::int64_t least,
                      std::int64_t most, const std::string& help, const std::string& initial = "") {
    const std::string range = most == kNoEnd ? tr("a whole number of at least {}", least)
                                             : tr("a whole number from {} to {}", least, most);
    return add(name, "N", help, initial, [&target, least, most, range](std::string_view text) {
      const auto value = number_from<decltype(number_in(target))>(text);
      if (!value || *value < least || *value > most) return range;
      target = *value;
      return std::string();
    });
  }

  // One of a few words.
  template <class Value>
  CLI::Option* choice(const std::string& name, Value& target,
                      std::vector<std::pair<std::string_view, Value>> choices,
                      const std::string& help, const std::string& initial = "") {
    std::string words;
    for (const auto& [word, value] : choices) (words += words.empty() ? "" : "|") += word;
    return add(name, words, help, initial,
               [&target, words, choices = std::move(choices)](std::string_view text) {
                 for (const auto& [word, value] : choices) {
                   if (word != text) continue;
                   target = value;
                   return std::string();
                 }
                 return words;
               });
  }

  // The name of a file or folder, or other free text.
  CLI::Option* text(const std::string& name, const std::string& placeholder, std::string& target,
                    const std::string& help, const std::string& initial = "") {
    return add(name, placeholder, help, initial, [&target](std::string_view text) {
      // The value was most likely forgotten: this is the next option.
      if (text.empty() || text.starts_with("--")) return std::string(tr("a name"));
      target = text;
      return std::string();
    });
  }

  void flag(const std::string& name, bool& target, const std::string& help) {
    app_.add_flag(name, target, help);
  }
  CLI::Option* flag(const std::string& name, std::function<void()> given, const std::string& help) {
    return app_.add_flag_callback(name, std::move(given), help);
  }

  // Text below the list of options.
  void footer(const std::string& text) { app_.footer(text); }

  // name: with commas where there are several. help: a sentence. initial: what holds without the
  // option. read returns an empty text, or what it expected instead.
  template <class Read>
  CLI::Option* add(const std::string& name, const std::string& placeholder, const std::string& help,
                   const std::string& initial, Read read) {
    const auto take = [first = name.substr(0, name.find(',')), read](const std::string& text) {
      const std::string expected = read(text);
      if (expected.empty()) return;
      const std::string point = with_point(text);
      if (!point.empty() && std::string(read(point)).empty()) {
        throw CLI::ValidationError(
            tr("{}: '{}' has a comma where numbers have a point; write {}", first, text, point));
      }
      throw CLI::ValidationError(tr("{}: '{}' is not {}", first, text, expected));
    };
    CLI::Option* option = app_.add_option_function<std::string>(
        name, take, initial.empty() ? help : tr("{} Default: {}.", help, initial));
    option->type_name(placeholder);
    return option;
  }

 private:
  // A text with one comma between digits, as many countries write numbers, with a point in its
  // place; empty: it is none.
  static std::string with_point(std::string text);

  template <class Number>
  static Number number_in(Number);
  template <class Number>
  static Number number_in(std::optional<Number>);

  CLI::App& app_;
};

// A parameter that a command line gives, with its text.
struct GivenParameter {
  const Parameter* parameter = nullptr;
  std::string text;
};

// Options of a command that are parameters of a run (engine/training/parameters.h).
class ParameterOptions {
 public:
  explicit ParameterOptions(OptionList& options) : options_(options) {}

  // help and initial replace the row's own words. other: takes a text that is no value of the
  // parameter, or leaves it.
  CLI::Option* add(const Parameter& parameter, const std::string& help = "",
                   const std::optional<std::string>& initial = {},
                   std::function<bool(std::string_view)> other = {});
  // By its key alone, for a command whose own option has the parameter's usual name.
  CLI::Option* add_by_key(const Parameter& parameter);

  // In the order of the table.
  std::vector<GivenParameter> given() const;
  bool has(std::string_view key) const;

  // The plan with what the line says, each parameter by itself.
  RunPlan values() const;

  // The same as the plan of a run. Refuses what means nothing in it.
  // What waits for the data is checked by check(), with a plan that is fitted to them.
  Outcome<RunPlan> plan() const;
  Outcome<void> check(const RunPlan& plan) const;

 private:
  static Outcome<void> check(const Parameter& parameter, const RunPlan& plan);
  CLI::Option* add_named(const std::string& names, const Parameter& parameter,
                         const std::string& help, const std::optional<std::string>& initial,
                         std::function<bool(std::string_view)> other);

  OptionList& options_;
  std::vector<std::optional<std::string>> texts_ =
      std::vector<std::optional<std::string>>(parameters().size());  // one for each row
};

}  // namespace zscape
