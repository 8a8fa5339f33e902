#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace zscape {

// While it lives, the first SIGINT, SIGTERM or SIGHUP is noted instead of ending the process; a
// second of the same kind ends it at once. A signal that the process ignores from its start on
// (nohup) stays ignored. One at a time.
class TerminationWatch {
 public:
  // wake: called after a signal, on a thread of its own.
  explicit TerminationWatch(std::function<void()> wake);
  ~TerminationWatch();
  TerminationWatch(const TerminationWatch&) = delete;
  TerminationWatch& operator=(const TerminationWatch&) = delete;

  bool requested() const { return requested_; }

 private:
  void wait(const std::function<void()>& wake);

  std::atomic<bool> requested_ = false;
  std::thread thread_;
};

}  // namespace zscape
