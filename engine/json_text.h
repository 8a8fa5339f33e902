#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "engine/text.h"

namespace zscape {

// Whether a text of JSON nests deeper than any file of ours. nlohmann copies, compares and writes a
// value by one call for each level, so that a file of brackets alone could take all of the stack.
inline bool nests_too_deeply(std::string_view json) {
  constexpr int kDeepest = 64;
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char letter = json[i];
    if (letter == '"') in_string = !in_string;
    if (in_string) {
      if (letter == '\\') ++i;  // what follows ends no string
      continue;
    }
    if (letter == '[' || letter == '{') ++depth;
    if (letter == ']' || letter == '}') --depth;
    if (depth > kDeepest) return true;
  }
  return false;
}

// The JSON in a file; discarded() where it is none, or nests too deeply.
inline nlohmann::json json_or_discarded(std::string_view text) {
  using nlohmann::json;
  if (nests_too_deeply(text)) return json::value_t::discarded;
  return json::parse(text, nullptr, /*allow_exceptions=*/false);
}

// The same, but it throws nlohmann::json::exception.
template <class Json = nlohmann::json>
Json json_from(std::string_view text) {
  if (nests_too_deeply(text)) {
    const Json none;
    throw Json::other_error::create(501, tr("it nests too deeply"), &none);
  }
  return Json::parse(text);
}

// The number in a file if it is a whole one that fits, else throws nlohmann::json::exception;
// nlohmann's own get() takes 0.5 and 1e300, too.
template <class Whole, class Json>
Whole whole_from(const Json& value) {
  using Limits = std::numeric_limits<Whole>;
  if (value.is_number_unsigned()) {
    const auto number = value.template get<std::uint64_t>();
    if (number <= static_cast<std::uint64_t>(Limits::max())) return static_cast<Whole>(number);
  } else if (value.is_number_integer()) {
    const auto number = value.template get<std::int64_t>();
    if (number >= 0 ? static_cast<std::uint64_t>(number) <= std::uint64_t{Limits::max()}
                    : Limits::is_signed && number >= static_cast<std::int64_t>(Limits::min())) {
      return static_cast<Whole>(number);
    }
  }
  throw Json::other_error::create(501, tr("a whole number is missing or too large"), &value);
}

// A whole number from 0 to 2⁵³, so that others may be added to it.
template <class Json>
std::int64_t count_from(const Json& value) {
  const auto count = whole_from<std::int64_t>(value);
  if (count >= 0 && count <= std::int64_t{1} << 53) return count;
  throw Json::other_error::create(501, tr("a number is negative or too large"), &value);
}

template <class Whole>
std::vector<Whole> wholes_from(const nlohmann::json& list) {
  std::vector<Whole> numbers;
  for (const nlohmann::json& value : list) numbers.push_back(whole_from<Whole>(value));
  return numbers;
}

}  // namespace zscape
