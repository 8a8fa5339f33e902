// What the engine remembers of a run.
#include <chrono>
#include <thread>

#include "engine/core/codes_pace.h"
#include "tests/engine_fixture.h"

namespace zscape {
namespace {

TEST_F(EngineTest, TheHistoryGrowsInTrainingAndBeginsAnewAtReset) {
  load();
  engine_.post(Start{kModel});
  wait_for([](const Snapshot& s) { return s.models[0].history->size() >= 3; });
  engine_.post(SetKlWeight{kModel, 7});
  engine_.post(Pause{kModel});
  const auto paused = wait_for_state(RunState::paused);
  const Moments& moments = *paused->models[0].history;
  EXPECT_EQ(moments.front()->position.step, 0);
  EXPECT_EQ(moments.back()->position.step, paused->models[0].position.step);
  EXPECT_EQ(moments.back()->kl_weight, 7);
  for (const MomentPtr& moment : moments) {
    EXPECT_EQ(moment->train_sample->step, moment->position.step);
    EXPECT_EQ(moment->train_sample->revision, moment->decoder->revision());
  }
  engine_.post(Reset{kModel});
  const auto after = wait_for([](const Snapshot& s) { return s.models[0].position.step == 0; });
  EXPECT_EQ(after->models[0].history->size(), 1U);
}

TEST(CodesPace, InTheFirstStepsTheCodesKeepUp) {
  using std::chrono::milliseconds;
  const milliseconds took{2}, enough{6};
  EXPECT_FALSE(CodesPace::is_due(19, 0, took, enough));
  EXPECT_TRUE(CodesPace::is_due(20, 0, took, enough));
  EXPECT_TRUE(CodesPace::is_due(500, 480, took, enough));
  EXPECT_FALSE(CodesPace::is_due(501, 480, took, enough));  // the clock alone decides from here on
}

TEST(CodesPace, AMachineThatEncodesSlowlyTrainsThreeQuartersOfTheTime) {
  using std::chrono::milliseconds;
  const milliseconds took{300};
  EXPECT_FALSE(CodesPace::is_due(40, 0, took, milliseconds(899)));
  EXPECT_TRUE(CodesPace::is_due(40, 0, took, milliseconds(900)));
  EXPECT_TRUE(CodesPace::is_due(40, 0, milliseconds(0), milliseconds(0)));  // the first codes
}

TEST_F(EngineTest, CodesComeRarelyWhereNobodyLooks) {
  load();
  const auto remembered = [this] { return engine_.snapshot()->models[0].history->size(); };
  engine_.set_watched(false);
  engine_.post(Start{kModel});
  wait_for([](const Snapshot& s) { return s.models[0].position.step > 0; });
  const auto began = std::chrono::steady_clock::now();
  const std::size_t before = remembered();
  std::this_thread::sleep_for(std::chrono::milliseconds(900));
  const std::size_t after = remembered();
  const auto pauses = (std::chrono::steady_clock::now() - began) / std::chrono::milliseconds(1500);
  EXPECT_LE(after, before + 1 + static_cast<std::size_t>(pauses));
  engine_.set_watched(true);
  wait_for([&](const Snapshot& s) { return s.models[0].history->size() >= before + 4; });
}

}  // namespace
}  // namespace zscape
