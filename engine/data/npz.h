#pragma once

#include <string>

#include "engine/data/array_set.h"
#include "engine/error.h"

namespace zscape {

// Whether a file is an .npz archive.
bool is_npz(const std::string& path);

// All arrays of an .npz file that can be read; left_out says which cannot. Fails where that is
// `key`, or where there is none at all.
Expected<ArraySet> open_npz_arrays(const std::string& path, const std::string& key);

}  // namespace zscape
