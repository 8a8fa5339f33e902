#pragma once

#include <string>
#include <vector>

#include "engine/error.h"

namespace zscape {

enum class SourceKind { model, data, session, picture };

// Tells a saved model (or a checkpoint, which is such a file too), a saved session and data apart
// by what the path holds. Data are folders and whatever a format of engine/data/formats.h opens. A
// picture is told by its name; it is none of these.
Expected<SourceKind> source_kind(const std::string& source);

// Whether a source is the name of a data set, not a path.
bool names_data(const std::string& source);

// What can be loaded as data, a line each.
std::string data_help();

// How the names of files that can be opened end: models, sessions, files of data.
std::vector<std::string> openable_endings();

// Whether the file is JSON that names itself a session of ours, broken or not.
bool looks_like_session(const std::string& path);

// The key by which it does.
inline constexpr const char* kSessionKey = "zscape_session";

}  // namespace zscape
