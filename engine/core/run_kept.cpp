// What of a run is kept, in files or put away, and how it comes back.
#include <algorithm>
#include <array>
#include <ctime>
#include <set>

#include "engine/core/run.h"
#include "engine/text.h"
#include "engine/training/parameters.h"

namespace zscape {
namespace {

// Files may say anything.
bool show_rows_of(const Moments& moments, const Dataset& data) {
  std::set<const void*> seen;  // most moments share their rows
  return std::ranges::all_of(moments, [&](const MomentPtr& moment) {
    return std::ranges::all_of(
        std::array{moment->train_sample, moment->test_sample}, [&](const CodesPtr& codes) {
          const auto fits = [count = data.split(codes->split).count](std::int64_t row) {
            return row >= 0 && row < count;
          };
          return !seen.insert(codes->indices.get()).second ||
                 std::ranges::all_of(*codes->indices, fits);
        });
  });
}

}  // namespace

KeptRun Run::kept() const {
  KeptRun kept{loop_->state(),     loop_->plan(),       0,
               view_.steps_before, view_.epochs_before, view_.curves};
  kept.plan.data = as_loaded({.source = data_->source}, *data_);
  return kept;
}

Expected<void> Run::resume(const KeptRun& kept, std::shared_ptr<const Dataset> data,
                           const RunPast& past) {
  RunPlan plan = kept.plan;
  plan.spec = fitted(kept.checkpoint.spec, *data);
  auto trainer = backend_.make_trainer(task_of(plan, data));
  if (!trainer) return tl::unexpected(trainer.error());
  TrainingLoop loop(std::move(plan), *std::move(trainer), data);
  if (auto restored = loop.restore(kept.checkpoint); !restored) return restored;
  take(std::move(loop), std::move(data));
  view_.settings = loop_->settings();
  view_.kl_schedule = loop_->schedule();
  view_.final_kl_weight = loop_->plan().settings.kl_weight;
  view_.curves = kept.curves;
  view_.steps_before = kept.steps_before;
  view_.epochs_before = kept.epochs_before;
  record_settings();
  if (show_rows_of(*past.moments, *data_)) history_.restore(past.moments);
  states_.restore(past.states);
  show_begun();
  return {};
}

std::optional<WholeRun> Run::put_away(PutAway why) const {
  // A closed form is fitted again in no time.
  if (!loop_ || finished() || view_.position.step == kept_step_) return std::nullopt;
  WholeRun whole;
  whole.state = kept();
  whole.past = {history_.moments(), states_.states()};
  whole.saved = view_.saved;
  whole.data = data_;
  StoredRun& shown = whole.shown;
  shown.model = view_.id;
  shown.why = why;
  shown.spec = view_.spec;
  shown.settings = view_.settings;
  shown.schedule = view_.kl_schedule;
  shown.position = view_.position;
  show_losses(shown, view_.curves);
  shown.data = data_->name;
  shown.kept_at = std::time(nullptr);
  if (view_.train_sample) shown.thumbnail = thumbnail_of(*view_.train_sample, *data_);
  return whole;
}

Expected<void> Run::return_to(const WholeRun& whole, std::shared_ptr<const Dataset> data) {
  if (auto resumed = resume(whole.state, std::move(data), whole.past); !resumed) return resumed;
  kept_step_ = view_.position.step;
  view_.bytes_to_keep = 0;
  const std::uint64_t number = view_.saved.number;
  view_.saved = whole.saved;
  view_.saved.number = number;
  view_.returned_to = whole.shown.id;
  ++view_.returns;
  return {};
}

Expected<Run::Earlier> Run::earlier(std::int64_t step) const {
  if (!loop_ || step < 0 || step >= view_.position.step) {
    return fail(tr("step {} is no earlier one of this run", step));
  }
  Earlier earlier;
  earlier.steps_before = view_.steps_before;
  earlier.epochs_before = view_.epochs_before;
  earlier.wanted.step = step;
  earlier.wanted.from = nearest_before(*states_.states(), step);
  if (!earlier.wanted.from) {
    return fail(tr("step {} cannot be reached: nothing before it is kept whole", step));
  }
  earlier.wanted.plan = loop_->plan();
  earlier.wanted.changes = view_.curves.changes;
  earlier.wanted.data = data_;
  earlier.curves = view_.curves;
  earlier.curves.drop_after(step);
  History moments;
  moments.restore(history_.moments());
  moments.drop_after(step);
  FullStates states = states_;
  states.drop_after(step);
  earlier.past = {moments.moments(), states.states()};
  return earlier;
}

Expected<Run::Earlier> Run::fork_point(std::int64_t step) const {
  if (!loop_ || step != view_.position.step) return earlier(step);
  if (spec().is_linear()) return fail(tr("a closed form has one future"));
  Earlier now;
  now.wanted.step = step;
  now.wanted.data = data_;
  now.curves = view_.curves;
  now.past = {history_.moments(), states_.states()};
  now.here = ReachedStep{loop_->state(), loop_->plan()};
  now.steps_before = view_.steps_before;
  now.epochs_before = view_.epochs_before;
  return now;
}

Expected<void> Run::fork(ReachedStep reached, const Earlier& earlier, const Fork& changes) {
  KeptRun kept{std::move(reached.checkpoint), std::move(reached.plan), 0,
               earlier.steps_before,          earlier.epochs_before,   earlier.curves};
  kept.checkpoint.spec = forked(std::move(kept.checkpoint.spec), changes);
  if (changes.seed) kept.plan.seed = *changes.seed;
  // Its past has the steps of the seed and the noise of before, and cannot be repeated with these.
  const bool repeats = !changes.seed && !changes.noise;
  const RunPast past = {earlier.past.moments, repeats ? earlier.past.states : RunPast().states};
  if (auto resumed = resume(kept, earlier.wanted.data, past); !resumed) return resumed;
  if (changes.kl_weight) set_kl_weight(*changes.kl_weight);
  kept_step_ = view_.position.step;  // the run that it forked from has it
  view_.bytes_to_keep = 0;
  return {};
}

ModelSpec forked(ModelSpec spec, const Fork& changes) {
  if (changes.noise && spec.kind == ModelKind::mae) spec.mask_ratio = *changes.noise;
  if (changes.noise && spec.kind == ModelKind::dae) spec.noise.amount = *changes.noise;
  return spec;
}

Expected<void> Run::return_to_step(const ReachedStep& reached, const Earlier& earlier) {
  const KeptRun kept{reached.checkpoint, reached.plan,        0,
                     view_.steps_before, view_.epochs_before, earlier.curves};
  const SavedWeights saved = view_.saved;
  if (auto resumed = resume(kept, data_, earlier.past); !resumed) return resumed;
  kept_step_ = view_.position.step;  // the run that was put away has it
  view_.bytes_to_keep = 0;
  view_.saved = saved;
  view_.saved.step = std::min(saved.step, view_.position.step);
  return {};
}

Expected<FrozenModelPtr> Run::weights_of(const KeptRun& kept,
                                         std::shared_ptr<const Dataset> data) const {
  RunPlan plan;
  plan.spec = fitted(kept.checkpoint.spec, *data);
  auto trainer = backend_.make_trainer(task_of(plan, std::move(data)));
  if (!trainer) return tl::unexpected(trainer.error());
  TrainerState state = kept.checkpoint.state;
  state.position.seen_in_epoch = 0;  // of other data
  if (auto restored = (*trainer)->restore(state); !restored) {
    return tl::unexpected(restored.error());
  }
  return (*trainer)->freeze();
}

void Run::accept_opened(const std::string& path, const RunRecord& record) {
  view_.steps_before = record.steps;
  view_.epochs_before = record.epochs;
  show_losses_of_file(record);
  opened_record_ = record;
  accept_saved(path, view_.position.step, true);
}

void Run::accept_saved(const std::string& path, std::int64_t step, bool is_done) {
  SavedWeights& saved = view_.saved;
  ++saved.number;
  saved.is_done = is_done;
  saved.path = path;
  // Not if a new run has begun since.
  if (is_done && step <= view_.position.step) saved.step = step;
}

void Run::accept_kept(const std::string& path, std::int64_t step, const Expected<void>& done) {
  SavedWeights& kept = view_.kept;
  ++kept.number;
  kept.is_done = done.has_value();
  kept.path = path;
  kept.error = done ? std::string() : done.error().message;
  if (done) kept.step = step;
}

void Run::accept_weights_of(const KeptRun& kept) {
  const TrainingPosition& position = kept.checkpoint.state.position;
  view_.steps_before = kept.steps_before + position.step;
  view_.epochs_before = kept.epochs_before + position.epoch;
  view_.opened = FileLosses{kNotMeasured, -1, view_.steps_before, data_->name, true};
  opened_record_ = {};
}

RunRecord Run::record() const {
  RunRecord record = loop_->record();
  record.epochs += view_.epochs_before;
  record.steps += view_.steps_before;
  if (record.test_step >= 0) {
    record.test_step += view_.steps_before;
  } else if (view_.opened && !view_.opened->other_data) {  // not measured since then
    record.test = view_.opened->test;
    record.test_step = view_.opened->step;
  }
  // These are still the weights of the file: what they learned from, and how.
  if (view_.opened && view_.position.step == 0 && opened_record_.steps > 0) {
    record.seed = opened_record_.seed;
    record.limit = opened_record_.limit;
    record.kl_schedule = opened_record_.kl_schedule;
    record.final_kl_weight = opened_record_.final_kl_weight;
  }
  return record;
}

}  // namespace zscape
