#pragma once

#include "engine/error.h"
#include "engine/model_spec.h"
#include "engine/trainer.h"

namespace zscape {

// How many weights the model's layers have, biases left out.
double weight_count(const ModelSpec& spec);

// Fails if a step of this task on the CPU cannot fit into the machine's memory, before anything
// takes it. Counts what a step needs at the very least.
Expected<void> check_memory(const TrainingTask& task);

}  // namespace zscape
