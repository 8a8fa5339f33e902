#include "engine/data/zip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/data/names.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::uint64_t kMostCompression = 1032;  // of deflate
constexpr std::uint64_t kLargestDirectory = std::uint64_t{64} << 20U;
constexpr std::uint32_t kInWide = 0xFFFFFFFF;  // the real number stands in the zip64 field
constexpr std::size_t kChunk = std::size_t{1} << 16U;

// Little-endian numbers in a piece of the archive; 0 behind its end.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t number(std::size_t at, std::size_t size) const {
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) {
      const std::size_t place = at + i;
      const char byte = place < bytes_.size() ? bytes_[place] : '\0';
      value = value << 8U | static_cast<unsigned char>(byte);
    }
    return value;
  }
  std::uint16_t word(std::size_t at) const { return static_cast<std::uint16_t>(number(at, 2)); }
  std::uint32_t wide(std::size_t at) const { return static_cast<std::uint32_t>(number(at, 4)); }

 private:
  std::string_view bytes_;
};

tl::unexpected<Error> damaged(const std::string& path, const std::string& why) {
  return fail(tr("'{}' is a damaged zip archive: {}", path, why));
}

// Bytes of a file, or nothing where it does not have them.
std::optional<std::string> bytes_at(std::ifstream& file, std::uint64_t place, std::uint64_t size) {
  std::string bytes(size, '\0');
  file.clear();
  file.seekg(static_cast<std::streamoff>(place));
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  if (static_cast<std::uint64_t>(file.gcount()) != size) return std::nullopt;
  return bytes;
}

struct Directory {
  std::uint64_t begin = 0;
  std::uint64_t size = 0;
};

// Where the end of the archive says that its directory lies.
std::optional<Directory> find_directory(std::ifstream& file, const ZipExtent& extent) {
  constexpr std::uint64_t kEnd = 22, kLongestComment = 65535, kLocator = 20;
  const std::uint64_t tail_size = std::min(extent.size, kEnd + kLongestComment);
  const auto tail = bytes_at(file, extent.begin + extent.size - tail_size, tail_size);
  if (!tail) return std::nullopt;
  const std::size_t at = tail->rfind("PK\x05\x06");
  if (at == std::string::npos || tail->size() - at < kEnd) return std::nullopt;
  const Fields end(std::string_view(*tail).substr(at));
  Directory directory{end.wide(16), end.wide(12)};
  if (at >= kLocator && tail->compare(at - kLocator, 4, "PK\x06\x07") == 0) {
    const Fields locator(std::string_view(*tail).substr(at - kLocator));
    const auto wide = bytes_at(file, extent.begin + locator.number(8, 8), 56);
    if (!wide || !wide->starts_with("PK\x06\x06")) return std::nullopt;
    directory = {Fields(*wide).number(48, 8), Fields(*wide).number(40, 8)};
  }
  if (directory.begin > extent.size || directory.size > extent.size - directory.begin) {
    return std::nullopt;
  }
  directory.begin += extent.begin;
  return directory;
}

// Puts the 64-bit numbers of a zip64 field in the place of those that have no room.
void widen(std::string_view extra, std::array<std::uint64_t*, 3> numbers) {
  while (extra.size() >= 4) {
    const Fields fields(extra);
    const std::size_t size = fields.word(2);
    if (fields.word(0) == 1) {
      std::size_t at = 4;
      for (std::uint64_t* number : numbers) {
        if (*number != kInWide || at + 8 > 4 + size) continue;
        *number = fields.number(at, 8);
        at += 8;
      }
      return;
    }
    extra.remove_prefix(std::min(extra.size(), 4 + size));
  }
}

class ZipSource : public ByteSource {
 public:
  ZipSource(std::ifstream file, ZipEntry entry, std::uint64_t begin, std::string where)
      : file_(std::move(file)), entry_(std::move(entry)), begin_(begin), where_(std::move(where)) {
    restart();
  }
  ZipSource(const ZipSource&) = delete;
  ZipSource& operator=(const ZipSource&) = delete;
  ~ZipSource() override { inflateEnd(&stream_); }

  std::uint64_t size() const override { return entry_.size; }

