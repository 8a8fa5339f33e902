// Keys, settings and borders: what the window owes its person beside panels.

#include "app/gui/desk.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "app/files/folders.h"
#include "app/gui/panels/settings_panel.h"
#include "panels_fixture.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using Events = std::vector<InputQueue::Queued>;

InputQueue::Queued key(int key, int mods = 0) {
  return {KeyChanged{key, 0, true, mods}, 0};
}

TEST(Keys, MeanWhatTheTableSays) {
  const auto actions = [](const Events& events) { return read_keys(events, false).actions; };
  EXPECT_EQ(actions({key(GLFW_KEY_SPACE)}), std::vector{KeyAction::play_pause});
  EXPECT_EQ(actions({{CharTyped{'.'}, 0}}), std::vector{KeyAction::step});
  EXPECT_EQ(actions({{CharTyped{'?'}, 0}}), std::vector{KeyAction::help});
  EXPECT_EQ(actions({key(GLFW_KEY_TAB)}), std::vector{KeyAction::hide_panels});
  EXPECT_EQ(actions({key(GLFW_KEY_S, GLFW_MOD_CONTROL)}), std::vector{KeyAction::save_model});
  EXPECT_EQ(actions({key(GLFW_KEY_S, GLFW_MOD_CONTROL | GLFW_MOD_SHIFT)}),
            std::vector{KeyAction::save_session});
  EXPECT_TRUE(actions({key(GLFW_KEY_S)}).empty());
  EXPECT_TRUE(actions({key(GLFW_KEY_P, GLFW_MOD_CONTROL)}).empty());
  EXPECT_TRUE(actions({{KeyChanged{GLFW_KEY_SPACE, 0, false, 0}, 0}}).empty());  // let go
  EXPECT_TRUE(read_keys(Events{key(GLFW_KEY_P, GLFW_MOD_SHIFT)}, false).latent.toggle_path_tool);
  EXPECT_TRUE(read_keys(Events{key(GLFW_KEY_HOME)}, false).latent.fit);
}

TEST(Keys, AreTextWhileTextIsTyped) {
  EXPECT_TRUE(read_keys(Events{key(GLFW_KEY_SPACE), {CharTyped{'?'}, 0}}, true).actions.empty());
  EXPECT_FALSE(read_keys(Events{key(GLFW_KEY_P)}, true).latent.toggle_path_tool);
  EXPECT_EQ(read_keys(Events{key(GLFW_KEY_S, GLFW_MOD_CONTROL)}, true).actions.size(), 1U);
  EXPECT_EQ(read_keys(Events{key(GLFW_KEY_F1)}, true).actions.size(), 1U);
}

TEST(Keys, EscapeNeverQuits) {
  const KeyPresses presses = read_keys(Events{key(GLFW_KEY_ESCAPE)}, false);
  EXPECT_TRUE(presses.actions.empty());
  EXPECT_TRUE(presses.latent.escape);
}

TEST(Keys, NoTwoLinesOfTheTableTakeTheSameKeyAndEachIsInTheHelp) {
  std::set<std::tuple<int, unsigned, int>> seen;
  std::size_t told = 0;
  for (const KeyBinding& binding : key_bindings()) {
    EXPECT_TRUE(seen.insert({binding.key, binding.codepoint, binding.mods}).second)
        << binding.shown;
    EXPECT_NE(binding.key == 0, binding.codepoint == 0);
    told += binding.does != nullptr;
  }
  const auto lines = help_lines();
  EXPECT_EQ(std::ranges::count(lines, std::string("Keys"),
                               [](const HelpLine& line) { return std::string(line.group); }),
            static_cast<std::ptrdiff_t>(told));
}

const Desk::Options kPerson{.remembers = true, .keeps_session = false, .wake = {}};

