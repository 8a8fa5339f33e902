#include "engine/reader/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>
#include <vector>

#include "engine/text.h"

namespace zscape {
namespace {

using nlohmann::json;

constexpr std::size_t kBlock = std::size_t{1} << 18U;

struct Free {
  void operator()(archive* file) const { archive_read_free(file); }
};

std::string problem_of(archive* file) {
  const char* text = archive_error_string(file);
  return text == nullptr ? tr("it is damaged") : text;
}

// The name of the one file that is packed without a tar around it, such as data.csv of data.csv.gz;
// empty: an archive.
std::string packed_file(const std::filesystem::path& path) {
  const std::string ending = path.extension().string();
  const bool is_packed = ending == ".gz" || ending == ".bz2" || ending == ".xz" || ending == ".zst";
  return is_packed && path.stem().extension() != ".tar" ? path.stem().string() : std::string();
}

// A file's bytes, a block at a time; its length may not be known before.
Expected<void> send_contents(archive* file, const std::string& path, Channel& channel) {
  std::vector<std::byte> block(kBlock);
  while (true) {
    const la_ssize_t count = archive_read_data(file, block.data(), block.size());
    if (count == ARCHIVE_RETRY) continue;
    if (count < 0) return fail(tr("'{}' cannot be unpacked: {}", path, problem_of(file)));
    channel.send_json(json{{"bytes", count}}.dump());
    if (count == 0) return {};
    channel.send_bytes(std::span(block).first(static_cast<std::size_t>(count)));
  }
}

}  // namespace

Expected<void> send_archive(const std::string& path, Channel& channel) {
  const std::unique_ptr<archive, Free> file(archive_read_new());
  if (!file) return fail(tr("'{}' cannot be unpacked: no memory", path));
  const std::string packed = packed_file(path);
  if (packed.empty()) {
    archive_read_support_format_zip(file.get());
    archive_read_support_format_tar(file.get());
  } else {
    archive_read_support_format_raw(file.get());
  }
  archive_read_support_filter_gzip(file.get());
  archive_read_support_filter_bzip2(file.get());
  archive_read_support_filter_xz(file.get());
  archive_read_support_filter_zstd(file.get());
  if (archive_read_open_filename(file.get(), path.c_str(), kBlock) != ARCHIVE_OK) {
    return fail(tr("'{}' cannot be unpacked: {}", path, problem_of(file.get())));
  }
  std::error_code ignored;
  const auto size = static_cast<double>(std::filesystem::file_size(path, ignored)) + 1;
  while (true) {
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(file.get(), &entry);
    if (result == ARCHIVE_RETRY) continue;
    if (result == ARCHIVE_EOF) break;
    if (result < ARCHIVE_WARN) {
      return fail(tr("'{}' cannot be unpacked: {}", path, problem_of(file.get())));
    }
    channel.send_progress(static_cast<double>(archive_filter_bytes(file.get(), -1)) / size);
    const char* name = archive_entry_pathname(entry);
    const bool is_link = archive_entry_hardlink(entry) != nullptr;
    if (name == nullptr || is_link || archive_entry_filetype(entry) != AE_IFREG) continue;
    if (archive_entry_is_encrypted(entry) != 0) {
      return fail(tr("'{}' is encrypted; unpack it yourself and give the folder", path));
    }
    const std::string bytes = packed.empty() ? name : packed;
    channel.send_json(json{{"name", std::vector<int>(bytes.begin(), bytes.end())}}.dump());
    if (auto sent = send_contents(file.get(), path, channel); !sent) return sent;
  }
  channel.send_json("{}");
  return {};
}

}  // namespace zscape
