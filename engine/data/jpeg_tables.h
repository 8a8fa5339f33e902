#pragma once

#include <string_view>

namespace zscape {

// Whether each scan of a JPEG finds the Huffman tables that it names, and none has more than 256
// codes. stb_image reads and writes outside its own tables where they do not. Other faults of the
// file are left to it.
bool jpeg_tables_fit(std::string_view file);

}  // namespace zscape
