#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/number_text.h"

namespace zscape {

// Numbers for people beside those of engine/number_text.h. None of these reads the locale.

std::string format_rate(double per_second);  // "12,300", rounded to three digits; "–" for 0

// Whether a byte of UTF-8 goes on with a character that began before it.
constexpr bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// Replaces the middle of each word longer than so many characters (a long path) by an ellipsis.
// UTF-8; keeps two thirds at the end, which tells more. longest: 3 or more.
std::string shorten_words(const std::string& text, std::size_t longest);

// "0,5" → "0.5"; not "10,000", which may be either, and no text that has a point or more commas.
std::string with_decimal_point(std::string text);

// Parses a typed number, with a decimal comma too; the whole text, spaces around it allowed.
bool parse_number(const std::string& text, double& value);

// A z as text for Python and other programs, which parse_z() reads to the same bits: "0.25, -1.5".
std::string z_text(std::span<const float> z);

// Reads numbers separated by commas, semicolons or spaces, with or without brackets; where there
// are semicolons, a comma within a number is a decimal one. None for anything else, or for numbers
// that are not finite.
std::optional<std::vector<float>> parse_z(std::string_view typed);

}  // namespace zscape
