#include "app/gui/lab_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill() is POSIX
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kLowest = 19;  // of priority
constexpr int kSliceMs = 100;
constexpr int kPatienceMs = 4'000;  // after it was asked to end
constexpr std::size_t kKeptText = 4096;

// In the child, between fork and exec: only what a signal handler may do, too.
[[noreturn]] void become(char* const* arguments, int errors, pid_t parent) {
  ::setpgid(0, 0);  // so that its workers can be ended with it, and Ctrl-C reaches the window alone
  ::setpriority(PRIO_PROCESS, 0, kLowest);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);  // the window ended before that
  const int nothing = ::open("/dev/null", O_RDWR);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(nothing, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execv(arguments[0], arguments);
  ::_exit(127);
}

std::string this_program() {
  std::error_code unknown;
  return std::filesystem::read_symlink("/proc/self/exe", unknown).string();
}

// Adds what there is to read; false: nothing more comes.
bool read_piece(int from, std::string& text) {
  std::array<char, 1024> bytes{};
  const ssize_t count = ::read(from, bytes.data(), bytes.size());
  if (count > 0) text.append(bytes.data(), static_cast<std::size_t>(count));
  if (text.size() > kKeptText) text.erase(0, text.size() - kKeptText);
  return count > 0 || (count < 0 && errno == EINTR);
}

// The last line that says something.
std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  const std::size_t before = text.find_last_of("\n\r");
  return before == std::string::npos ? text : text.substr(before + 1);
}

}  // namespace

LabProcess::~LabProcess() {
  if (!is_running()) return;
  stop();
  {
    const std::lock_guard lock(mutex_);
    kills_ = true;
  }
  thread_.join();
}

Expected<void> LabProcess::start(const std::string& program, std::vector<std::string> words) {
  if (is_running()) return fail(tr("another lab is running"));
  words.insert(words.begin(), program.empty() ? this_program() : program);
  std::array<int, 2> errors{}, begun{};
  if (::pipe2(errors.data(), O_CLOEXEC) != 0) return fail(std::strerror(errno));
  if (::pipe2(begun.data(), O_CLOEXEC) != 0) {
    const int why = errno;
    for (const int end : errors) ::close(end);
    return fail(std::strerror(why));
  }
  stopping_ = asks_ = kills_ = false;
  // The kernel's signal at the parent's death comes when the thread ends that started the child: it
  // waits for it.
  thread_ = std::thread([this, words = std::move(words), errors, begun]() mutable {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) become(arguments.data(), errors[1], parent);
    ::close(errors[1]);
    {
      const std::lock_guard lock(mutex_);
      process_ = std::max(child, 0);
    }
    if (child > 0) ::setpgid(child, child);  // whoever of both comes first
    const int failed = child < 0 ? errno : 0;
    [[maybe_unused]] const auto told = ::write(begun[1], &failed, sizeof failed);
    ::close(begun[1]);
    carry(std::move(words), errors[0], failed);
  });
  int failed = 0;
  while (::read(begun[0], &failed, sizeof failed) < 0 && errno == EINTR) {
  }
  ::close(begun[0]);
  if (failed == 0) return {};
  thread_.join();
  end_.reset();
  return fail(tr("the lab cannot be started: {}", std::strerror(failed)));
}

void LabProcess::signal_all(int signal) {
  const std::lock_guard lock(mutex_);
  if (process_ > 0) ::kill(-process_, signal);
}

// Reads what it says and waits for its end, on its own thread.
void LabProcess::carry(std::vector<std::string> words, int errors, int failed) {
  std::string text;
  int asked_ms = -1;  // since it was asked to end
  bool is_open = failed == 0;
  siginfo_t info{};
  while (failed == 0) {
    pollfd event{errors, POLLIN, 0};
    if (is_open) {
      ::poll(&event, 1, kSliceMs);
    } else {
      ::poll(nullptr, 0, kSliceMs);
    }
    if (is_open && (event.revents & (POLLIN | POLLHUP)) != 0) {
      is_open = read_piece(errors, text);
    }
    info.si_pid = 0;
    const int waited =
        ::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT);
    if (waited == 0 && info.si_pid != 0) break;
    if (waited < 0 && errno != EINTR) break;
    bool kills = false, stops = false;
    {
      const std::lock_guard lock(mutex_);
      kills = kills_;
      stops = asks_;
    }
    if (!stops) continue;
    asked_ms = asked_ms < 0 ? 0 : asked_ms + kSliceMs;
    if (kills || asked_ms > kPatienceMs) signal_all(SIGKILL);
  }
  ::fcntl(errors, F_SETFL, O_NONBLOCK);  // a worker may still hold the other end
  while (is_open && (is_open = read_piece(errors, text))) {
  }
  ::close(errors);
  const std::lock_guard lock(mutex_);
  int status = 0;
  if (process_ > 0) {
    ::kill(-process_, SIGKILL);  // workers that it left behind
    ::waitpid(process_, &status, 0);
  }
  process_ = 0;
  const bool is_good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  std::string said = last_line(std::move(text));
  if (said.empty()) said = tr("{} ended without saying why", words.front());
  end_ = End{asks_, is_good || asks_ ? std::string() : std::move(said)};
  wake_();
}

void LabProcess::stop() {
  if (!is_running() || stopping_) return;
  stopping_ = true;
  {
    const std::lock_guard lock(mutex_);
    asks_ = true;
  }
  signal_all(SIGTERM);
}

std::optional<LabProcess::End> LabProcess::take_end() {
  std::optional<End> end;
  {
    const std::lock_guard lock(mutex_);
    end = std::exchange(end_, std::nullopt);
  }
  if (!end) return end;
  thread_.join();
  stopping_ = false;
  return end;
}

}  // namespace zscape
