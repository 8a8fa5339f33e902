#pragma once

#include <string>

#include "engine/error.h"
#include "engine/history.h"
#include "engine/io/safetensors.h"
#include "engine/model_spec.h"

namespace zscape {

// A moment of a run's past as a .safetensors file: the decoder in half precision, and the codes of
// the samples with their rows. The moment's decoder must be a HalfPrecisionDecoder.
TensorFile to_tensor_file(const Moment& moment, const ModelSpec& spec);

// The inverse, for a model of this spec. Errors begin with name.
Expected<Moment> moment_from(const TensorFile& file, const ModelSpec& spec,
                             const std::string& name);

}  // namespace zscape
