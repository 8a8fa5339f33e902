// What a run knows of the files that its weights came from and go to.
#include "engine/code_range.h"
#include "engine/core/run.h"

namespace zscape {

void Run::accept_opened(const std::string& path, const RunRecord& record) {
  view_.steps_before = record.steps;
  view_.epochs_before = record.epochs;
  accept_saved(path, view_.position.step, true);
}

void Run::accept_saved(const std::string& path, std::int64_t step, bool is_done) {
  SavedWeights& saved = view_.saved;
  ++saved.number;
  saved.is_done = is_done;
  saved.path = path;
  // A run begun meanwhile was not saved.
  if (is_done && step <= view_.position.step) saved.step = step;
}

RunRecord Run::record() const {
  const TrainingPosition& position = brought_back_ ? *brought_back_ : view_.position;
  return {data_->name,
          view_.seed,
          view_.epochs_before + position.epoch,
          view_.steps_before + position.step,
          view_.settings.kl_weight,
          last_test_,
          view_.train_sample ? central_range(*view_.train_sample) : CodeRange{}};
}

}  // namespace zscape
