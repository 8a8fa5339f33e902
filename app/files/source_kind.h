#pragma once

#include <string>

#include "engine/error.h"

namespace zscape {

enum class SourceKind { model, data };

// Tells a saved model (or a checkpoint, which is such a file too) from data by what the path
// holds. Data are "synthetic", the names of sets that can be fetched, folders and NPY files.
Expected<SourceKind> source_kind(const std::string& source);

}  // namespace zscape
