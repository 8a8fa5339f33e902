#include "app/files/session_store.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <utility>

#include "app/files/folder_lock.h"
#include "app/files/folders.h"
#include "engine/json_text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::uintmax_t kLongestSession = std::uintmax_t{64} << 20;  // bytes
constexpr auto kRunEnding = ".safetensors";
constexpr auto kStateEnding = ".state";  // of a run's whole states; the engine removes older ones

fs::path sessions_folder() {
  const fs::path state = state_folder();
  return state.empty() ? fs::path() : state / "sessions";
}

std::string lock_path(const std::string& session) {
  return fs::path(session).replace_extension(".lock").string();
}

// Held while names are taken or removed, so that nobody locks a file that goes.
std::shared_ptr<const FolderLock> lock_folder() {
  return FolderLock::wait_for(sessions_folder().string());
}

// -1: another window has it, or it cannot be made.
int lock(const std::string& session) {
  const int descriptor = open(lock_path(session).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0 || flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) {
    return descriptor;  // some file systems cannot lock
  }
  close(descriptor);
  return -1;
}

using Nanoseconds = std::int64_t;  // since 1970

Nanoseconds written_at(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return 0;
  return Nanoseconds{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

// Newest first.
std::vector<std::pair<Nanoseconds, fs::path>> session_files() {
  std::vector<std::pair<Nanoseconds, fs::path>> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(sessions_folder(), error)) {
    if (entry.path().extension() == ".json") {
      files.emplace_back(written_at(entry.path()), entry.path());
    }
  }
  std::ranges::sort(files, std::greater());
  return files;
}

// "NAME.17-2.safetensors" is of NAME.
std::string name_of(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.substr(0, name.find('.'));
}

void remove_states(const fs::path& session) {
  std::error_code error;
  std::vector<fs::path> states;
  for (const auto& entry : fs::directory_iterator(session.parent_path(), error)) {
    const bool is_of_it = name_of(entry.path()) == name_of(session);
    if (is_of_it && entry.path().extension() == kStateEnding) states.push_back(entry.path());
  }
  for (const fs::path& path : states) fs::remove(path, error);
}

void remove_session(const fs::path& session) {
  const int descriptor = lock(session.string());
  if (descriptor < 0) return;
  std::error_code error;
  fs::remove(session, error);  // first: what is left is then no session
  remove_older_runs(session.string(), {});
  remove_states(session);
  fs::remove(lock_path(session.string()), error);
  close(descriptor);
}

}  // namespace

std::shared_ptr<const SessionLock> SessionLock::take(const std::string& session) {
  const auto folder = lock_folder();
  const int descriptor = lock(session);
  if (descriptor < 0) return nullptr;
  return std::shared_ptr<const SessionLock>(new SessionLock(session, descriptor));
}

SessionLock::~SessionLock() {
  close(descriptor_);
}

std::shared_ptr<const SessionLock> new_session() {
  const fs::path folder = sessions_folder();
  std::error_code error;
  if (folder.empty()) return nullptr;
  fs::create_directories(folder, error);
  if (error || access(folder.c_str(), W_OK | X_OK) != 0) return nullptr;
  const std::string stem =
      fmt::format("{:%Y%m%d-%H%M%S}-{}", fmt::localtime(std::time(nullptr)), getpid());
  std::string name = stem;
  for (int number = 2; fs::exists(folder / (name + ".lock"), error); ++number) {
    name = fmt::format("{}-{}", stem, number);
  }
  return SessionLock::take((folder / (name + ".json")).string());
}

bool is_kept_session(const std::string& path) {
  const fs::path folder = sessions_folder();
  return !folder.empty() && fs::path(path).parent_path() == folder;
}

std::string newest_session() {
  const auto files = session_files();
  const fs::path older = state_folder() / "session.json";
  std::error_code error;
  const bool has_older = !state_folder().empty() && fs::exists(older, error);
  if (files.empty()) return has_older ? older.string() : std::string();
  const bool is_newer = has_older && written_at(older) > files.front().first;
  return (is_newer ? older : files.front().second).string();
}

std::vector<KeptSession> kept_sessions() {
  std::vector<KeptSession> sessions;
  for (const auto& [written, path] : session_files()) {
    std::error_code error;
    if (fs::file_size(path, error) > kLongestSession || error) continue;  // opening it says so
    std::ifstream file(path, std::ios::binary);
    const Json json = json_or_discarded(std::string(std::istreambuf_iterator<char>(file), {}));
    try {
      const auto data = json.at("plan").at("data").get<std::string>();
      const std::string name = fs::path(data).filename().string();
      sessions.push_back({path.string(), name.empty() ? data : name,
                          static_cast<std::time_t>(written / 1'000'000'000),
                          count_from(json.at("kept").at("step"))});
    } catch (const Json::exception&) {
      continue;  // a broken one is set aside where it is opened
    }
  }
  return sessions;
}

std::string new_run_path(const std::string& session) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto stamp = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  return fs::path(session).replace_extension(fmt::format(".{}{}", stamp, kRunEnding)).string();
}

void remove_older_runs(const std::string& session, const std::vector<std::string>& kept) {
  std::error_code error;
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(fs::path(session).parent_path(), error)) {
    const fs::path& path = entry.path();
    const bool is_older = kept.empty() || path.string() < kept.front();  // by its time
    if (path.extension() == kRunEnding && name_of(path) == name_of(session) && is_older &&
        std::ranges::find(kept, path.string()) == kept.end()) {
      others.push_back(path);
    }
  }
  for (const fs::path& path : others) fs::remove(path, error);
}

void prune_sessions() {
  const auto folder = lock_folder();
  const auto files = session_files();
  std::set<std::string> names;
  for (std::size_t i = 0; i < files.size(); ++i) {
    names.insert(name_of(files[i].second));
    if (i >= kMostSessions) remove_session(files[i].second);
  }
  std::set<fs::path> left_over;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(sessions_folder(), error)) {
    const fs::path& path = entry.path();
    const bool is_ours = path.extension() == kRunEnding || path.extension() == kStateEnding ||
                         path.extension() == ".lock";
    if (is_ours && !names.contains(name_of(path))) {
      left_over.insert(path.parent_path() / (name_of(path) + ".json"));
    }
  }
  for (const fs::path& session : left_over) remove_session(session);
}

}  // namespace zscape
