#pragma once

#include <string>
#include <utility>
#include <vector>

namespace zscape {

// One value of one axis, by the names that the experiment gives them: {"latent", "2"}.
struct AxisPlace {
  std::string axis;
  std::string value;  // AxisValue::label

  bool operator==(const AxisPlace&) const = default;
};

// Where a figure is taken: values of some or all axes.
using LabPlace = std::vector<AxisPlace>;

// A number worked out of a table, for each seed by itself: whoever compares two of them compares
// them seed by seed.
struct Quantity {
  enum class Kind {
    number,  // a constant
    figure,  // a measured figure at one place
    minus,   // parts[0] − parts[1]
    over,    // parts[0] / parts[1]
    log,     // ln parts[0]
    best,    // at which value of the axis `along` the figure is largest or smallest
  };
  Kind kind = Kind::number;
  double number = 0;
  std::string of;          // figure and best: the column
  LabPlace where = {};     // likewise; with `along` and `for` it names every axis
  std::string along = {};  // best: an axis whose values are numbers
  bool largest = true;     // best: "max", else "min"
  std::vector<Quantity> parts = {};
};

// What a claim says of a table. Three-valued; see judge() in claim.h.
struct Predicate {
  enum class Kind {
    less,   // quantities[0] + amount < quantities[1]
    near,   // |quantities[0] − quantities[1]| < amount
    rises,  // the figure `of` at `where` from each value of the axis `along` to the next one
    falls,
    all,
    any,
    negation,  // of parts[0]
    for_each,  // parts[0] for each combination of `values`: all of them
  };
  Kind kind = Kind::all;
  std::vector<Quantity> quantities = {};
  double amount = 0;  // of less: "by", near: "within", rises and falls: "by"
  std::string of = {}, along = {};
  LabPlace where = {};
  std::vector<Predicate> parts = {};
  std::vector<std::pair<std::string, std::vector<std::string>>> values = {};  // axis, its values
};

}  // namespace zscape
