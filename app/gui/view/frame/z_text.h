#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace zscape {

// A z as text for Python and other programs, which parse_z() reads to the same bits: "0.25, -1.5".
std::string z_text(std::span<const float> z);

// Reads numbers separated by commas, semicolons or spaces, with or without brackets. None for
// anything else, or for numbers that are not finite.
std::optional<std::vector<float>> parse_z(std::string_view text);

}  // namespace zscape
