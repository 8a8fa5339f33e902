// Gaps that the window asks for: points of their curves, what is refused, and sessions.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <mutex>

#include "engine/core/run.h"
#include "engine/training/kept_run.h"
#include "tests/engine_fixture.h"

namespace zscape {
namespace {

using ::testing::ElementsAre;

constexpr auto kTrain = SplitName::train, kTest = SplitName::test;

// What the models of a backend were asked for, and how they answer.
struct Gauge {
  std::atomic<bool> is_held = false, fails = false;
  std::atomic<std::int64_t> unmeasured = -1;  // a row whose gaps are not numbers; -2: all
  std::atomic<int> asked = 0;
  std::mutex mutex;
  InputGapsPtr before;  // of the last request
};

// Its figures tell the row: an amortisation gap of row / 4, an approximation gap of 1 / 2.
struct GapModel : FakeModel {
  std::shared_ptr<Gauge> gauge;

  Expected<InputGaps> gaps(const Dataset&, SplitName split, const Indices& indices, std::uint64_t,
                           const InputGapsPtr& before, const Progress& progress) const override {
    ++gauge->asked;
    {
      const std::lock_guard lock(gauge->mutex);
      gauge->before = before;
    }
    while (gauge->is_held) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (!report(progress, 0.5)) return fail("the fake was cancelled", ErrorCode::cancelled);
    }
    if (gauge->fails) return fail("the gaps could not be measured");
    InputGaps made;
    made.split = split;
    made.indices = indices;
    made.revision = revision();
    for (const std::int64_t row : *indices) {
      const bool is_known = gauge->unmeasured != row && gauge->unmeasured != -2;
      const float amortisation =
          is_known ? 0.25F * static_cast<float>(row) : std::numeric_limits<float>::quiet_NaN();
      made.log_likelihood.push_back(-90);
      made.elbo.push_back(-90.5F - amortisation);
      made.amortisation.push_back(amortisation);
      made.approximation.push_back(0.5F);
    }
    return made;
  }
};

// Trains as the fake does, with models that have gaps.
class GapTrainer final : public Trainer {
 public:
  GapTrainer(std::unique_ptr<Trainer> trainer, std::shared_ptr<Gauge> gauge)
      : trainer_(std::move(trainer)), gauge_(std::move(gauge)) {}
  Losses step(const StepSettings& settings) override { return trainer_->step(settings); }
  TrainingPosition position() const override { return trainer_->position(); }
  const ModelSpec& spec() const override { return trainer_->spec(); }
  FrozenModelPtr freeze() const override {
    auto model = std::make_shared<GapModel>();
    static_cast<FakeModel&>(*model) = dynamic_cast<const FakeModel&>(*trainer_->freeze());
    model->gauge = gauge_;
    return model;
  }
  std::shared_ptr<const TrainerState> state() const override { return trainer_->state(); }
  Expected<void> restore(const TrainerState& state) override { return trainer_->restore(state); }

 private:
  std::unique_ptr<Trainer> trainer_;
  std::shared_ptr<Gauge> gauge_;
};

class GapBackend : public FakeBackend {
 public:
  explicit GapBackend(std::shared_ptr<Gauge> gauge) : gauge_(std::move(gauge)) {}
  Expected<std::unique_ptr<Trainer>> make_trainer(const TrainingTask& task) override {
    return FakeBackend::make_trainer(task).map([this](std::unique_ptr<Trainer> trainer) {
      return std::unique_ptr<Trainer>(std::make_unique<GapTrainer>(std::move(trainer), gauge_));
    });
  }

 private:
  std::shared_ptr<Gauge> gauge_;
};

class EngineGapsTest : public EngineTest {
 protected:
  EngineGapsTest() : EngineGapsTest(std::make_shared<Gauge>()) {}
  explicit EngineGapsTest(const std::shared_ptr<Gauge>& gauge)
      : EngineTest({}, std::make_shared<GapBackend>(gauge)), gauge_(gauge) {}
  ~EngineGapsTest() override { gauge_->is_held = false; }

