#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/number.h"
#include "engine/text.h"

namespace zscape {

// Which numbers an option takes, and how to say so: "a whole number of at least 1".
template <class Number>
struct NumberRange {
  Number least;
  Number most;
  std::string_view words;

  bool contains(Number value) const { return value >= least && value <= most; }
};

// Adds options to one command. CLI11 reads numbers its own way ("010" is 8, "nan" is a number), so
// each value comes as text and is read here. A value that does not fit throws a
// CLI::ValidationError that holds the whole sentence.
class OptionList {
 public:
  explicit OptionList(CLI::App& app) : app_(app) {}

  // Target: Number or std::optional<Number>.
  template <class Number, class Target>
  CLI::Option* number(const std::string& name, Target& target, const NumberRange<Number>& range,
                      const std::string& description, const std::string& initial = "") {
    return add(name, "N", description, initial, [&target, range](std::string_view text) {
      const auto value = number_from<Number>(text);
      if (!value || !range.contains(*value)) return std::string(range.words);
      target = *value;
      return std::string();
    });
  }

  // A list of at least one number.
  template <class Number>
  CLI::Option* numbers(const std::string& name, std::vector<Number>& target,
                       const NumberRange<Number>& range, const std::string& description,
                       const std::string& initial = "") {
    return add(name, "N,…", description, initial, [&target, range](std::string_view text) {
      const auto values = numbers_from<Number>(text);
      bool fits = values.has_value();
      if (fits) {
        for (const Number value : *values) fits = fits && range.contains(value);
      }
      if (!fits) return std::string(range.words);
      target = *values;
      return std::string();
    });
  }

  // One of a few words. Target: Value or std::optional<Value>.
  template <class Value, class Target>
  CLI::Option* choice(const std::string& name, Target& target,
                      std::vector<std::pair<std::string_view, Value>> choices,
                      const std::string& description, const std::string& initial = "") {
    std::string words;
    for (const auto& [word, value] : choices) (words += words.empty() ? "" : "|") += word;
    return add(name, words, description, initial,
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
                    const std::string& description, const std::string& initial = "") {
    return add(name, placeholder, description, initial, [&target](std::string_view text) {
      // Most likely the value was forgotten and this is the next option.
      if (text.empty() || text.starts_with("--")) return std::string("a name");
      target = text;
      return std::string();
    });
  }

  void flag(const std::string& name, bool& target, const std::string& description) {
    app_.add_flag(name, target, description);
  }

  // A text behind the list of options.
  void footer(const std::string& text) { app_.footer(text); }

  // name: with commas where there are several. read returns an empty text, or what it expected
  // instead.
  template <class Read>
  CLI::Option* add(const std::string& name, const std::string& placeholder,
                   const std::string& description, const std::string& initial, Read read) {
    const auto take = [first = name.substr(0, name.find(',')), read](const std::string& text) {
      const std::string expected = read(text);
      if (!expected.empty()) {
        throw CLI::ValidationError(first + ": " + quoted(text) + tr(" is not ") + expected);
      }
    };
    const std::string help =
        initial.empty() ? description : description + " (default: " + initial + ")";
    CLI::Option* option = app_.add_option_function<std::string>(name, take, help);
    option->type_name(placeholder);
    return option;
  }

 private:
  static std::string quoted(const std::string& text) { return "'" + text + "'"; }

  CLI::App& app_;
};

}  // namespace zscape
