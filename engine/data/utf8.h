#pragma once

#include <string>
#include <string_view>

namespace zscape {

// Whether text is UTF-8: no stray or missing bytes, no overlong forms, no surrogates.
bool is_utf8(std::string_view text);

// The text with U+FFFD for each byte that belongs to no character: file names may hold any bytes.
std::string as_utf8(std::string_view text);

}  // namespace zscape
