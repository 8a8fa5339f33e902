#include "engine/reader/lzf.h"

#include <hdf5.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

namespace zscape {
namespace {

constexpr H5Z_filter_t kLzf = 32000;                       // h5py's number at The HDF Group
constexpr std::size_t kMostBytes = std::size_t{1} << 30U;  // of one chunk
constexpr std::size_t kLongestRun = 264;                   // bytes that three can stand for

// Unpacks Marc Lehmann's LZF into exactly `unpacked`; false: it is damaged. A byte below 32 stands
// before one byte more than it says, which stand for themselves; else its upper three bits and
// their successor say how many of the last bytes come again, and the rest from how far back.
bool unpack(std::span<const unsigned char> packed, std::span<unsigned char> unpacked) {
  std::size_t in = 0, out = 0;
  while (in < packed.size()) {
    const std::size_t control = packed[in++];
    if (control < 32) {
      const std::size_t length = control + 1;
      if (length > packed.size() - in || length > unpacked.size() - out) return false;
      std::copy_n(&packed[in], length, &unpacked[out]);
      in += length;
      out += length;
      continue;
    }
    std::size_t length = control >> 5U;
    if (length == 7) {
      if (in == packed.size()) return false;
      length += packed[in++];
    }
    length += 2;
    if (in == packed.size()) return false;
    const std::size_t back = ((control & 31U) << 8U) + packed[in++] + 1;
    if (back > out || length > unpacked.size() - out) return false;
    for (std::size_t i = 0; i < length; ++i, ++out) unpacked[out] = unpacked[out - back];
  }
  return out == unpacked.size();
}

std::size_t expected = 0;  // see expect_lzf_chunk()

// libhdf5 gives a chunk in memory of the C library and takes another in its place; 0: refused. The
// third of h5py's settings is the size of an unpacked chunk; of texts of any length it has none.
size_t filter(unsigned flags, size_t settings, const unsigned values[], size_t size, size_t* room,
              void** chunk) {
  constexpr std::size_t kSizeOfChunk = 2;
  if ((flags & H5Z_FLAG_REVERSE) == 0) return 0;
  const std::size_t whole = settings > kSizeOfChunk ? values[kSizeOfChunk] : expected;
  if (whole == 0 || whole > kMostBytes || whole / kLongestRun > size) return 0;
  auto* const unpacked = static_cast<unsigned char*>(std::malloc(whole));
  if (unpacked == nullptr) return 0;
  if (!unpack({static_cast<const unsigned char*>(*chunk), size}, {unpacked, whole})) {
    std::free(unpacked);
    return 0;
  }
  std::free(*chunk);
  *chunk = unpacked;
  *room = whole;
  return whole;
}

}  // namespace

void expect_lzf_chunk(std::size_t bytes) {
  expected = bytes;
}

void register_lzf() {
  static const H5Z_class2_t kFilter = {H5Z_CLASS_T_VERS, kLzf,    0,     1, "lzf",
                                       nullptr,          nullptr, filter};
  H5Zregister(&kFilter);
}

}  // namespace zscape
