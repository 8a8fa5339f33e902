#pragma once

#include <atomic>
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

  // Calls work(0) … work(size() − 1), each on a thread of its own, the first on this one; returns
  // once all have ended. work must not throw.
  void run(const std::function<void(int)>& work);

 private:
  void serve(int member);

  const std::function<void(int)>* work_ = nullptr;
  std::atomic<int> round_ = 0;
  std::atomic<int> busy_ = 0;
  std::atomic<bool> ends_ = false;
  std::vector<std::thread> others_;
};

}  // namespace zscape
