#pragma once

#include <string_view>

namespace zscape {

// The orientation that EXIF metadata name (tag 0x0112), 1 to 8; 1, upright, where they name none or
// are damaged. exif: from "II" or "MM" on.
int exif_orientation(std::string_view exif);

// The same of a whole JPEG file, whose metadata stand before its pixels, and of a WebP file. A TIFF
// file is EXIF itself.
int jpeg_orientation(std::string_view file);
int webp_orientation(std::string_view file);

}  // namespace zscape
