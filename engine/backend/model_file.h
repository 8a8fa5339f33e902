#pragma once

#include <string>

#include "engine/backend.h"
#include "engine/error.h"
#include "engine/io/safetensors.h"
#include "engine/model/autoencoder.h"

namespace zscape {

// A model file in memory: weights, and what is known of the run that made them.
struct ModelFile {
  Autoencoder model;
  RunRecord record;
};

// The contents of a .safetensors file as docs/DESIGN.md, "Files it writes", has them.
TensorFile to_tensor_file(const Autoencoder& model, const RunRecord& record);

// Whether the widths that a spec claims are those of the tensors: before any memory is taken for
// them.
Expected<void> check_claims(const TensorFile& file, const ModelSpec& spec, const std::string& name);

// The model of this spec whose tensors these are, all of them. Errors begin with name.
Expected<Autoencoder> autoencoder_from(const TensorFile& file, const ModelSpec& spec,
                                       const std::string& name);

// Back from one. A file that Python saved without zscape's metadata is accepted where the widths
// leave no doubt about the kind. Errors begin with name.
Expected<ModelFile> from_tensor_file(const TensorFile& file, const std::string& name);

}  // namespace zscape
