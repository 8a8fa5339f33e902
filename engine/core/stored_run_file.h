#pragma once

#include "engine/checkpoint.h"
#include "engine/core/run_store.h"
#include "engine/error.h"

namespace zscape {

// A run that was put away, without its past, as a checkpoint: what KeptRun has, what the list of
// runs shows of it, and the thumbnail among its tensors.
Checkpoint to_checkpoint(const WholeRun& run, std::uint32_t data_checksum);

// How its data are read again: `as_loaded`, with what only the asker knew.
DataRequest with_asked(DataRequest as_loaded, const DataRequest& asked);

// The inverse of to_checkpoint(), without data. An error does not name the file.
Expected<WholeRun> whole_run_from(Checkpoint checkpoint);

}  // namespace zscape