  // The answer to a request of the test split.
  SnapshotPtr measure(std::int64_t inputs = kGapCurveInputs) {
    const InputGapsPtr former = engine_.snapshot()->models[0].test_gaps;
    engine_.post(MeasureGaps{kModel, kTest, inputs});
    return wait_for([&](const Snapshot& s) { return s.models[0].test_gaps != former; });
  }
  void step(int count = 1) {
    const std::int64_t wanted = engine_.snapshot()->models[0].position.step + count;
    for (int i = 0; i < count; ++i) engine_.post(Step{kModel});
    wait_for_step(wanted);
    wait_for_state(RunState::paused);
  }
  // Of the rows whose gaps are numbers.
  double mean_row(std::int64_t without = -1) const {
    const Indices rows = first_inputs(*engine_.snapshot()->data, kTest, kGapCurveInputs);
    double sum = 0, count = 0;
    for (const std::int64_t row : *rows) {
      if (row == without) continue;
      sum += static_cast<double>(row);
      ++count;
    }
    return sum / count;
  }

  std::shared_ptr<Gauge> gauge_;
};

TEST_F(EngineGapsTest, AreMeasuredAndLeaveTheirMeansOnTheCurves) {
  load();
  step(3);
  const ModelView view = measure()->models[0];
  EXPECT_EQ(*view.test_gaps->indices, *first_inputs(*engine_.snapshot()->data, kTest, 100));
  EXPECT_EQ(view.test_gaps->step, 3);
  EXPECT_EQ(view.test_gaps->revision, view.weights->revision());
  ASSERT_EQ(view.curves.gaps.size(), 1U);
  const GapPoint& point = view.curves.gaps[0];
  EXPECT_EQ(point.step, 3);
  EXPECT_EQ(point.inputs, 100);
  EXPECT_FLOAT_EQ(point.log_likelihood, -90);
  EXPECT_FLOAT_EQ(point.amortisation, static_cast<float>(mean_row() / 4));
  EXPECT_FLOAT_EQ(point.approximation, 0.5F);
  EXPECT_FLOAT_EQ(point.elbo + point.amortisation + point.approximation, point.log_likelihood);
}

// Else the curve would move with the number of inputs.
TEST_F(EngineGapsTest, OfMoreInputsLeaveAPointOfTheSameHundred) {
  load();
  measure();
  const SnapshotPtr seen = measure(128);  // all there are
  EXPECT_EQ(seen->models[0].test_gaps->indices->size(), 128U);
  ASSERT_EQ(seen->models[0].curves.gaps.size(), 1U);  // of the same step: in its place
  EXPECT_EQ(seen->models[0].curves.gaps[0].inputs, 100);
  EXPECT_FLOAT_EQ(seen->models[0].curves.gaps[0].amortisation, static_cast<float>(mean_row() / 4));
  step(2);
  const Curves curves = measure()->models[0].curves;
  ASSERT_EQ(curves.gaps.size(), 2U);
  EXPECT_EQ(curves.gaps[1].step, 2);
  const std::lock_guard lock(gauge_->mutex);
  EXPECT_EQ(gauge_->before, seen->models[0].test_gaps);  // the search begins where it ended
}

TEST_F(EngineGapsTest, OfTrainingInputsLeaveNoPoint) {
  load();
  engine_.post(MeasureGaps{kModel, kTrain, 100});
  const auto seen = wait_for([](const Snapshot& s) { return s.models[0].train_gaps != nullptr; });
  EXPECT_TRUE(seen->models[0].curves.gaps.empty());
  EXPECT_EQ(seen->models[0].test_gaps, nullptr);
  EXPECT_EQ(seen->models[0].gaps(kTrain), seen->models[0].train_gaps);
}

TEST_F(EngineGapsTest, AreMeasuredOnceAtATime) {
  load();
  gauge_->is_held = true;
  for (int i = 0; i < 3; ++i) engine_.post(MeasureGaps{kModel, kTest, 100});
  engine_.post(MeasureGaps{kModel, kTrain, 100});  // the other split is another question
  let_it_turn();
  gauge_->is_held = false;
  wait_for([](const Snapshot& s) { return s.models[0].test_gaps && s.models[0].train_gaps; });
  EXPECT_EQ(gauge_->asked, 2);
}

TEST_F(EngineGapsTest, AreRefusedWhereThereIsNoExactLikelihood) {
  load();
  engine_.post(MeasureGaps{kModel, kTest, 0});
  ModelSpec spec = engine_.snapshot()->models[0].spec;
  spec.latent = 3;
  engine_.post(ReplaceModel{kModel, spec});
  wait_for([](const Snapshot& s) { return s.models[0].spec.latent == 3; });
  engine_.post(MeasureGaps{kModel, kTest, 100});
  let_it_turn();
  EXPECT_EQ(gauge_->asked, 0);
  EXPECT_TRUE(engine_.snapshot()->notices.empty());
}

TEST_F(EngineGapsTest, ThatFailSaySoAndMayBeAskedAgain) {
  load();
  gauge_->fails = true;
  engine_.post(MeasureGaps{kModel, kTest, 100});
  wait_for_notice("the gaps could not be measured");
  EXPECT_EQ(engine_.snapshot()->models[0].test_gaps, nullptr);
  gauge_->fails = false;
  measure();
}

// What a pause had begun would take time from training.
TEST_F(EngineGapsTest, OfAPauseEndWhenTrainingBeginsAndMayBeAskedAgain) {
  load();
  gauge_->is_held = true;
  engine_.post(MeasureGaps{kModel, kTest, 100});
  wait_for([this](const Snapshot&) { return gauge_->asked == 1; });
  step();
  EXPECT_EQ(engine_.snapshot()->models[0].test_gaps, nullptr);
  gauge_->is_held = false;
  EXPECT_EQ(measure()->models[0].test_gaps->step, 1);
  EXPECT_TRUE(engine_.snapshot()->notices.empty());
}

TEST_F(EngineGapsTest, OfInputsThatCannotBeMeasuredAreLeftOut) {
  load();
  const std::int64_t row = (*first_inputs(*engine_.snapshot()->data, kTest, 100))[7];
  gauge_->unmeasured = row;
  const Curves curves = measure()->models[0].curves;
  ASSERT_EQ(curves.gaps.size(), 1U);
  EXPECT_EQ(curves.gaps[0].inputs, 99);
  EXPECT_FLOAT_EQ(curves.gaps[0].amortisation, static_cast<float>(mean_row(row) / 4));
  step();
  gauge_->unmeasured = -2;
  EXPECT_EQ(measure()->models[0].curves.gaps, curves.gaps);
}

TEST_F(EngineGapsTest, AnotherRunHasNoneYet) {
  load();
  step();
  measure();
  engine_.post(Reset{kModel});
  const auto seen = wait_for([](const Snapshot& s) { return s.models[0].position.step == 0; });
  EXPECT_EQ(seen->models[0].test_gaps, nullptr);
  EXPECT_TRUE(seen->models[0].curves.gaps.empty());
}

TEST_F(EngineGapsTest, TheirCurvesComeBackWithTheSession) {
  load();
  std::vector<GapPoint> expected;
  for (int i = 0; i < 3; ++i) {
    step(2);
    gauge_->unmeasured = i == 1 ? (*first_inputs(*engine_.snapshot()->data, kTest, 100))[0] : -1;
    expected = measure()->models[0].curves.gaps;
  }
  ASSERT_EQ(expected.size(), 3U);
  engine_.post(KeepRun{kModel, "kept"});
  wait_for([](const Snapshot& s) { return s.models[0].kept.is_done; });
  step(2);
  measure();
  engine_.post(ResumeRun{kModel, "kept"});
  const auto seen = wait_for([](const Snapshot& s) { return s.models[0].position.step == 6; });
  EXPECT_EQ(seen->models[0].curves.gaps, expected);
  EXPECT_EQ(seen->models[0].test_gaps, nullptr);  // of no weights that are known to be these
  step(2);
  const Curves curves = measure()->models[0].curves;  // the curve goes on
  ASSERT_EQ(curves.gaps.size(), 4U);
  EXPECT_EQ(curves.gaps[3].step, 8);
  EXPECT_TRUE(std::ranges::equal(expected, std::span(curves.gaps).first(3)));
}

// A return to an earlier step forgets what came later, and only that.
TEST_F(EngineGapsTest, OfLaterStepsAreForgottenByAReturn) {
  load();
  for (int i = 0; i < 3; ++i) {
    step(2);
    measure();
  }
  engine_.post(ReturnToStep{kModel, 4});
  const auto seen = wait_for([](const Snapshot& s) { return s.models[0].position.step == 4; });
  std::vector<std::int64_t> steps;
  for (const GapPoint& point : seen->models[0].curves.gaps) steps.push_back(point.step);
  EXPECT_THAT(steps, ElementsAre(2, 4));
}

}  // namespace
}  // namespace zscape
