#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/number.h"
#include "engine/text.h"
#include "engine/training/parameters.h"

// The forms that fields of the table of parameters have (parameters.cpp).
namespace zscape::fields {

using Field = ParameterField;
using Form = ParameterField::Form;

// Splits at the first separator; without one the second half is empty.
inline std::pair<std::string_view, std::string_view> halves(std::string_view text, char separator) {
  const std::size_t place = text.find(separator);
  if (place == std::string_view::npos) return {text, {}};
  return {text.substr(0, place), text.substr(place + 1)};
}

// A nested member of a plan: part<&RunPlan::spec, &ModelSpec::latent>(plan).
template <auto kFirst, auto... kRest>
auto& part(auto& whole) {
  if constexpr (sizeof...(kRest) == 0) {
    return whole.*kFirst;
  } else {
    return part<kRest...>(whole.*kFirst);
  }
}

struct Range {
  double least;
  double most;
  std::string words;
};

inline constexpr double kAny = std::numeric_limits<double>::max();

inline Range whole_from(std::int64_t least) {
  return {static_cast<double>(least), kAny, tr("a whole number of at least {}", least)};
}
inline Range whole_in(std::int64_t least, std::int64_t most) {
  return {static_cast<double>(least), static_cast<double>(most),
          tr("a whole number from {} to {}", least, most)};
}
inline Range above_zero() {
  return {std::numeric_limits<double>::min(), kAny, tr("a number above 0")};
}
inline Range from_zero() {
  return {0, kAny, tr("a number of at least 0")};
}
inline Range between_zero_and_one() {
  return {std::numeric_limits<double>::min(), 1 - std::numeric_limits<double>::epsilon() / 2,
          tr("a number between 0 and 1")};
}

// zero_is_unset: 0 stands for "none" and is not written.
template <auto... kPath>
Field number(const Range& range, bool zero_is_unset = false) {
  return {.form = Form::number,
          .placeholder = "N",
          .range = range.words,
          .least = range.least,
          .most = range.most,
          .text =
              [zero_is_unset](const RunPlan& plan) {
                const auto value = part<kPath...>(plan);
                return zero_is_unset && value == 0 ? "" : fmt::format("{}", value);
              },
          .read =
              [range](RunPlan& plan, std::string_view text) {
                auto& held = part<kPath...>(plan);
                const auto value = number_from<std::decay_t<decltype(held)>>(text);
                const bool fits = value && static_cast<double>(*value) >= range.least &&
                                  static_cast<double>(*value) <= range.most;
                if (fits) held = *value;
                return fits;
              }};
}

template <class Value>
struct Named {
  Value value;
  ParameterChoice choice;
};

template <auto... kPath, class Value>
Field word(std::vector<Named<Value>> values) {
  Field field{.form = Form::word, .placeholder = {}, .range = {}, .text = {}, .read = {}};
  for (const Named<Value>& named : values) field.choices.push_back(named.choice);
  std::vector<std::string_view> words;
  for (const ParameterChoice& choice : field.choices) words.push_back(choice.word);
  field.range = field.placeholder = fmt::format("{}", fmt::join(words, "|"));
  field.text = [values](const RunPlan& plan) {
    const auto held = std::ranges::find(values, part<kPath...>(plan), &Named<Value>::value);
    return std::string(held == values.end() ? "?" : held->choice.word);
  };
  field.read = [values = std::move(values)](RunPlan& plan, std::string_view text) {
    const auto named =
        std::ranges::find_if(values, [&](const auto& each) { return each.choice.word == text; });
    if (named != values.end()) part<kPath...>(plan) = named->value;
    return named != values.end();
  };
  return field;
}

inline Field free_text(std::string placeholder, std::string range,
                       std::function<std::string(const RunPlan&)> text,
                       std::function<bool(RunPlan&, std::string_view)> read,
                       Form form = Form::word) {
  return {.form = form,
          .placeholder = std::move(placeholder),
          .range = std::move(range),
          .text = std::move(text),
          .read = std::move(read)};
}

template <auto... kPath>
Field flag() {
  return {.form = Form::flag,
          .placeholder = {},
          .range = "yes",
          .text = [](const RunPlan& plan) { return part<kPath...>(plan) ? "yes" : ""; },
          .read =
              [](RunPlan& plan, std::string_view text) {
                if (text != "yes") return false;
                return part<kPath...>(plan) = true;
              }};
}

// A choice that is not set until somebody chooses.
template <auto... kPath, class Value>
Field chosen_word(std::vector<Named<std::optional<Value>>> values) {
  Field field = word<kPath...>(std::move(values));
  field.text = [text = field.text](const RunPlan& plan) {
    return part<kPath...>(plan) ? text(plan) : "";
  };
  return field;
}

}  // namespace zscape::fields
