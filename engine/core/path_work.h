#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "engine/command.h"
#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/frozen_model.h"

namespace zscape {

class Mailbox;
class Run;
class Worker;

// Writes pictures [n, d] that belong in a row as a file of the kind that its name says.
using PictureWriter = std::function<Expected<void>(
    const std::string& path, std::span<const float> pictures, const ImageShape& shape)>;

// What the engine does about paths: it searches geodesics and writes the pictures along a path,
// both on the worker. Lives on the engine thread. Internal to Engine.
class PathWork {
 public:
  using Tell = std::function<void(std::string text, bool is_error)>;

  PathWork(Worker& worker, Mailbox& mailbox, const PictureWriter& write_pictures, Tell tell)
      : worker_(worker), mailbox_(mailbox), write_(write_pictures), tell_(std::move(tell)) {}

  void find(const FindGeodesic& command, const std::shared_ptr<Run>& run);

  // A search steps back for a picture that was asked for just now, and begins again behind it:
  // twice, then it is to come to its end.
  void give_way(const std::shared_ptr<Run>& run);

  void forget(ModelId model);  // it has been removed

  void write(const ExportPath& command, const FrozenModelPtr& weights);  // null: told

 private:
  struct Search {
    std::optional<FindGeodesic> wanted;  // not yet answered
    int gave_way = 0;
    std::uint64_t number = 0;
  };

  void search(const FrozenModelPtr& weights, const std::shared_ptr<Run>& run);

  Worker& worker_;
  Mailbox& mailbox_;
  const PictureWriter& write_;
  const Tell tell_;
  std::map<std::uint32_t, Search> searches_;  // by ModelId::value
  std::uint64_t searches_begun_ = 0;
  std::uint64_t exports_ = 0;
};

}  // namespace zscape
