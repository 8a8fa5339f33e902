#include "engine/data/download.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "engine/number.h"
#include "engine/text.h"

namespace zscape {
namespace {

using Clock = std::chrono::steady_clock;

constexpr long kOk = 200;
constexpr long kPartial = 206;
constexpr long kRangeNotSatisfiable = 416;
constexpr long kMostRedirects = 10;

struct FreeCurl {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
using CurlHandle = std::unique_ptr<CURL, FreeCurl>;

// How one request ended.
enum class Ending {
  complete,
  broken_off,  // may be asked for again
  cancelled,
  failed,   // the file keeps what it received
  useless,  // the received bytes belong to another file
};

struct Result {
  Ending ending = Ending::failed;
  std::string reason;  // a clause, for a message in give_up()
};

// One request for the rest of a file. libcurl calls it back on the thread that runs it.
class Request {
 public:
  Request(const std::string& url, std::int64_t size, PartFile& file,
          const DownloadPatience& patience, const ByteProgress& progress)
      : url_(url),
        size_(size),
        file_(file),
        patience_(patience),
        progress_(progress),
        offset_(file.size()),
        curl_(curl_easy_init()) {}

  Result run() {
    if (!curl_ || !set_up()) return {Ending::failed, tr("libcurl could not be set up")};
    const CURLcode code = curl_easy_perform(curl_.get());
    if (stopped_) return *stopped_;
    return judge(code);
  }

 private:
  template <class T>
  bool set(CURLoption option, T value) {
    return curl_easy_setopt(curl_.get(), option, value) == CURLE_OK;
  }

  bool set_up() {
    bool done = set(CURLOPT_URL, url_.c_str()) && set(CURLOPT_NOSIGNAL, 1L) &&
                set(CURLOPT_USERAGENT, "zscape") && set(CURLOPT_ERRORBUFFER, message_.data()) &&
                set(CURLOPT_PROTOCOLS_STR, "http,https") &&
                set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https") && set(CURLOPT_FOLLOWLOCATION, 1L) &&
                set(CURLOPT_MAXREDIRS, kMostRedirects) &&
                set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(patience_.connect.count())) &&
                set(CURLOPT_HEADERFUNCTION, &Request::on_header) && set(CURLOPT_HEADERDATA, this) &&
                set(CURLOPT_WRITEFUNCTION, &Request::on_body) && set(CURLOPT_WRITEDATA, this) &&
                set(CURLOPT_XFERINFOFUNCTION, &Request::on_progress) &&
                set(CURLOPT_XFERINFODATA, this) && set(CURLOPT_NOPROGRESS, 0L);
    if (offset_ > 0) done = done && set(CURLOPT_RANGE, fmt::format("{}-", offset_).c_str());
    return done;
  }

  static std::size_t on_header(char*, std::size_t, std::size_t count, void* self) {
    static_cast<Request*>(self)->heard_ = Clock::now();
    return count;
  }
  static std::size_t on_body(char* data, std::size_t, std::size_t count, void* self) {
    const std::span<const char> bytes(data, count);
    return static_cast<Request*>(self)->take(std::as_bytes(bytes)) ? count : 0;
  }
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Request*>(self)->may_go_on() ? 0 : 1;
  }

  // Called about once a second, and more often while bytes come. libcurl's own limit is a mean
  // speed, which reacts to silence only after some seconds.
  bool may_go_on() {
    if (progress_ && !progress_(file_.size())) return stop(Ending::cancelled, "");
    curl_off_t ready = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_PRETRANSFER_TIME_T, &ready);
    if (ready == 0) heard_ = Clock::now();  // connecting has a limit of its own
    if (Clock::now() - heard_ < patience_.silence) return true;
    return stop(Ending::broken_off, tr("no byte came for {} s", patience_.silence.count()));
  }

  // Remembers how the request ended and returns false.
  bool stop(Ending ending, std::string reason) {
    stopped_ = Result{ending, std::move(reason)};
    return false;
  }

