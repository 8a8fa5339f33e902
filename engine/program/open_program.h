#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/error.h"
#include "engine/model/autoencoder.h"
#include "engine/model/program.h"
#include "engine/said_of_model.h"

namespace zscape {

struct OpenedProgram {
  Autoencoder model;
  std::string assumed;  // OpenedModel::assumed
};

// Opens what torch.export.save or zscape_export.py wrote (docs/DESIGN.md, "PyTorch programs"):
// reads the graphs, finds their operators in the allow-list, runs each once on two inputs of zeros
// and settles what they read and give. Errors begin with the path.
Expected<OpenedProgram> open_program(const std::string& path, const SaidOfModel& said);

// The program of ForeignProgram::text. Takes no memory for weights.
Expected<std::shared_ptr<Program>> program_from(const nlohmann::json& text,
                                                const std::string& where);

// Runs both graphs once and compares what they give with what the program says.
Expected<void> check_program_runs(const Program& program, int classes, const std::string& where);

}  // namespace zscape
