#pragma once

#include <memory>
#include <string>

#include "engine/reader/file_reader.h"

// What libzscape_parquet.so holds: the part for Parquet files, which zscape-read opens where there
// is such a file. Sets reader, or else says in error why there is none.
extern "C" void zscape_open_parquet(const std::string& path,
                                    std::unique_ptr<zscape::FileReader>* reader,
                                    std::string* error);
