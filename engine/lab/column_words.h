#pragma once

#include <string>
#include <string_view>

namespace zscape {

// What a column of a results table is called for people.
struct ColumnWords {
  std::string label;  // "mean squared error"; the column's own name where nobody knows it
  std::string unit;   // "nats"; may be empty
  std::string help;   // what it tells, in a sentence or two; may be empty
};

// column: of a table, or the name of a curve.
ColumnWords words_of(std::string_view column);

}  // namespace zscape
