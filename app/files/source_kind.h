#pragma once

#include <string>
#include <vector>

#include "engine/error.h"

namespace zscape {

enum class SourceKind { model, data, session, picture, results, experiment };

// Tells by content whether a path is a saved model (a checkpoint, a PyTorch program), a saved
// session, a lab's folder of results, a file that describes an experiment, or data: a folder, or
// whatever a format of engine/data/formats.h opens. A picture is recognised by its name.
Expected<SourceKind> source_kind(const std::string& source);

// Refuses a model, a session or a single picture where data are asked for. Whether other sources
// can be loaded, loading tells.
Expected<void> check_is_data(const std::string& source);

// Whether a source is the name of a data set, not a path.
bool names_data(const std::string& source);

// What can be loaded as data, one line for each format.
std::string data_help();

// The endings of files that can be opened: models, sessions, data.
std::vector<std::string> openable_endings();

// Whether the folder holds what `zscape lab run` writes, and whether a file of JSON has the keys of
// an experiment.
bool looks_like_results(const std::string& folder);
bool looks_like_experiment(const std::string& path);

// Whether the file looks like a session of ours, even a broken one.
bool looks_like_session(const std::string& path);

// The key that a session begins with.
inline constexpr const char* kSessionKey = "zscape_session";

}  // namespace zscape