  Expected<std::size_t> read(std::span<std::byte> bytes) override {
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), entry_.size - place_));
    std::size_t done = 0;
    while (done < wanted) {
      const auto got = read_some(bytes.subspan(done, std::min(wanted - done, kChunk)));
      if (!got) return tl::unexpected(got.error());
      if (*got == 0) return fail(tr("'{}' is damaged: its compressed data end early", where_));
      done += *got;
    }
    const auto* begin = reinterpret_cast<const Bytef*>(bytes.data());
    sum_ = wanted == 0 ? sum_ : crc32_z(sum_, begin, wanted);
    place_ += wanted;
    if (place_ == entry_.size && sum_ != entry_.checksum) {
      return fail(tr("'{}' is damaged: its checksum is not that of its contents", where_));
    }
    return wanted;
  }

  Expected<void> seek(std::uint64_t place) override {
    if (place < place_) restart();
    std::array<std::byte, kChunk> skipped{};
    while (place_ < place) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, place - place_));
      const auto got = read(std::span(skipped).first(size));
      if (!got) return tl::unexpected(got.error());
      if (*got == 0) break;
    }
    return {};
  }

 private:
  void restart() {
    if (is_open_) inflateEnd(&stream_);
    stream_ = {};
    is_open_ = entry_.compressed && inflateInit2(&stream_, -MAX_WBITS) == Z_OK;
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(begin_));
    unread_ = entry_.held;
    place_ = 0;
    sum_ = crc32_z(0, nullptr, 0);
  }

  // The next bytes of the file that belong to the entry; how many.
  std::size_t read_held(char* bytes, std::size_t most) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(most, unread_));
    file_.read(bytes, static_cast<std::streamsize>(size));
    const auto got = static_cast<std::size_t>(file_.gcount());
    unread_ -= got;
    return got;
  }

  Expected<std::size_t> read_some(std::span<std::byte> bytes) {
    if (!entry_.compressed) return read_held(reinterpret_cast<char*>(bytes.data()), bytes.size());
    if (!is_open_) return fail(tr("'{}' cannot be read: there is no memory for it", where_));
    stream_.next_out = reinterpret_cast<Bytef*>(bytes.data());
    stream_.avail_out = static_cast<uInt>(bytes.size());
    while (stream_.avail_out == bytes.size()) {
      if (stream_.avail_in == 0) {
        stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
        stream_.avail_in = static_cast<uInt>(read_held(input_.data(), input_.size()));
      }
      const int state = inflate(&stream_, Z_NO_FLUSH);
      if (state == Z_STREAM_END || (state == Z_BUF_ERROR && stream_.avail_in == 0)) break;
      if (state != Z_OK) return fail(tr("'{}' is damaged: it cannot be expanded", where_));
    }
    return bytes.size() - stream_.avail_out;
  }

  std::ifstream file_;
  ZipEntry entry_;
  std::uint64_t begin_;  // of the bytes in the archive
  std::string where_;
  z_stream stream_{};
  bool is_open_ = false;  // stream_
  std::array<char, kChunk> input_{};
  std::uint64_t unread_ = 0;  // of the bytes in the archive
  std::uint64_t place_ = 0;   // in the contents
  uLong sum_ = 0;
};

}  // namespace

bool looks_like_zip(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  std::ifstream file(path, std::ios::binary);
  const auto begin = bytes_at(file, 0, 4);
  return begin && (*begin == "PK\x03\x04" || *begin == "PK\x05\x06");
}

Expected<std::vector<ZipEntry>> read_zip_directory(const std::string& path,
                                                   const ZipExtent* extent) {
  std::error_code problem;
  const std::uint64_t file_size = std::filesystem::file_size(path, problem);
  if (problem) return fail(tr("'{}' cannot be read: {}", path, problem.message()));
  std::ifstream file(path, std::ios::binary);
  const ZipExtent whole_file = extent != nullptr ? *extent : ZipExtent{0, file_size};
  const auto place = find_directory(file, whole_file);
  if (!place) return damaged(path, tr("it has no directory, as if it were cut short"));
  if (place->size > kLargestDirectory) return damaged(path, tr("its directory is beyond 64 MB"));
  const auto bytes = bytes_at(file, place->begin, place->size);
  if (!bytes) return damaged(path, tr("its directory cannot be read"));

  constexpr std::size_t kHeader = 46;
  std::vector<ZipEntry> entries;
  for (std::string_view rest = *bytes; rest.size() >= kHeader;) {
    if (!rest.starts_with("PK\x01\x02")) return damaged(path, tr("its directory is none"));
    const Fields fields(rest);
    const std::size_t name_size = fields.word(28), extra_size = fields.word(30);
    const std::size_t whole = kHeader + name_size + extra_size + fields.word(32);
    if (whole > rest.size()) return damaged(path, tr("its directory is cut short"));
    ZipEntry entry{.name = as_utf8(rest.substr(kHeader, name_size)),
                   .compressed = fields.word(10) != 0,
                   .held = fields.wide(20),
                   .size = fields.wide(24),
                   .checksum = fields.wide(16),
                   .begin = fields.wide(42)};
    widen(rest.substr(kHeader + name_size, extra_size), {&entry.size, &entry.held, &entry.begin});
    const bool encrypted = (fields.word(8) & 1U) != 0;
    const std::uint16_t method = fields.word(10);
    rest.remove_prefix(whole);
    if (entry.name.ends_with('/')) continue;
    if (encrypted || (method != 0 && method != 8)) {
      return fail(
          tr("'{}' has an entry '{}' that is encrypted or packed by another method than "
             "deflate; write it anew without",
             path, entry.name));
    }
    if (entry.begin > whole_file.size || entry.held > whole_file.size - entry.begin ||
        (!entry.compressed && entry.size != entry.held) ||
        entry.size / kMostCompression > entry.held) {
      return damaged(path, tr("'{}' promises more than it can hold", entry.name));
    }
    entry.begin += whole_file.begin;
    entries.push_back(std::move(entry));
  }
  return entries;
}

Expected<ZipExtent> extent_of(const std::string& path, const ZipEntry& entry) {
  constexpr std::uint64_t kHeader = 30;
  std::ifstream file(path, std::ios::binary);
  const auto header = bytes_at(file, entry.begin, kHeader);
  if (!header || !header->starts_with("PK\x03\x04")) {
    return damaged(path, tr("'{}' does not lie where its directory says", entry.name));
  }
  const Fields fields(*header);
  return ZipExtent{entry.begin + kHeader + fields.word(26) + fields.word(28), entry.held};
}

Expected<std::unique_ptr<ByteSource>> open_zip_entry(const std::string& path, const ZipEntry& entry,
                                                     const std::string& where) {
  const auto extent = extent_of(path, entry);
  if (!extent) return tl::unexpected(extent.error());
  std::ifstream file(path, std::ios::binary);
  return std::make_unique<ZipSource>(std::move(file), entry, extent->begin, where);
}

}  // namespace zscape
