#pragma once

#include <string>

#include "engine/dataset.h"
#include "engine/model_spec.h"

namespace zscape {

// A model that reads labels may not know what its classes are called: an older zscape, and Python,
// wrote no names. What is then assumed of data that have names; a sentence, or empty.
std::string class_order_doubt(const ModelSpec& spec, const Dataset& data);

}  // namespace zscape
