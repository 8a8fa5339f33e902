#include "app/gui/file_chooser.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill() is POSIX
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/text.h"

extern char** environ;

namespace zscape {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

bool is_on_path(const char* program) {
  const char* path = ::getenv("PATH");
  std::string_view left = path == nullptr ? "" : path;
  while (!left.empty()) {
    const std::size_t end = std::min(left.find(':'), left.size());
    const fs::path candidate = fs::path(left.substr(0, end)) / program;
    if (end > 0 && ::access(candidate.c_str(), X_OK) == 0) return true;
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return false;
}

const char* title_of(ChooserPurpose purpose) {
  switch (purpose) {
    case ChooserPurpose::open_file:
      return tr("Open a model, a session or data");
    case ChooserPurpose::open_folder:
      return tr("Open a data folder");
    case ChooserPurpose::open_results:
      return tr("Open a folder of results");
    case ChooserPurpose::save_session:
      break;
  }
  return tr("Save the session");
}

bool chooses_folder(ChooserPurpose purpose) {
  return purpose == ChooserPurpose::open_folder || purpose == ChooserPurpose::open_results;
}

Words zenity(ChooserPurpose purpose, const std::string& start, const std::string& patterns) {
  Words words = {"zenity", "--file-selection", std::string("--title=") + title_of(purpose),
                 "--filename=" + start};
  if (purpose == ChooserPurpose::open_file) {
    words.push_back(std::string("--file-filter=") + tr("Models, sessions and data") + " | " +
                    patterns);
    words.push_back(std::string("--file-filter=") + tr("All files") + " | *");
  }
  if (chooses_folder(purpose)) words.push_back("--directory");
  if (purpose == ChooserPurpose::save_session) {
    words.push_back("--save");
    words.push_back("--confirm-overwrite");
  }
  return words;
}

Words kdialog(ChooserPurpose purpose, const std::string& start, const std::string& patterns) {
  const char* what = purpose == ChooserPurpose::open_file ? "--getopenfilename"
                     : chooses_folder(purpose)            ? "--getexistingdirectory"
                                                          : "--getsavefilename";
  Words words = {"kdialog", "--title", title_of(purpose), what, start};
  if (purpose == ChooserPurpose::open_file) {
    words.push_back(patterns + "|" + tr("Models, sessions and data") + "\n*|" + tr("All files"));
  }
  return words;
}

// The desktop's own first; empty where there is none.
Words command_for(ChooserPurpose purpose, const std::string& start, const std::string& patterns) {
  const char* desktop = ::getenv("XDG_CURRENT_DESKTOP");
  const bool kde = desktop != nullptr && std::string_view(desktop).find("KDE") != std::string::npos;
  const bool has_kdialog = is_on_path("kdialog"), has_zenity = is_on_path("zenity");
  if (has_kdialog && (kde || !has_zenity)) return kdialog(purpose, start, patterns);
  if (has_zenity) return zenity(purpose, start, patterns);
  return {};
}

}  // namespace

FileChooser::~FileChooser() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    if (child_ > 0) ::kill(child_, SIGTERM);
  }
  thread_.join();
}

bool FileChooser::show(ChooserPurpose purpose, const std::string& start,
                       const std::vector<std::string>& endings) {
  if (is_open()) return true;
  // "*.npy *.json"
  Words words = command_for(purpose, start, fmt::format("*{}", fmt::join(endings, " *")));
  if (words.empty()) return false;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t child = 0;
  const int failed =
      ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (failed != 0) {
    ::close(ends[0]);
    return false;
  }
  child_ = child;
  thread_ = std::thread([this, purpose, pipe = ends[0], child] { wait_for(purpose, pipe, child); });
  return true;
}

void FileChooser::wait_for(ChooserPurpose purpose, int pipe, pid_t child) {
  std::string text;
  char bytes[1024];
  while (true) {
    const ssize_t count = ::read(pipe, bytes, sizeof bytes);
    if (count > 0) text.append(bytes, static_cast<std::size_t>(count));
    if (count == 0 || (count < 0 && errno != EINTR)) break;
  }
  ::close(pipe);
  // Waits without reaping, so that the process id stays valid while it may be signalled.
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) < 0 &&
         errno == EINTR) {
  }
  const std::lock_guard lock(mutex_);
  int status = 0;
  ::waitpid(child, &status, 0);
  child_ = 0;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  answer_ = Answer{purpose, code == 0 ? text : std::string(), code > 1};
  wake_();
}

std::optional<FileChooser::Answer> FileChooser::take() {
  std::optional<Answer> answer;
  {
    const std::lock_guard lock(mutex_);
    answer = std::exchange(answer_, std::nullopt);
  }
  if (answer) thread_.join();
  return answer;
}

}  // namespace zscape
