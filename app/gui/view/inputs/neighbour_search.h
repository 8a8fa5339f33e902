#pragma once

#include <memory>
#include <optional>

#include "app/gui/view/inputs/input_in_hand.h"
#include "app/gui/view/latent/points.h"
#include "engine/command.h"
#include "engine/neighbours.h"
#include "engine/snapshot.h"

namespace zscape {

// The search for the neighbours of the input in hand. Asks the engine for one search at a time.
// Lives on the window's thread.
class NeighbourSearch {
 public:
  static constexpr int kCount = 24;  // of either kind

  // Once a frame. is_seen: the neighbours are on the screen; else they are looked for only once an
  // input is pinned. Returns what to post; its ModelId is the caller's to set.
  std::optional<FindNeighbours> update(const ModelView& view,
                                       const std::shared_ptr<const Dataset>& data,
                                       const InputInHand& hand, bool is_seen, double now_s);

  const std::optional<PointRef>& in_hand() const { return in_hand_; }
  // Of the input in hand; null: not found yet.
  const Neighbours* found(const ModelView& view) const;

 private:
  std::shared_ptr<const Dataset> data_;
  std::optional<PointRef> in_hand_, pinned_;
  std::optional<PointRef> asked_;
  CodesPtr asked_codes_;
  double asked_s_ = 0;
};

}  // namespace zscape
