#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/data/fetch.h"
#include "tests/data_fixture.h"
#include "tests/http_server.h"

namespace zscape {

inline constexpr std::int64_t kSize = 300'000;

// Bytes of which no part is like another.
inline std::string content() {
  std::string bytes;
  for (std::uint32_t i = 0; bytes.size() < kSize; ++i) {
    bytes += static_cast<char>((i * 2654435761U) >> 24U);
  }
  return bytes;
}
inline const std::string kContent = content();
inline constexpr std::size_t kHalf = 150'000;

class Fetch : public FolderTest {
 protected:
  Fetch() {
    setenv("no_proxy", "127.0.0.1", 1);
    files_ = {{"a.gz", kSize, md5_of_file(write_text("original", kContent)).value()}};
  }

  Expected<Fetched> from(const std::vector<std::string>& mirrors, const Progress& progress = {}) {
    auto fetched = fetch_files(files_, mirrors, path("set"), patience_, progress);
    if (!fetched) {
      EXPECT_EQ(fetched.error().message.find('\n'), std::string::npos);
    }
    return fetched;
  }

  // Fetches from a server that answers so; the error, empty where there is none.
  std::string error(const HttpServer::Answer& answer) {
    const HttpServer server(answer);
    const auto fetched = from({server.url()});
    requests_ = server.requests();
    return fetched ? "" : fetched.error().message;
  }

  std::string file() const { return text_of("set/a.gz"); }
  std::optional<std::string> part() const {
    if (!std::filesystem::exists(path("set/a.gz.part"))) return std::nullopt;
    return text_of("set/a.gz.part");
  }
  std::string text_of(const std::string& name) const {
    const Bytes bytes = read(name);
    return {bytes.begin(), bytes.end()};
  }
  std::vector<std::int64_t> ranges() const {
    std::vector<std::int64_t> starts;
    for (const HttpRequest& request : requests_) starts.push_back(request.range_start);
    return starts;
  }
  // Nothing but what is named lies in the folder.
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path("set"))) {
      found.push_back(entry.path().filename().string());
    }
    return found;
  }

  std::vector<RemoteFile> files_;
  DownloadPatience patience_{std::chrono::seconds(5), std::chrono::seconds(1), 3,
                             std::chrono::milliseconds(1)};
  std::vector<HttpRequest> requests_;
};

}  // namespace zscape
