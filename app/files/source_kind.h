#pragma once

#include <string>

#include "engine/error.h"

namespace zscape {

enum class SourceKind { model, data, session, picture };

// Tells a saved model (or a checkpoint, which is such a file too), a saved session and data apart
// by what the path holds. Data are "synthetic", the names of sets that can be fetched, folders and
// NPY files. A picture is told by its name; it is none of these.
Expected<SourceKind> source_kind(const std::string& source);

// Whether the file is JSON that names itself a session of ours, broken or not.
bool looks_like_session(const std::string& path);

// The key by which it does.
inline constexpr const char* kSessionKey = "zscape_session";

}  // namespace zscape
