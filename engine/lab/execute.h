#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/backend.h"
#include "engine/lab/results.h"
#include "engine/progress.h"

namespace zscape {

// Carries out runs of a lab. Whatever process or rank does it, a run gives the same bits: it takes
// its threads and kernels from its plan.

// The data of runs, each loaded once and kept.
class LabData {
 public:
  struct Loaded {
    std::shared_ptr<const Dataset> data;
    std::uint32_t checksum = 0;
  };
  explicit LabData(Backend& backend) : backend_(backend) {}
  Expected<Loaded> load(const DataRequest& request, const Progress& progress = {});
  // With the training inputs that plan.limit draws.
  Expected<Loaded> limited(const RunPlan& plan, const Progress& progress = {});

 private:
  Backend& backend_;
  std::map<std::string, Loaded> all_;      // by the JSON of the request
  std::map<std::string, Loaded> limited_;  // the newest draw alone
};

// Fits the plans to their data, checks them as `zscape train` does, and gives each run its key: a
// hash of plan, measures, the data's checksum and zscape's version. Call it where the lab begins.
Expected<void> settle(std::vector<LabRun>& runs, LabData& data, const Progress& progress = {});

// The version that is part of every key.
std::string_view lab_version();

// Trains and measures. A run that fails is a result with `error`; only a cancelled one is an Error.
// models: the folder for KEY.safetensors, and for pictures that are measured; empty: none is kept.
// The calling thread must have entered the backend, which must have the plan's threads and kernels.
Expected<LabResult> execute(const LabRun& run, Backend& backend, LabData& data,
                            const std::string& models, const Progress& progress = {});

// The result of a run that could not be carried out.
LabResult failure_of(const LabRun& run, const std::string& why);

// A settled run as one line of JSON, for another process, and back.
std::string line_of(const LabRun& run);
Expected<LabRun> run_from(std::string_view line);

}  // namespace zscape
