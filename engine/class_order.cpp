#include "engine/class_order.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kMostPairs = 10;  // in a sentence

// 0, 1, 2 … are in their order.
bool are_numbers(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] != std::to_string(i)) return false;
  }
  return true;
}

}  // namespace

std::string class_order_doubt(const ModelSpec& spec, const Dataset& data) {
  if (!spec.reads_label() || data.class_names.empty()) return {};
  if (!spec.class_names.empty()) {
    if (are_numbers(spec.class_names) == are_numbers(data.class_names)) return {};
    std::vector<std::string> pairs;
    const std::size_t count = std::min(spec.class_names.size(), data.class_names.size());
    for (std::size_t i = 0; i < std::min(count, kMostPairs); ++i) {
      pairs.push_back(data.class_names[i] + " = " + spec.class_names[i]);
    }
    if (count > kMostPairs) pairs.push_back("…");
    return tr(
        "only one of the model and {} names its classes, so they are taken in their order: {}; if "
        "this order is another one, every label is wrong",
        data.name, fmt::join(pairs, ", "));
  }
  if (are_numbers(data.class_names)) return {};
  return tr(
      "the file names no classes, so they are taken in the order of {}: {}; if it was trained on "
      "another order (zscape 0.1 put folder 10 before 2), every label is wrong",
      data.name, fmt::join(data.class_names, ", "));
}

}  // namespace zscape
