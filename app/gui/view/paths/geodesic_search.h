#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "app/gui/view/paths/film.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// Decides which geodesic the engine should find next: one at a time, the selected path first, and
// again for new weights at a modest pace. Lives on the window's thread.
class GeodesicSearch {
 public:
  // Takes the engine's newest answer (null: none yet) and returns what to post; the caller sets its
  // ModelId. selected: a path's id, 0: none. revision: of the displayed weights. Once a frame.
  std::optional<FindGeodesic> update(std::vector<Path>& paths, int selected, std::uint64_t revision,
                                     std::shared_ptr<const FoundGeodesic> answer, double now_s);

  // Control points moved with their inputs: the pending search is still that path's.
  void follow(std::span<const float> before, std::span<const float> after);

  bool searching(const Path& path) const { return asked_ && asks_for(path); }

  // When to call update() again even if nothing else happens; none: no need.
  std::optional<double> wake_s() const { return wake_s_; }

 private:
  bool asks_for(const Path& path) const;  // only while asked_
  void take_over(std::vector<Path>& paths, const FoundGeodesic& answer, double now_s);

  std::optional<FindGeodesic> asked_;  // not yet answered
  std::vector<float> asked_stops_;     // where its stops lie now
  double asked_s_ = -1e9;
  double answered_s_ = -1e9;
  double took_s_ = 0;  // the last search
  std::optional<double> wake_s_;
  std::shared_ptr<const FoundGeodesic> answer_;  // the last taken over
};

}  // namespace zscape
