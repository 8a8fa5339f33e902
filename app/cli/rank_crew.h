#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/cli/run.h"
#include "engine/lab/crew.h"
#include "engine/ranks.h"

namespace zscape {

// The ranks that carry out runs of a lab, as rank 0 sees them; a worker's number is its rank. Runs
// and results go by messages, on a thread that never trains; rank 0 trains on another. The other
// ranks are in follow_lab(); they need the data and no folder. A signal that comes to any rank
// comes to rank 0 (interrupted()). Where a message cannot go through, the calling function throws.
class RankCrew : public LabCrew {
 public:
  // models: the folder for models of runs; empty: none are kept. Waits until each rank has the data
  // of `first` or cannot have them; note() is told which cannot, in a line, and they get no runs.
  RankCrew(Ranks& ranks, const Surroundings& surroundings, std::string models, const LabRun& first,
           const std::function<void(const std::string&)>& note);
  // Ends the others' follow_lab(); runs under way are given up.
  ~RankCrew() override;
  RankCrew(const RankCrew&) = delete;
  RankCrew& operator=(const RankCrew&) = delete;

  int size() const override { return ranks_.size(); }
  bool give(int worker, const LabRun& run) override;
  CrewEvent wait(int milliseconds) override;

 private:
  class OwnRuns;
  struct Worker {
    std::string host;
    bool is_gone = false, has_run = false;
  };

  std::optional<CrewEvent> event_of(RankMessage message);
  std::optional<CrewEvent> next_event();
  void write_model(const std::string& key, const std::string& bytes) const;

  Ranks& ranks_;
  const std::string models_;
  std::vector<Worker> workers_;
  bool ends_ = false;
  std::unique_ptr<OwnRuns> own_;
};

// Ends the others' follow_lab() where rank 0 makes no crew.
void leave_lab(Ranks& ranks);

// What every other rank does.
void follow_lab(Ranks& ranks, const Surroundings& surroundings);

}  // namespace zscape
