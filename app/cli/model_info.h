#pragma once

#include <ostream>

#include "app/cli/json_value.h"
#include "engine/backend.h"
#include "engine/checkpoint.h"
#include "engine/io/safetensors.h"

namespace zscape {

// What `zscape info` says about a model. file: the same model as stored on disk.
Json model_json(const OpenedModel& model, const TensorFile& file);
void print_model(const OpenedModel& model, const TensorFile& file, std::ostream& out);

// The same for a checkpoint.
Json checkpoint_json(const Checkpoint& checkpoint);
void print_checkpoint(const Checkpoint& checkpoint, std::ostream& out);

// Prints one line: "name         value".
void print_row(std::ostream& out, std::string_view name, std::string_view value);

Json shape_json(const ImageShape& shape);

}  // namespace zscape
