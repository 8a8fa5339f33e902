#include "engine/data/checksum.h"

#include <zlib.h>

#include <array>
#include <span>

namespace zscape {
namespace {

class Crc {
 public:
  template <class T>
  void add(std::span<const T> values) {
    const auto bytes = std::as_bytes(values);
    if (bytes.empty()) return;  // zlib would start again at null
    sum_ = crc32_z(sum_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  }
  std::uint32_t value() const { return static_cast<std::uint32_t>(sum_); }

 private:
  uLong sum_ = crc32_z(0, nullptr, 0);
};

}  // namespace

std::uint32_t checksum(const Dataset& data) {
  Crc crc;
  const std::array<std::int32_t, 3> shape = {data.shape.height, data.shape.width,
                                             data.shape.channels};
  crc.add(std::span<const std::int32_t>(shape));
  for (const Split* split : {&data.train, &data.test}) {
    crc.add(std::span(&split->count, 1));
    crc.add(std::span(split->pixels));
    crc.add(std::span(split->values));
    crc.add(std::span(split->labels));
  }
  return crc.value();
}

}  // namespace zscape
