#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/backend.h"
#include "engine/core/full_states.h"
#include "engine/core/given_codes.h"
#include "engine/core/replay.h"
#include "engine/core/run_store.h"
#include "engine/engine.h"
#include "engine/history.h"
#include "engine/snapshot.h"
#include "engine/training/kept_run.h"
#include "engine/training/loop.h"

namespace zscape {

// So many inputs of a split, rising: the first of an order that all models of these data share. The
// samples on show are of it too.
Indices first_inputs(const Dataset& data, SplitName split, std::int64_t wanted);

// One model as the window sees it: drives a TrainingLoop and keeps its curves, settings and codes
// up to date. Used only on the engine thread. Internal to Engine.
class Run {
 public:
  Run(ModelId id, Backend& backend, const EngineOptions& options);

  ModelId id() const { return view_.id; }
  RunState state() const { return view_.state; }
  bool finished() const { return loop_ && loop_->trainer().finished(); }  // nothing left to learn
  const ModelSpec& spec() const { return view_.spec; }
  std::uint64_t seed() const { return view_.seed; }

  // Begins a new run at step 0 on this data; the former curves become the ghost. The run stays
  // paused or running; a start requested while loading takes effect now. A failure changes nothing.
  // start: weights to begin with, or null.
  Expected<void> begin(const ModelSpec& spec, std::shared_ptr<const Dataset> data,
                       FrozenModelPtr start);

  // What resume() needs to go on from here; data_checksum is left to the caller.
  KeptRun kept() const;
  // Goes on with a run, which learned from these data, at its next step. A failure changes nothing.
  Expected<void> resume(const KeptRun& kept, std::shared_ptr<const Dataset> data,
                        const RunPast& past = {});

  std::shared_ptr<const FullStateList> states() const { return states_.states(); }

  std::uint64_t number() const { return runs_; }  // rises with each run that begins

  // This run without its data's request, if it has learned what is kept nowhere else.
  std::optional<WholeRun> put_away(PutAway why) const;
  // Goes on with a run that was put away. A failure changes nothing.
  Expected<void> return_to(const WholeRun& whole, std::shared_ptr<const Dataset> data);
  // A step of the past, to be reached by state_at(), and the run up to there.
  struct Earlier {
    EarlierStep wanted;
    Curves curves;
    RunPast past;
    std::optional<ReachedStep> here = {};  // it is the present step, and reached already
    std::int64_t steps_before = 0, epochs_before = 0;  // as in ModelView
  };
  Expected<Earlier> earlier(std::int64_t step) const;
  Expected<Earlier> fork_point(std::int64_t step) const;  // likewise, the present step too
  // Goes on with another model's run from there, with what the fork changes. A failure changes
  // nothing.
  Expected<void> fork(ReachedStep reached, const Earlier& earlier, const Fork& changes);
  Expected<void> return_to_step(const ReachedStep& reached, const Earlier& earlier);
  // The weights of a run for other data of its shape.
  Expected<FrozenModelPtr> weights_of(const KeptRun& kept,
                                      std::shared_ptr<const Dataset> data) const;

  // An epoch has ended but is not measured yet. Measuring goes on during a pause, unless it failed.
  bool is_measuring() const { return loop_ && !measuring_failed_ && loop_->is_measuring(); }
  bool is_busy() const { return state() == RunState::running || is_measuring(); }

  void set_spec(const ModelSpec& spec) { view_.spec = spec; }  // for data still to come
  // Where no run could begin with other data: as before the first data came.
  void leave_data();
  // Shows codes that something else made of these data. There is no model then: like before the
  // first data came, nothing trains, decodes or saves until another run begins.
  // decoder: what came with them to draw places; null: nothing.
  void show_codes(std::shared_ptr<const Dataset> data, const GivenCodes& codes,
                  FrozenModelPtr decoder);
  bool shows_given_codes() const { return !loop_ && view_.train_codes; }

