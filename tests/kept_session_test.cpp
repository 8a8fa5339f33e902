// The sessions that a window keeps by itself while a person works in it.

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <gmock/gmock.h>

#include <functional>
#include <sstream>

#include "app/files/session_store.h"
#include "tests/session_fixture.h"

namespace zscape {
namespace {

using ::testing::ElementsAre;

// What the window keeps while one works: no frame waits for it, and it stands after a crash.
class KeptSessionTest : public SessionTest {
 protected:
  KeptSessionTest() { setenv("ZSCAPE_SESSION_SECONDS", "60", 1); }
  ~KeptSessionTest() override { unsetenv("ZSCAPE_SESSION_SECONDS"); }

  static SessionKeeper::Options keeping() { return {true, {}}; }

  // A frame; plays the engine's part in keeping the run. The file of the run, if one was written.
  std::string frame_of(SessionKeeper& keeper) {
    std::string file;
    for (const Command& command : keeper.advance(window()).commands) {
      const auto* keep = std::get_if<KeepRun>(&command);
      if (keep == nullptr) continue;
      file = keep->path;
      std::ofstream(file) << "a run";
      view().kept.step = view().position.step;
      attempt(view(), file, true);
    }
    return file;
  }

  // The newest session once it fulfils the claim.
  std::optional<Session> kept_when(SessionKeeper& keeper,
                                   const std::function<bool(const Session&)>& claim) {
    for (int i = 0; i < 5000; ++i) {
      frame_of(keeper);
      const auto session = read_session(newest_session());
      if (session && claim(*session)) return *session;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ADD_FAILURE() << "the session that was waited for was never written";
    return std::nullopt;
  }

  static std::vector<std::string> files_of(const std::string& ending) {
    std::vector<std::string> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(state_folder() / "sessions", error)) {
      if (entry.path().extension() == ending) files.push_back(entry.path().string());
    }
    return files;
  }
};

TEST_F(KeptSessionTest, MarksAreWrittenAtOnceAndWeightsOnceAMinute) {
  SessionKeeper keeper(keeping());
  EXPECT_EQ(frame_of(keeper), "");  // it has only begun
  view().position.step = 40;
  time_s_ = 5;
  const std::string first = frame_of(keeper);
  ASSERT_NE(first, "");
  auto session = kept_when(keeper, [](const Session&) { return true; });
  EXPECT_EQ(session->weights, first);
  EXPECT_EQ(session->step, 40);
  EXPECT_FALSE(session->closed);
  EXPECT_EQ(keeper.due_s(), 0);

  view().position.step = 900;
  EXPECT_EQ(frame_of(keeper), "");
  EXPECT_EQ(keeper.due_s(), 65);
  scene_.add_pin({0.25f, -1.5f}, {}, 0);
  session = kept_when(keeper, [](const Session& kept) { return kept.marks.pins.size() == 1; });
  EXPECT_EQ(session->step, 40);  // of the weights
  sizes_.lower = 222;
  latent_.hidden.set(3);
  kept_when(keeper, [](const Session& kept) { return kept.hidden_labels.size() == 1; });

  time_s_ = 65;
  const std::string second = frame_of(keeper);
  ASSERT_NE(second, "");
  kept_when(keeper, [&](const Session& kept) { return kept.step == 900; });
  for (int i = 0; i < 5000 && files_of(".safetensors").size() > 1; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_THAT(files_of(".safetensors"), ElementsAre(second));
  time_s_ = 1000;
  EXPECT_EQ(frame_of(keeper), "");  // they have not changed
}

// Many selected rows and marks are not copied in each frame only to find that nothing has changed.
TEST_F(KeptSessionTest, AFrameInWhichNothingChangesCopiesNothing) {
  SessionKeeper keeper(keeping());
  frame_of(keeper);
  time_s_ = 5;
  kept_when(keeper, [](const Session&) { return true; });
  frame_of(keeper);
  const std::uint64_t before = keeper.comparisons();
  for (int i = 0; i < 100; ++i) {
    ++view().position.step;
    frame_of(keeper);
  }
  EXPECT_EQ(keeper.comparisons(), before);
  const std::vector<std::function<void()>> changes = {
      [&] {
        scene_.add_pin({0.25f, -1.5f}, {}, 0);
      },
      [&] { scene_.undo(); },
      [&] {
        selection_.choose(SplitName::train, {3, 4}, SelectMode::add);
      },
      [&] { latent_.hidden.set(3); },
      [&] { latent_.split = SplitName::test; },
      [&] { sizes_.lower = 223; },
      [&] { view().next_seed = 9; }};
  for (const auto& change : changes) {
    const std::uint64_t then = keeper.comparisons();
    change();
    frame_of(keeper);
    EXPECT_GT(keeper.comparisons(), then);
  }
}

// The engine takes the Start later than the next frame.
TEST_F(KeptSessionTest, ARestoredRunThatIsAboutToStartIsNotWrittenAsPaused) {
  std::string path;
  {
    SessionKeeper writer(keeping());
    view().state = RunState::running;
    frame_of(writer);
    time_s_ = 5;
    kept_when(writer, [](const Session& kept) { return kept.running; });
    path = newest_session();
  }
  view().state = RunState::paused;
  SessionKeeper keeper(keeping());
  keeper.open(path, window());
  attempt(view(), read_session(path)->weights, true);
  EXPECT_TRUE(std::holds_alternative<Start>(keeper.advance(window()).commands.at(0)));
  frame_of(keeper);
  scene_.add_pin({0.25f, -1.5f}, {}, 0);
  auto session = kept_when(keeper, [](const Session& kept) { return !kept.marks.pins.empty(); });
  EXPECT_TRUE(session->running);
  keeper.note_pause();
  kept_when(keeper, [](const Session& kept) { return !kept.running; });
}

// Training goes on between the frame that asks and the engine's answer.
TEST_F(KeptSessionTest, TheStepIsThatOfTheFile) {
  SessionKeeper keeper(keeping());
  frame_of(keeper);
  time_s_ = 5;
  const std::string file = std::get<KeepRun>(keeper.advance(window()).commands.at(0)).path;
  std::ofstream(file) << "a run";
  view().position.step = 95;
  view().kept.step = 93;
  attempt(view(), file, true);
  kept_when(keeper, [](const Session& kept) { return kept.step == 93; });
}

TEST_F(KeptSessionTest, AMarkBeforeTheFirstWeightsBringsThemForward) {
  SessionKeeper keeper(keeping());
  frame_of(keeper);
  scene_.add_pin({0.25f, -1.5f}, {}, 0);
  EXPECT_NE(frame_of(keeper), "");
  kept_when(keeper, [](const Session& kept) { return kept.marks.pins.size() == 1; });
}

TEST_F(KeptSessionTest, APinThatFollowsItsInputIsNotWrittenAgain) {
  SessionKeeper keeper(keeping());
  scene_.add_pin({0.25f, -1.5f}, PointRef{SplitName::test, 12}, 0);
  time_s_ = 5;
  const Session before = session_of(snapshot_, view(), scene_, latent_, selection_, sizes_);
  scene_.move_sources({{PointRef{SplitName::test, 12}, {1, 1}}});
  Session after = session_of(snapshot_, view(), scene_, latent_, selection_, sizes_);
  EXPECT_NE(after.marks, before.marks);
  EXPECT_TRUE(same_marks(before, after));
  after.marks.pins[0].name = "mine";
  EXPECT_FALSE(same_marks(before, after));
}

TEST_F(KeptSessionTest, ASecondWindowKeepsOneOfItsOwn) {
  SessionKeeper first(keeping());
  frame_of(first);
  time_s_ = 5;
  kept_when(first, [](const Session&) { return true; });
  const std::string path = newest_session();
  EXPECT_EQ(SessionLock::take(path), nullptr);
  AppShell second({.remembers = true, .keeps_session = true, .wake = {}});
  EXPECT_FALSE(second.begin("", shell_frame()));
  const auto told = second.take_requests().notices;
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].text.find("Another window"), 0U);

