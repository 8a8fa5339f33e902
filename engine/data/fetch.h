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
  std::string folder;
  int files = 0;           // downloaded now; the others were there already
  std::int64_t bytes = 0;  // the size of all files
};

// Downloads a named set into the user's data folder (engine/data/named_sets.h). from: the URL of a
// folder with the set's files; without it, the set's mirrors. Keeps files that are there and have
// the right checksum. Blocks; any thread. progress counts bytes.
Expected<Fetched> fetch(const std::string& name, const std::optional<std::string>& from,
                        const Progress& progress);

// Downloads these files into a folder, which it creates if needed, from the first mirror that has
// them. An incomplete file is called <name>.part, so that a later call resumes it. A file with the
// wrong size or MD5 is removed. The error is the first mirror's.
Expected<Fetched> fetch_files(std::span<const RemoteFile> files,
                              std::span<const std::string> mirrors, const std::string& folder,
                              const DownloadPatience& patience, const Progress& progress);

// The MD5 of a file's content as 32 small hexadecimal digits. It detects damage, not forgery. Any
// thread.
Expected<std::string> md5_of_file(const std::string& path);

}  // namespace zscape