  void start();
  void pause();
  void set_kl_weight(double kl_weight);  // ends a schedule
  void set_kl_schedule(const KlSchedule& schedule);
  void take_settings(const RunPlan& plan);  // for the next steps and runs, but not λ and hold-out
  void set_next_hold_out(const HoldOut& hold_out) { view_.next_hold_out = hold_out; }

  // Copies seed, rows, settings and whether it trains from another run of the same data, so that
  // both see the same batches. Call before begin().
  void take_settings_of(const Run& other);

  void begin_with_kl_weight(double kl_weight) {  // without a schedule; before begin()
    view_.kl_schedule = {};
    view_.final_kl_weight = kl_weight;
    view_.settings.kl_weight = kl_weight;
  }

  // `runs` models train in turn and share the time for refreshing codes. All show the same inputs:
  // the largest part of the sample that every model can afford.
  void share_time_with(int runs, double largest_part);
  double affordable_part() const { return affordable_part_; }  // of the sample, in (0, 1]

  // A third of it for whole states.
  void set_memory_for_past(std::size_t bytes) {
    states_.set_most_bytes(bytes / 3);
    history_.set_most_bytes(bytes - bytes / 3);
    view_.history = history_.moments();
    show_states();
  }

  // Takes one step or several (Trainer::step()), or measures a part of the epoch that has ended,
  // for the time of a frame. A loss that is not finite pauses the run, restores the last good
  // weights and is returned as an error.
  Expected<void> advance();

  // Called when advance() failed or threw.
  void accept_failure();

  // Says once why early stopping ended the run; empty: it did not.
  std::string take_stop_reason() { return std::exchange(stop_reason_, {}); }

  // These bring the view up to date. They draw nothing from a training stream.
  void refresh_weights();  // if they have changed
  // Codes and test figures of the samples, within a time budget; more rarely if nobody looks.
  void refresh_codes_if_due(bool watched);
  // In its first steps a model changes most: the codes are some steps old (CodesPace).
  bool wants_codes() const;
  void refresh();  // everything, now

  // Takes the whole splits' codes if the present weights made them.
  void accept_full_codes(const FrozenModelPtr& weights, CodesPtr train, CodesPtr test);

  void accept_pictures(std::shared_ptr<const DecodedPictures> pictures, bool grid) {
    if (pictures->samples != 0) {
      view_.decoded_samples = std::move(pictures);
    } else {
      (grid ? view_.decoded_grid : view_.decoded) = std::move(pictures);
    }
  }
  void accept_encoded(CodesPtr codes) { view_.encoded = std::move(codes); }
  void accept_errors(InputErrorsPtr errors) { view_.errors = std::move(errors); }
  void accept_gaps(InputGapsPtr gaps);

  // The codes that the window shows now: the whole split's if known, else the sample's.
  CodesPtr shown_codes(SplitName split) const;
  void begin_evaluation() { view_.is_evaluating = true; }
  // evaluation null: it ended without an answer.
  void accept_evaluation(std::shared_ptr<const Evaluation> evaluation) {
    view_.is_evaluating = false;
    if (evaluation) view_.evaluation = std::move(evaluation);
  }
  // The number of this request, which its answers bear: older ones are dropped.
  std::uint64_t begin_certificate() {
    view_.certificate = nullptr;
    view_.is_certifying = true;
    return ++certificates_;
  }
  void grow_certificate(std::uint64_t number, CertificatePtr certificate) {
    if (number == certificates_ && view_.is_certifying) view_.certificate = std::move(certificate);
  }
  void end_certificate(std::uint64_t number) {
    if (number == certificates_) view_.is_certifying = false;
  }
  void accept_evidence(EvidencePtr evidence) { view_.evidence = std::move(evidence); }
  LatentFields& fields() { return view_.fields; }  // to take a new answer
  void accept_neighbours(NeighboursPtr neighbours) { view_.neighbours = std::move(neighbours); }
  void accept_jacobian(InputJacobianPtr jacobian, bool is_mean) {
    (is_mean ? view_.mean_jacobian : view_.jacobian) = std::move(jacobian);
  }
  void accept_geodesic(std::shared_ptr<const FoundGeodesic> geodesic) {
    view_.geodesic = std::move(geodesic);
  }

