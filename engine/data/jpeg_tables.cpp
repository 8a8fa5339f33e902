#include "engine/data/jpeg_tables.h"

#include <array>
#include <cstddef>

namespace zscape {
namespace {

// Markers of ISO/IEC 10918-1, table B.1, without their 0xFF.
constexpr std::size_t kProgressive = 0xC2, kTables = 0xC4, kRestart = 0xD0, kImage = 0xD8,
                      kEnd = 0xD9, kScan = 0xDA;
constexpr std::size_t kIds = 4;

class JpegTables {
 public:
  explicit JpegTables(std::string_view file) : file_(file) {}

  bool fit() {
    bool is_progressive = false;
    for (std::size_t at = 0; at + 1 < file_.size();) {
      const std::size_t marker = byte(at + 1);
      if (byte(at) != 0xFF || marker == 0 || marker == 0xFF || stands_alone(marker)) {
        ++at;  // pixels, or padding
        continue;
      }
      const std::size_t from = at + 4, end = at + 2 + 256 * byte(at + 2) + byte(at + 3);
      if (marker == kTables && !define(from, end)) return false;
      if (marker == kProgressive) is_progressive = true;
      if (marker == kScan && !finds_tables(from, is_progressive)) return false;
      at = end;
    }
    return true;
  }

 private:
  static bool stands_alone(std::size_t marker) {
    return (marker >= kRestart && marker < kImage) || marker == kImage || marker == kEnd;
  }
  std::size_t byte(std::size_t at) const {
    return at < file_.size() ? static_cast<unsigned char>(file_[at]) : 0;
  }

  bool define(std::size_t from, std::size_t end) {
    while (from < end) {
      const std::size_t kind = byte(from) / 16, id = byte(from) % 16;
      std::size_t codes = 0;
      for (std::size_t i = 1; i <= 16; ++i) codes += byte(from + i);
      if (kind > 1 || id >= kIds || codes > 256) return false;
      defined_[kind][id] = true;
      from += 17 + codes;
    }
    return from == end;
  }

  // A progressive scan decodes either mean or other coefficients; what refines means has no codes.
  bool finds_tables(std::size_t from, bool is_progressive) const {
    const std::size_t count = byte(from), first = byte(from + 1 + 2 * count),
                      refines = byte(from + 3 + 2 * count) / 16;
    const bool needs_means = first == 0 && !(is_progressive && refines > 0);
    const bool needs_others = !is_progressive || first > 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t ids = byte(from + 2 + 2 * i);
      if (ids / 16 >= kIds || ids % 16 >= kIds) return false;
      if (needs_means && !defined_[0][ids / 16]) return false;
      if (needs_others && !defined_[1][ids % 16]) return false;
    }
    return true;
  }

  std::string_view file_;
  std::array<std::array<bool, kIds>, 2> defined_{};  // for means and for the others, by id
};

}  // namespace

bool jpeg_tables_fit(std::string_view file) {
  return JpegTables(file).fit();
}

}  // namespace zscape
