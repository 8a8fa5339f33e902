#include "engine/kernels/team.h"

namespace zscape {
namespace {

// Tries before a thread sleeps: some ten microseconds, the time between two parts of a step.
constexpr int kTries = 2000;

void wait_until_other(const std::atomic<int>& value, int than) {
  for (int tries = 0; tries < kTries; ++tries) {
    if (value.load(std::memory_order_acquire) != than) return;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
  value.wait(than, std::memory_order_acquire);
}

}  // namespace

Team::Team(int size) {
  for (int member = 1; member < size; ++member) {
    others_.emplace_back([this, member] { serve(member); });
  }
}

Team::~Team() {
  ends_ = true;
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  for (std::thread& other : others_) other.join();
}

void Team::run(const std::function<void(int)>& work) {
  if (others_.empty()) return work(0);
  work_ = &work;
  busy_.store(static_cast<int>(others_.size()), std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  work(0);
  for (int busy = busy_.load(std::memory_order_acquire); busy != 0;
       busy = busy_.load(std::memory_order_acquire)) {
    wait_until_other(busy_, busy);
  }
}

void Team::serve(int member) {
  for (int round = 0;; ++round) {
    wait_until_other(round_, round);
    if (ends_) return;
    (*work_)(member);
    if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_one();
  }
}

}  // namespace zscape
