#include "app/cli/lab_crew.h"

#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill() is POSIX
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/data/child_spawn.h"
#include "engine/json_text.h"
#include "engine/lab/execute.h"
#include "engine/text.h"

namespace zscape {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

// All of it; false: the other side is gone.
bool send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

ProcessCrew::ProcessCrew(int size, std::string models)
    : models_(std::move(models)), workers_(static_cast<std::size_t>(size)) {}

ProcessCrew::~ProcessCrew() {
  for (Worker& worker : workers_) {
    if (worker.process > 0) kill(worker.process, SIGKILL);  // all at once, then wait for them
  }
  for (Worker& worker : workers_) end(worker);
}

bool ProcessCrew::start(Worker& worker) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return false;
  const ChildDescriptors descriptors(ends[1]);
  const ChildAttributes attributes;
  std::vector<std::string> words = {"zscape", "lab-worker", "--parent", std::to_string(getpid())};
  if (!models_.empty()) words.insert(words.end(), {"--models", models_});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int failed = posix_spawn(&worker.process, "/proc/self/exe", &descriptors.value,
                                 &attributes.value, arguments.data(), environ);
  close(ends[1]);
  if (failed != 0) {
    close(ends[0]);
    worker.process = 0;
    return false;
  }
  worker.socket = ends[0];
  worker.received.clear();
  return true;
}

std::string ProcessCrew::end(Worker& worker) {
  if (worker.socket >= 0) close(std::exchange(worker.socket, -1));
  if (worker.process <= 0) return {};
  kill(worker.process, SIGKILL);  // the status of one that has ended by itself stays as it was
  int status = 0;
  while (waitpid(worker.process, &status, 0) < 0 && errno == EINTR) {
  }
  worker.process = 0;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
    return tr("its process was killed, perhaps for want of memory");
  }
  if (WIFSIGNALED(status)) return tr("its process crashed ({})", strsignal(WTERMSIG(status)));
  return tr("its process ended without a result (code {})", WEXITSTATUS(status));
}

bool ProcessCrew::give(int worker, const LabRun& run) {
  Worker& given = workers_[static_cast<std::size_t>(worker)];
  if (given.process == 0 && !start(given)) return false;
  given.began = std::chrono::steady_clock::now();
  // One that died meanwhile is seen by wait(), with its run.
  send_all(given.socket, line_of(run) + "\n");
  return true;
}

CrewEvent ProcessCrew::wait(int milliseconds) {
  std::vector<pollfd> sockets;
  std::vector<int> places;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    Worker& worker = workers_[i];
    if (worker.process == 0) continue;
    if (const std::size_t line = worker.received.find('\n'); line != std::string::npos) {
      const std::string text = worker.received.substr(0, line);
      worker.received.erase(0, line + 1);
      return event_of(static_cast<int>(i), text);
    }
    sockets.push_back({.fd = worker.socket, .events = POLLIN, .revents = 0});
    places.push_back(static_cast<int>(i));
  }
  // A signal ends the waiting, so that the caller sees it.
  if (poll(sockets.data(), sockets.size(), milliseconds) <= 0) return {};
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    if (sockets[i].revents == 0) continue;
    Worker& worker = workers_[static_cast<std::size_t>(places[i])];
    std::array<char, 65536> bytes{};
    const ssize_t count = read(worker.socket, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) return {};
    if (count > 0) {
      worker.received.append(bytes.data(), static_cast<std::size_t>(count));
      const std::size_t line = worker.received.find('\n');
      if (line == std::string::npos) return {};
      const std::string text = worker.received.substr(0, line);
      worker.received.erase(0, line + 1);
      return event_of(places[i], text);
    }
    CrewEvent event{.kind = CrewEvent::Kind::lost, .worker = places[i]};
    event.why = end(worker);
    return event;
  }
  return {};
}

CrewEvent ProcessCrew::event_of(int place, const std::string& line) {
  Worker& worker = workers_[static_cast<std::size_t>(place)];
  CrewEvent event{.kind = CrewEvent::Kind::progress, .worker = place};
  const auto json = json_or_discarded(line);
  if (json.is_object() && json.contains("done") && json["done"].is_number()) {
    event.fraction = json["done"].get<double>();
    return event;
  }
  auto result = result_from(line);
  if (!result) {
    event.kind = CrewEvent::Kind::lost;
    event.why = end(worker);
    return event;
  }
  event.kind = CrewEvent::Kind::done;
  event.result = *std::move(result);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - worker.began;
  event.seconds = took.count();
  event.host = host_name();
  return event;
}

}  // namespace zscape
