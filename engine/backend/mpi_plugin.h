#pragma once

#include <memory>

#include "engine/error.h"
#include "engine/ranks.h"

namespace zscape {

// The ranks that were started (engine/launch.h), by the plug-in libzscape_mpi.so; null: this
// process alone. Fails in every rank where they cannot find one another. Call it once.
Expected<std::shared_ptr<Ranks>> open_ranks();

}  // namespace zscape
