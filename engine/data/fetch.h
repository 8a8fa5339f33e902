#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "engine/data/download.h"
#include "engine/data/named_sets.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

struct Fetched {
  std::string folder;      // where the files lie
  int files = 0;           // that were downloaded; the others were there already
  std::int64_t bytes = 0;  // the size of all files
};

// Downloads "mnist", "fashion-mnist" or "kmnist" into the user's data folder
// (engine/data/named_sets.h), from `from`, the URL of a folder that holds the set's files, or else
// from the set's own mirrors. Files that are there and have the right checksum are left alone. Any
// thread, which waits; progress is of the bytes.
Expected<Fetched> fetch(const std::string& name, const std::optional<std::string>& from,
                        const Progress& progress);

// Downloads these files into a folder, made where it is missing, from the first of the mirrors that
// has them. A file that is not whole lies there as <name>.part and is gone on with (download.h); it
// gets its name only with the right size and MD5, and is removed where that is wrong. The error is
// the first mirror's.
Expected<Fetched> fetch_files(std::span<const RemoteFile> files,
                              std::span<const std::string> mirrors, const std::string& folder,
                              const DownloadPatience& patience, const Progress& progress);

}  // namespace zscape
