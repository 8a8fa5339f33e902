#include "app/gui/view/frame/format.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>
#include <system_error>
#include <vector>

namespace zscape {

std::string format_rate(double per_second) {
  if (!(per_second > 0) || !std::isfinite(per_second)) return "–";
  if (per_second < 99.95) return fmt::format("{:.1f}", per_second);
  const double unit = std::pow(10.0, std::floor(std::log10(per_second)) - 2);
  return format_count(std::llround(std::round(per_second / unit) * unit));
}

std::string shorten_words(const std::string& text, std::size_t longest) {
  std::string result;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find(' ', from), text.size());
    std::vector<std::size_t> starts;  // of its characters
    for (std::size_t byte = from; byte < end; ++byte) {
      if (!is_continuation(text[byte])) starts.push_back(byte);
    }
    if (starts.size() <= longest) {
      result.append(text, from, end - from);
    } else {
      const std::size_t head = (longest - 1) / 3, tail = longest - 1 - head;
      result.append(text, from, starts[head] - from);
      result += "…";
      result.append(text, starts[starts.size() - tail], end - starts[starts.size() - tail]);
    }
    if (end < text.size()) result += ' ';
    from = end + 1;
  }
  return result;
}

std::string with_decimal_point(std::string text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string::npos || text.find_first_of(",.", comma + 1) != std::string::npos ||
      text.find('.') < comma) {
    return text;
  }
  const std::size_t end = text.find_last_not_of(' ') + 1;
  const std::size_t first = text.find_first_not_of(" +-");
  const bool may_be_thousands = end == comma + 4 && first < comma && text[first] != '0';
  if (!may_be_thousands) text[comma] = '.';
  return text;
}

bool parse_number(const std::string& text, double& value) {
  const std::string point = with_decimal_point(text);
  std::string_view rest = point;
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  while (!rest.empty() && rest.back() == ' ') rest.remove_suffix(1);
  double parsed = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), parsed);
  if (error != std::errc() || end != rest.data() + rest.size() || !std::isfinite(parsed)) {
    return false;
  }
  value = parsed;
  return true;
}

std::string z_text(std::span<const float> z) {
  return fmt::format("{}", fmt::join(z, ", "));
}

std::optional<std::vector<float>> parse_z(std::string_view typed) {
  constexpr std::string_view kBetween = " \t\r\n,;[]()";
  std::string text(typed);
  if (text.find(';') != std::string::npos) {
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
      const auto is_digit = [](char byte) { return byte >= '0' && byte <= '9'; };
      if (text[i] == ',' && is_digit(text[i - 1]) && is_digit(text[i + 1])) text[i] = '.';
    }
  }
  std::vector<float> z;
  for (std::size_t at = text.find_first_not_of(kBetween); at != std::string_view::npos;
       at = text.find_first_not_of(kBetween, at)) {
    const std::size_t end = std::min(text.find_first_of(kBetween, at), text.size());
    std::string_view number = std::string_view(text).substr(at, end - at);
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
