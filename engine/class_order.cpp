#include "engine/class_order.h"

#include <fmt/ranges.h>

#include "engine/text.h"

namespace zscape {

std::string class_order_doubt(const ModelSpec& spec, const Dataset& data) {
  if (!spec.reads_label() || !spec.class_names.empty()) return {};
  bool are_numbers = true;  // 0, 1, 2 … are in their order
  for (std::size_t i = 0; i < data.class_names.size(); ++i) {
    are_numbers = are_numbers && data.class_names[i] == std::to_string(i);
  }
  if (are_numbers) return {};
  return tr(
      "the file names no classes, so they are taken in the order of {}: {}; if it was trained on "
      "another order (zscape 0.1 put folder 10 before 2), every label is wrong",
      data.name, fmt::join(data.class_names, ", "));
}

}  // namespace zscape