// A home of its own for each test.
class DeskTest : public PanelsTest {
 protected:
  DeskTest() {
    folder_ = fs::temp_directory_path() / ("zscape-desk-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    setenv("XDG_CONFIG_HOME", (folder_ / "config").c_str(), 1);
    setenv("XDG_STATE_HOME", (folder_ / "state").c_str(), 1);
  }
  ~DeskTest() override {
    fs::remove_all(folder_);
    apply_colors({});
  }

  // One frame with this input; what the panels were left of it is returned.
  Events step(Desk& desk, Events events = {}, StatusWishes status = {}) {
    Events left = events;
    desk.filter(left);
    const Vec2 window{1024, 700};
    const Layout layout = layout_for(window, 1, desk.sizes());
    frame({{0, 0}, window}, [&](const PanelFrame& panel) {
      const DeskFrame now{snapshot_, kModel,  scene_,   latent_,     controls_,
                          window,    theme_, widgets_, panel.time_s};
      desk.handle(left, false, now);
      desk.draw_borders(layout, now);
      desk.draw(layout, status, now);
    });
    return left;
  }

  void click_at(Desk& desk, Vec2 place) {
    move(place);
    step(desk);
    press(true);
    step(desk);
    press(false);
    step(desk);
  }

  fs::path folder_;
  Pictures pictures_;
  Scene scene_{pictures_};
  LatentPanelState latent_;
};

TEST_F(DeskTest, KeysBecomeCommands) {
  Desk desk({});
  step(desk, {key(GLFW_KEY_SPACE)});
  auto wishes = desk.take_wishes();
  ASSERT_EQ(wishes.commands.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<Start>(wishes.commands[0]));
  view().state = RunState::running;
  step(desk, {key(GLFW_KEY_SPACE), {CharTyped{'.'}, 0}});
  wishes = desk.take_wishes();
  ASSERT_EQ(wishes.commands.size(), 1U);  // no single step while it trains
  EXPECT_TRUE(std::holds_alternative<Pause>(wishes.commands[0]));
  controls_.path = "here.safetensors";
  step(desk, {key(GLFW_KEY_S, GLFW_MOD_CONTROL)});
  wishes = desk.take_wishes();
  ASSERT_EQ(wishes.commands.size(), 1U);
  EXPECT_EQ(std::get<SaveModel>(wishes.commands[0]).path, "here.safetensors");
  view().state = RunState::loading;
  step(desk, {key(GLFW_KEY_S, GLFW_MOD_CONTROL)});
  wishes = desk.take_wishes();
  EXPECT_TRUE(wishes.commands.empty());
  EXPECT_TRUE(wishes.notices.at(0).second);
}

TEST_F(DeskTest, TabHidesThePanelsAndIsKeptFromTextFields) {
  Desk desk({});
  step(desk, {key(GLFW_KEY_TAB)});
  EXPECT_TRUE(desk.sizes().panels_hidden);
  step(desk, {key(GLFW_KEY_TAB)});
  EXPECT_FALSE(desk.sizes().panels_hidden);
  EXPECT_TRUE(Desk::for_fields({key(GLFW_KEY_TAB)}, false).empty());
  EXPECT_EQ(Desk::for_fields({key(GLFW_KEY_TAB)}, true).size(), 1U);  // on to the next field
}

TEST_F(DeskTest, AScreenshotHasANameOfItsTime) {
  Desk desk({});
  step(desk, {key(GLFW_KEY_F12)});
  const auto path = desk.take_wishes().screenshot;
  ASSERT_TRUE(path);
  EXPECT_TRUE(fs::path(*path).filename().string().starts_with("zscape-2"));
  EXPECT_TRUE(path->ends_with(".png"));
}

TEST_F(DeskTest, TheHelpIsClosedByAnyKeyWhichDoesNothingElse) {
  Desk desk({});
  step(desk, {{CharTyped{'?'}, 0}});
  EXPECT_TRUE(widgets_.find("help"));
  EXPECT_TRUE(step(desk, {key(GLFW_KEY_SPACE)}).empty());
  EXPECT_FALSE(widgets_.find("help"));
  EXPECT_TRUE(desk.take_wishes().commands.empty());
  step(desk, {key(GLFW_KEY_F1)});
  EXPECT_TRUE(widgets_.find("help"));
  EXPECT_TRUE(step(desk, {{ButtonChanged{0, true}, 0}}).empty());
  EXPECT_FALSE(widgets_.find("help"));
}

TEST_F(DeskTest, SettingsAreRememberedForTheNextWindow) {
  {
    Desk desk(kPerson);
    step(desk, {}, {.settings = true});
    step(desk);
    step(desk);
    click_at(desk, place_of("theme_light"));
    click_at(desk, place_of("text_130"));
    click_at(desk, place_of("motion_reduced"));
    click_at(desk, place_of("palette_tol-muted", 0.2f));
  }
  const Look look = Desk(kPerson).look();
  EXPECT_TRUE(look.light);
  EXPECT_EQ(look.text_percent, 130);
  EXPECT_TRUE(look.reduced_motion);
  EXPECT_EQ(look.classes, ClassPalette::tol_muted);
  EXPECT_EQ(Desk({}).look(), Look{});  // a scripted window
}

TEST_F(DeskTest, BrokenSettingsAreSetAsideAndSaidSo) {
  const fs::path path = config_folder() / "settings.json";
  fs::create_directories(path.parent_path());
  std::ofstream(path) << "{\"theme\": ";
  Desk desk(kPerson);
  EXPECT_EQ(desk.look(), Look{});
  EXPECT_TRUE(desk.take_wishes().notices.at(0).second);
  EXPECT_TRUE(fs::exists(path.string() + ".broken"));
  std::ofstream(path) << R"({"theme": 7, "text_percent": 99, "palette": "x", "hint_seen": true})";
  const auto read = read_settings(path.string());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->look, Look{});
  EXPECT_TRUE(read->hint_seen);
}

