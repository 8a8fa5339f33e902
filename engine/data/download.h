#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/error.h"

namespace zscape {

// An incomplete file, open for writing and locked against other writers. It stays when the object
// is destroyed, so that a later run can resume it. One thread.
class PartFile {
 public:
  // Opens or creates the file. Fails if another process writes it.
  static Expected<PartFile> open(const std::string& path);

  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&&) = delete;
  ~PartFile();

  const std::string& path() const { return path_; }
  std::int64_t size() const { return size_; }

  Expected<void> append(std::span<const std::byte> bytes);
  Expected<void> clear();                                 // leaves no bytes
  Expected<void> move_to(const std::string& final_path);  // synced first; replaces what is there
  void remove();

 private:
  PartFile() = default;

  std::string path_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
};

// The first byte that a Content-Range header announces ("bytes 100-199/200"); nothing: it names
// none.
std::optional<std::int64_t> range_start(std::string_view content_range);

// When a download gives up.
struct DownloadPatience {
  std::chrono::seconds connect{30};       // longest wait for a connection
  std::chrono::seconds silence{30};       // longest time without a byte
  int tries = 4;                          // ≥ 1, in a row that bring nothing new
  std::chrono::milliseconds pause{1000};  // before the second try; doubles with each try
};

// Called with the number of bytes received; false stops the download.
using ByteProgress = std::function<bool(std::int64_t bytes)>;

// Whether a URL may be downloaded: http:// or https:// and a host.
bool is_web_address(const std::string& url);

// Downloads a URL with libcurl and appends to the file until it holds `size` bytes. If a connection
// breaks off or falls silent, asks for the rest (RFC 9110, "Range"); a server without ranges sends
// everything again. Follows redirects to http and https only. After a failure or a cancellation the
// file keeps what it received, unless that is not part of the wanted file. Blocks; any thread.
Expected<void> download(const std::string& url, std::int64_t size, PartFile& file,
                        const DownloadPatience& patience, const ByteProgress& progress);

}  // namespace zscape
