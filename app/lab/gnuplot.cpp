#include "app/lab/gnuplot.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "engine/data/names.h"
#include "engine/text.h"

extern "C" char** environ;

namespace zscape {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kLongest = std::chrono::seconds(60);
constexpr std::size_t kMostBytes = std::size_t{64} << 20U;
constexpr std::size_t kEnding = 16;  // a picture that is whole ends with </svg> and blank lines

std::string on_one_line(std::string_view text) {
  std::string line = as_utf8(text);
  std::ranges::replace_if(
      line, [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f; },
      ' ');
  return line;
}

std::string doubled(const std::string& text, char what) {
  std::string result;
  for (const char letter : text) {
    if (letter == what) result += what;
    result += letter;
  }
  return result;
}

struct Pipe {
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) ends = {-1, -1};
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_end(std::size_t end) {
    if (ends[end] >= 0) ::close(std::exchange(ends[end], -1));
  }
  std::array<int, 2> ends{};
};

// Reads what the child prints until it closes both; false: it takes too long or prints too much.
bool read_all(Pipe& out, Pipe& err, std::string& printed, std::string& complaint) {
  const auto end = Clock::now() + kLongest;
  while (out.ends[0] >= 0 || err.ends[0] >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0) return false;
    std::array<pollfd, 2> both{};  // poll ignores a descriptor of −1
    both[0] = {.fd = out.ends[0], .events = POLLIN, .revents = 0};
    both[1] = {.fd = err.ends[0], .events = POLLIN, .revents = 0};
    if (::poll(both.data(), both.size(), static_cast<int>(left.count())) < 0 && errno != EINTR) {
      return false;
    }
    for (std::size_t i = 0; i < both.size(); ++i) {
      if (both[i].revents == 0) continue;
      std::array<char, 65536> buffer{};
      const ssize_t count = ::read(both[i].fd, buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      std::string& text = i == 0 ? printed : complaint;
      if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
      if (count <= 0) (i == 0 ? out : err).close_end(0);
      if (text.size() > kMostBytes) return false;
    }
  }
  return true;
}

}  // namespace

std::string gnuplot_text(std::string_view text) {
  return '\'' + doubled(on_one_line(text), '\'') + '\'';
}

std::string gnuplot_tic_text(std::string_view text) {
  return gnuplot_text(doubled(on_one_line(text), '%'));
}

std::string find_gnuplot() {
  const char* path = std::getenv("PATH");
  std::string_view folders = path != nullptr ? path : "";
  while (!folders.empty()) {
    const std::size_t colon = std::min(folders.find(':'), folders.size());
    // A relative folder would be another one where gnuplot runs.
    if (folders.starts_with('/')) {
      std::string program = std::string(folders.substr(0, colon)) + "/gnuplot";
      if (::access(program.c_str(), X_OK) == 0) return program;
    }
    folders.remove_prefix(std::min(colon + 1, folders.size()));
  }
  return {};
}

Expected<std::string> run_gnuplot(const std::string& gnuplot, const std::string& folder,
                                  const std::string& script) {
  Pipe out, err;
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.ends[1], STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  std::vector<std::string> words = {gnuplot, "-d", "-e", "to_stdout=1", script};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t process = 0;
  const int refused =
      ::posix_spawn(&process, gnuplot.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (refused != 0) return fail(tr("'{}' does not start: {}", gnuplot, std::strerror(refused)));
  out.close_end(1);
  err.close_end(1);

  std::string printed, complaint;
  const bool ended = read_all(out, err, printed, complaint);
  if (!ended) ::kill(process, SIGKILL);
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) return fail(tr("gnuplot did not end with '{}' and was ended", script));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
      printed.find("</svg>", printed.size() - std::min(printed.size(), kEnding)) ==
          std::string::npos) {
    return fail(tr("gnuplot failed at '{}': {}", script, on_one_line(complaint)));
  }
  return printed;
}

}  // namespace zscape
