#include "engine/data_memory.h"

#include <cmath>
#include <limits>

#include "engine/physical_memory.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr double kGigabyte = 1073741824;

}  // namespace

double usual_data_memory() {
  return static_cast<double>(physical_memory()) / 2 / kGigabyte;
}

std::uint64_t data_memory(const DataRequest& request) {
  const double bytes = request.memory.value_or(usual_data_memory()) * kGigabyte;
  const bool is_unknown = !request.memory && physical_memory() == 0;
  constexpr auto kAny = std::numeric_limits<std::uint64_t>::max();
  return is_unknown || bytes >= 0x1p63 ? kAny : static_cast<std::uint64_t>(bytes);
}

Expected<void> check_fits_memory(const std::string& path, std::uint64_t bytes) {
  const std::uint64_t memory = physical_memory();
  if (memory == 0 || bytes <= memory) return {};
  return fail(
      tr("'{}' takes {} MB as numbers, which is more than this machine's memory ({} MB); as an "
         ".npy file of uint8 or float32, in C order, its inputs can stay on the disk",
         path, bytes >> 20U, memory >> 20U));
}

}  // namespace zscape