  // The weights of that step were saved or could not be saved, or came from that file.
  void accept_saved(const std::string& path, std::int64_t step, bool is_done);
  void accept_opened(const std::string& path, const RunRecord& record);
  // Of the file that was opened or saved last.
  void show_losses_of_file(const RunRecord& record) {
    view_.opened = FileLosses{record.test, record.test_step, record.steps, record.data,
                              !record.data.empty() && data_ && record.data != data_->name};
  }
  void accept_kept(const std::string& path, std::int64_t step, const Expected<void>& done);
  // This run began with the weights of a kept one that had learned from other data.
  void accept_weights_of(const KeptRun& kept);

  void accept_reconstruction(std::shared_ptr<const Reconstruction> reconstruction) {
    view_.reconstructed = std::move(reconstruction);
  }

  // The record to save with the present weights, without the range of their codes.
  RunRecord record() const;
  const Indices& train_rows() const { return loop_->train_rows(); }
  const std::shared_ptr<const Dataset>& data() const { return data_; }
  const ModelView& view() const { return view_; }

 private:
  using Clock = std::chrono::steady_clock;

  void take(TrainingLoop loop, std::shared_ptr<const Dataset> data);
  void forget_shown();  // what was measured and seen of the former run
  void show_begun();
  void change();           // tells the loop of new settings
  void record_settings();  // where they are not those of the last record
  void show_states();
  void mark_kl_weight();
  void measure_speed(std::int64_t seen);
  void flush_train_point();
  void accept(const StepTaken& taken);
  void accept(const EpochMeasured& measured);
  void accept(const Stopped& stopped);
  void accept(const Diverged& diverged);
  CurvePoint point_at(const Losses& losses, double kl_weight) const;
  void refresh_codes();
  void remember();
  void evaluate_sample();
  void set_sample_share(double share);  // the part of the samples that is refreshed
  EvaluationSettings evaluation_settings() const {
    return {view_.settings.kl_weight, view_.seed, std::nullopt};
  }

  Backend& backend_;
  const EngineOptions& options_;
  std::shared_ptr<const Dataset> data_;
  std::optional<TrainingLoop> loop_;
  ModelView view_;
  std::uint64_t runs_ = 0;
  std::uint64_t certificates_ = 0;  // that were begun
  bool start_when_ready_ = false;
  bool measuring_failed_ = false;  // the next start or step tries again
  std::string stop_reason_, failure_;

  LossSums window_;  // of the steps since the last point of the training curve, each counted once

  Indices train_sample_;  // fixed for this data
  Indices test_sample_;
  double affordable_part_ = 1;                        // by what refreshing costs this run
  double largest_part_ = 1;                           // by what it costs the other
  double sample_share_ = 1;                           // the smaller one
  std::map<int, std::pair<Indices, Indices>> parts_;  // of them, by size
  Indices train_indices_;                             // the share of them that is refreshed
  Indices test_indices_;
  Clock::time_point codes_due_;
  Clock::duration codes_took_{};  // the last refresh, as a share of the time of all runs
  Clock::time_point codes_ended_;
  Clock::time_point test_sample_due_;
  int sharing_ = 1;

  bool began_untrained_ = true;
  RunRecord opened_record_;                // of the file behind view_.opened
  std::optional<std::int64_t> kept_step_;  // of this run that is drawn, stored or in a file again
  std::size_t whole_bytes_ = 0;            // ModelView::bytes_to_keep once it has learned

  History history_;
  FullStates states_;

  Clock::time_point speed_since_;
  std::int64_t speed_samples_ = 0;
};

// The model with the fork's noise.
ModelSpec forked(ModelSpec spec, const Fork& changes);

}  // namespace zscape
