#include "engine/data_memory.h"

#include <cmath>
#include <limits>

#include "engine/physical_memory.h"

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

}  // namespace zscape
