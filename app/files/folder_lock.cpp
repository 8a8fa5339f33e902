#include "app/files/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

namespace zscape {
namespace {

int opened(const std::string& folder) {
  return open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

}  // namespace

std::shared_ptr<const FolderLock> FolderLock::take(const std::string& folder) {
  const int descriptor = opened(folder);
  if (descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    close(descriptor);
    return nullptr;
  }
  return std::shared_ptr<const FolderLock>(new FolderLock(descriptor));
}

std::shared_ptr<const FolderLock> FolderLock::wait_for(const std::string& folder) {
  const int descriptor = opened(folder);
  if (descriptor >= 0) flock(descriptor, LOCK_EX);
  return std::shared_ptr<const FolderLock>(new FolderLock(descriptor));
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace zscape