  // The HTTP status after redirects; 0 before an answer.
  long status() const {
    long code = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &code);
    return code;
  }

  // The first byte that the answer announces ("Content-Range: bytes 100-199/200").
  std::optional<std::int64_t> range_start() const {
    curl_header* header = nullptr;
    if (curl_easy_header(curl_.get(), "Content-Range", 0, CURLH_HEADER, -1, &header) != CURLHE_OK) {
      return std::nullopt;
    }
    return zscape::range_start(header->value);
  }

  // The length of the body; -1 if the server did not say.
  std::int64_t announced_length() const {
    curl_off_t length = -1;
    curl_easy_getinfo(curl_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    return length;
  }

  // Looks at the answer before its first byte is taken.
  bool accept() {
    accepted_ = true;
    const long code = status();
    if (code == kRangeNotSatisfiable && offset_ > 0) {
      return start_anew(tr("the server has no such part"));
    }
    if (code != kOk && code != kPartial) return stop(Ending::failed, refusal());
    if (code == kPartial && range_start() != offset_) {
      return start_anew(tr("the server sent another part than asked for"));
    }
    const std::int64_t start = code == kPartial ? offset_ : 0;
    const std::int64_t length = announced_length();
    if (length >= 0 && length != size_ - start) {
      const std::int64_t most = std::numeric_limits<std::int64_t>::max() - start;
      return stop(Ending::failed, tr("it has {} bytes there instead of {}, so it is another file",
                                     start + std::min(length, most), size_));
    }
    return start == file_.size() || empty_file();
  }

  bool take(std::span<const std::byte> bytes) {
    heard_ = Clock::now();
    if (!accepted_ && !accept()) return false;
    if (file_.size() + static_cast<std::int64_t>(bytes.size()) > size_) {
      return stop(Ending::useless, tr("it sends more than the {} bytes of that file", size_));
    }
    if (auto written = file_.append(bytes); !written) {
      return stop(Ending::failed, std::move(written.error().message));
    }
    return true;
  }

  bool empty_file() {
    if (auto done = file_.clear(); !done) {
      return stop(Ending::failed, std::move(done.error().message));
    }
    return true;
  }

  // Drops what was received, so that the next request asks for the whole file.
  bool start_anew(std::string reason) {
    return empty_file() && stop(Ending::broken_off, std::move(reason));
  }

  std::string refusal() const {
    const long code = status();
    if (code == 404) return tr("the server answers 404: it has no such file");
    return tr("the server answers {}", code);
  }

  // The result of a request that was not stopped by us.
  Result judge(CURLcode code) {
    if (code == CURLE_OK) return judge_answer();
    const std::string text = message_[0] != 0 ? message_.data() : curl_easy_strerror(code);
    switch (code) {
      case CURLE_PARTIAL_FILE:
      case CURLE_RECV_ERROR:
      case CURLE_SEND_ERROR:
      case CURLE_GOT_NOTHING:
      case CURLE_HTTP2:
      case CURLE_HTTP2_STREAM:
        return {Ending::broken_off, tr("the connection broke off")};
      case CURLE_OPERATION_TIMEDOUT:
        return {Ending::failed, tr("no connection in {} s", patience_.connect.count())};
      default:
        return {Ending::failed, text};
    }
  }

  // The result of a complete answer.
  Result judge_answer() {
    if (!accepted_) accept();  // it had no body
    if (stopped_) return *stopped_;
    if (file_.size() == size_) return {Ending::complete, ""};
    return {Ending::broken_off, tr("the connection broke off")};
  }

  const std::string& url_;
  const std::int64_t size_;
  PartFile& file_;
  const DownloadPatience& patience_;
  const ByteProgress& progress_;
  const std::int64_t offset_;  // the first byte that the request asks for
  CurlHandle curl_;
  std::array<char, CURL_ERROR_SIZE> message_{};
  Clock::time_point heard_ = Clock::now();  // when the last byte came
  bool accepted_ = false;
  std::optional<Result> stopped_;
};

// Waits in short pieces; false if progress asked to stop.
bool wait(std::chrono::milliseconds pause, std::int64_t bytes, const ByteProgress& progress) {
  constexpr std::chrono::milliseconds kPiece{50};
  while (pause.count() > 0) {
    if (progress && !progress(bytes)) return false;
    const auto piece = std::min(pause, kPiece);
    std::this_thread::sleep_for(piece);
    pause -= piece;
  }
  return true;
}

