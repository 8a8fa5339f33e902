#include "engine/data/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
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
    return fail(tr("there is not enough memory; smaller pictures (--image-size) need less"));
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}

}  // namespace

Expected<void> for_each_index(std::size_t count, const char* if_cancelled, const Progress& progress,
                              const std::function<Expected<void>(std::size_t)>& work, int threads) {
  // The indices are handed out in order: when one fails, all smaller ones will be finished.
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> stopped = false;
  std::mutex mutex;  // guards `failed`
  std::map<std::size_t, Error> failed;
  const auto run = [&](const auto& after_each) {
    while (!stopped) {
      const std::size_t index = next++;
      if (index >= count) return;
      if (auto done = guarded(work, index); !done) {
        stopped = true;
        const std::lock_guard lock(mutex);
        failed.emplace(index, std::move(done.error()));
      }
      after_each();
    }
  };
  bool cancelled = false;
  {
    const unsigned usual = std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads);
    const std::size_t all = threads > 0 ? static_cast<std::size_t>(threads) : usual;
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < std::min(count, all); ++i) {
      helpers.emplace_back([&] { run([] {}); });
    }
    run([&] {
      const std::size_t taken = std::min(next.load(), count);
      if (report(progress, static_cast<double>(taken) / static_cast<double>(count))) return;
      cancelled = stopped = true;
    });
  }
  // The helpers may have taken all: whoever listens hears once in any case.
  if (!stopped && count > 0 && !report(progress, 1)) cancelled = true;
  if (!failed.empty()) return tl::unexpected(failed.begin()->second);
  if (cancelled) return fail(if_cancelled, ErrorCode::cancelled);
  return {};
}

}  // namespace zscape
