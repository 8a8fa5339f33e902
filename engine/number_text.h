#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace zscape {

// Numbers for people. None of these reads the locale.

std::string format_count(std::int64_t value);  // "12,345"

// A measured value with so many significant digits: "103.5", "0.0123", "1.2e-4", "1.23e+06";
// "–" for NaN, "∞" for infinity.
std::string format_value(double value, int digits = 4);

// "19.42 ± 0.15": both with as many decimals as leave the error two digits; "19.42" without one.
std::string format_with_error(double value, std::optional<double> error);

// A setting: whole numbers whole, others in three digits: "0", "0.25", "20", "1e-4", "123456".
std::string format_setting(double value);

}  // namespace zscape
