#pragma once

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

namespace zscape {

// The whole text as a number, independent of the locale; nothing if it is none, does not fit or is
// not finite.
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

// Numbers with commas between them; nothing if one is not a number.
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

}  // namespace zscape
