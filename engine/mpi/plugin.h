#pragma once

#include <memory>
#include <string>

#include "engine/ranks.h"

// The export of libzscape_mpi.so: the ranks of MPI's world, or one line that says why there are
// none. Program and plug-in must be built by the same compiler from the same headers.
extern "C" void zscape_open_mpi(std::unique_ptr<zscape::Ranks>* ranks, std::string* error);
