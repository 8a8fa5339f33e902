#include "engine/backend/machine.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
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

// Measurements hold for one machine and one version of LibTorch.
std::string machine_key() {
  return fmt::format("{} | {} cores | LibTorch {}", processor_name(),
                     std::thread::hardware_concurrency(), TORCH_VERSION);
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

int fastest_thread_count(const std::string& kernels, const StepTimer& time_step) {
  Measurements measurements;
  json& threads = measurements.here()["threads"];
  if (!threads.is_object()) threads = json::object();
  if (threads.contains(kernels) && threads[kernels].is_number_integer()) {
    return std::clamp(threads[kernels].get<int>(), 1, 1024);
  }
  const ThreadCount measured = measured_count([&](int tried) { return time_step(kernels, tried); });
  if (!measured.is_disturbed) {
    threads[kernels] = measured.count;
    measurements.keep();
  }
  return measured.count;
}

}  // namespace zscape
