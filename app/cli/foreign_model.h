#pragma once

#include <optional>
#include <string>

#include "app/cli/options.h"
#include "app/cli/outcome.h"
#include "engine/backend.h"
#include "engine/said_of_model.h"

namespace zscape {

// The options that settle what a model file without zscape's metadata, or a PyTorch program, leaves
// open.
class ForeignModelOptions {
 public:
  // --image-size is left to the command: it may be of the data.
  void add(OptionList& options, ParameterOptions& parameters);
  void add_of_programs(OptionList& options);  // those that only programs have

  SaidOfModel said(const ParameterOptions& parameters) const;  // after add()
  SaidOfModel said() const;                                    // of add_of_programs()

  // The first option that the line gives; empty: none.
  std::string given(const ParameterOptions& parameters) const;
  std::string given() const;  // of add_of_programs()

  // Refuses what only programs have where the model's file is none.
  Outcome<void> check(const std::string& path) const;

 private:
  std::optional<Activation> activation_;
  std::string decoder_file_;
  std::optional<PixelRange> range_;
  std::optional<ProgramLayout> layout_;
  std::optional<DecoderOutput> output_;
};

// "it has no metadata of zscape; taken: …", with the options that say otherwise.
std::string told_assumption(const OpenedModel& model);

}  // namespace zscape
