#pragma once

#include <string>

#include "engine/error.h"

namespace zscape {

enum class SourceKind { model, data };

// Tells a saved model from data by what the path holds. Data are "synthetic" and folders.
Expected<SourceKind> source_kind(const std::string& source);

}  // namespace zscape
