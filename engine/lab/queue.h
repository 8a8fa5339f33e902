#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/lab/results.h"

namespace zscape {

// Which runs of a lab are left, and the results folder. Hands out runs and takes their results; it
// knows nothing of processes, threads and messages. Of one thread. Whoever opens one must hold the
// folder's lock (app/files/folder_lock.h).
class LabQueue {
 public:
  // Reads what the folder has and drops a torn last line; writes experiment.json and runs.json.
  // runs must be settled; those with equal keys are run once. Lines of other runs stay in the file.
  // Refuses the folder of another experiment.
  static Expected<LabQueue> open(std::string folder, const Experiment& experiment,
                                 std::vector<LabRun> runs);

  // Hands out the next run; nothing: all are handed out or done. A run that failed in an earlier
  // call is tried again, after all others.
  std::optional<LabRun> next();

  // Appends the result of a run, whole, before it returns. Where it has one already, nothing
  // happens.
  Expected<void> take(const LabResult& result, double seconds, const std::string& host);

  // Whoever had this run is gone: it is handed out again. After the third such end it is not, and
  // the result that says so is returned, for take().
  std::optional<LabResult> lost(const std::string& key, const std::string& why);

  // Gives back a run that was handed out and not carried out, through no fault of its own.
  void give_back(const std::string& key);

  bool is_done() const { return waiting_.empty() && handed_out_.empty(); }
  std::size_t all() const { return runs_.size(); }    // runs with keys of their own
  std::size_t kept() const { return kept_; }          // done before this call
  std::size_t finished() const { return finished_; }  // with those; without those that failed
  std::size_t running() const { return handed_out_.size(); }
  const std::vector<LabResult>& failures() const { return failures_; }  // of this call
  const LabRun* run(const std::string& key) const;                      // null: there is none

  // By the runs that have ended; nothing: none has. workers: how many run at once.
  std::optional<double> seconds_left(int workers) const;

  const std::string& folder() const { return folder_; }

  // Rewrites results.jsonl in the order of the runs, so that equal labs give equal files.
  Expected<void> finish();

 private:
  struct Line {
    std::string text;
    bool failed = false;
  };

  LabQueue() = default;
  Expected<void> read_lines();

  std::string folder_;
  std::vector<LabRun> runs_;                     // each key once
  std::map<std::string, std::size_t> place_of_;  // key → runs_
  std::vector<std::size_t> waiting_;             // runs_, the next one last
  std::map<std::string, int> handed_out_;        // key → how often
  std::map<std::string, int> losses_;            // key → how often its worker was lost
  std::map<std::string, Line> lines_;            // the best line of each run
  std::vector<std::string> others_;              // lines of other runs, as they are
  std::vector<LabResult> failures_;
  std::size_t kept_ = 0, finished_ = 0;
  double seconds_ = 0;     // of the runs that ended
  std::size_t timed_ = 0;  // how many
};

}  // namespace zscape
