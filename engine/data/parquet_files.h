#pragma once

#include <string>
#include <vector>

#include "engine/error.h"

namespace zscape {

// The Parquet files of one part, in their order.
struct ParquetShards {
  std::vector<std::string> paths;
};

struct ParquetFiles {
  ParquetShards train, test;
  std::vector<std::string> assumed, left_out;
};

// Whether a path is such a file, by its first bytes, or a folder that holds some.
bool is_parquet(const std::string& path);

// A file is the training part; the files of a folder belong to the part that their names, or those
// of their folders, begin with.
Expected<ParquetFiles> find_parquet_files(const std::string& source);

}  // namespace zscape
