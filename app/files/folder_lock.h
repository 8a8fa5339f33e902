#pragma once

#include <memory>
#include <string>

namespace zscape {

// While it lives, no other process has this folder to itself. A dead process's lock is none, and
// nothing is left in the folder. Where a file system cannot lock, everybody gets one.
class FolderLock {
 public:
  // Null: another process has it now.
  static std::shared_ptr<const FolderLock> take(const std::string& folder);
  // Waits until nobody has it.
  static std::shared_ptr<const FolderLock> wait_for(const std::string& folder);

  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;  // -1: the folder cannot be opened
};

}  // namespace zscape