TEST_F(DeskTest, ABorderIsDraggedAndADoubleClickTakesItBack) {
  Desk desk({});
  step(desk);
  step(desk);
  const Vec2 at = place_of("border_curves");
  move(at);
  step(desk);
  press(true);
  step(desk);
  move({at.x, at.y - 40});
  step(desk);
  EXPECT_FLOAT_EQ(desk.sizes().curves.value_or(0), 176 + 40);
  press(false);
  step(desk);
  move(place_of("border_curves"));
  for (const bool down : {true, false, true, false}) {
    press(down);
    step(desk);
  }
  EXPECT_FALSE(desk.sizes().curves);
}

TEST_F(DeskTest, AClickOnABorderChangesNothing) {
  Desk desk({});
  step(desk);
  step(desk);
  click_at(desk, place_of("border_preview"));
  EXPECT_EQ(desk.sizes(), LayoutSizes{});
}

std::vector<Command> loads_and_opens(const std::vector<Command>& commands) {
  std::vector<Command> result;
  for (const Command& command : commands) {
    if (std::holds_alternative<LoadData>(command) || std::holds_alternative<OpenModel>(command)) {
      result.push_back(command);
    }
  }
  return result;
}

TEST_F(DeskTest, WhatIsDroppedIsTakenForWhatItIs) {
  Desk desk({});
  const auto drop = [&](const fs::path& path) {
    step(desk, {{FilesDropped{{path.string()}}, 0}});
    return desk.take_wishes();
  };
  const fs::path digits = folder_ / "digits";
  fs::create_directories(digits);
  auto wishes = drop(digits);
  ASSERT_EQ(loads_and_opens(wishes.commands).size(), 1U);
  EXPECT_EQ(std::get<LoadData>(wishes.commands.at(0)).source, digits.string());

  const fs::path picture = folder_ / "seven.png";
  std::ofstream(picture) << "x";
  wishes = drop(picture);
  EXPECT_TRUE(wishes.commands.empty());
  EXPECT_NE(wishes.notices.at(0).first.find("single picture"), std::string::npos);

  const fs::path text = folder_ / "note.txt";
  std::ofstream(text) << "hello";
  EXPECT_TRUE(drop(text).notices.at(0).second);
  EXPECT_TRUE(drop(folder_ / "gone").notices.at(0).second);
}

// What the engine would show once the weights are written or opened.
void attempt(ModelView& view, const std::string& path, bool is_done) {
  ++view.saved.number;
  view.saved.is_done = is_done;
  view.saved.path = path;
}

class SessionTest : public DeskTest {
 protected:
  SessionTest() {
    view().weights = std::make_shared<FakeModel>();
    scene_.set_model(view().spec, snapshot_.data);
  }

  SessionKeeper::Window window() { return {snapshot_, kModel, scene_, latent_, sizes_}; }

  // Writes a session to path, with the engine's part played here.
  void save(SessionKeeper& keeper, const std::string& path) {
    const auto begun = keeper.save(path, window());
    ASSERT_EQ(begun.commands.size(), 1U);
    const std::string weights = std::get<SaveModel>(begun.commands[0]).path;
    std::ofstream(weights) << "weights";
    EXPECT_FALSE(keeper.advance(window()).written);
    attempt(view(), weights, true);
    EXPECT_EQ(keeper.advance(window()).written, path);
  }

  LayoutSizes sizes_;
};

