#pragma once

#include <cstddef>
#include <cstdint>

namespace zscape {

// How zscape and zscape-read (engine/reader), the program that reads the files of C libraries,
// talk over one socket, the child's standard input and output.
//
// zscape asks: eight bytes, the length, then one JSON object. FILE is a list of a path's bytes.
//   {"do": "list", "format": FORMAT, "path": FILE}
//       → one `json` frame {"arrays": [{"name", "type", "shape"}], "notes": […]}; where a file
//       names
//         the classes of an array's numbers, the array has "class_names", too
//   {"do": "read", "array": I, "axis": A, "first": ROW, "rows": N}, after list; rows are counted
//   along the axis A, which comes first in the answer
//       → `bytes` frames that together have exactly N rows, or for text one `json` frame, a list
//   {"do": "pictures", "paths": [FILE…], "pixels": BOOL}
//       → for each file, in order, a `json` frame {"width", "height", "channels", "bits"} and, with
//         pixels, `bytes` frames of exactly that size; or an `error` frame, and it goes on. Floats
//         have 32 bits and one channel
//   {"do": "unpack", "path": FILE}
//       → for each file of an archive a `json` frame {"name": FILE} and its blocks, each a `json`
//         frame {"bytes": N} and `bytes` frames of exactly N bytes, the last with N = 0; then {}
//   {"do": "unpack", "path": FILE, "column": NAME}
//       → the same for the files in a column of a Parquet file; their names are the rows' numbers
// Each answer but that of pictures may be one `error` frame instead. `progress` frames may stand
// between any two frames. A frame is its kind, one byte, then the length of its contents, eight
// bytes; all numbers are of this machine's byte order. zscape trusts none of it.
enum class FrameKind : std::uint8_t {
  json = 'J',      // up to kMostJson bytes
  bytes = 'B',     // of an array, in C order, or of a picture, row by row
  error = 'E',     // one sentence for people, up to kMostError bytes
  progress = 'P',  // no contents: the length is what is done, in thousandths
};

constexpr std::size_t kFrameHead = 9;
constexpr std::size_t kMostJson = std::size_t{1} << 26U;
constexpr std::size_t kMostError = 4096;
constexpr std::size_t kMostPicturePixels = std::size_t{1} << 27U;

// zscape-read PARENT MEMORY SECONDS: the process that started it, its limits of address space in
// bytes and of computing time.
constexpr const char* kReaderProgram = "zscape-read";

}  // namespace zscape
