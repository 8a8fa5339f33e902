#include "engine/data/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/data/child_spawn.h"
#include "engine/data/names.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr int kSliceMs = 50;  // how often a waiting parent looks whether it was cancelled

// What the child needs of our environment: where libraries lie, and what sanitizers are told.
// Nothing that has a library open plug-ins.
std::vector<std::string> environment_of_child() {
  std::vector<std::string> environment = {"LC_ALL=C.UTF-8", "HDF5_USE_FILE_LOCKING=FALSE"};
  for (const char* name : {"LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) {
      environment.push_back(std::string(name) + '=' + value);
    }
  }
  return environment;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (std::string& word : words) all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

Expected<std::string> program_beside() {
  std::error_code unknown;
  const fs::path folder = fs::read_symlink("/proc/self/exe", unknown).parent_path();
  const fs::path program = folder / kReaderProgram;
  if (!unknown && fs::exists(program, unknown)) return program.string();
  return fail(
      tr("'{}' does not lie beside zscape in '{}'; without it zscape reads no files of "
         "HDF5, MAT, archives, WebP and TIFF",
         kReaderProgram, folder.string()));
}

double seconds_computed(pid_t process) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// One line of plain text, whatever the child wrote.
std::string one_line(const std::string& text) {
  std::string line = as_utf8(text);
  std::ranges::replace_if(
      line, [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f; },
      ' ');
  return line;
}

}  // namespace

Expected<ChildProcess> ChildProcess::start(std::string subject, const ChildLimits& limits) {
  std::string program = limits.program;
  if (program.empty()) {
    auto found = program_beside();
    if (!found) return tl::unexpected(found.error());
    program = std::move(*found);
  }
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(tr("'{}' cannot be read: no socket for the program that reads it ({})", subject,
                   std::strerror(errno)));
  }
  ChildDescriptors descriptors(ends[1]);
  posix_spawn_file_actions_addopen(&descriptors.value, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&descriptors.value, STDERR_FILENO + 1);
  const ChildAttributes attributes;
  std::vector<std::string> words = {program, std::to_string(::getpid()),
                                    std::to_string(limits.memory), std::to_string(limits.seconds)};
  std::vector<std::string> environment = environment_of_child();
  ChildProcess child;
  child.subject_ = std::move(subject);
  child.limits_ = limits;
  const int failed =
      ::posix_spawn(&child.process_, program.c_str(), &descriptors.value, &attributes.value,
                    pointers(words).data(), pointers(environment).data());
  ::close(ends[1]);
  child.socket_ = ends[0];
  if (failed != 0) {
    child.process_ = 0;
    return fail(tr("'{}' cannot be read: the program '{}' does not start ({})", child.subject_,
                   program, std::strerror(failed)));
  }
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept {
  *this = std::move(other);
}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this == &other) return *this;
  stop();
  subject_ = std::move(other.subject_);
  limits_ = std::move(other.limits_);
  process_ = std::exchange(other.process_, 0);
  socket_ = std::exchange(other.socket_, -1);
  status_ = other.status_;
  silent_ms_ = other.silent_ms_;
  thousandths_ = other.thousandths_;
  fraction_ = other.fraction_;
  computed_ = other.computed_;
  return *this;
}

void ChildProcess::stop() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);  // the status of one that has ended by itself stays as it was
  while (::waitpid(process_, &status_, 0) < 0 && errno == EINTR) {
  }
  process_ = 0;
}

