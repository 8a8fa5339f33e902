#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/cli/option_list.h"
#include "app/cli/outcome.h"
#include "engine/training/parameters.h"

namespace zscape {

// What a line says about one parameter.
struct GivenParameter {
  const Parameter* parameter = nullptr;
  std::string text;
};

// Options of a command that are parameters of a run (engine/training/parameters.h).
class ParameterOptions {
 public:
  void add(OptionList& options, const Parameter& parameter);

  // In the order of the table.
  std::vector<GivenParameter> given() const;

  // The plan that the line asks for. Refuses what means nothing in it.
  Outcome<RunPlan> plan() const;

 private:
  std::vector<std::optional<std::string>> texts_ =
      std::vector<std::optional<std::string>>(parameters().size());  // one for each row
};

}  // namespace zscape
