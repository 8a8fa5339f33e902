#include "engine/data/scratch_file.h"

#include <fcntl.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/user_folder.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::uint64_t kFlushed = std::uint64_t{16} << 20U;  // bytes on their way at a time

struct Room {
  std::string folder;
  std::uint64_t bytes = 0;
};

// The folders for such files, with the room in them; those whose files lie in memory are none.
std::vector<Room> rooms() {
  std::vector<Room> rooms;
  for (const std::string& folder : {absolute_path_in("TMPDIR").string(), std::string("/var/tmp")}) {
    constexpr long kTmpfs = 0x01021994, kRamfs = 0x858458f6;
    struct statfs disk {};
    if (folder.empty() || statfs(folder.c_str(), &disk) != 0) continue;
    if (disk.f_type == kTmpfs || disk.f_type == kRamfs) continue;
    rooms.push_back({folder, static_cast<std::uint64_t>(disk.f_bavail) *
                                 static_cast<std::uint64_t>(disk.f_bsize)});
  }
  return rooms;
}

// A new file that has no name, or loses it at once; −1: none can be made there.
int nameless_file(const std::string& folder) {
#ifdef O_TMPFILE
  const int file = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0) return file;
#endif
  std::string path = folder + "/zscape-XXXXXX";
  const int named = mkostemp(path.data(), O_CLOEXEC);
  if (named >= 0) unlink(path.c_str());
  return named;
}

std::uint64_t megabytes(std::uint64_t bytes) {
  return (bytes + (1U << 20U) - 1) >> 20U;
}

}  // namespace

ScratchFile::ScratchFile(int file, std::uint64_t bytes, std::string folder, std::string subject)
    : file_(file), bytes_(bytes), folder_(std::move(folder)), subject_(std::move(subject)) {}

ScratchFile::ScratchFile(ScratchFile&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      bytes_(other.bytes_),
      folder_(std::move(other.folder_)),
      subject_(std::move(other.subject_)),
      flushed_(other.flushed_) {}

ScratchFile::~ScratchFile() {
  if (file_ >= 0) close(file_);
}

Expected<ScratchFile> ScratchFile::make(std::uint64_t bytes, const std::string& subject) {
  const std::vector<Room> all = rooms();
  for (const auto& [folder, room] : all) {
    if (room < bytes) continue;
    const int file = nameless_file(folder);
    if (file < 0) continue;
    // Claims the room where the disk can; else writing says when it is full.
    if (fallocate(file, 0, 0, static_cast<off_t>(bytes)) != 0 && errno == ENOSPC) {
      close(file);
      continue;
    }
    return ScratchFile(file, bytes, folder, subject);
  }
  if (all.empty()) {
    return fail(
        tr("'{}' does not fit into the memory for data and needs {} MB on a disk, but neither "
           "TMPDIR nor /var/tmp is a folder on one",
           subject, megabytes(bytes)));
  }
  return fail(
      tr("'{}' does not fit into the memory for data and needs {} MB on a disk, and {} has {} MB "
         "free; TMPDIR names another folder, --memory allows more memory",
         subject, megabytes(bytes), all.front().folder, all.front().bytes >> 20U));
}

Expected<void> ScratchFile::write(std::uint64_t place, std::span<const std::byte> bytes) {
  std::uint64_t at = place;
  while (!bytes.empty()) {
    const ssize_t done = pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) {
      return fail(tr("'{}' cannot be written to {}: {}", subject_, folder_,
                     std::strerror(done < 0 ? errno : ENOSPC)));
    }
    at += static_cast<std::uint64_t>(done);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  if (place < flushed_) flushed_ = place;  // written anew
  if (at < flushed_ + kFlushed) return {};
  const auto begin = static_cast<off_t>(flushed_), length = static_cast<off_t>(at - flushed_);
  sync_file_range(file_, begin, length, SYNC_FILE_RANGE_WRITE);
  if (begin > 0) {  // what was on its way before has arrived by now, or is waited for
    const off_t former = std::max<off_t>(0, begin - static_cast<off_t>(kFlushed));
    sync_file_range(
        file_, former, begin - former,
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
    posix_fadvise(file_, former, begin - former, POSIX_FADV_DONTNEED);
  }
  flushed_ = at;
  return {};
}

Expected<std::shared_ptr<const InputMapping>> ScratchFile::map(
    std::optional<std::uint64_t> bytes) && {
  return InputMapping::of_own(std::exchange(file_, -1),
                              static_cast<std::size_t>(bytes.value_or(bytes_)), subject_);
}

}  // namespace zscape
