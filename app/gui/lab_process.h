#pragma once

#include <sys/types.h>

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/error.h"

namespace zscape {

// A lab in a process of its own (`zscape lab run …`), at the lowest priority, so that no frame and
// no step of the explorer waits for it. It and whatever it starts end with this object, and the
// kernel ends it if the window is killed. One at a time; used on the window's thread.
class LabProcess {
 public:
  struct End {
    bool was_stopped = false;  // stop() was called
    std::string error;         // its last line if it failed by itself; else empty
  };

  // wake: called on a thread of its own when the process has ended.
  explicit LabProcess(std::function<void()> wake) : wake_(std::move(wake)) {}
  ~LabProcess();
  LabProcess(const LabProcess&) = delete;
  LabProcess& operator=(const LabProcess&) = delete;

  // program: empty for this one. words: its arguments.
  Expected<void> start(const std::string& program, std::vector<std::string> words);

  // Asks it to end; what it has finished stays. After some seconds it is killed.
  void stop();

  bool is_running() const { return thread_.joinable(); }
  bool is_stopping() const { return stopping_; }

  // Once, after it has ended.
  std::optional<End> take_end();

 private:
  void carry(std::vector<std::string> words, int errors, int failed);
  void signal_all(int signal);

  std::function<void()> wake_;
  std::thread thread_;
  bool stopping_ = false;
  std::mutex mutex_;
  pid_t process_ = 0;   // 0: none, or it has ended
  bool asks_ = false;   // it to end
  bool kills_ = false;  // without patience
  std::optional<End> end_;
};

}  // namespace zscape
