#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "engine/backend.h"
#include "engine/error.h"
#include "engine/io/safetensors.h"
#include "engine/model/autoencoder.h"
#include "engine/model_spec.h"

namespace zscape {

// A model file in memory: weights and the record of their run.
struct ModelFile {
  Autoencoder model;
  RunRecord record;
  std::string assumed;  // OpenedModel::assumed
};

// The contents of a .safetensors file (docs/DESIGN.md, "Files it writes").
TensorFile to_tensor_file(const Autoencoder& model, const RunRecord& record);

// Checks the widths of a spec against the tensors, before any memory is taken for them.
Expected<void> check_claims(const TensorFile& file, const ModelSpec& spec, const std::string& name);

// The spec with a program that was tried and holds what fresh weights take from the file; other
// specs as they are.
Expected<ModelSpec> ready_program(const TensorFile& file, ModelSpec spec, const std::string& name);

// The model with this spec and exactly these tensors. Errors begin with name.
Expected<Autoencoder> autoencoder_from(const TensorFile& file, const ModelSpec& spec,
                                       const std::string& name);

// Reads a model file. Accepts a file that Python saved without zscape's metadata if its widths
// determine the kind. Errors begin with name.
Expected<ModelFile> from_tensor_file(const TensorFile& file, const std::string& name,
                                     const SaidOfModel& said = {});

// Specs and run records in the metadata of files.
nlohmann::json to_json(const ModelSpec& spec);
nlohmann::json to_json(const RunRecord& record);

// Both throw nlohmann::json::exception if a required field is missing or a field has the wrong
// type. Fields that older versions did not write have defaults.
ModelSpec spec_from_json(const nlohmann::json& object);
RunRecord record_from_json(const nlohmann::json& figures);

}  // namespace zscape
