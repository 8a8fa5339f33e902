#include "app/gui/view/frame/z_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cmath>
#include <system_error>

namespace zscape {

std::string z_text(std::span<const float> z) {
  return fmt::format("{}", fmt::join(z, ", "));
}

std::optional<std::vector<float>> parse_z(std::string_view text) {
  constexpr std::string_view kBetween = " \t\r\n,;[]()";
  std::vector<float> z;
  for (std::size_t at = text.find_first_not_of(kBetween); at != std::string_view::npos;
       at = text.find_first_not_of(kBetween, at)) {
    const std::size_t end = std::min(text.find_first_of(kBetween, at), text.size());
    std::string_view number = text.substr(at, end - at);
    // from_chars knows no plus sign.
    if (number.front() == '+' && !number.starts_with("+-")) number.remove_prefix(1);
    float value = 0;
    const char* number_end = number.data() + number.size();
    const auto [rest, error] = std::from_chars(number.data(), number_end, value);
    if (error != std::errc() || rest != number_end || !std::isfinite(value)) return {};
    z.push_back(value);
    at = end;
  }
  return z;
}

}  // namespace zscape
