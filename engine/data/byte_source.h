#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "engine/error.h"

namespace zscape {

// Bytes that are read in order: a file, or an entry of an archive. One thread at a time.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  virtual std::uint64_t size() const = 0;
  // Reads until the span is full or the source ends; the number of bytes read.
  virtual Expected<std::size_t> read(std::span<std::byte> bytes) = 0;
  // Goes to a place up to size(). Back costs an archive what reading up to there costs.
  virtual Expected<void> seek(std::uint64_t place) = 0;
};

// Refuses folders.
Expected<std::unique_ptr<ByteSource>> open_file_source(const std::string& path);

}  // namespace zscape
