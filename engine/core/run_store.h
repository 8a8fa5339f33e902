#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/core/full_states.h"
#include "engine/data_request.h"
#include "engine/history.h"
#include "engine/snapshot.h"
#include "engine/stored_runs.h"
#include "engine/training/kept_run.h"

namespace zscape {

// What is kept of a run's earlier steps: moments to look at, and states to train on from.
struct RunPast {
  std::shared_ptr<const Moments> moments = std::make_shared<const Moments>();  // never null
  std::shared_ptr<const FullStateList> states =
      std::make_shared<const FullStateList>();  // likewise
};

// A run as it was put away: all that it needs to go on to the same bits, and what a person saw of
// it. Its data may have been let go, to be loaded again.
struct WholeRun {
  StoredRun shown;
  KeptRun state;  // without a checksum while the data are there
  RunPast past;
  SavedWeights saved;
  std::shared_ptr<const Dataset> data;
  DataRequest request;  // that loads them again
  // Copies share it, and they alone.
  std::shared_ptr<const char> identity = std::make_shared<const char>();

  std::size_t bytes() const;  // of memory without the data
};
using WholeRunPtr = std::shared_ptr<const WholeRun>;

// The newest losses of the curves, as the list of runs shows them.
void show_losses(StoredRun& shown, const Curves& curves);

// What a window shows of a run that was left with these codes and data.
std::shared_ptr<const Thumbnail> thumbnail_of(const Codes& codes, const Dataset& data);

// The runs that were put away, within a memory budget. Where it is short, the pasts of the oldest
// thin out, then data go that can be loaded again, then the oldest runs that are not pinned. Used
// on the engine thread.
class RunStore {
 public:
  using DataPtr = std::shared_ptr<const Dataset>;

  // checksum: of data that a run learned from; where it is known already, nothing has to wait.
  explicit RunStore(std::function<std::uint32_t(const DataPtr&)> checksum)
      : checksum_(std::move(checksum)) {
    show();
  }

  // The budget with the pasts of open runs, which get a half of it.
  void set_most_bytes(std::size_t most_bytes);
  std::size_t most_bytes() const { return most_bytes_; }
  std::size_t bytes_for_pasts() const { return most_bytes_ / 2; }

  // The data that open runs hold anyway, and of equal ones the only copy from then on.
  void set_present_data(std::shared_ptr<const Dataset> data);

  // Keeps a run; of those that it went on from, `replaced` gives up its place if it is not pinned.
  // Returns its id, or nothing: it is larger than the room that pinned runs leave.
  std::optional<std::uint64_t> add(WholeRun run, std::uint64_t replaced);
  // Of runs that come back with a session those that are not there: older than what was put away
  // since they were.
  void restore(std::vector<WholeRun> runs);
  const std::vector<WholeRunPtr>& runs() const { return runs_; }  // the oldest first
  WholeRunPtr find(std::uint64_t id) const;                       // null: it is not kept (any more)
  void pin(std::uint64_t id, bool pinned);

  std::shared_ptr<const StoredRuns> shown() const { return shown_; }  // never null

 private:
  std::size_t room() const { return most_bytes_ - bytes_for_pasts(); }
  std::size_t bytes() const;
  void make_room();
  bool thin_a_past();
  bool let_data_go();
  bool learned_from_present(const WholeRun& run) const;
  bool drop_one();
  void show();

  std::function<std::uint32_t(const DataPtr&)> checksum_;
  std::size_t most_bytes_ = kStoreBytes;
  std::shared_ptr<const Dataset> present_;
  std::vector<WholeRunPtr> runs_;  // the oldest first
  std::uint64_t added_ = 0, dropped_ = 0;
  std::shared_ptr<const StoredRuns> shown_;
};

}  // namespace zscape
