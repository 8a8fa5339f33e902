#include "engine/eval/lanes.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <atomic>
#include <exception>
#include <memory>

#include "engine/kernels/team.h"
#include "engine/model/aten_threads.h"

namespace zscape {
namespace {

thread_local std::unique_ptr<Team> lanes;

void enter_lane(int lane) {
  thread_local bool is_set = false;
  if (lane == 0 || is_set) return;  // lane 0 is the calling thread
  use_threads(1);
  is_set = true;
}

}  // namespace

void use_lanes(int count) {
  lanes = std::make_unique<Team>(count);
}

bool on_lanes(std::size_t count, const Progress& progress,
              const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> stopped = false, failed = false;
  std::exception_ptr error;
  const auto take_parts = [&](int lane) {
    const at::NoGradGuard no_grad;
    for (std::size_t part = next++; part < count && !stopped; part = next++) {
      const double done = static_cast<double>(part) / static_cast<double>(count);
      if (lane == 0 && !report(progress, done)) stopped = true;
      if (!stopped) work(part);
    }
  };
  if (!lanes) {
    take_parts(0);
    return !stopped;
  }
  const WithThreads one(1);
  lanes->run([&](int lane) {
    try {
      enter_lane(lane);
      take_parts(lane);
    } catch (...) {
      if (!failed.exchange(true)) error = std::current_exception();
      stopped = true;
    }
  });
  if (error) std::rethrow_exception(error);
  return !stopped;
}

}  // namespace zscape