  SessionKeeper other(keeping());
  EXPECT_EQ(other.open(path, window()).notices.size(), 1U);  // a copy
  EXPECT_TRUE(other.opening());
  attempt(view(), read_session(path)->weights, true);
  other.advance(window());
  EXPECT_FALSE(other.opening());
  time_s_ = 30;
  const std::string run = frame_of(other);
  EXPECT_NE(run, "");
  EXPECT_NE(fs::path(run).stem().stem(), fs::path(path).stem());
}

TEST_F(KeptSessionTest, OtherDataBeginAnotherSession) {
  SessionKeeper keeper(keeping());
  frame_of(keeper);
  time_s_ = 5;
  kept_when(keeper, [](const Session&) { return true; });
  const std::string former = newest_session();
  view().position.step = 77;
  // Before other data come, what it has learned is written.
  const auto last = keeper.keep(window()).commands;
  ASSERT_EQ(last.size(), 1U);
  const std::string run = std::get<KeepRun>(last[0]).path;
  std::ofstream(run) << "a run";
  view().kept.step = 77;
  attempt(view(), run, true);
  snapshot_.data = fake_data(48, 32, {28, 28, 1});
  view().position.step = 3;
  scene_.add_pin({0.25f, -1.5f}, {}, 0);
  frame_of(keeper);
  time_s_ = 20;
  frame_of(keeper);
  kept_when(keeper, [](const Session& kept) { return kept.marks.pins.size() == 1; });
  EXPECT_NE(newest_session(), former);
  EXPECT_EQ(read_session(former)->step, 77);
  EXPECT_TRUE(read_session(former)->marks.pins.empty());
}

// The data of a session were changed in place: the engine begins a new run with its weights.
TEST_F(KeptSessionTest, ARunOfOtherDataLeavesTheFormerSessionAsItIs) {
  std::string former, file;
  {
    SessionKeeper writer(keeping());
    frame_of(writer);
    view().position.step = 236;
    scene_.add_pin({0.25f, -1.5f}, PointRef{SplitName::test, 12}, 0);
    scene_.add_path({{0, 0}, {}}, {{1, 1}, PointRef{SplitName::train, 3}}, 0);
    selection_.choose(SplitName::train, {2, 7}, SelectMode::replace);
    file = frame_of(writer);
    kept_when(writer, [](const Session& kept) { return kept.marks.paths.size() == 1; });
    former = newest_session();
  }
  const auto text_of = [](const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  };
  const std::string before = text_of(former);
  view().position.step = 0;
  snapshot_.data = fake_data(33, 32, {28, 28, 1});
  scene_.set_model(view().spec, snapshot_.data);
  SessionKeeper keeper(keeping());
  keeper.open(former, window());
  view().opened = FileLosses{kNotMeasured, -1, 236, "fake", true};
  attempt(view(), file, true);
  const auto told = keeper.advance(window());
  EXPECT_EQ(told.restored, SessionKeeper::Restored::other_data);
  ASSERT_EQ(told.notices.size(), 2U);
  EXPECT_THAT(told.notices[0].text, testing::HasSubstr("a session of its own"));
  EXPECT_THAT(told.notices[1].text, testing::HasSubstr("without the inputs"));
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_EQ(scene_.pins()[0].z, (std::vector<float>{0.25f, -1.5f}));
  EXPECT_FALSE(scene_.pins()[0].source);
  EXPECT_TRUE(scene_.marks().sources().empty());
  EXPECT_TRUE(selection_.rows(SplitName::train).empty());
  EXPECT_NE(SessionLock::take(former), nullptr);

  frame_of(keeper);
  view().position.step = 50;
  time_s_ += 10;
  const std::string run = frame_of(keeper);
  ASSERT_NE(run, "");
  EXPECT_NE(fs::path(run).stem().stem(), fs::path(former).stem());
  kept_when(keeper, [](const Session& kept) { return kept.step == 50; });
  EXPECT_NE(newest_session(), former);
  EXPECT_EQ(text_of(former), before);
  EXPECT_TRUE(fs::exists(file));
  const auto list = keeper.take_list();
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 1U);  // beside the window's own
  EXPECT_EQ(list->front().path, former);
}

