#include "engine/backend/checkpoint_file.h"
#include "engine/training/kept_run.h"
#include "engine/training/loop.h"
#include "targets.h"
#include "tensors.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

constexpr std::int64_t kRows = 32;

// A trainer that takes any state.
class AnyTrainer final : public Trainer {
 public:
  explicit AnyTrainer(ModelSpec spec) : spec_(std::move(spec)) {}

  Losses step(const StepSettings&) override { return {}; }
  TrainingPosition position() const override { return state_.position; }
  const ModelSpec& spec() const override { return spec_; }
  FrozenModelPtr freeze() const override { return std::make_shared<FakeModel>(); }
  std::shared_ptr<const TrainerState> state() const override {
    return std::make_shared<const TrainerState>(state_);
  }
  Expected<void> restore(const TrainerState& state) override {
    const std::int64_t seen = state.position.seen_in_epoch;
    demand(seen >= 0 && seen < kRows, "a run goes on within its epoch");
    state_ = state;
    return {};
  }

 private:
  ModelSpec spec_;
  TrainerState state_;
};

bool read_checkpoint(FuzzBytes bytes) {
  static const auto data = fake_data(kRows, 16);
  const auto file = checkpoint_from(tensor_file(bytes, kCheckpointKey), "file");
  if (!file) return false;
  const Checkpoint& checkpoint = file->checkpoint;
  demand(checkpoint_from(to_tensor_file(checkpoint, nullptr), "again").has_value(),
         "a checkpoint that was read can be written");

  RunPlan plan;
  plan.spec = checkpoint.spec;
  TrainingLoop loop(plan, std::make_unique<AnyTrainer>(plan.spec), data);
  (void)kept_run_from(checkpoint);  // as a session has it
  if (!loop.restore(checkpoint)) return false;
  (void)loop.is_over();
  (void)loop.record();
  (void)loop.state();
  return true;
}

}  // namespace

FuzzTarget checkpoint_target() {
  return {.name = "checkpoint", .run = read_checkpoint};
}

}  // namespace zscape
