#pragma once

#include <memory>
#include <optional>

#include "engine/snapshot.h"

namespace zscape {

// Which moment of a run the window shows: now, or one of its past. Commands always act on now.
// Belongs to the window's thread.
class TimeLine {
 public:
  // Takes over the run's history and goes on playing. A moment that was thinned out meanwhile
  // stays on show; a history that begins anew (Reset) returns to now.
  void update(std::shared_ptr<const Moments> history, std::int64_t newest_step, double now_s);

  const Moments& moments() const { return *history_; }
  std::int64_t newest_step() const { return newest_step_; }

  const Moment* shown() const { return shown_.get(); }  // null: now
  double position() const;                              // of what is shown, in [0, 1] of the steps

  void show(double position);   // the nearest moment; at 1, now
  void show(MomentPtr moment);  // null: now
  void return_to_now();

  // Plays from what is shown, or from the first moment where that is now, up to now; the whole
  // past takes kPlaySeconds.
  static constexpr double kPlaySeconds = 8;
  void play(double now_s);
  void stop() { played_at_s_.reset(); }
  bool playing() const { return played_at_s_.has_value(); }

 private:
  std::shared_ptr<const Moments> history_ = std::make_shared<const Moments>();
  std::int64_t newest_step_ = 0;
  MomentPtr shown_;
  std::optional<double> played_at_s_;  // when playing_ was reached
  double playing_ = 0;                 // position
};

// The snapshot as it was at that moment, in what concerns latent space: weights, codes and λ.
SnapshotPtr snapshot_at(const Snapshot& now, ModelId model, const Moment& moment);

}  // namespace zscape
