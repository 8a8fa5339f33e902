#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "app/gui/view/latent/points.h"
#include "engine/dataset.h"

namespace zscape {

// The input of a pane that is in hand: that under the pointer in the plot, else the one that was
// chosen last. Lives on the window's thread.
class InputInHand {
 public:
  struct Seen {
    std::optional<PointRef> pointed;   // under the pointer in a plot
    std::optional<PointRef> pinned;    // that the selected pin is of
    std::optional<PointRef> selected;  // the first of the selection
    std::optional<PointRef> shown;     // beside the preview's picture: where nothing was chosen yet
  };
  // Once a frame. A new pin or selection chooses; without a pin, so does the pointer.
  void follow(const std::shared_ptr<const Dataset>& data, const Seen& seen);
  void choose(PointRef input) { chosen_ = input; }  // as a click in a list does

  const std::optional<PointRef>& input() const { return input_; }
  const std::optional<PointRef>& pinned() const { return pinned_; }
  std::uint64_t revision() const { return revision_; }  // differs for different inputs

 private:
  std::shared_ptr<const Dataset> data_;
  std::optional<PointRef> input_, chosen_, pinned_, selected_;
  std::uint64_t revision_ = 0;
};

}  // namespace zscape
