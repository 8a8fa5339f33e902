#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "engine/data/part_file.h"
#include "engine/error.h"

namespace zscape {

// How much patience a download has.
struct DownloadPatience {
  std::chrono::seconds connect{30};       // for a connection
  std::chrono::seconds silence{30};       // without a byte
  int tries = 4;                          // in a row that bring nothing new, ≥ 1
  std::chrono::milliseconds pause{1000};  // before the second try; doubled before each further one
};

// Given the bytes that are here; false asks the download to stop.
using ByteProgress = std::function<bool(std::int64_t bytes)>;

// Whether a URL may be downloaded: http:// or https:// and a host.
bool is_web_address(const std::string& url);

// Downloads what a URL names behind the bytes that the file holds already, until it holds `size`
// bytes, by libcurl. Goes on by itself where a connection breaks off or falls silent, asking for
// the rest (RFC 9110, "Range"); a server that cannot give a part sends all of it again. Follows
// redirects to http and https only. What came stays in the file when it fails or is cancelled,
// unless it cannot be a part of what is wanted. Any thread, which waits; progress is called on it.
Expected<void> download(const std::string& url, std::int64_t size, PartFile& file,
                        const DownloadPatience& patience, const ByteProgress& progress);

}  // namespace zscape
