#include "engine/kernels/team.h"

namespace zscape {
namespace {

// Tries before a thread sleeps: about ten microseconds, the time between two parts of a step.
constexpr int kTries = 2000;

constexpr std::uint32_t kRound = 1U << 16;
constexpr std::uint32_t kOpen = 1U << 15;
constexpr std::uint32_t kJoined = kOpen - 1;

template <class Value>
void wait_until_other(const std::atomic<Value>& value, Value than) {
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
  gate_.fetch_add(kRound, std::memory_order_release);
  gate_.notify_all();
  for (std::thread& other : others_) other.join();
}

void Team::run(const std::function<void(int)>& work) {
  if (others_.empty()) return work(0);
  work_ = &work;
  finished_.store(0, std::memory_order_relaxed);
  const std::uint32_t round = gate_.load(std::memory_order_relaxed) / kRound + 1;
  gate_.store(round * kRound | kOpen, std::memory_order_release);
  gate_.notify_all();
  work(0);
  const auto joined =
      static_cast<int>(gate_.fetch_and(~kOpen, std::memory_order_acq_rel) & kJoined);
  for (int finished = finished_.load(std::memory_order_acquire); finished != joined;
       finished = finished_.load(std::memory_order_acquire)) {
    wait_until_other(finished_, finished);
  }
}

void Team::serve(int member) {
  for (std::uint32_t last = 0; !ends_;) {
    std::uint32_t gate = gate_.load(std::memory_order_acquire);
    if (!(gate & kOpen) || gate / kRound == last) {
      wait_until_other(gate_, gate);
      continue;
    }
    if (!gate_.compare_exchange_weak(gate, gate + 1, std::memory_order_acq_rel)) continue;
    last = gate / kRound;
    (*work_)(member);
    finished_.fetch_add(1, std::memory_order_release);
    finished_.notify_one();
  }
}

}  // namespace zscape
