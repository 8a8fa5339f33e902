#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "engine/error.h"

namespace zscape {

// An archive of torch.export.save: the graph, and what lies in its memory.
struct ExportedArchive {
  nlohmann::json program;                      // models/NAME.json
  std::map<std::string, at::Tensor> weights;   // of the state_dict, by name, in their own types
  std::map<std::string, std::string> places;   // which of them lie in the same memory, if equal
  std::map<std::string, nlohmann::json> meta;  // their descriptions
  std::map<std::string, at::Tensor> constants;
};

// A file: one archive, or some packed as zscape_export.py does.
struct ProgramFile {
  std::optional<ExportedArchive> alone;  // not packed
  std::optional<ExportedArchive> encoder, decoder;
  nlohmann::json sidecar = nlohmann::json::object();  // zscape.json
};

// Reads a file without running anything. Pickles are never read. Errors begin with the path.
Expected<ProgramFile> read_program_file(const std::string& path);

// Numbers of PyTorch's export schema.
std::optional<at::ScalarType> scalar_type_from(const nlohmann::json& number);

}  // namespace zscape
