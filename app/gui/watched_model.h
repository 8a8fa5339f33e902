#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/files/folder_watch.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// The first model follows a folder, into which Python writes a run of its own. Lives on the
// window's thread.
class WatchedModel {
 public:
  // What the window does next; in this order.
  struct News {
    std::optional<OpenModel> open;
    std::optional<std::string> shown;    // the file whose weights are on show now, once
    std::optional<std::string> refused;  // a sentence, once
  };

  Expected<void> begin(const std::string& folder, SaidOfModel said, std::function<void()> wake);
  News follow(const Snapshot& snapshot);

 private:
  std::unique_ptr<FolderWatch> watch_;  // null: no folder is watched
  SaidOfModel said_;
  std::optional<std::string> newest_;  // not opened yet
  std::optional<std::string> opening_;
  std::uint64_t saves_then_ = 0;  // SavedWeights::number when it was asked for
  bool has_refused_ = false;
};

}  // namespace zscape
