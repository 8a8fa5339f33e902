#include "engine/eval/team.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <atomic>
#include <exception>
#include <memory>

#include "engine/kernels/team.h"
#include "engine/model/aten_threads.h"

namespace zscape {
namespace {

thread_local std::unique_ptr<Team> team;

void enter(int member) {
  thread_local bool is_set = false;
  if (member == 0 || is_set) return;  // member 0 is the calling thread
  use_threads(1);
  is_set = true;
}

}  // namespace

void use_team(int count) {
  team = std::make_unique<Team>(count);
}

bool by_team(std::size_t count, const Progress& progress,
             const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> stopped = false, failed = false;
  std::exception_ptr error;
  const auto take_parts = [&](int member) {
    const at::NoGradGuard no_grad;
    for (std::size_t part = next++; part < count && !stopped; part = next++) {
      const double done = static_cast<double>(part) / static_cast<double>(count);
      if (member == 0 && !report(progress, done)) stopped = true;
      if (!stopped) work(part);
    }
  };
  if (!team) {
    take_parts(0);
    return !stopped;
  }
  const WithThreads one(1);
  team->run([&](int member) {
    try {
      enter(member);
      take_parts(member);
    } catch (...) {
      if (!failed.exchange(true)) error = std::current_exception();
      stopped = true;
    }
  });
  if (error) std::rethrow_exception(error);
  return !stopped;
}

}  // namespace zscape
