#pragma once

#include <optional>

#include "app/cli/options.h"
#include "engine/said_of_model.h"

namespace zscape {

// The options that settle what a model file without zscape's metadata leaves open.
class ForeignModelOptions {
 public:
  // --image-size is left to the command: it may be of the data.
  void add(OptionList& options, ParameterOptions& parameters);
  SaidOfModel said(const ParameterOptions& parameters) const;

 private:
  std::optional<Activation> activation_;
};

// "it has no metadata of zscape; taken: …", with the options that say otherwise.
std::string told_assumption(const std::string& assumed);

}  // namespace zscape
