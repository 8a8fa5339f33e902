#include "engine/data/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr unsigned kMostThreads = 4;

Expected<void> guarded(const std::function<Expected<void>(std::size_t)>& work, std::size_t index) {
  try {
    return work(index);
  } catch (const std::bad_alloc&) {
    return fail(tr("there is not enough memory"));
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}

// Hands out the indices in order. When one fails, all smaller ones have been taken and will be
// finished.
class Indices {
 public:
  explicit Indices(std::size_t count) : count_(count) {}

  bool take(std::size_t& index) {
    if (stopped_) return false;
    index = next_++;
    return index < count_;
  }
  double fraction() const {
    return static_cast<double>(std::min(next_.load(), count_)) / static_cast<double>(count_);
  }
  void stop() { stopped_ = true; }

  void failed(std::size_t index, Error error) {
    stop();
    const std::lock_guard lock(mutex_);
    if (index >= failed_) return;
    failed_ = index;
    error_ = std::move(error);
  }
  bool has_failed() const { return failed_ < count_; }
  const Error& error() const { return error_; }

 private:
  const std::size_t count_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;  // guards the members below
  std::size_t failed_ = std::numeric_limits<std::size_t>::max();
  Error error_;
};

}  // namespace

Expected<void> for_each_index(std::size_t count, const char* if_cancelled, const Progress& progress,
                              const std::function<Expected<void>(std::size_t)>& work) {
  Indices indices(count);
  const auto run = [&](const auto& after_each) {
    for (std::size_t index = 0; indices.take(index);) {
      if (auto done = guarded(work, index); !done) {
        indices.failed(index, std::move(done.error()));
      }
      after_each();
    }
  };
  bool cancelled = false;
  {
    const std::size_t threads = std::min<std::size_t>(
        count, std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads));
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < threads; ++i) helpers.emplace_back([&] { run([] {}); });
    run([&] {
      if (report(progress, indices.fraction())) return;
      cancelled = true;
      indices.stop();
    });
  }
  if (indices.has_failed()) return tl::unexpected(indices.error());
  if (cancelled) return fail(if_cancelled, ErrorCode::cancelled);
  return {};
}

}  // namespace zscape