TEST_F(SessionTest, ComesBackAsItWas) {
  const std::string path = (folder_ / "work.json").string();
  view().state = RunState::running;
  view().settings = {};
  view().settings.kl_weight = 4;
  view().settings.batch_size = 64;
  view().next_seed = 7;
  latent_.auto_fit = false;
  latent_.view = {{0, 0}, {400, 300}, {0.5f, -1}, 100};
  latent_.split = SplitName::test;
  latent_.hidden.set(3);
  sizes_.curves = 222;
  scene_.add_pin({0.25f, -1.5f}, PointRef{SplitName::test, 12}, 0);
  scene_.add_path({{0, 0}, {}}, {{1, 1}, PointRef{SplitName::train, 3}}, 0);
  SessionKeeper writer;
  save(writer, path);

  const auto session = read_session(path);
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(session->weights, (folder_ / "work.safetensors").string());

  // Another window, in which the view is another one.
  scene_.remove_pin(scene_.pins()[0].id);
  latent_ = {};
  latent_.view = {{0, 0}, {800, 600}, {0, 0}, 10};
  sizes_ = {};
  view().saved = {};
  SessionKeeper reader;
  const auto opened = reader.open(path, window());
  EXPECT_EQ(loads_and_opens(opened.commands).size(), 2U);
  EXPECT_TRUE(reader.advance(window()).commands.empty());  // the model is not there yet
  attempt(view(), session->weights, true);
  const auto settings = reader.advance(window()).commands;
  ASSERT_EQ(settings.size(), 4U);
  EXPECT_EQ(std::get<SetKlWeight>(settings[0]).kl_weight, 4);
  EXPECT_EQ(std::get<SetBatchSize>(settings[2]).batch_size, 64);
  EXPECT_TRUE(std::holds_alternative<Start>(settings[3]));
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_EQ(scene_.pins()[0].z, (std::vector<float>{0.25f, -1.5f}));
  EXPECT_EQ(scene_.pins()[0].source, (PointRef{SplitName::test, 12}));
  EXPECT_EQ(scene_.paths().size(), 1U);
  EXPECT_EQ(latent_.split, SplitName::test);
  EXPECT_TRUE(latent_.hidden[3]);
  EXPECT_FALSE(latent_.auto_fit);
  EXPECT_EQ(latent_.view.center.x, 0.5f);
  EXPECT_FLOAT_EQ(latent_.view.pixels_per_unit, 200);  // the same part of the plane
  EXPECT_EQ(sizes_.curves, 222);
}

TEST_F(SessionTest, OfTheLastOneTheFormerWeightsGoOnceTheFileIsWritten) {
  SessionKeeper keeper;
  const fs::path folder = state_folder();
  fs::create_directories(folder);
  std::ofstream(folder / "session-1.safetensors") << "former";
  save(keeper, SessionKeeper::last_path());
  EXPECT_FALSE(fs::exists(folder / "session-1.safetensors"));
  EXPECT_TRUE(read_session(SessionKeeper::last_path()));
}

TEST_F(SessionTest, WhereTheWeightsCannotBeWrittenTheFormerSessionStays) {
  SessionKeeper keeper;
  const std::string path = (folder_ / "work.json").string();
  save(keeper, path);
  view().settings.kl_weight = 20;
  const auto begun = keeper.save(path, window());
  attempt(view(), std::get<SaveModel>(begun.commands.at(0)).path, false);
  EXPECT_FALSE(keeper.advance(window()).written);
  EXPECT_FALSE(keeper.saving());
  EXPECT_EQ(read_session(path)->kl_weight, 1);
}

TEST_F(SessionTest, ABrokenOneIsSetAsideAndNotLost) {
  const std::string path = (folder_ / "work.json").string();
  for (const char* text :
       {"{\"zscape_session\": 1", "{\"zscape_session\": 1}", "{\"zscape_session\": 99}"}) {
    std::ofstream(path) << text;
    SessionKeeper keeper;
    const auto result = keeper.open(path, window());
    EXPECT_FALSE(keeper.opening());
    EXPECT_TRUE(result.notices.at(0).second);
    EXPECT_FALSE(fs::exists(path)) << text;
  }
  EXPECT_TRUE(fs::exists(path + ".broken"));
  EXPECT_TRUE(fs::exists(path + ".broken3"));

  SessionKeeper writer;
  save(writer, path);
  fs::remove(folder_ / "work.safetensors");
  SessionKeeper keeper;
  const auto result = keeper.open(path, window());
  EXPECT_NE(result.notices.at(0).first.find("is gone"), std::string::npos);
}