// A crash must not lose the new place.
TEST_F(KeptSessionTest, TheNewPlaceOfDataIsWrittenAtOnce) {
  std::string path;
  {
    SessionKeeper writer(keeping());
    frame_of(writer);
    time_s_ = 5;
    kept_when(writer, [](const Session&) { return true; });
    path = newest_session();
  }
  const std::string weights = read_session(path)->weights;
  snapshot_.data = nullptr;
  SessionKeeper keeper(keeping());
  keeper.open(path, window());
  attempt(view(), weights, false);
  frame_of(keeper);
  auto data = std::make_shared<Dataset>(*fake_data(32, 32, {28, 28, 1}));
  data->source = "/new/place";
  snapshot_.data = data;
  time_s_ += 100;
  EXPECT_EQ(frame_of(keeper), "");  // nothing takes the session's place meanwhile
  attempt(view(), weights, true);
  const auto kept =
      kept_when(keeper, [](const Session& now) { return now.plan.data.source == "/new/place"; });
  EXPECT_EQ(kept->weights, weights);
  EXPECT_EQ(newest_session(), path);
  EXPECT_EQ(files_of(".json").size(), 1U);
}

TEST_F(KeptSessionTest, TheOldestGoBeyondTen) {
  const fs::path folder = state_folder() / "sessions";
  fs::create_directories(folder);
  for (int i = 0; i < 12; ++i) {
    const fs::path path = folder / ("older" + std::to_string(i) + ".json");
    std::ofstream(path) << "{\"zscape_session\": 3, \"plan\": {\"data\": \"mnist\"}, "
                        << "\"kept\": {\"step\": " << i << "}}";
    std::ofstream(fs::path(path).replace_extension(".1.safetensors")) << "a run";
    fs::last_write_time(path, fs::last_write_time(path) - std::chrono::hours(20 - i));
  }
  std::ofstream(folder / "killed.7.safetensors") << "a run";  // before its session was written
  std::ofstream(folder / "living.7.safetensors") << "a run";
  const auto living = SessionLock::take((folder / "living.json").string());
  const auto held = SessionLock::take((folder / "older0.json").string());
  prune_sessions();
  EXPECT_EQ(files_of(".json").size(), 11U);
  EXPECT_TRUE(fs::exists(folder / "older0.json"));  // a window has it
  EXPECT_FALSE(fs::exists(folder / "older1.json"));
  EXPECT_FALSE(fs::exists(folder / "older1.1.safetensors"));
  EXPECT_TRUE(fs::exists(folder / "older2.1.safetensors"));
  EXPECT_FALSE(fs::exists(folder / "killed.7.safetensors"));
  EXPECT_TRUE(fs::exists(folder / "living.7.safetensors"));
  const auto list = kept_sessions();
  ASSERT_EQ(list.size(), 11U);
  EXPECT_EQ(list[0].data, "mnist");
  EXPECT_EQ(list[0].step, 11);
  EXPECT_EQ(newest_session(), (folder / "older11.json").string());
}

