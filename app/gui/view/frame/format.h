#pragma once

#include <cstdint>
#include <string>

namespace zscape {

// Numbers for people. None of these reads the locale.

std::string format_count(std::int64_t value);  // "12,345"

// A measured value with so many significant digits: "103.5", "0.0123", "1.2e-4", "1.23e+06";
// "–" for NaN, "∞" for infinity.
std::string format_value(double value, int digits = 4);

// A setting: whole numbers whole, others in three digits: "0", "0.25", "20", "1e-4", "123456".
std::string format_setting(double value);

std::string format_duration(double seconds);  // "0.4 s", "3.1 s", "2 min 05 s", "1 h 02 min"

std::string format_rate(double per_second);  // "12,300", rounded to three digits; "–" for 0

// Whether a byte of UTF-8 goes on with a character that began before it.
constexpr bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// The text with the middle of each word of more than so many characters (a long path) replaced by
// an ellipsis. UTF-8; the end, which tells more, keeps two thirds. longest: 3 or more.
std::string shorten_words(const std::string& text, std::size_t longest);

// A number typed by a person: a point as decimal sign, the whole text. Spaces around it are fine.
bool parse_number(const std::string& text, double& value);

}  // namespace zscape