TEST_F(SessionTest, OnlyWhatIsOursIsMoved) {
  const std::string path = (folder_ / "package.json").string();
  std::ofstream(path) << "{\"name\": ";
  SessionKeeper keeper;
  EXPECT_TRUE(keeper.open(path, window()).notices.at(0).second);
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(SessionTest, ClosingKeepsTheSessionBeforeTheWindowGoes) {
  Desk desk({.remembers = true, .keeps_session = true, .wake = {}});
  step(desk, {key(GLFW_KEY_Q, GLFW_MOD_CONTROL)});
  auto wishes = desk.take_wishes();
  EXPECT_FALSE(wishes.quit);
  const std::string weights = std::get<SaveModel>(wishes.commands.at(0)).path;
  std::ofstream(weights) << "weights";
  attempt(view(), weights, true);
  step(desk);
  EXPECT_TRUE(desk.take_wishes().quit);
  EXPECT_TRUE(fs::exists(SessionKeeper::last_path()));
}

TEST_F(SessionTest, ClosingAsksAboutWorkThatWouldBeLost) {
  Desk desk(kPerson);
  view().state = RunState::running;
  view().position.step = 900;
  step(desk, {key(GLFW_KEY_Q, GLFW_MOD_CONTROL)});
  EXPECT_TRUE(desk.take_wishes().quit);  // a moment's work

  for (int second = 0; second < 30; ++second) {
    time_s_ += 1;
    step(desk);
  }
  step(desk, {key(GLFW_KEY_Q, GLFW_MOD_CONTROL)});
  step(desk);
  step(desk);
  EXPECT_FALSE(desk.take_wishes().quit);
  click_at(desk, place_of("close_cancel"));
  step(desk);
  EXPECT_FALSE(widgets_.find("close_save"));

  step(desk, {key(GLFW_KEY_Q, GLFW_MOD_CONTROL)});
  step(desk);
  step(desk);
  click_at(desk, place_of("close_save"));
  auto wishes = desk.take_wishes();
  ASSERT_EQ(wishes.commands.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<SaveModel>(wishes.commands[0]));
  EXPECT_FALSE(wishes.quit);
  attempt(view(), controls_.path, true);
  step(desk);
  EXPECT_TRUE(desk.take_wishes().quit);
}

TEST_F(SessionTest, AScriptedWindowNeverAsks) {
  Desk desk({});
  view().state = RunState::running;
  view().position.step = 900;
  for (int second = 0; second < 30; ++second) {
    time_s_ += 1;
    step(desk);
  }
  step(desk, {key(GLFW_KEY_Q, GLFW_MOD_CONTROL)});
  EXPECT_TRUE(desk.take_wishes().quit);
}

TEST_F(DeskTest, ThePromptCompletesAndOpens) {
  fs::create_directories(folder_ / "digits-a");
  fs::create_directories(folder_ / "digits-b");
  const std::vector<PathPromptState::Entry> entries = {
      {"digits-a", true}, {"digits-b", true}, {"model.safetensors", false}};
  EXPECT_EQ(completed("/x/d", entries), "/x/digits-");
  EXPECT_EQ(completed("/x/m", entries), "/x/model.safetensors");
  EXPECT_EQ(completed("/x/q", entries), "/x/q");

  Desk desk({});  // without the desktop's chooser
  step(desk, {key(GLFW_KEY_O, GLFW_MOD_CONTROL)});
  for (int i = 0; i < 4; ++i) step(desk);
  ASSERT_TRUE(widgets_.find("prompt_path"));
  click_at(desk, place_of("prompt_cancel"));
  step(desk);
  EXPECT_FALSE(widgets_.find("prompt_path"));
}

TEST_F(DeskTest, RecentFilesAreRememberedOnceEachNewestFirst) {
  const std::string list = (folder_ / "recent.json").string();
  RecentFiles files(list);
  for (int i = 0; i < 12; ++i) files.add("/data/" + std::to_string(i));
  files.add("/data/9/");
  const RecentFiles again(list);
  ASSERT_EQ(again.files().size(), 8U);
  EXPECT_EQ(again.files()[0], "/data/9");
  EXPECT_EQ(again.files()[1], "/data/11");
  std::ofstream(list) << "{";
  EXPECT_TRUE(RecentFiles(list).files().empty());
}

}  // namespace
}  // namespace zscape