TEST_F(KeptSessionTest, ClosingKeepsTheSessionBeforeTheWindowGoes) {
  AppShell shell({.remembers = true, .keeps_session = true, .wake = {}});
  step(shell, {key(GLFW_KEY_Q, GLFW_MOD_CONTROL)});
  auto requests = shell.take_requests();
  EXPECT_FALSE(requests.quit);
  ASSERT_EQ(requests.commands.size(), 1U);
  const std::string weights = std::get<KeepRun>(requests.commands[0]).path;
  std::ofstream(weights) << "weights";
  attempt(view(), weights, true);
  bool quits = false;
  for (int i = 0; i < 5000 && !quits; ++i) {
    step(shell);
    quits = shell.take_requests().quit;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_TRUE(quits);
  const auto session = read_session(newest_session());
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_TRUE(session->closed);
  EXPECT_EQ(session->weights, weights);
}

// With the answer of the engine still to come.
TEST_F(KeptSessionTest, WhatGivesWayIsWrittenThoughTheWindowCloses) {
  const std::string other = (folder_ / "other.json").string();
  {
    SessionKeeper keeper{{}};
    save(keeper, other);
  }
  {
    SessionKeeper keeper(keeping());
    keeper.advance(window());
    const auto opened = keeper.open(other, window());
    ASSERT_FALSE(opened.commands.empty());
    const std::string file = std::get<KeepRun>(opened.commands[0]).path;
    EXPECT_TRUE(keeper.close(window()));
    EXPECT_FALSE(keeper.advance(window()).closed);
    std::ofstream(file) << "a run";
    attempt(view(), file, true);
    EXPECT_EQ(keeper.advance(window()).closed, true);
  }
  ASSERT_EQ(files_of(".json").size(), 1U);
  const auto session = read_session(files_of(".json")[0]);
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_TRUE(session->closed);
}

}  // namespace
}  // namespace zscape
