#include "engine/io/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/number.h"
#include "engine/text.h"

namespace zscape {
namespace {

tl::unexpected<Error> cannot_write(const std::string& path, int error) {
  return fail(tr("{} cannot be written: {}", path, std::generic_category().message(error)));
}

// Short, so that it fits wherever the final name does.
constexpr auto kPrefix = ".zscape-";
constexpr auto kSuffix = ".tmp";

// The process that made this temporary file; 0: it is none.
pid_t maker_of(const std::string& name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return 0;
  const auto digits = std::string_view(name).substr(std::string_view(kPrefix).size());
  return number_from<pid_t>(digits.substr(0, digits.find('-'))).value_or(0);
}

// Whether a living process holds it, on this machine or on another that shares the folder.
bool is_in_use(const std::filesystem::path& path, pid_t maker) {
  if (kill(maker, 0) == 0 || errno != ESRCH) return true;
  const int descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return true;
  const bool is_locked = flock(descriptor, LOCK_EX | LOCK_NB) != 0;
  close(descriptor);
  return is_locked;
}

// Removes what killed processes left in this folder, once in the life of this process.
void clear_left_over(const std::filesystem::path& folder) {
  static std::mutex mutex;
  static std::set<std::filesystem::path> cleared;
  const std::lock_guard lock(mutex);
  if (!cleared.insert(folder).second) return;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    const pid_t maker = maker_of(at->path().filename().string());
    if (maker > 0 && !is_in_use(at->path(), maker)) unlink(at->path().c_str());
  }
}

// A file with a unique name in the folder of the final one. Removed unless it was moved.
class TemporaryFile {
 public:
  static Expected<TemporaryFile> create(const std::filesystem::path& folder, mode_t mode,
                                        const std::string& final_path) {
    static std::atomic<unsigned> counter = 0;
    clear_left_over(folder);
    for (;;) {
      TemporaryFile file;
      file.path_ = folder / fmt::format("{}{}-{}{}", kPrefix, getpid(), counter++, kSuffix);
      file.descriptor_ = open(file.path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
      if (file.descriptor_ >= 0) {
        flock(file.descriptor_,
              LOCK_EX | LOCK_NB);  // some file systems cannot; the id must do then
        return file;
      }
      const int error = errno;
      if (error == EEXIST) continue;  // left by a killed process with the same id
      std::error_code ignored;
      if (error == ENOENT && std::filesystem::exists(folder, ignored)) {  // as of /proc
        return fail(tr("{} cannot be written: the folder {} takes no new files; name another",
                       final_path, folder.string()));
      }
      if (error == ENOENT) {
        return fail(tr("{} cannot be written: the folder {} does not exist; create it first",
                       final_path, folder.string()));
      }
      return cannot_write(final_path, error);
    }
  }

  TemporaryFile(TemporaryFile&& other) noexcept
      : path_(std::exchange(other.path_, {})), descriptor_(std::exchange(other.descriptor_, -1)) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;

  ~TemporaryFile() {
    if (descriptor_ < 0) return;
    close(descriptor_);
    if (!moved_) unlink(path_.c_str());
  }

  // Each returns 0 or an errno.
  int write_all(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return errno;
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return 0;
  }
  int set_mode(mode_t mode) { return fchmod(descriptor_, mode) == 0 ? 0 : errno; }
  int sync() { return fsync(descriptor_) == 0 ? 0 : errno; }
  int move_to(const std::filesystem::path& place) {
    if (rename(path_.c_str(), place.c_str()) != 0) return errno;
    moved_ = true;
    return 0;
  }

 private:
  TemporaryFile() = default;

  std::filesystem::path path_;
  int descriptor_ = -1;
  bool moved_ = false;
};

// The path of a file to write with symbolic links resolved, and what stands there now.
struct Place {
  std::filesystem::path path;
  std::filesystem::path folder;
  bool exists = false;
  mode_t mode = 0666;  // the umask applies if the file does not exist yet
};

Expected<Place> find_place(const std::string& path) {
  if (path.empty()) return fail(tr("a file to write has no name; give it one"));
  Place place;
  place.path = path;
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) {
      return fail(tr("{} cannot be written: it is a folder; name a file", path));
    }
    if (!S_ISREG(status.st_mode)) {
      return fail(tr("{} cannot be written: it is not a regular file; name another", path));
    }
    std::error_code error;
    place.path = std::filesystem::canonical(path, error);
    if (error) return cannot_write(path, error.value());
    place.exists = true;
    place.mode = status.st_mode & 07777;
  } else if (errno != ENOENT) {
    return cannot_write(path, errno);
  } else if (!place.path.has_filename()) {
    return fail(tr("{} cannot be written: it names a folder; name a file", path));
  }
  place.folder = place.path.has_parent_path() ? place.path.parent_path() : ".";
  return place;
}

void sync_folder(const std::filesystem::path& folder) {
  // Failure is harmless: the file is complete and in its place. Some file systems cannot do this.
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

}  // namespace

Expected<void> write_file_atomically(const std::string& path, std::span<const std::byte> bytes) {
  const Expected<Place> place = find_place(path);
  if (!place) return tl::unexpected(place.error());
  Expected<TemporaryFile> file = TemporaryFile::create(place->folder, place->mode, path);
  if (!file) return tl::unexpected(file.error());

  int error = file->write_all(bytes);
  if (error == 0 && place->exists) error = file->set_mode(place->mode);
  if (error == 0) error = file->sync();
  if (error == 0) error = file->move_to(place->path);
  if (error != 0) return cannot_write(path, error);
  sync_folder(place->folder);
  return {};
}

Expected<void> check_can_write(const std::string& path) {
  const Expected<Place> place = find_place(path);
  if (!place) return tl::unexpected(place.error());
  const Expected<TemporaryFile> file = TemporaryFile::create(place->folder, 0600, path);
  if (!file) return tl::unexpected(file.error());
  return {};
}

std::string ending_of(const std::string& path) {
  std::string ending = std::filesystem::path(path).extension().string();
  for (char& letter : ending) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return ending;
}

Expected<void> check_ending(const std::string& path, std::string_view ending) {
  const std::string own = ending_of(path);
  const bool is_number = own.find_first_not_of("0123456789", 1) == std::string::npos;  // "vae-0.5"
  if (own.empty() || is_number || own == ending) return {};
  return fail(tr("{} ends in {}, and this would be a file of another type; end it in {}", path, own,
                 ending));
}

}  // namespace zscape
