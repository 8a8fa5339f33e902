#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/lab/queue.h"

namespace zscape {

// What a worker of a lab tells.
struct CrewEvent {
  enum class Kind {
    none,      // nothing within the time
    progress,  // of the run it has
    done,      // its run has a result; it is idle again
    lost,      // it is gone, with the run it had; `why` says what became of it
  };
  Kind kind = Kind::none;
  int worker = 0;
  double fraction = 0;  // progress: in [0, 1]
  LabResult result = {};
  double seconds = 0;  // done: what the run took
  std::string host = {};
  std::string why = {};
};

// Those who carry out runs: processes of this machine (app/cli/lab_crew.h), or ranks of MPI. Each
// worker has one run at most. Of one thread.
class LabCrew {
 public:
  virtual ~LabCrew() = default;

  virtual int size() const = 0;  // workers are numbered from 0 on; a lost one keeps its number

  // Hands a run to an idle worker. False: it is gone, and cannot be replaced.
  virtual bool give(int worker, const LabRun& run) = 0;

  // Waits for the next event, for so many milliseconds at most.
  virtual CrewEvent wait(int milliseconds) = 0;
};

// How far a lab is; told after each event, and several times a second.
struct CrewProgress {
  std::size_t all = 0, finished = 0, failed = 0, running = 0;
  double fraction = 0;  // in [0, 1], runs under way counted by their part
  std::optional<double> seconds_left = {};
  const LabResult* ended = nullptr;  // the run that has just ended, once
};

// Has a crew work off a queue. Returns when all runs have a result, or fails: cancelled where
// listen() returned false, or no worker is left. What was taken is safe in either case.
Expected<void> work_off(LabQueue& queue, LabCrew& crew,
                        const std::function<bool(const CrewProgress&)>& listen);

}  // namespace zscape
