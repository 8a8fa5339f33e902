#include "engine/physical_memory.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace zscape {
namespace {

// The number in a file; 0: there is none ("max").
std::uint64_t number_in(const std::string& path) {
  std::uint64_t number = 0;
  std::ifstream(path) >> number;
  return number;
}

// The least limit of a group and of those around it. file: of the limit in each folder.
std::uint64_t least_limit(const std::string& base, std::string group, const std::string& file) {
  std::uint64_t least = 0;
  for (;;) {
    const std::uint64_t limit = number_in(base + group + "/" + file);
    if (limit > 0 && (least == 0 || limit < least)) least = limit;
    const auto slash = group.rfind('/');
    if (slash == std::string::npos) return least;
    group.resize(slash);
  }
}

}  // namespace

std::uint64_t group_memory(const std::string& root) {
  std::uint64_t least = 0;
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // 4:memory:/a/b, or 0::/a/b
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    std::string controllers = line.substr(first, second - first);
    controllers[0] = ',';
    controllers += ',';
    const std::string group = line.substr(second + 1) == "/" ? "" : line.substr(second + 1);
    const std::string base = root + "/sys/fs/cgroup";
    std::uint64_t limit = 0;
    if (controllers == ",,") {
      limit = least_limit(base, group, "memory.max");
    } else if (controllers.find(",memory,") != std::string::npos) {
      limit = least_limit(base + "/memory", group, "memory.limit_in_bytes");
    }
    if (limit > 0 && (least == 0 || limit < least)) least = limit;
  }
  return least;
}

std::uint64_t physical_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || size <= 0) return 0;
  const auto all = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size);
  static const std::uint64_t group = group_memory("");
  return group > 0 ? std::min(all, group) : all;
}

}  // namespace zscape
