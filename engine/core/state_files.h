#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/backend.h"
#include "engine/checkpoint.h"
#include "engine/command.h"
#include "engine/training/kept_run.h"

namespace zscape {

// The files of a run's whole states, beside the file of its session. A state is written once; the
// newest is not, since it moves on with the run. Used on one lane.
class StateFiles {
 public:
  // Writes what has no file yet. Returns KeptRun::states: all that there is a file of.
  std::vector<std::pair<std::int64_t, std::string>> write(Backend& backend, const ModelSpec& spec,
                                                          const FullStateList& states,
                                                          const KeepRun& command);

  // The states of a run that was read from this path, as far as they can be read.
  std::shared_ptr<const FullStateList> read(Backend& backend, const KeptRun& run,
                                            const std::string& path);

  // Once a run's file names the states of the last write(): removes those of before.
  void remove_gone();

 private:
  struct File {
    std::weak_ptr<const FullState> state;
    std::string path;
    bool is_named = true;  // by the last write()
  };
  std::vector<File> files_;
};

}  // namespace zscape