void ChildProcess::allow_memory(std::uint64_t bytes) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  limits_.memory = bytes;
  rlimit limit{};
  if (process_ <= 0 || ::prlimit(process_, RLIMIT_AS, nullptr, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(bytes, limit.rlim_max);
  ::prlimit(process_, RLIMIT_AS, &limit, nullptr);
#else
  static_cast<void>(bytes);
#endif
}

void ChildProcess::allow_seconds(int seconds) {
  limits_.seconds = seconds;
  allow_computing();
}

// Counts the seconds of computing anew.
void ChildProcess::allow_computing() {
  rlimit limit{};
  if (process_ <= 0 || ::prlimit(process_, RLIMIT_CPU, nullptr, &limit) != 0) return;
  computed_ = seconds_computed(process_);
  limit.rlim_cur = std::min(limit.rlim_max,
                            static_cast<rlim_t>(computed_) + static_cast<rlim_t>(limits_.seconds));
  ::prlimit(process_, RLIMIT_CPU, &limit, nullptr);
}

// A child that gets on may go on computing.
void ChildProcess::got_on() {
  silent_ms_ = 0;
  if (seconds_computed(process_) >= computed_ + 1) allow_computing();
}

tl::unexpected<Error> ChildProcess::ended() {
  stop();
  if (WIFSIGNALED(status_)) {
    const int signal = WTERMSIG(status_);
    if (signal == SIGXCPU) {
      return fail(
          tr("'{}' kept the program that reads it computing for more than {} s; it is "
             "damaged, or made to do so",
             subject_, limits_.seconds));
    }
    if (signal == SIGKILL) {
      return fail(
          tr("the program that reads '{}' was killed, perhaps for want of memory; the file "
             "is damaged, or needs a machine with more of it",
             subject_));
    }
    return fail(
        tr("'{}' broke the program that reads it ({}); it is damaged, or holds what its "
           "library cannot read: write it anew, or try another format",
           subject_, ::strsignal(signal)));
  }
  return fail(
      tr("the program that reads '{}' ended without an answer (code {}); the file is "
         "damaged, or zscape and {} are of two versions",
         subject_, WEXITSTATUS(status_), kReaderProgram));
}

tl::unexpected<Error> ChildProcess::nonsense(const std::string& what) {
  stop();
  return fail(
      tr("the program that reads '{}' answered nonsense ({}); the file is damaged, or "
         "zscape and {} are of two versions",
         subject_, what, kReaderProgram));
}

tl::unexpected<Error> ChildProcess::cancelled() {
  stop();
  return fail(tr("reading '{}' was cancelled", subject_), ErrorCode::cancelled);
}

// Counts slices, not the clock: a machine that slept, or a parent that was stopped, harms nobody.
Expected<void> ChildProcess::wait(short event, const Progress& progress) {
  while (true) {
    pollfd one = {.fd = socket_, .events = event, .revents = 0};
    const int ready = ::poll(&one, 1, kSliceMs);
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return ended();
    if (!report(progress, fraction_)) return cancelled();
    if (ready < 0) continue;
    silent_ms_ += kSliceMs;
    if (silent_ms_ < limits_.silence_ms) continue;
    stop();
    return fail(
        tr("the program that reads '{}' got no further for {} s and was ended; the file is "
           "damaged, or its disk does not answer",
           subject_, static_cast<double>(limits_.silence_ms) / 1000));
  }
}

Expected<void> ChildProcess::ask(const std::string& json, const Progress& progress) {
  if (process_ <= 0) return fail(tr("the program that reads '{}' has ended before", subject_));
  thousandths_ = 0;
  fraction_ = 0;
  silent_ms_ = 0;
  const std::uint64_t length = json.size();
  std::string request(sizeof length, '\0');
  std::memcpy(request.data(), &length, sizeof length);
  request += json;
  for (std::size_t sent = 0; sent < request.size();) {
    if (auto ready = wait(POLLOUT, progress); !ready) return ready;
    // Without a signal: to this program a broken pipe says that nobody reads its own output.
    const ssize_t count =
        ::send(socket_, request.data() + sent, request.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      sent += static_cast<std::size_t>(count);
    } else if (errno != EINTR && errno != EAGAIN) {
      return ended();
    }
  }
  return {};
}

Expected<void> ChildProcess::receive(std::span<std::byte> bytes, const Progress& progress) {
  if (process_ <= 0) return fail(tr("the program that reads '{}' has ended before", subject_));
  while (!bytes.empty()) {
    if (auto ready = wait(POLLIN, progress); !ready) return ready;
    const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
      return ended();
    }
  }
  return {};
}

Expected<ChildProcess::Head> ChildProcess::receive_head(FrameKind wanted,
                                                        const Progress& progress) {
  while (true) {
    std::array<std::byte, kFrameHead> bytes{};
    if (auto done = receive(bytes, progress); !done) return tl::unexpected(done.error());
    Head head;
    head.kind = static_cast<FrameKind>(bytes[0]);
    std::memcpy(&head.length, bytes.data() + 1, sizeof head.length);
    if (head.kind == FrameKind::progress) {
      if (head.length <= thousandths_ || head.length > 1000) return nonsense(tr("its progress"));
      thousandths_ = head.length;
      fraction_ = static_cast<double>(thousandths_) / 1000;
      got_on();
      if (!report(progress, fraction_)) return cancelled();
      continue;
    }
    if (head.kind == FrameKind::error) {
      if (head.length == 0 || head.length > kMostError) return nonsense(tr("an error's length"));
      std::string text(head.length, '\0');
      if (auto done = receive(std::as_writable_bytes(std::span(text)), progress); !done) {
        return tl::unexpected(done.error());
      }
      got_on();
      return fail(one_line(text));
    }
    if (head.kind != wanted) return nonsense(tr("a frame of another kind"));
    return head;
  }
}

Expected<std::string> ChildProcess::receive_json(const Progress& progress) {
  const auto head = receive_head(FrameKind::json, progress);
  if (!head) return tl::unexpected(head.error());
  if (head->length > kMostJson) return nonsense(tr("a description's length"));
  std::string text(head->length, '\0');
  if (auto done = receive(std::as_writable_bytes(std::span(text)), progress); !done) {
    return tl::unexpected(done.error());
  }
  got_on();
  return text;
}

Expected<void> ChildProcess::receive_bytes(std::span<std::byte> bytes, const Progress& progress) {
  const auto all = static_cast<double>(bytes.size());
  while (!bytes.empty()) {
    const auto head = receive_head(FrameKind::bytes, progress);
    if (!head) return tl::unexpected(head.error());
    if (head->length == 0 || head->length > bytes.size())
      return nonsense(tr("the number of bytes"));
    if (auto done = receive(bytes.first(head->length), progress); !done) return done;
    bytes = bytes.subspan(head->length);
    got_on();
    fraction_ = std::max(fraction_, 1 - static_cast<double>(bytes.size()) / all);
    if (!report(progress, fraction_)) return cancelled();
  }
  return {};
}

}  // namespace zscape
