#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "engine/error.h"

namespace zscape {

// An incomplete file, open for writing and locked against other writers. It stays when the object
// is destroyed, so that a later run can resume it. One thread.
class PartFile {
 public:
  // Opens or creates the file. Fails if another process writes it.
  static Expected<PartFile> open(const std::string& path);

  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&&) = delete;
  ~PartFile();

  const std::string& path() const { return path_; }
  std::int64_t size() const { return size_; }

  Expected<void> append(std::span<const std::byte> bytes);
  Expected<void> clear();                                 // leaves no bytes
  Expected<void> move_to(const std::string& final_path);  // synced first; replaces what is there
  void remove();

 private:
  PartFile() = default;

  std::string path_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
};

}  // namespace zscape