tl::unexpected<Error> give_up(const std::string& url, std::int64_t size, PartFile& file,
                              const Result& result) {
  switch (result.ending) {
    case Ending::cancelled:
      return fail(tr("downloading {} was cancelled", url), ErrorCode::cancelled);
    case Ending::useless:
      if (auto emptied = file.clear(); !emptied) return tl::unexpected(emptied.error());
      return fail(tr("{} cannot be used: {}", url, result.reason));
    case Ending::broken_off:
      return fail(file.size() == 0 ? tr("{} could not be downloaded: {}; nothing of it is here; "
                                        "run it again to try again",
                                        url, result.reason)
                                   : tr("{} could not be downloaded: {}; {} of {} bytes are here; "
                                        "run it again to resume",
                                        url, result.reason, file.size(), size));
    default:
      return fail(tr("{} could not be downloaded: {}", url, result.reason));
  }
}

std::string reason(int error) {
  return std::generic_category().message(error);
}

tl::unexpected<Error> cannot_write(const std::string& path, int error) {
  return fail(tr("'{}' cannot be written: {}", path, reason(error)));
}

}  // namespace

std::optional<std::int64_t> range_start(std::string_view content_range) {
  const std::size_t first = content_range.find_first_of("0123456789");
  const auto digits = content_range.substr(std::min(first, content_range.size()));
  return number_from<std::int64_t>(digits.substr(0, digits.find('-')));
}

bool is_web_address(const std::string& url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (curl_strnequal(url.c_str(), scheme.data(), scheme.size()) != 0) {
      return url.size() > scheme.size() && url[scheme.size()] != '/';
    }
  }
  return false;
}

Expected<void> download(const std::string& url, std::int64_t size, PartFile& file,
                        const DownloadPatience& patience, const ByteProgress& progress) {
  static std::once_flag initialised;
  std::call_once(initialised, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });

  std::int64_t most = file.size();
  auto pause = patience.pause;
  for (int futile = 0; file.size() < size;) {
    const Result result = Request(url, size, file, patience, progress).run();
    if (result.ending == Ending::complete) break;
    if (file.size() > most) {
      most = file.size();
      futile = 0;
      pause = patience.pause;
    } else {
      ++futile;
    }
    if (result.ending != Ending::broken_off || futile >= patience.tries) {
      return give_up(url, size, file, result);
    }
    if (!wait(pause, file.size(), progress)) {
      return give_up(url, size, file, {Ending::cancelled, ""});
    }
    pause *= 2;
  }
  return {};
}

Expected<PartFile> PartFile::open(const std::string& path) {
  PartFile file;
  file.path_ = path;
  file.descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file.descriptor_ < 0) return cannot_write(path, errno);
  if (flock(file.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail(tr("'{}' cannot be locked: {}", path, reason(errno)));
    return fail(tr("'{}' is being written by another zscape; wait for it to end", path));
  }
  struct stat status {};
  if (fstat(file.descriptor_, &status) != 0) {
    return fail(tr("'{}' cannot be read: {}", path, reason(errno)));
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(tr("'{}' cannot be written: it is not a regular file", path));
  }
  file.size_ = status.st_size;
  return file;
}

PartFile::PartFile(PartFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

PartFile::~PartFile() {
  if (descriptor_ >= 0) close(descriptor_);  // this also unlocks it
}

Expected<void> PartFile::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(), size_);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot_write(path_, errno);
    size_ += written;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Expected<void> PartFile::clear() {
  if (ftruncate(descriptor_, 0) != 0) {
    return fail(tr("'{}' cannot be emptied: {}", path_, reason(errno)));
  }
  size_ = 0;
  return {};
}

Expected<void> PartFile::move_to(const std::string& final_path) {
  if (fsync(descriptor_) != 0) return cannot_write(path_, errno);
  std::error_code problem;
  std::filesystem::rename(path_, final_path, problem);
  if (problem) {
    return fail(tr("'{}' cannot be put into its place: {}", final_path, problem.message()));
  }
  return {};
}

void PartFile::remove() {
  unlink(path_.c_str());
}

}  // namespace zscape
