#pragma once

#include <string>
#include <utility>
#include <vector>

namespace zscape {

// Where and how long the runs of a lab computed. No part of its results.
struct RunTimes {
  double seconds = 0;                              // of all runs, one after another
  std::vector<std::pair<std::string, int>> hosts;  // with the number of runs, in their order
};

// Reads timings.jsonl of a results folder; what is missing or damaged there is left out.
RunTimes read_run_times(const std::string& folder);

}  // namespace zscape
