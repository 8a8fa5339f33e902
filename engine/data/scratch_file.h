#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "engine/error.h"
#include "engine/input_mapping.h"

namespace zscape {

// A file without a name on a disk, which the system removes when nobody has it open any more, even
// after a crash. Of one thread.
class ScratchFile {
 public:
  // In the folder TMPDIR, else in /var/tmp; not where files lie in memory. Fails if there is no
  // room for so many bytes. subject: what they are, for messages.
  static Expected<ScratchFile> make(std::uint64_t bytes, const std::string& subject);
  ScratchFile(ScratchFile&& other) noexcept;
  ScratchFile& operator=(ScratchFile&&) = delete;
  ~ScratchFile();

  const std::string& folder() const { return folder_; }

  // Writes from a place on. What lies before is on its way to the disk then, so that it does not
  // fill the memory.
  Expected<void> write(std::uint64_t place, std::span<const std::byte> bytes);

  // The first bytes of it to be read, or all; nothing can be written then.
  Expected<std::shared_ptr<const InputMapping>> map(std::optional<std::uint64_t> bytes = {}) &&;

 private:
  ScratchFile(int file, std::uint64_t bytes, std::string folder, std::string subject);

  int file_;
  std::uint64_t bytes_;
  std::string folder_, subject_;
  std::uint64_t flushed_ = 0;
};

}  // namespace zscape
