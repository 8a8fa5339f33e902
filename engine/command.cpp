#include "engine/command.h"

#include <array>
#include <string_view>

namespace zscape {

std::string name_of(const Command& command) {
  // In the order of the variant's alternatives.
  static constexpr std::array<std::string_view, std::variant_size_v<Command>> kNames = {
      "start",
      "pause",
      "step",
      "reset",
      "set_kl_weight",
      "set_kl_schedule",
      "set_learning_rate",
      "set_batch_size",
      "set_seed",
      "replace_model",
      "load_data",
      "save_model",
      "open_model",
      "decode",
      "measure_errors",
      "find_geodesic",
      "export_path",
      "cancel",
      "set_hold_out",
      "reconstruct",
      "export_curves",
      "add_model",
      "remove_model",
      "export_inputs"};
  return std::string(kNames[command.index()]);
}

}  // namespace zscape
