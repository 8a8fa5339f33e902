#pragma once

#include <optional>
#include <string_view>

namespace zscape {

// How a PyTorch program's pictures lie in memory; the engine's own lie as NHWC.
enum class ProgramLayout {
  vector,  // [N, d]
  nchw,    // [N, C, H, W]
  nhwc,    // [N, H, W, C]
};

// What the decoder of a PyTorch program returns.
enum class DecoderOutput {
  logits,  // x̂ is their sigmoid
  mean,    // x̂ itself
};

// As zscape.json spells them: "NCHW", "mean".
std::string_view name_of(ProgramLayout layout);
std::string_view name_of(DecoderOutput output);
std::optional<ProgramLayout> program_layout_named(std::string_view name);
std::optional<DecoderOutput> decoder_output_named(std::string_view name);

}  // namespace zscape
