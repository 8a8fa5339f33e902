#pragma once

#include <memory>
#include <optional>

#include "engine/snapshot.h"

namespace zscape {

// Which moment of a run the window shows: now or a past one. Commands always act on now. Lives on
// the window's thread.
class TimeLine {
 public:
  // Takes the run's history and continues playing. A moment that was thinned out stays shown; a new
  // history (Reset) returns to now.
  void update(std::shared_ptr<const Moments> history, std::int64_t newest_step, double now_s);

  const Moments& moments() const { return *history_; }
  std::int64_t newest_step() const { return newest_step_; }

  const Moment* shown() const { return shown_.get(); }  // null: now
  double position() const;                              // of what is shown, in [0, 1] of the steps

  void show(double position);   // the nearest moment; at 1, now
  void show(MomentPtr moment);  // null: now
  void return_to_now();

  // Plays from the shown moment, or from the first if that is now, up to now. The whole past takes
  // kPlaySeconds.
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

// The snapshot with the weights, codes and λ of that moment.
SnapshotPtr snapshot_at(const Snapshot& now, ModelId model, const Moment& moment);

}  // namespace zscape
