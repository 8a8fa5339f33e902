#include "engine/program_layout.h"

#include <array>

namespace zscape {
namespace {

constexpr std::array<std::string_view, 3> kLayouts = {"vector", "NCHW", "NHWC"};
constexpr std::array<std::string_view, 2> kOutputs = {"logits", "mean"};

}  // namespace

std::string_view name_of(ProgramLayout layout) {
  return kLayouts[static_cast<std::size_t>(layout)];
}

std::string_view name_of(DecoderOutput output) {
  return kOutputs[static_cast<std::size_t>(output)];
}

std::optional<ProgramLayout> program_layout_named(std::string_view name) {
  for (std::size_t i = 0; i < kLayouts.size(); ++i) {
    if (kLayouts[i] == name) return static_cast<ProgramLayout>(i);
  }
  return std::nullopt;
}

std::optional<DecoderOutput> decoder_output_named(std::string_view name) {
  for (std::size_t i = 0; i < kOutputs.size(); ++i) {
    if (kOutputs[i] == name) return static_cast<DecoderOutput>(i);
  }
  return std::nullopt;
}

}  // namespace zscape
