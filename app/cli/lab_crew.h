#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "engine/lab/crew.h"

namespace zscape {

// Worker processes of this machine, each `zscape lab-worker`. They begin with their first run, keep
// their data, take no Ctrl-C of the terminal, and die with this process, however it ends. Of one
// thread.
class ProcessCrew : public LabCrew {
 public:
  // models: the folder for models of runs; empty: none are kept.
  ProcessCrew(int size, std::string models);
  ~ProcessCrew() override;
  ProcessCrew(const ProcessCrew&) = delete;
  ProcessCrew& operator=(const ProcessCrew&) = delete;

  int size() const override { return static_cast<int>(workers_.size()); }
  bool give(int worker, const LabRun& run) override;
  CrewEvent wait(int milliseconds) override;

 private:
  struct Worker {
    pid_t process = 0;  // 0: none
    int socket = -1;
    std::string received = {};  // of a line that is not whole yet
    std::chrono::steady_clock::time_point began = {};
  };

  bool start(Worker& worker);
  static std::string end(Worker& worker);  // returns what became of it
  CrewEvent event_of(int place, const std::string& line);

  std::string models_;
  std::vector<Worker> workers_;
};

}  // namespace zscape
