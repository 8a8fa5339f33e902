#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/option_list.h"
#include "app/cli/outcome.h"
#include "engine/training/parameters.h"

namespace zscape {

// A parameter that a command line gives, with its text.
struct GivenParameter {
  const Parameter* parameter = nullptr;
  std::string text;
};

// Options of a command that are parameters of a run (engine/training/parameters.h).
class ParameterOptions {
 public:
  explicit ParameterOptions(OptionList& options) : options_(options) {}

  // help and initial replace the row's own words.
  CLI::Option* add(const Parameter& parameter, const std::string& help = "",
                   const std::optional<std::string>& initial = {});

  // In the order of the table.
  std::vector<GivenParameter> given() const;
  bool has(std::string_view key) const;

  // The plan with what the line says, each parameter by itself.
  RunPlan values() const;

  // The same as the plan of a run. Refuses what means nothing in it.
  Outcome<RunPlan> plan() const;

 private:
  OptionList& options_;
  std::vector<std::optional<std::string>> texts_ =
      std::vector<std::optional<std::string>>(parameters().size());  // one for each row
};

}  // namespace zscape
