#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace zscape {

// Threads that work on parts of a step in parallel. Between steps they soon sleep in the kernel and
// leave the processor to other programs; OpenMP's threads spin at each barrier.
class Team {
 public:
  explicit Team(int size);  // ≥ 1, the calling thread included
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int size() const { return static_cast<int>(others_.size()) + 1; }

  // Calls work(0) on this thread and work(1) … work(size() − 1) on the others; returns when every
  // call that began has ended. A thread that has no processor before work(0) ends is skipped, so
  // work must take its parts one by one from a shared counter. It must not throw.
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
