#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "app/gui/view/inputs/own_image.h"
#include "app/gui/view/latent/points.h"
#include "engine/command.h"
#include "engine/evidence.h"
#include "engine/snapshot.h"

namespace zscape {

// Which input the evidence lens is on, and what the engine has found out about it: the input
// nearest to the pointer, else the picture that the person draws, else the input in hand. Asks the
// engine for one at a time. Lives on the window's thread.
class EvidenceView {
 public:
  struct Hand {
    std::optional<PointRef> pointed;    // the nearest to the pointer in the plot, or in a list
    const OwnImage* drawing = nullptr;  // of the person's own, not empty; null: none
    std::optional<PointRef> input;      // that is in hand (InputInHand)
    int label = 0;                      // of the drawing; cvae only
  };
  struct Subject {
    std::optional<PointRef> input;  // none: the drawing
    std::uint64_t drawing = 0;      // OwnImage::version()
    int label = 0;                  // likewise
    bool operator==(const Subject&) const = default;
  };

  // Once a frame, before it is drawn: takes over the newest answer.
  void follow(const ModelView& view, const std::shared_ptr<const Dataset>& data, bool is_on,
              double now_s);
  // Later in the frame. Returns what to post; its ModelId is the caller's to set.
  std::optional<FindEvidence> ask(const ModelView& view, const Hand& hand, double now_s);

  // The newest answer, and what it is about; null: none yet. While the pointer moves it may be one
  // input behind.
  const Evidence* found() const { return found_.get(); }
  const Subject& subject() const { return found_subject_; }

  bool waiting() const { return asked_ != 0; }  // for an answer
  double wake_s() const { return wake_s_; }     // when to draw a frame that asks again; 0: no need

 private:
  void clear();

  std::shared_ptr<const Dataset> data_;
  std::uint64_t serial_ = 0;  // of the model
  bool is_on_ = false;
  std::optional<Subject> subject_;
  std::uint64_t numbers_ = 0;  // of requests
  std::uint64_t asked_ = 0;    // the request that is not answered yet; 0: none
  Subject asked_subject_;
  double asked_s_ = 0;
  EvidencePtr found_;
  Subject found_subject_;
  double found_s_ = 0;
  double look_ms_ = 0;  // of the last one through weights that were known
  double wake_s_ = 0;
};

}  // namespace zscape
