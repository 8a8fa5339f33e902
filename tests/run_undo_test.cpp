// Undo for models: the notice, the list of runs, the marks that come back, and the question where
// a run does not fit.

#include "app/gui/run_undo.h"

#include <gmock/gmock.h>

#include "app/gui/panels/curves/runs_panel.h"
#include "app/gui/view/latent/comparison.h"
#include "app_shell_fixture.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Rect kPlace{{8, 400}, {900, 260}};
constexpr ModelId kSecond{1};

class RunUndoTest : public AppShellTest {
 protected:
  RunUndoTest() {
    snapshot_.data = fake_data(32, 32, {28, 28, 1});
    view().weights = std::make_shared<FakeModel>();
    view().serial = 1;
    scene_.set_model(view().spec, snapshot_.data);
  }

  // As the engine shows a run that it has just put away.
  void put_away(std::uint64_t id, PutAway why = PutAway::reset, ModelId model = kModel) {
    StoredRun run;
    run.id = id;
    run.model = model;
    run.why = why;
    run.spec = view().spec;
    run.settings.kl_weight = 4;
    run.position.step = 4312;
    run.training.loss = 103.5;
    run.data = "synthetic";
    run.has_present_data = true;
    run.bytes = std::size_t{8} << 20;
    auto thumbnail = std::make_shared<Thumbnail>();
    thumbnail->dots = {{0, 0, 1}, {255, 255, 2}};
    run.thumbnail = thumbnail;
    auto stored = std::make_shared<StoredRuns>(*snapshot_.stored);
    stored->runs.push_back(run);
    stored->bytes += run.bytes;
    stored->room_bytes = std::size_t{256} << 20;
    snapshot_.stored = stored;
  }
  template <class Change>
  void change_stored(Change change) {
    auto stored = std::make_shared<StoredRuns>(*snapshot_.stored);
    change(*stored);
    snapshot_.stored = stored;
  }

  ScenesOnScreen scenes() { return {{kModel, &scene_}}; }
  void follow() {
    undo_.follow(snapshot_, scenes(), notices_, time_s_);
    undo_.restore(snapshot_, scenes());
  }

  void notices() {
    frame({{0, 0}, {1024, 300}},
          [this](const PanelFrame& panel) { draw_notices_panel(snapshot_, notices_, panel); });
  }
  std::vector<Command> runs() {
    return frame(kPlace, [this](const PanelFrame& panel) {
      return draw_runs_panel(snapshot_, kModel, tab_, panel);
    });
  }
  template <class Draw>
  void click_in(const std::string& widget, float at, Draw draw) {
    draw();
    draw();
    move(place_of(widget, at));
    for (const bool down : {false, true, false}) {
      press(down);
      draw();
    }
  }
  std::vector<Command> click_run(const std::string& widget, float at = 0.5F) {
    std::vector<Command> all;
    click_in(widget, at, [&] {
      for (Command& command : runs()) all.push_back(std::move(command));
    });
    return all;
  }

  RunUndo undo_;
  NoticesPanelState notices_;
  LowerTab tab_ = LowerTab::runs;
};

// What came back with a session was put away before; what gave way to it can be undone.
TEST_F(RunUndoTest, RunsOfASessionUndoNothing) {
  RunUndo undo(1000);
  const auto at = [&](std::uint64_t id, std::time_t kept_at) {
    put_away(id);
    change_stored([&](StoredRuns& stored) { stored.runs.back().kept_at = kept_at; });
  };
  at(2, 400);
  at(3, 900);
  at(1, 1500);
  const auto fresh = undo.follow(snapshot_, {}, notices_, 0);
  ASSERT_EQ(fresh.size(), 1U);
  EXPECT_EQ(fresh[0].id, 1U);
  at(4, 1500);
  at(5, 1400);
  EXPECT_EQ(undo.follow(snapshot_, {}, notices_, 0).size(), 1U);
}

TEST_F(RunUndoTest, ANoticeSaysWhatIsKeptAndUndoesIt) {
  put_away(1);
  follow();
  ASSERT_THAT(notices_.shown, SizeIs(1));
  EXPECT_EQ(notices_.shown[0].text, "Reset. 4,312 steps kept.");
  follow();  // once
  EXPECT_THAT(notices_.shown, SizeIs(1));
  click_in("undo_0", 0.5F, [&] { notices(); });
  EXPECT_THAT(notices_.undo, ElementsAre(UndoableRun{kModel, 1}));
  EXPECT_THAT(notices_.shown, IsEmpty());
  const auto commands = undoing_commands(notices_.undo);
  ASSERT_THAT(commands, SizeIs(1));
  EXPECT_EQ(std::get<ReturnTo>(commands[0]).run, 1U);
}

