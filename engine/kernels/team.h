#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace zscape {

// Threads that do parts of a step side by side and sleep between two steps. They wait in the
// kernel after a short while, so that they take nothing from a program beside them; OpenMP's
// threads spin at each barrier.
class Team {
 public:
  explicit Team(int size);  // with the calling thread; ≥ 1
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int size() const { return static_cast<int>(others_.size()) + 1; }

  // Calls work(0) on this thread and work(1) … work(size() − 1) on the others, and returns once all
  // that began have ended. A thread that does not get a processor before work(0) has ended is left
  // out, so that nobody waits for one: work must take its parts from a common store, one by one,
  // until there are none. It must not throw.
  void run(const std::function<void(int)>& work);

 private:
  void serve(int member);

  const std::function<void(int)>* work_ = nullptr;
  std::atomic<std::uint32_t> gate_ = 0;  // the round, whether it may be joined, how many have
  std::atomic<int> finished_ = 0;        // of those that joined
  std::atomic<bool> ends_ = false;
  std::vector<std::thread> others_;
};

}  // namespace zscape
