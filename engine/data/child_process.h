#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/data/reader_protocol.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// What a child process may take.
struct ChildLimits {
  std::string program;                             // empty: zscape-read beside this program
  std::uint64_t memory = std::uint64_t{1} << 30U;  // of address space, in bytes
  int seconds = 60;                                // of computing, without getting on
  int silence_ms = 60'000;                         // without getting on
};

// A child that reads one file for us (engine/data/reader_protocol.h), so that what breaks a C
// library breaks no more than this child. It inherits no descriptor, dies with the thread that
// started it, is killed and reaped by the destructor, and whatever it does becomes one sentence
// that names the file. Of one thread.
class ChildProcess {
 public:
  // subject: what it reads, as a person named it, for messages.
  static Expected<ChildProcess> start(std::string subject, const ChildLimits& limits);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess() { stop(); }

  const std::string& subject() const { return subject_; }
  void set_subject(std::string subject) { subject_ = std::move(subject); }
  // Of the present request, as the child tells; in [0, 1].
  double done() const { return static_cast<double>(thousandths_) / 1000; }
  bool is_running() const { return process_ > 0; }

  // Sends a request. Like all below it ends the child if it fails, unless the child itself refused.
  Expected<void> ask(const std::string& json, const Progress& progress);

  // The JSON of an answer. from, to: where this answer lies in the whole of `progress`.
  Expected<std::string> receive_json(const Progress& progress);

  // Fills `bytes`, all of it.
  Expected<void> receive_bytes(std::span<std::byte> bytes, const Progress& progress);

  // What the child may take from now on.
  void allow_memory(std::uint64_t bytes);
  void allow_seconds(int seconds);

  // Ends the child and says that its answer is none.
  tl::unexpected<Error> nonsense(const std::string& what);

 private:
  struct Head {
    FrameKind kind{};
    std::uint64_t length = 0;
  };

  ChildProcess() = default;
  // The head of the next frame of the wanted kind; reports progress frames, and an error frame is
  // its error.
  Expected<Head> receive_head(FrameKind wanted, const Progress& progress);
  Expected<void> receive(std::span<std::byte> bytes, const Progress& progress);
  Expected<void> wait(short event, const Progress& progress);
  tl::unexpected<Error> ended();
  tl::unexpected<Error> cancelled();
  void stop();
  void got_on();
  void allow_computing();

  std::string subject_;
  ChildLimits limits_;
  pid_t process_ = 0;
  int socket_ = -1;
  int status_ = 0;  // after stop(), as waitpid() says it
  int silent_ms_ = 0;
  std::uint64_t thousandths_ = 0;  // of the present request, as the child says
  double fraction_ = 0;            // the last that was reported
  double computed_ = 0;            // seconds of the child's computing when it last got on
};

}  // namespace zscape
