#pragma once

#include <optional>
#include <string>

#include "engine/data_request.h"
#include "engine/model_spec.h"
#include "engine/pixel_range.h"
#include "engine/program_layout.h"

namespace zscape {

// What a person says of a model file without zscape's metadata. Other files refuse it.
struct SaidOfModel {
  std::optional<ImageSize> image_size = {};  // other files ignore it: it may be of the data
  std::optional<Likelihood> likelihood = {};
  std::optional<Activation> activation = {};  // of bare weights, not of programs

  // Of PyTorch programs only.
  std::string decoder_file = {};         // the second of two; empty: the file holds both, or one
  std::optional<PixelRange> range = {};  // what the program reads for black and white
  std::optional<ProgramLayout> layout = {};
  std::optional<DecoderOutput> output = {};
};

}  // namespace zscape
