#pragma once

#include <cstddef>
#include <string_view>

namespace zscape {

// Whether all colours of a palette are greys: each begins with three equal bytes and takes `size`.
// False for an empty palette.
bool are_greys(std::string_view palette, std::size_t size);

// Whether a GIF, BMP or TGA file has a palette, all greys. start: of the file, at least 2048 bytes
// where it has them.
bool has_grey_palette(std::string_view start);

}  // namespace zscape
