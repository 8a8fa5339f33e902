#include "engine/command.h"

#include <array>

namespace zscape {
namespace {

// In the order of Command.
constexpr std::array kNames = {"start",
                               "pause",
                               "step",
                               "reset",
                               "set_kl_weight",
                               "set_kl_schedule",
                               "set_parameter",
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
                               "export_inputs",
                               "add_model",
                               "remove_model",
                               "keep_run",
                               "resume_run",
                               "return_to",
                               "pin_run",
                               "set_store_size",
                               "evaluate",
                               "return_to_step",
                               "encode",
                               "find_neighbours",
                               "fork",
                               "certify",
                               "export_certificate",
                               "measure_spectrum",
                               "measure_field",
                               "measure_gaps",
                               "find_evidence",
                               "measure_jacobian"};
static_assert(kNames.size() == std::variant_size_v<Command>);

}  // namespace

std::string name_of(const Command& command) {
  return kNames[command.index()];
}

}  // namespace zscape
