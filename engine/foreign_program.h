#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/pixel_range.h"
#include "engine/program_layout.h"

namespace zscape {

// An architecture that PyTorch exported (torch.export), as everything but LibTorch sees it. The
// graphs are in engine/model/program.h. Immutable.
struct ForeignProgram {
  virtual ~ForeignProgram() = default;

  bool has_encoder = false;
  bool has_decoder = false;
  bool has_posterior = false;  // the encoder gives log σ² beside μ
  bool reads_label = false;
  ProgramLayout layout = ProgramLayout::vector;
  std::vector<std::int64_t> input;   // of one x as the encoder reads it, without the batch
  std::vector<std::int64_t> latent;  // of one z as the decoder reads it
  PixelRange range;                  // what inputs of 0 … 1 become before the encoder reads them
  std::int64_t weights = 0;          // numbers that learn
  std::string text;                  // JSON from which the same program comes again
};

}  // namespace zscape
