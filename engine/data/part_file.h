#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "engine/error.h"

namespace zscape {

// A file that is not whole yet, open for writing and locked against other processes that would
// write it. What it holds stays when the object goes, so that a later run can go on. One thread.
class PartFile {
 public:
  // Opens the file, or makes it. Fails where another process is at it.
  static Expected<PartFile> open(const std::string& path);

  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&&) = delete;
  ~PartFile();

  const std::string& path() const { return path_; }
  std::int64_t size() const { return size_; }

  Expected<void> append(std::span<const std::byte> bytes);
  Expected<void> clear();                                 // to no bytes
  Expected<void> move_to(const std::string& final_path);  // synced first; replaces what is there
  void remove();

 private:
  PartFile() = default;

  std::string path_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
};

}  // namespace zscape
