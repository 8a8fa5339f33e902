#include "app/files/folder_watch.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <utility>

#include "engine/io/pytorch_file.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr int kLookMs = 1000;

struct Written {
  std::string path;
  std::string mark;  // of this state of the file
  std::pair<std::int64_t, std::int64_t> time;
};

std::optional<Written> written(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  const std::pair<std::int64_t, std::int64_t> time(status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  return Written{path.string(),
                 fmt::format("{}\n{} {} {}.{}", path.string(), status.st_ino, status.st_size,
                             time.first, time.second),
                 time};
}

// Temporary names, which a rename follows, begin with a point.
bool is_model_name(const fs::path& path) {
  const std::string name = path.filename().string();
  return !name.starts_with(".") &&
         (path.extension() == ".pt2" || path.extension() == ".safetensors");
}

std::optional<Written> newest(const std::string& folder) {
  std::optional<Written> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!is_model_name(entry->path())) continue;
    auto each = written(entry->path());
    if (!each || (found && std::tie(each->time, each->path) < std::tie(found->time, found->path))) {
      continue;
    }
    found = std::move(each);
  }
  return found;
}

}  // namespace

Expected<std::unique_ptr<FolderWatch>> FolderWatch::begin(const std::string& folder,
                                                          std::function<void()> changed) {
  const int notify = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);  // without it: once a second
  if (notify >= 0) {
    ::inotify_add_watch(notify, folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_MODIFY);
  }
  const int stop = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (stop < 0) {
    const int why = errno;
    if (notify >= 0) ::close(notify);
    return fail(tr("--watch {}: {}", folder, std::strerror(why)));
  }
  return std::unique_ptr<FolderWatch>(new FolderWatch(folder, std::move(changed), notify, stop));
}

FolderWatch::FolderWatch(std::string folder, std::function<void()> changed, int notify, int stop)
    : folder_(std::move(folder)),
      changed_(std::move(changed)),
      notify_(notify),
      stop_(stop),
      thread_([this] { watch(); }) {}

FolderWatch::~FolderWatch() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto told = ::write(stop_, &one, sizeof one);
  thread_.join();
  if (notify_ >= 0) ::close(notify_);
  ::close(stop_);
}

void FolderWatch::watch() {
  std::array<pollfd, 2> events = {pollfd{stop_, POLLIN, 0}, pollfd{notify_, POLLIN, 0}};
  const nfds_t count = notify_ >= 0 ? 2 : 1;
  while (true) {
    look();
    ::poll(events.data(), count, kLookMs);
    if ((events[0].revents & POLLIN) != 0) return;
    std::array<char, 4096> ignored{};  // what they say is looked up
    while (notify_ >= 0 && ::read(notify_, ignored.data(), ignored.size()) > 0) {
    }
  }
}

void FolderWatch::look() {
  auto found = newest(folder_);
  if (!found || found->mark == seen_ || !is_whole_model_file(found->path)) return;
  // It may have been replaced between the two looks.
  const auto again = written(found->path);
  if (!again || again->mark != found->mark) return;
  seen_ = std::move(found->mark);
  {
    const std::lock_guard lock(mutex_);
    found_ = std::move(found->path);
  }
  changed_();
}

std::optional<std::string> FolderWatch::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(found_, std::nullopt);
}

}  // namespace zscape