TEST_F(RunUndoTest, WhatOneActPutsAwayIsUndoneTogether) {
  put_away(1, PutAway::new_data, kSecond);
  put_away(2, PutAway::new_data);
  follow();
  time_s_ += 1;
  put_away(3, PutAway::opened_model);  // a model with its data: two commands
  follow();
  ASSERT_THAT(notices_.shown, SizeIs(1));
  // The first model goes first, since its data come back with it, and to where all began.
  const auto commands = undoing_commands(notices_.shown[0].undoes);
  ASSERT_THAT(commands, SizeIs(2));
  EXPECT_EQ(std::get<ReturnTo>(commands[0]).model, kModel);
  EXPECT_EQ(std::get<ReturnTo>(commands[0]).run, 2U);
  EXPECT_EQ(std::get<ReturnTo>(commands[1]).run, 1U);
  put_away(4);
  follow();
  EXPECT_THAT(notices_.shown, SizeIs(2));  // another act
  EXPECT_EQ(notices_.undoable()->undoes.at(0).run, 4U);
}

TEST_F(RunUndoTest, AnUndoWhoseRunIsGoneIsNotOffered) {
  put_away(1);
  follow();
  change_stored([](StoredRuns& stored) { stored.runs.clear(); });
  follow();
  EXPECT_THAT(notices_.shown, IsEmpty());
}

TEST_F(RunUndoTest, MarksComeBackWithTheRun) {
  scene_.add_pin({0.25F, -1.5F}, {}, 0);
  const Marks then = scene_.marks().marks();
  put_away(1, PutAway::new_model);
  undo_.follow(snapshot_, scenes(), notices_, time_s_);
  EXPECT_TRUE(undo_.has_just_kept(kModel));  // so that nobody is told that they are lost
  view().spec.latent = 3;
  scene_.set_model(view().spec, snapshot_.data);
  undo_.restore(snapshot_, scenes());
  EXPECT_THAT(scene_.marks().marks().pins, IsEmpty());
  follow();
  EXPECT_FALSE(undo_.has_just_kept(kModel));

  view().spec.latent = 2;
  view().returned_to = 1;
  ++view().returns;
  follow();
  EXPECT_EQ(scene_.marks().marks(), then);
  scene_.remove_pin(then.pins[0].id);
  follow();
  EXPECT_THAT(scene_.marks().marks().pins, IsEmpty());  // it comes back once
  ++view().returns;                                     // to the same, with what was done since
  follow();
  EXPECT_THAT(scene_.marks().marks().pins, IsEmpty());
}

TEST_F(RunUndoTest, CtrlZUndoesTheNewestChange) {
  const auto by_key = [&] { return undo_.by_key(scenes(), scene_, notices_); };
  scene_.add_pin({0.25F, -1.5F}, {}, 0);
  EXPECT_FALSE(by_key());
  put_away(1);
  follow();
  EXPECT_TRUE(by_key());
  EXPECT_THAT(notices_.undo, ElementsAre(UndoableRun{kModel, 1}));
  scene_.add_pin({1, 1}, {}, 0);
  EXPECT_FALSE(by_key());  // the pin is newer
  notices();
  time_s_ += 20;
  notices();
  EXPECT_THAT(notices_.shown, IsEmpty());
  scene_.undo();
  EXPECT_TRUE(by_key());  // though its notice has faded
  scene_.redo();
  EXPECT_FALSE(by_key());
}

TEST_F(RunUndoTest, WhatIsUndoneIsSaidAndItsNoticeGoes) {
  put_away(1);
  follow();
  time_s_ += 5;
  EXPECT_THAT(undo_.undo({{kModel, 1}}), SizeIs(1));
  put_away(2, PutAway::another_run);  // what had trained since the Reset
  view().returned_to = 1;
  ++view().returns;
  view().position.step = 4312;
  follow();
  ASSERT_THAT(notices_.shown, SizeIs(1));
  EXPECT_EQ(notices_.shown[0].text.find(name_with_lambda(view()) +
                                        " is back at step 4,312, paused. Kept: "),
            0U);
  EXPECT_NE(notices_.shown[0].text.find("Kept: "), std::string::npos);
  // Ctrl-Z does not undo the undoing.
  EXPECT_FALSE(undo_.by_key(scenes(), scene_, notices_));

  view().state = RunState::running;
  ++view().returns;
  follow();
  ASSERT_THAT(notices_.shown, SizeIs(2));
  EXPECT_EQ(notices_.shown[1].text, name_with_lambda(view()) + " is back at step 4,312.");
}

