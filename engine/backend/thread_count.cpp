#include "engine/backend/thread_count.h"

#include <fmt/format.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "engine/io/atomic_file.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kRounds = 3;

// $XDG_CACHE_HOME/zscape, by default ~/.cache/zscape; empty where there is no home.
fs::path cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') {
    return fs::path(cache) / "zscape";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return fs::path(home) / ".cache" / "zscape";
  }
  return {};
}

std::string processor_name() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 1);
  }
  return "unknown";
}

// What the best count depends on.
std::string machine_key() {
  return fmt::format("{} | {} cores | LibTorch {}", processor_name(),
                     std::thread::hardware_concurrency(), TORCH_VERSION);
}

int measure(const std::function<double(int)>& time_steps) {
  const int cores = std::max(1U, std::thread::hardware_concurrency());
  std::vector<int> counts;
  for (int count = 1; count < cores; count *= 2) counts.push_back(count);
  counts.push_back(cores);
  if (counts.size() == 1) return 1;
  std::vector<double> best(counts.size(), std::numeric_limits<double>::infinity());
  // In turn, so that a disturbance meets all of them.
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      best[i] = std::min(best[i], time_steps(counts[i]));
    }
  }
  return counts[static_cast<std::size_t>(std::ranges::min_element(best) - best.begin())];
}

}  // namespace

void use_threads(int count) {
  at::get_num_threads();
  at::set_num_threads(count);
}

int fastest_thread_count(const std::function<double(int)>& time_steps) {
  const fs::path folder = cache_folder();
  const fs::path file = folder / "threads.json";
  const std::string key = machine_key();
  json known = json::object();
  if (std::ifstream stream(file); stream) {
    known = json::parse(stream, nullptr, /*allow_exceptions=*/false);
    if (!known.is_object()) known = json::object();
    if (known.contains(key) && known[key].is_number_integer()) {
      return std::clamp(known[key].get<int>(), 1, 1024);
    }
  }
  const int count = measure(time_steps);
  if (!folder.empty()) {
    // A cache that cannot be written costs a measurement at each start and nothing else.
    known[key] = count;
    std::error_code ignored;
    fs::create_directories(folder, ignored);
    const std::string text = known.dump(2);
    (void)write_file_atomically(file.string(), std::as_bytes(std::span(text)));
  }
  return count;
}

}  // namespace zscape
