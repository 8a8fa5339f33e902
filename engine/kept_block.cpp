#include "engine/kept_block.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace zscape {
namespace {

constexpr const char* kFolder = "/var/tmp";            // on a disk, where /tmp may be memory
constexpr std::size_t kLeast = std::size_t{64} << 10;  // smaller ones are not worth a file

// Pages of a file without a name, which goes when they are unmapped; MAP_FAILED if there is none.
void* map_file([[maybe_unused]] std::size_t bytes) {
#ifdef O_TMPFILE
  const int file = open(kFolder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) return MAP_FAILED;
  // On a full disk this fails here. Otherwise a later write would end the program.
  const bool has_room = posix_fallocate(file, 0, static_cast<off_t>(bytes)) == 0;
  void* pages =
      has_room ? mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) : MAP_FAILED;
  close(file);
  return pages;
#else
  return MAP_FAILED;
#endif
}

}  // namespace

KeptBlock::KeptBlock(std::size_t bytes, const std::function<void(std::span<std::byte>)>& write)
    : bytes_(bytes) {
  if (bytes == 0) return;
  void* pages = bytes < kLeast ? MAP_FAILED : map_file(bytes);
  in_file_ = pages != MAP_FAILED;
  // Pages of their own go back to the system whole; holes in the heap stay.
  if (!in_file_) {
    pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }
  if (pages == MAP_FAILED) throw std::bad_alloc();
  start_ = static_cast<std::byte*>(pages);
  write({start_, bytes_});
  leave_memory();
}

KeptBlock::~KeptBlock() {
  if (start_ != nullptr) munmap(start_, bytes_);
}

void KeptBlock::read(const std::function<void(std::span<const std::byte>)>& read) const {
  read({start_, bytes_});
  leave_memory();
}

// The file still has them, so nothing is lost, not even for another thread that reads just now.
void KeptBlock::leave_memory() const {
  if (in_file_) madvise(start_, bytes_, MADV_DONTNEED);
}

}  // namespace zscape
