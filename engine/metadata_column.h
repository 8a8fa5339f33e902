#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace zscape {

// What the user's own data say of each input beside its label: numbers or texts, which no network
// reads. Both splits of a data set have the same columns.
struct MetadataColumn {
  std::string name;
  std::vector<double> numbers = {};       // [count], NaN where it is missing; empty: texts
  std::vector<std::int32_t> places = {};  // [count], places in `texts`, -1 where it is missing
  std::shared_ptr<const std::vector<std::string>> texts = nullptr;  // distinct; null: numbers

  bool is_text() const { return texts != nullptr; }
};

}  // namespace zscape
