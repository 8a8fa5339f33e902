#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lab/results.h"

// The files of a results folder; of results.cpp and queue.cpp.
namespace zscape::lab {

// The whole file; nothing: there is none.
std::optional<std::string> text_of_file(const std::string& path);

// The results of all whole lines. Lines that hold none are left out: of a machine that lost power,
// a file may have a block of zeros.
std::vector<LabResult> whole_results(std::string_view text);

// runs.json.
struct KnownRuns {
  std::string version;
  std::vector<LabTableRun> runs;
};
Expected<KnownRuns> runs_from(std::string_view text);
std::string runs_text(const std::vector<LabRun>& runs, std::string_view version);

// Whether a run's place has all of these values.
bool is_at(const LabPlace& whole, const LabPlace& place);

}  // namespace zscape::lab
