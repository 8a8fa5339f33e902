#pragma once

#include <string>
#include <string_view>

#include "engine/data/child_reader.h"
#include "engine/error.h"

namespace zscape {

// Whether a file begins as PBM, PGM or PPM (P1 to P6). stb_image reads some of them beyond its own
// memory, and takes no notice of their largest value.
bool is_netpbm(std::string_view start);

// Decodes such a file, text or binary: 8 bits a channel, the largest value is 255; without pixels
// its header alone, with 16 bits where values are larger than 255. Refuses a file that is too short
// for its header. path: for messages.
Expected<ChildPicture> read_netpbm(std::string_view file, const std::string& path, bool pixels);

}  // namespace zscape