TEST_F(RunUndoTest, CtrlZSaysWhatItDidToMarks) {
  scene_.add_pin({0.25F, -1.5F}, {}, 0);
  const Marks with = scene_.marks().marks();
  scene_.undo();
  const Marks without = scene_.marks().marks();
  EXPECT_EQ(text_of_marks(true, with, without, false), "Undone: pin 1 is gone.");
  EXPECT_EQ(text_of_marks(false, without, with, false), "Redone: pin 1 is back.");
  EXPECT_EQ(text_of_marks(true, without, without, false), "There is nothing to undo.");
  EXPECT_NE(text_of_marks(true, without, without, true).find("Runs"), std::string::npos);
  EXPECT_EQ(text_of_marks(false, with, with, true), "There is nothing to redo.");
}

TEST_F(RunUndoTest, TheListIsThereOnceThereIsARun) {
  curves();
  EXPECT_FALSE(widgets_.find("tab_runs"));
  put_away(1);
  curves();
  EXPECT_TRUE(widgets_.find("tab_runs"));
}

TEST_F(RunUndoTest, AClickGoesBackToARunPaused) {
  put_away(1);
  put_away(2);
  const auto commands = click_run("run_1", 0.1F);
  ASSERT_THAT(commands, SizeIs(2));
  EXPECT_TRUE(std::holds_alternative<Pause>(commands[0]));
  EXPECT_EQ(std::get<ReturnTo>(commands[1]).run, 1U);
  EXPECT_EQ(std::get<ReturnTo>(commands[1]).model, kModel);
}

TEST_F(RunUndoTest, ARunIsPinnedAndComparedWithoutGoingBackToIt) {
  put_away(1);
  auto commands = click_run("pin_1");
  ASSERT_THAT(commands, SizeIs(1));
  EXPECT_EQ(std::get<PinRun>(commands[0]).run, 1U);
  EXPECT_TRUE(std::get<PinRun>(commands[0]).pinned);
  commands = click_run("compare_run_1");
  ASSERT_THAT(commands, SizeIs(2));
  EXPECT_EQ(std::get<ReturnTo>(commands[1]).model, kSecond);
  change_stored([](StoredRuns& stored) { stored.runs[0].has_present_data = false; });
  for (const Command& command : click_run("compare_run_1")) {
    const auto* back = std::get_if<ReturnTo>(&command);
    EXPECT_FALSE(back && back->model == kSecond);
  }
}

TEST_F(RunUndoTest, ARunThatDoesNotFitIsLostOnlyAfterAQuestion) {
  AppShell shell(kPerson);
  put_away(1);
  view().bytes_to_keep = std::size_t{100} << 20;
  EXPECT_FALSE(shell.holds_back(Reset{kModel}, snapshot_));
  view().bytes_to_keep = std::size_t{250} << 20;
  EXPECT_FALSE(shell.holds_back(Reset{kModel}, snapshot_));  // the other one goes
  change_stored([](StoredRuns& stored) { stored.runs[0].is_pinned = true; });
  EXPECT_FALSE(shell.holds_back(Start{kModel}, snapshot_));
  for (const bool yes : {false, true}) {
    EXPECT_TRUE(shell.holds_back(LoadData{kModel, "mnist"}, snapshot_));
    EXPECT_TRUE(shell.holds_back(OpenModel{kModel, "model"}, snapshot_));
    for (int i = 0; i < 3; ++i) step(shell);
    EXPECT_THAT(shell.take_requests().granted, IsEmpty());
    click_at(shell, place_of(yes ? "lose_run" : "lose_run_cancel"));
    step(shell);
    EXPECT_THAT(shell.take_requests().granted, SizeIs(yes ? 2 : 0));
  }
  // A script has nobody to ask.
  AppShell scripted({.remembers = false, .keeps_session = false, .wake = {}});
  EXPECT_FALSE(scripted.holds_back(Reset{kModel}, snapshot_));
}

TEST_F(RunUndoTest, TheMemoryIsASettingThatReachesTheEngine) {
  Settings settings;
  settings.store_megabytes = 1024;
  ASSERT_TRUE(write_settings(settings, (config_folder() / "settings.json").string()));
  AppShell shell(kPerson);
  step(shell);
  const auto sizes = [](const std::vector<Command>& commands) {
    std::vector<std::size_t> all;
    for (const Command& command : commands) {
      if (const auto* size = std::get_if<SetStoreSize>(&command)) all.push_back(size->bytes);
    }
    return all;
  };
  EXPECT_THAT(sizes(shell.take_requests().commands), ElementsAre(std::size_t{1} << 30));
  step(shell, {}, {.settings = true});
  step(shell);
  step(shell);
  click_at(shell, place_of("memory_256"));
  EXPECT_THAT(sizes(shell.take_requests().commands), ElementsAre(std::size_t{256} << 20));
  EXPECT_EQ(read_settings((config_folder() / "settings.json").string())->store_megabytes, 256);
}

}  // namespace
}  // namespace zscape
