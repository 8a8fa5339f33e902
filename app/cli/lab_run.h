#pragma once

#include <memory>
#include <string>

#include "app/cli/console.h"
#include "app/cli/outcome.h"
#include "app/cli/run.h"
#include "engine/lab/experiment.h"
#include "engine/lab/results.h"

namespace zscape {

// What `zscape lab run` and `zscape sweep` were asked for.
struct LabTask {
  Experiment experiment;  // without the options
  LabOptions options;
  std::string folder;        // of the results
  int jobs = 0;              // runs at once; 0: default_jobs()
  bool keeps_models = true;  // of each run
  bool json = false;
  std::shared_ptr<Ranks> ranks = {};  // that carry it out; null: processes of this machine
};

// Carries out what is missing of an experiment in worker processes, or in the ranks of which each
// calls this; then prints its table and verdicts. Interrupted, or killed at any moment, the same
// task goes on with what is missing.
Outcome<void> run_lab(const LabTask& task, const Surroundings& surroundings, Console& console);

// How many runs there are at once: as many as there are cores for their threads (0: one a core),
// runs to do, and memory for their data.
int default_jobs(int cores, int threads, std::size_t runs, std::uint64_t memory,
                 std::uint64_t data_bytes);

// The table and the verdicts as text, or one object of JSON.
void print_lab(const LabTable& table, std::ostream& out);
void print_lab_json(const LabTable& table, const std::string& folder, std::ostream& out);

}  // namespace zscape
