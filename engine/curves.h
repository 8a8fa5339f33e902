#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "engine/frozen_model.h"
#include "engine/kl_schedule.h"
#include "engine/trainer.h"

namespace zscape {

// One entry of a training curve; nats per input.
struct CurvePoint {
  std::int64_t step = 0;
  float loss = 0;
  float reconstruction = 0;
  float kl = 0;                                               // NaN for kinds without a prior
  float mse = std::numeric_limits<float>::quiet_NaN();        // only evaluations have it
  float kl_weight = std::numeric_limits<float>::quiet_NaN();  // λ of the loss
  std::int64_t epoch = 0;                                     // completed epochs
  float seconds = 0;                                          // of training
  float samples_per_second = 0;                               // 0: not known
};

// A series of points with rising steps. A copy shares the full chunks, so that publishing a long
// curve is cheap; appending to the original does not change the copy.
class Curve {
 public:
  static constexpr std::size_t kChunk = 512;

  void append(const CurvePoint& point);
  void drop_after(std::int64_t step);  // forgets points with a later step
  void clear();

  std::size_t size() const { return full_.size() * kChunk + tail_.size(); }
  bool empty() const { return size() == 0; }
  const CurvePoint& operator[](std::size_t index) const;
  const CurvePoint& back() const { return (*this)[size() - 1]; }

 private:
  std::vector<std::shared_ptr<const std::vector<CurvePoint>>> full_;  // kChunk points each
  std::vector<CurvePoint> tail_;
};

// A change of λ, marked on the curves: the weight from this step on.
struct KlWeightMark {
  std::int64_t step = 0;
  double kl_weight = 0;  // where a schedule begins: its last
  KlSchedule::Kind schedule = KlSchedule::Kind::constant;
};

// What a person may change while a run trains, from this step on.
struct SettingsChange {
  std::int64_t step = 0;
  StepSettings settings;  // kl_weight: the schedule's last λ; most_steps: 0
  KlSchedule schedule;
  double last_learning_rate = 0;  // as RunPlan has it

  bool operator==(const SettingsChange&) const = default;
};

// What the bounds lacked at a step: means over kGapCurveInputs test inputs, in nats
// (engine/input_gaps.h). log p(x) = ELBO + both gaps.
struct GapPoint {
  std::int64_t step = 0;
  std::int64_t inputs = 0;  // behind the means
  float log_likelihood = 0;
  float elbo = 0;
  float amortisation = 0;
  float approximation = 0;

  bool operator==(const GapPoint&) const = default;
};

// All curves of one run, and what was changed meanwhile.
struct Curves {
  Curve train;                 // means over a few steps each
  Curve test;                  // the whole test split, once an epoch
  Curve test_sample;           // a small fixed sample of the test split, in between
  Curve validation;            // held-out rows, once an epoch, with the final λ; empty: none
  std::vector<GapPoint> gaps;  // measured where somebody asked; rising steps
  std::vector<KlWeightMark> marks;
  // From its first step on that is known here, so that any later one can be repeated; two of a step
  // at most.
  std::vector<SettingsChange> changes;

  void drop_after(std::int64_t step);  // forgets what came later
};

}  // namespace zscape
