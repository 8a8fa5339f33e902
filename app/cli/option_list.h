#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace zscape {

// The number that is the whole of a text, in the same notation in every locale; nothing where it
// is none, or does not fit, or is not finite.
template <class Number>
std::optional<Number> number_from(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if constexpr (std::is_floating_point_v<Number>) {
    if (!std::isfinite(value)) return std::nullopt;
  }
  return value;
}

// Numbers with commas between them; nothing where one of them is none.
template <class Number>
std::optional<std::vector<Number>> numbers_from(std::string_view text) {
  std::vector<Number> values;
  for (;;) {
    const std::size_t comma = text.find(',');
    const auto value = number_from<Number>(text.substr(0, comma));
    if (!value) return std::nullopt;
    values.push_back(*value);
    if (comma == std::string_view::npos) return values;
    text.remove_prefix(comma + 1);
  }
}

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

  // read returns an empty text, or what it expected instead.
  template <class Read>
  CLI::Option* add(const std::string& name, const std::string& placeholder,
                   const std::string& description, const std::string& initial, Read read) {
    const auto take = [name, read](const std::string& text) {
      const std::string expected = read(text);
      if (!expected.empty()) {
        throw CLI::ValidationError(name + ": " + quoted(text) + " is not " + expected);
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
