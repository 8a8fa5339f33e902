#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace zscape {

// A z as text that Python and other programs read, and parse_z() to the same bits: "0.25, -1.5".
std::string z_text(std::span<const float> z);

// Numbers with commas, semicolons or spaces between them, in brackets or not. Nothing where
// anything else is there, or a number is not finite.
std::optional<std::vector<float>> parse_z(std::string_view text);

}  // namespace zscape
