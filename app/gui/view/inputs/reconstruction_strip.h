#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "app/gui/view/inputs/pictures.h"
#include "app/gui/view/latent/points.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// One input as it is, as the model reads it and as it is reconstructed, by the engine's worker: one
// request at a time, at a moderate pace during training. Lives on the window's thread.
class ReconstructionStrip {
 public:
  double amount = 0;       // of noise or hidden patches, as the slider has it
  std::uint64_t seed = 0;  // of their draw

  // Takes the newest answer and returns what to request, if anything. input: none shows nothing.
  std::optional<Reconstruct> update(const ModelView& view, std::optional<PointRef> input,
                                    Pictures& pictures, double now_s);

  // kNoPicture before the first answer.
  PictureSlot clean() const { return slots_[0]; }
  PictureSlot seen() const { return slots_[1]; }
  PictureSlot output() const { return slots_[2]; }
  const Reconstruction* shown() const { return answer_.get(); }  // null: none yet

 private:
  void take_over(Pictures& pictures);
  void forget(Pictures& pictures);

  ModelSpec spec_;
  ImageShape shape_;
  PictureSlot slots_[3] = {kNoPicture, kNoPicture, kNoPicture};
  std::shared_ptr<const Reconstruction> answer_;
  bool waiting_ = false;
  double asked_s_ = -1e9;
};

}  // namespace zscape
