#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/data/byte_source.h"
#include "engine/error.h"

// The zip archives that NumPy writes: entries that are stored or compressed by deflate, of any
// size. zlib expands them; everything else of the format is read here.
namespace zscape {

struct ZipEntry {
  std::string name;
  bool compressed = false;
  std::uint64_t held = 0;  // bytes in the archive, which has them
  std::uint64_t size = 0;  // bytes of the contents, at most what deflate makes of `held`
  std::uint32_t checksum = 0;
  std::uint64_t begin = 0;  // of its header in the archive
};

// Whether a file begins as a zip archive does.
bool looks_like_zip(const std::string& path);

// Where an archive lies in its file: one that another holds stored.
struct ZipExtent {
  std::uint64_t begin = 0;
  std::uint64_t size = 0;
};

// The archive's entries, without folders. Takes no more memory than the archive has bytes of
// directory, and 64 MB of those at most. extent: null: the whole file.
Expected<std::vector<ZipEntry>> read_zip_directory(const std::string& path,
                                                   const ZipExtent* extent = nullptr);

// Where the bytes of a stored entry lie.
Expected<ZipExtent> extent_of(const std::string& path, const ZipEntry& entry);

// The contents of an entry. Reading to the end compares the checksum. where: for messages.
Expected<std::unique_ptr<ByteSource>> open_zip_entry(const std::string& path, const ZipEntry& entry,
                                                     const std::string& where);

}  // namespace zscape
