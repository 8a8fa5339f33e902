#include "engine/backend/machine.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <torch/version.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>
#include <thread>

#include "engine/data/user_folder.h"
#include "engine/io/atomic_file.h"
#include "engine/json_text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kRounds = 3;
constexpr double kFarBehind = 2;    // times slower
constexpr double kDisturbed = 1.2;  // times the processor time
constexpr double kClearly = 1.1;    // times faster

// The cores that a container's quota leaves to this process, in hundredths; 0: all of them.
int quota_in_hundredths() {
  std::ifstream stream("/sys/fs/cgroup/cpu.max");
  double quota = 0, period = 0;
  if (!(stream >> quota >> period) || period <= 0) return 0;  // "max 100000": no quota
  return static_cast<int>(std::lround(100 * quota / period));
}

// Measurements hold for one machine and one version of LibTorch.
std::string machine_key() {
  return fmt::format("{} | {} cores | quota {} | LibTorch {}", processor_name(),
                     std::thread::hardware_concurrency(), quota_in_hundredths(), TORCH_VERSION);
}

// Processor time of all programs of the machine and of this one, seconds, and the machine's cores.
struct UsedTime {
  double of_all = 0, of_this = 0;
  int cores = 0;  // 0: not known
};

UsedTime used_time() {
  UsedTime used;
  std::ifstream stat("/proc/stat");
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  for (std::string line; std::getline(stat, line) && line.starts_with("cpu");) {
    std::istringstream fields(line);
    std::string name;
    double value = 0;
    fields >> name;
    if (name != "cpu") {
      ++used.cores;
      continue;
    }
    // user nice system idle iowait irq softirq steal
    for (int field = 0; field < 8 && fields >> value; ++field) {
      if (field != 3 && field != 4) used.of_all += value / ticks;
    }
  }
  rusage mine{};
  getrusage(RUSAGE_SELF, &mine);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  used.of_this = seconds(mine.ru_utime) + seconds(mine.ru_stime);
  return used;
}

// The measurements of this machine, in a file of the cache folder.
class Measurements {
 public:
  Measurements() : folder_(user_folder("XDG_CACHE_HOME", ".cache")), key_(machine_key()) {
    if (std::ifstream stream(file()); stream) {
      all_ = json_or_discarded(std::string(std::istreambuf_iterator<char>(stream), {}));
    }
    if (!all_.is_object()) all_ = json::object();
    if (!all_[key_].is_object()) all_[key_] = json::object();
  }

  json& here() { return all_[key_]; }

  // A cache that cannot be written only costs a measurement at each start.
  void keep() const {
    if (folder_.empty()) return;
    std::error_code ignored;
    fs::create_directories(folder_, ignored);
    const std::string text = all_.dump(2);
    (void)write_file_atomically(file().string(), std::as_bytes(std::span(text)));
  }

 private:
  fs::path file() const { return folder_ / "machine.json"; }

  fs::path folder_;
  std::string key_;
  json all_ = json::object();
};

// The least time of each candidate. They take turns, so that a disturbance hits all of them; a slow
// candidate runs only once.
std::vector<double> least_times(std::size_t count, const std::function<double(std::size_t)>& time) {
  std::vector<double> least(count, std::numeric_limits<double>::infinity());
  for (int round = 0; round < kRounds; ++round) {
    const double best = *std::ranges::min_element(least);
    for (std::size_t i = 0; i < count; ++i) {
      if (round == 0 || least[i] < kFarBehind * best) least[i] = std::min(least[i], time(i));
    }
  }
  return least;
}

struct ThreadCount {
  int count = 1;
  bool is_disturbed = false;
};

ThreadCount measured_count(const std::function<StepTime(int)>& time_step) {
  const int cores = std::max(1U, std::thread::hardware_concurrency());
  std::vector<int> counts;
  for (int count = 1; count < cores; count *= 2) counts.push_back(count);
  counts.push_back(cores);
  if (counts.size() == 1) return {};
  double alone = std::numeric_limits<double>::infinity();  // processor time of one thread
  const auto least = least_times(counts.size(), [&](std::size_t i) {
    const StepTime time = time_step(counts[i]);
    if (i == 0) alone = std::min(alone, time.of_thread);
    return time.elapsed;
  });
  const auto fastest = std::ranges::min_element(least) - least.begin();
  return {counts[static_cast<std::size_t>(fastest)], least.front() > kDisturbed * alone};
}

}  // namespace

std::string processor_name() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (!line.starts_with("model name")) continue;  // not for people
    const std::size_t begin = line.find_first_not_of(" \t", line.find(':') + 1);
    if (begin != std::string::npos) return line.substr(begin);
  }
  return "unknown";
}

std::vector<KernelSpeed> kernels_by_speed(const std::vector<std::string>& candidates, double flops,
                                          const StepTimer& time_step) {
  Measurements measurements;
  json& speeds = measurements.here()["gigaflops"];
  const bool is_known =
      speeds.is_object() && std::ranges::all_of(candidates, [&](const auto& name) {
        return speeds.contains(name) && speeds[name].is_number();
      });
  if (!is_known) {
    const auto least = least_times(
        candidates.size(), [&](std::size_t i) { return time_step(candidates[i], 1).of_thread; });
    speeds = json::object();
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      speeds[candidates[i]] = flops / least[i] * 1e-9;
    }
    measurements.keep();
  }
  std::vector<KernelSpeed> result;
  for (const std::string& name : candidates) result.push_back({name, speeds[name].get<double>()});
  const auto fastest = std::ranges::max_element(result, {}, &KernelSpeed::gigaflops);
  if (fastest->gigaflops > kClearly * result.front().gigaflops) {
    std::rotate(result.begin(), fastest, fastest + 1);
  }
  return result;
}

std::function<bool()> watch_load() {
  const UsedTime before = used_time();
  const auto began = std::chrono::steady_clock::now();
  return [before, began] {
    constexpr double kSpare = 0.3;  // cores, about what a desktop uses by itself
    const UsedTime after = used_time();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began;
    const double others = after.of_all - before.of_all - (after.of_this - before.of_this);
    const int unused = after.cores - static_cast<int>(std::thread::hardware_concurrency());
    return others > (kSpare + std::max(unused, 0)) * elapsed.count();
  };
}

int fastest_thread_count(const std::string& kernels, const StepTimer& time_step,
                         const LoadWatch& watch) {
  Measurements measurements;
  // Not "threads": what older versions kept there may have been measured under load.
  json& threads = measurements.here()["thread_counts"];
  if (!threads.is_object()) threads = json::object();
  if (threads.contains(kernels) && threads[kernels].is_number_integer()) {
    return std::clamp(threads[kernels].get<int>(), 1, 1024);
  }
  const auto was_loaded = watch();
  const ThreadCount measured = measured_count([&](int tried) { return time_step(kernels, tried); });
  if (!measured.is_disturbed && !was_loaded()) {
    threads[kernels] = measured.count;
    measurements.keep();
  }
  return measured.count;
}

}  // namespace zscape
