#include "engine/io/npy.h"

#include <fmt/format.h>

#include <bit>
#include <cassert>
#include <cstring>
#include <functional>
#include <numeric>
#include <string>
#include <string_view>

namespace zscape {
namespace {

static_assert(std::endian::native == std::endian::little, "the file format is little endian");

constexpr std::size_t kAlignment = 64;
constexpr std::string_view kStart("\x93NUMPY\x01\x00", 8);
constexpr std::size_t kLengthBytes = 2;

std::string shape_text(std::span<const std::int64_t> shape) {
  return shape.size() == 1 ? fmt::format("({},)", shape.front())
                           : fmt::format("({})", fmt::join(shape, ", "));
}

}  // namespace

std::vector<std::byte> npy_bytes(std::span<const std::int64_t> shape,
                                 std::span<const float> values) {
  assert(std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()) ==
         static_cast<std::int64_t>(values.size()));
  std::string header =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': {}, }}", shape_text(shape));
  const std::size_t before = kStart.size() + kLengthBytes;
  const std::size_t used = before + header.size() + 1;  // a line's end closes the header
  header.append((kAlignment - used % kAlignment) % kAlignment, ' ');
  header += '\n';
  assert(header.size() < 1U << 16U);

  std::string start(kStart);
  start += static_cast<char>(header.size() & 0xFFU);
  start += static_cast<char>(header.size() >> 8U);
  start += header;
  std::vector<std::byte> bytes(start.size() + values.size_bytes());
  std::memcpy(bytes.data(), start.data(), start.size());
  if (!values.empty()) {
    std::memcpy(bytes.data() + start.size(), values.data(), values.size_bytes());
  }
  return bytes;
}

}  // namespace zscape
