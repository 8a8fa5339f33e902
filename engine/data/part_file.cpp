#include "engine/data/part_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/text.h"

namespace zscape {
namespace {

std::string reason(int error) {
  return std::generic_category().message(error);
}

tl::unexpected<Error> cannot_write(const std::string& path, int error) {
  return fail(tr("'{}' cannot be written: {}", path, reason(error)));
}

}  // namespace

Expected<PartFile> PartFile::open(const std::string& path) {
  PartFile file;
  file.path_ = path;
  file.descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file.descriptor_ < 0) return cannot_write(path, errno);
  if (flock(file.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail(tr("'{}' cannot be locked: {}", path, reason(errno)));
    return fail(tr("'{}' is being written by another zscape; wait for it to end", path));
  }
  struct stat status {};
  if (fstat(file.descriptor_, &status) != 0) {
    return fail(tr("'{}' cannot be read: {}", path, reason(errno)));
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(tr("'{}' cannot be written: it is not a regular file", path));
  }
  file.size_ = status.st_size;
  return file;
}

PartFile::PartFile(PartFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

PartFile::~PartFile() {
  if (descriptor_ >= 0) close(descriptor_);  // this also unlocks it
}

Expected<void> PartFile::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(), size_);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot_write(path_, errno);
    size_ += written;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Expected<void> PartFile::clear() {
  if (ftruncate(descriptor_, 0) != 0) {
    return fail(tr("'{}' cannot be emptied: {}", path_, reason(errno)));
  }
  size_ = 0;
  return {};
}

Expected<void> PartFile::move_to(const std::string& final_path) {
  if (fsync(descriptor_) != 0) return cannot_write(path_, errno);
  std::error_code problem;
  std::filesystem::rename(path_, final_path, problem);
  if (problem) {
    return fail(tr("'{}' cannot be put into its place: {}", final_path, problem.message()));
  }
  return {};
}

void PartFile::remove() {
  unlink(path_.c_str());
}

}  // namespace zscape
