#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "app/gui/view/latent/latent_view.h"
#include "app/gui/view/latent/layers.h"
#include "app/gui/view/latent/points.h"
#include "app/gui/view/paths/scene.h"
#include "engine/latent_fields.h"
#include "engine/snapshot.h"

namespace zscape {

// When the engine may be asked again for one kind of field: one request at a time and, while a
// model trains, all kinds together about a tenth of the time.
class FieldPace {
 public:
  // sharing: how many kinds are asked for while a model trains; 0: it rests.
  bool may_ask(double now_s, int sharing) const {
    if (asked_s_) return now_s > *asked_s_ + kPatience;
    return now_s >= due_s(sharing);
  }
  double due_s(int sharing) const {
    // An answer also waits for other work and for a snapshot, so that it took less than it seems.
    const double rest = std::min(9 * sharing * took_s_, std::max(kLongest, 3 * sharing * took_s_));
    return answered_s_ + rest + kLeast;
  }
  void asked(double now_s) { asked_s_ = now_s; }
  bool waits() const { return asked_s_.has_value(); }
  void answered(double now_s) {
    if (!asked_s_) return;
    took_s_ = now_s - *asked_s_;
    answered_s_ = now_s;
    asked_s_.reset();
  }

 private:
  static constexpr double kLeast = 0.05;   // seconds
  static constexpr double kLongest = 4;    // rest of what is quick
  static constexpr double kPatience = 20;  // an answer may have failed
  std::optional<double> asked_s_;
  double answered_s_ = -1e9, took_s_ = 0;
};

// A field of the plane as it is drawn: a shade.
struct ShadeField {
  PlaneMeasure measure = PlaneMeasure::stretch;
  Vec2 low, high;  // corners, plane
  int columns = 0, rows = 0;
  std::vector<float> values;       // [rows, columns] in [-1, 1], the lowest row first; empty: none
  float levels = 1;                // contours from 0 to 1: octaves of stretch, nats of the mismatch
  double at_zero = 0, at_one = 0;  // the values there: stretch, or nats
};

// What the layers that say why show: asks the engine for it and makes it ready to be drawn. Lives
// on the window's thread.
class WhyLayers {
 public:
  static constexpr std::size_t kMostForces = 512;
  static constexpr int kPriorDraws = 4000;
  static constexpr float kEndOfMismatch = 6;  // nats, at either end of the shade

  struct Seen {
    const Layers& layers;
    const ModelView& model;
    const Points& points;
    const Scene& scene;
    const LatentView& view;
    float scale = 1;  // of the display
    double now_s = 0;
  };
  // After the latent panel: takes answers, and decides what to ask.
  void update(const Seen& seen);
  // What to post; once.
  std::vector<FieldQuestion> take_questions() { return std::exchange(questions_, {}); }
  // When update() wants to be called again though nothing happens.
  std::optional<double> wake_s() const { return wake_s_; }

  // 500 shortest paths between codes, by a person's wish.
  void ask_for_lengths() { wants_lengths_ = true; }
  bool awaits_lengths() const { return wants_lengths_ || lengths_pace_.waits(); }

  // ---- What is drawn; empty where its layer is off or has no answer yet
  // --------------------------
  const ShadeField& shade() const { return shade_; }
  std::uint64_t shade_revision() const { return shade_revision_; }

  struct Tissot {
    Vec2 at;
    PlaneEllipse ellipse;  // its radii as sigma
  };
  std::span<const Tissot> tissot() const { return tissot_; }
  double tissot_move() const { return tissot_move_; }  // of x̂ at each edge

  struct Trip {
    Vec2 from, to;
    float off = 0;  // of z from μ(x̂): root mean square over the dimensions, in σ; 0 without a prior
  };
  std::span<const Trip> trips() const { return trips_; }
  std::optional<HomeShare> home() const { return home_; }

  struct Force {
    std::size_t point = 0;      // in Points
    Vec2 reconstruction;        // −∂rec/∂μ in the plane
    Vec2 mean;                  // μ in the plane; the prior pulls by −λ of it
    PlaneEllipse sigma;         // 1 σ; 0 without a prior
    double breathing_pull = 0;  // −∂rec/∂ log σ, mean over the dimensions
    double breathing_kl = 0;    // mean of σ² − 1: the prior's is −λ of it
  };
  std::span<const Force> forces() const { return forces_; }
  // Arrows are as long as the root of a force, so that weak ones are seen beside strong ones:
  // pixels at 100 % of a force of 1.
  float pixels_per_root_force() const { return pixels_per_force_; }
  MeanForce mean_force() const { return mean_force_; }
  std::int64_t force_inputs() const { return force_count_; }

  // The ways of chosen inputs through the run's past, oldest place first.
  std::span<const std::vector<Vec2>> trails() const { return trails_; }
  // Which they are: pinned ones and the one that a list or the pointer marks.
  void choose_trails(std::vector<PointRef> inputs);

  const KlSplit* split() const { return split_ ? &split_->split : nullptr; }
  const PathLengths* lengths() const { return lengths_.get(); }
  // The answers behind it, for logs; null: none shown.
  const PlaneFieldPtr& field() const { return field_; }
  const PlaneFieldPtr& trip_field() const { return trip_field_; }
  const std::shared_ptr<const Forces>& force_field() const { return force_field_; }

 private:
  bool usable(const Seen& seen, Layer layer) const;
  PlaneGrid grid_for(const Seen& seen, float smallest, int most, const PlaneGrid& former) const;
  void ask(FieldQuestion question, FieldPace& pace, const Seen& seen);
  void follow_field(const Seen& seen);
  void follow_trips(const Seen& seen);
  void follow_forces(const Seen& seen);
  void follow_lengths(const Seen& seen);
  void follow_trails(const Seen& seen);
  void make_shade(const PlaneField& field);
  void make_tissot(const PlaneField& field, float spacing);

  std::vector<FieldQuestion> questions_;
  std::optional<double> wake_s_;
  int sharing_ = 0;
  FieldPace field_pace_, trip_pace_, force_pace_, lengths_pace_, split_pace_;

  PlaneFieldPtr field_, trip_field_;
  PlaneGrid field_grid_, trip_grid_;
  ShadeField shade_;
  std::uint64_t shade_revision_ = 0;
  std::vector<Tissot> tissot_;
  double tissot_move_ = 0;
  std::vector<Trip> trips_;
  std::optional<HomeShare> home_;

  std::shared_ptr<const Forces> force_field_;
  Indices force_rows_;
  std::pair<const Codes*, std::uint64_t> forces_of_{nullptr, 0};  // the points they are placed at
  std::vector<Force> forces_;
  float pixels_per_force_ = 1;  // of the root
  double mean_force_lambda_ = -1;
  MeanForce mean_force_;
  std::int64_t force_count_ = 0;

  std::shared_ptr<const SplitOfCodes> split_;
  bool wants_lengths_ = false;
  std::shared_ptr<const PathLengths> lengths_;

  std::vector<PointRef> trail_inputs_;
  std::vector<std::vector<Vec2>> trails_;
  std::shared_ptr<const Moments> trails_history_;
  std::size_t trails_moments_ = 0;
  LatentPlane trails_plane_;
  bool trails_stale_ = false;
};

}  // namespace zscape
