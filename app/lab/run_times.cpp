#include "app/lab/run_times.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include "engine/json_text.h"
#include "engine/lab/results.h"

namespace zscape {

RunTimes read_run_times(const std::string& folder) {
  RunTimes times;
  std::ifstream file(timings_file(folder));
  for (std::string line; std::getline(file, line);) {
    const nlohmann::json json = json_or_discarded(line);
    if (!json.is_object()) continue;
    const auto seconds = json.find("seconds"), host = json.find("host");
    if (seconds != json.end() && seconds->is_number() && seconds->get<double>() > 0) {
      times.seconds += seconds->get<double>();
    }
    if (host == json.end() || !host->is_string()) continue;
    const std::string name = host->get<std::string>();
    const auto known = std::ranges::find(times.hosts, name, &std::pair<std::string, int>::first);
    if (known != times.hosts.end()) {
      ++known->second;
    } else {
      times.hosts.emplace_back(name, 1);
    }
  }
  return times;
}

}  // namespace zscape
