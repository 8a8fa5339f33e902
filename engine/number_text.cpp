#include "engine/number_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace zscape {
namespace {

// "1.20e-04" → "1.20e-4": exponents without plus sign and leading zeros.
std::string short_exponent(const std::string& text) {
  const auto e = text.find('e');
  if (e == std::string::npos) return text;
  std::string result = text.substr(0, e + 1);
  std::size_t digit = e + 1;
  if (text[digit] == '-') result += '-';
  if (text[digit] == '-' || text[digit] == '+') ++digit;
  while (digit + 1 < text.size() && text[digit] == '0') ++digit;
  result.append(text, digit);
  return result;
}

}  // namespace

std::string format_count(std::int64_t value) {
  std::string digits = fmt::format("{}", value);
  const std::ptrdiff_t first = value < 0 ? 1 : 0;
  for (auto place = static_cast<std::ptrdiff_t>(digits.size()) - 3; place > first; place -= 3) {
    digits.insert(static_cast<std::size_t>(place), 1, ',');
  }
  return digits;
}

std::string format_value(double value, int digits) {
  if (std::isnan(value)) return "–";
  if (std::isinf(value)) return value > 0 ? "∞" : "-∞";
  const double size = std::abs(value);
  if (size == 0) return "0";
  if (size < 1e-3 || size >= 1e6) return short_exponent(fmt::format("{:.{}e}", value, digits - 1));
  const int before = static_cast<int>(std::floor(std::log10(size))) + 1;
  return fmt::format("{:.{}f}", value, std::max(0, digits - before));
}

std::string format_with_error(double value, std::optional<double> error) {
  if (!error) return format_value(value);
  const double first = *error > 0 ? std::floor(std::log10(*error)) : 0;
  if (!(*error > 0) || std::abs(value) >= 1e6 || std::abs(value) < 1e-3 || first < -6) {
    return fmt::format("{} ± {}", format_value(value, 3), format_value(*error, 2));
  }
  const int decimals = std::max(0, 1 - static_cast<int>(first));
  return fmt::format("{:.{}f} ± {:.{}f}", value, decimals, *error, decimals);
}

std::string format_setting(double value) {
  // Whole numbers whole: a seed is not rounded.
  if (value == std::trunc(value) && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
  return short_exponent(fmt::format("{:.3g}", value));
}

}  // namespace zscape
