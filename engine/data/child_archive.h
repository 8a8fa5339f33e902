#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/data/child_process.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// A folder of our own below the system's for temporary files, removed with all in it by the
// destructor. make() also removes those of processes that have ended without.
class PrivateFolder {
 public:
  static Expected<std::shared_ptr<PrivateFolder>> make();
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit PrivateFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

// Unpacks an archive, which a child reads, into a folder; the names of its files, relative to it.
// Hidden files are left out. Refuses names that lead out of the folder, and more files or bytes
// than an archive of this size holds in earnest or the disk has room for. column: of a Parquet file
// instead, whose files are named by the numbers of their rows.
Expected<std::vector<std::string>> unpack_archive(const std::string& path,
                                                  const std::filesystem::path& folder,
                                                  const Progress& progress = {},
                                                  const ChildLimits& limits = {},
                                                  const std::string& column = {});

}  // namespace zscape
