#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/backend.h"
#include "engine/command.h"
#include "engine/core/run_store.h"
#include "engine/training/kept_run.h"

namespace zscape {

// The files of a session beside those of its open runs: whole states and moments of their past, and
// runs that were put away. Each is written once, and removed when nothing in memory has what is in
// it any more. Used on one lane.
class SessionFiles {
 public:
  // Of one run's past: so many moments, evenly spread, of so many bytes at most.
  static constexpr std::size_t kMoments = 60, kMomentBytes = std::size_t{32} << 20;
  // Of runs that were put away, with their pasts: pinned ones first, then the newest.
  static constexpr std::size_t kStoredBytes = std::size_t{128} << 20;

  explicit SessionFiles(Backend& backend) : backend_(backend) {}

  // Before the first write: what follows belongs to this command's session. Files of another one
  // stay with it; of this one those go that a killed window left.
  void begin(const KeepRun& command);

  // These write what has no file yet and return what has one. The newest whole state has none,
  // since it moves on with the run.
  KeptPast write_past(const ModelSpec& spec, const RunPast& past, const KeepRun& command);
  std::vector<KeptStoredRun> write_runs(const std::vector<WholeRunPtr>& runs,
                                        const KeepRun& command);

  // After the run's own file, which names the others.
  void remove_gone();

  // What can be read of the files that a run in `folder` names.
  RunPast read_past(const ModelSpec& spec, const KeptPast& past,
                    const std::filesystem::path& folder);
  std::vector<WholeRun> read_runs(const std::vector<KeptStoredRun>& runs,
                                  const std::filesystem::path& folder);

 private:
  struct File {
    std::weak_ptr<const void> holds;
    std::string path;
  };
  // The file of this object, with a path of its own where there was none; `is_new` then.
  const File* find(const std::shared_ptr<const void>& object) const;
  template <class Save>
  std::string written(const std::shared_ptr<const void>& object, const KeepRun& command,
                      const Save& save);
  template <class T, class Read>
  std::shared_ptr<const T> read(const std::filesystem::path& folder, const std::string& name,
                                const Read& read);
  std::shared_ptr<const Moments> chosen(const Moments& moments) const;

  Backend& backend_;
  std::string beginning_;  // of all paths of the session
  std::uint64_t written_ = 0;
  std::vector<File> files_;
};

}  // namespace zscape
