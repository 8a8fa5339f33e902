// Evaluations that the window asks for, and what an opened file says of its model.
#include "tests/engine_fixture.h"

namespace zscape {
namespace {

TEST_F(EngineTest, AnEvaluationIsOfThePresentWeightsAndTheTestSplit) {
  load();
  for (int i = 0; i < 3; ++i) engine_.post(Step{kModel});
  wait_for_step(3);
  engine_.post(Evaluate{kModel, 16, 5});
  const auto seen = wait_for([](const Snapshot& s) { return s.models[0].evaluation != nullptr; });
  const Evaluation& evaluation = *seen->models[0].evaluation;
  EXPECT_EQ(evaluation.figures.images, 128);
  EXPECT_EQ(evaluation.figures.elbo, -3);
  EXPECT_EQ(evaluation.figures.log_likelihood, 5);  // the seed, of the fake
  EXPECT_EQ(evaluation.figures.importance_samples, 16);
  EXPECT_EQ(evaluation.step, 3);
  EXPECT_EQ(evaluation.revision, seen->models[0].weights->revision());
  EXPECT_FALSE(seen->models[0].is_evaluating);
  engine_.post(Reset{kModel});
  wait_for([](const Snapshot& s) { return s.models[0].evaluation == nullptr; });
}

// Loading, saving and encoding have lanes of their own.
TEST_F(EngineTest, NothingWaitsForAnEvaluation) {
  load();
  wait_for([](const Snapshot& s) { return !s.activity; });
  FakeModel::evaluation_is_held = true;
  engine_.post(Evaluate{kModel});
  wait_for([](const Snapshot& s) { return s.models[0].is_evaluating && s.activity; });
  engine_.post(SaveModel{kModel, "here"});
  wait_for([](const Snapshot& s) { return s.models[0].saved.is_done; });
  EXPECT_TRUE(engine_.snapshot()->models[0].is_evaluating);
  FakeModel::evaluation_is_held = false;
  wait_for([](const Snapshot& s) { return s.models[0].evaluation != nullptr; });
}

TEST_F(EngineTest, AnEvaluationCanBeCancelledAndANewRunEndsIt) {
  load();
  wait_for([](const Snapshot& s) { return !s.activity; });
  FakeModel::evaluation_is_held = true;
  engine_.post(Evaluate{kModel});
  const auto seen = wait_for([](const Snapshot& s) { return s.activity.has_value(); });
  EXPECT_EQ(seen->activity->text, "evaluating 128 test inputs");
  engine_.post(Cancel{kModel, seen->activity->id});
  wait_for_notice("the evaluation was cancelled");
  EXPECT_FALSE(engine_.snapshot()->models[0].is_evaluating);
  EXPECT_FALSE(engine_.snapshot()->notices.back().is_error);

  engine_.post(Evaluate{kModel});
  wait_for([](const Snapshot& s) { return s.models[0].is_evaluating; });
  engine_.post(Reset{kModel});
  const auto after = wait_for([](const Snapshot& s) { return !s.models[0].is_evaluating; });
  FakeModel::evaluation_is_held = false;
  let_it_turn();
  EXPECT_EQ(engine_.snapshot()->models[0].evaluation, nullptr);
}

TEST_F(EngineTest, ACertificateIsShownWhileItGrowsAndWhereItIsEnded) {
  load();
  for (int i = 0; i < 2; ++i) engine_.post(Step{kModel});
  wait_for_step(2);
  wait_for([](const Snapshot& s) { return !s.activity; });
  FakeModel::evaluation_is_held = true;
  engine_.post(Certify{kModel, {.inputs = 7}});
  auto seen = wait_for([](const Snapshot& s) { return s.models[0].certificate && s.activity; });
  EXPECT_TRUE(seen->models[0].is_certifying);
  const Certificate part = *seen->models[0].certificate;
  EXPECT_EQ(part.inputs, 7);
  EXPECT_EQ(part.exact->mean, -2);
  EXPECT_EQ(part.step, 2);
  EXPECT_FALSE(part.is_done);
  engine_.post(Cancel{kModel, seen->activity->id});
  seen = wait_for_notice("the estimate of log p(x) was ended");
  EXPECT_FALSE(seen->models[0].is_certifying);
  EXPECT_FALSE(seen->models[0].certificate->is_done);  // what there is of it stays
  FakeModel::evaluation_is_held = false;
  engine_.post(Certify{kModel, {}});
  seen = wait_for([](const Snapshot& s) {
    return s.models[0].certificate && s.models[0].certificate->is_done;
  });
  EXPECT_EQ(seen->models[0].certificate->revision, seen->models[0].weights->revision());
  wait_for([](const Snapshot& s) { return !s.models[0].is_certifying; });
  engine_.post(Reset{kModel});
  wait_for([](const Snapshot& s) { return !s.models[0].certificate; });
}

TEST_F(EngineTest, ANewRunEndsACertificate) {
  load();
  wait_for([](const Snapshot& s) { return !s.activity; });
  FakeModel::evaluation_is_held = true;
  engine_.post(Certify{kModel, {}});
  wait_for([](const Snapshot& s) { return s.models[0].certificate != nullptr; });
  engine_.post(Reset{kModel});
  wait_for([](const Snapshot& s) { return !s.models[0].certificate; });
  FakeModel::evaluation_is_held = false;
  let_it_turn();
  EXPECT_FALSE(engine_.snapshot()->models[0].certificate);
  EXPECT_FALSE(engine_.snapshot()->models[0].is_certifying);
}

TEST_F(EngineTest, AnOpenedModelShowsTheLossesOfItsFile) {
  load();
  EXPECT_FALSE(engine_.snapshot()->models[0].opened);
  engine_.post(OpenModel{kModel, "good"});
  const auto seen = wait_for([](const Snapshot& s) { return s.models[0].opened.has_value(); });
  EXPECT_EQ(seen->models[0].opened->test.loss, 106);
  EXPECT_EQ(seen->models[0].opened->step, 40);
  EXPECT_EQ(seen->models[0].opened->saved_step, 50);
  engine_.post(SaveModel{kModel, "again"});
  wait_for([](const Snapshot& s) { return s.models[0].saved.number == 2; });
  EXPECT_EQ(backend_->last_record.test.loss, 106);  // of the same weights
  EXPECT_EQ(backend_->last_record.test_step, 40);
  engine_.post(Reset{kModel});
  wait_for([](const Snapshot& s) { return !s.models[0].opened; });
}

TEST_F(EngineTest, LossesOnOtherDataAreNotSavedAsThoseOfTheData) {
  load();
  engine_.post(OpenModel{kModel, "of other data"});
  const auto seen = wait_for([](const Snapshot& s) { return s.models[0].opened.has_value(); });
  EXPECT_TRUE(seen->models[0].opened->other_data);
  EXPECT_NE(seen->notices.back().text.find("learned from elsewhere"), std::string::npos);
  engine_.post(SaveModel{kModel, "again"});
  wait_for([](const Snapshot& s) { return s.models[0].saved.number == 2; });
  EXPECT_EQ(backend_->last_record.test_step, -1);
}

TEST_F(EngineTest, AModelOfOthersSaysWhatWasAssumed) {
  load();
  engine_.post(OpenModel{kModel, "foreign"});
  wait_for_notice("foreign: it is taken for a vae; where that is wrong");
}

}  // namespace
}  // namespace zscape
