#include "app/gui/script.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/gui/event_log.h"
#include "app/gui/script_line.h"

namespace zscape {
namespace {

using ::testing::HasSubstr;

// A window that a script plays in: 60 frames a second, events noted as they are handed over.
class Stage {
 public:
  explicit Stage(const std::string& text) : script_(*Script::parse(text, "test.jsonl")) {
    auto data = std::make_shared<Dataset>();
    data->shape = {28, 28, 1};
    for (int label = 0; label < 10; ++label) data->class_names.push_back(std::to_string(label));
    snapshot.data = data;
    ModelView model;
    model.spec = reference_spec(ModelKind::vae, *data, 2);
    model.state = RunState::paused;
    snapshot.models.push_back(model);
    view = {{100, 50}, {600, 400}, {0, 0}, 60};
  }

  ScriptActions frame() {
    time_s += 1.0 / 60;
    ScriptActions actions = script_.advance({snapshot, ModelId{}, view, widgets, input, time_s});
    for (const auto& queued : input.take_frame()) events.push_back(queued.event);
    return actions;
  }

  // Everything asked for until the script ends or so many frames have passed.
  ScriptActions play(int frames = 1000) {
    ScriptActions all;
    while (!script_.done() && frames-- > 0) {
      ScriptActions now = frame();
      all.commands.insert(all.commands.end(), now.commands.begin(), now.commands.end());
      if (now.screenshot) all.screenshot = now.screenshot;
      if (now.error) all.error = now.error;
      all.quit |= now.quit;
    }
    return all;
  }

  bool done() const { return script_.done(); }
  ModelView& model() { return snapshot.models[0]; }

  template <class Event>
  std::vector<Event> of_type() const {
    std::vector<Event> found;
    for (const InputEvent& event : events) {
      if (const auto* match = std::get_if<Event>(&event)) found.push_back(*match);
    }
    return found;
  }

  Snapshot snapshot;
  LatentView view;
  WidgetMap widgets;
  InputQueue input;
  std::vector<InputEvent> events;
  double time_s = 0;

 private:
  Script script_;
};

TEST(Script, ClickGoesThroughThePointer) {
  Stage stage(R"({"do":"click","z":[1,-0.5]})");
  stage.play();
  const auto buttons = stage.of_type<ButtonChanged>();
  ASSERT_EQ(buttons.size(), 2u);
  EXPECT_TRUE(buttons[0].down);
  EXPECT_FALSE(buttons[1].down);
  const Vec2 at = stage.of_type<PointerMoved>().back().position;
  EXPECT_FLOAT_EQ(at.x, 100 + 300 + 60);
  EXPECT_FLOAT_EQ(at.y, 50 + 200 + 30);
}

TEST(Script, DragMovesManyTimesWithTheButtonHeld) {
  Stage stage(R"({"do":"drag","from":[-1,0],"to":[2,1]})");
  stage.play();
  int held_moves = 0;
  bool down = false;
  Vec2 last;
  for (const InputEvent& event : stage.events) {
    if (const auto* button = std::get_if<ButtonChanged>(&event)) down = button->down;
    if (const auto* move = std::get_if<PointerMoved>(&event)) {
      held_moves += down;
      last = move->position;
    }
  }
  EXPECT_GE(held_moves, 12);
  EXPECT_FALSE(down);
  EXPECT_FLOAT_EQ(last.x, stage.view.to_screen({2, 1}).x);
}

TEST(Script, DragKeepsItsWayThoughTheViewMoves) {
  Stage stage(R"({"do":"drag","from":[0,0],"to":[1,0]})");
  const Vec2 to = stage.view.to_screen({1, 0});
  for (int frame = 0; frame < 200 && !stage.done(); ++frame) {
    stage.frame();
    stage.view.center.x -= 0.01f;  // as panning does
  }
  EXPECT_FLOAT_EQ(stage.of_type<PointerMoved>().back().position.x, to.x);
}

TEST(Script, OneEventAFrame) {
  Stage stage("{\"do\":\"hover\",\"z\":[1,1]}\n{\"do\":\"key\",\"name\":\"P\"}");
  while (!stage.done()) {
    const std::size_t before = stage.events.size();
    stage.frame();
    EXPECT_LE(stage.events.size(), before + 1);
  }
  const auto keys = stage.of_type<KeyChanged>();
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].key, 80);
}

TEST(Script, WidgetsAreFoundByName) {
  Stage stage(R"({"do":"click_widget","name":"lambda","at":0.25})");
  stage.frame();
  EXPECT_FALSE(stage.done());  // waits until it is on the screen
  stage.widgets.note("lambda", {{200, 300}, {100, 20}});
  stage.play();
  const Vec2 at = stage.of_type<PointerMoved>().back().position;
  EXPECT_FLOAT_EQ(at.x, 225);
  EXPECT_FLOAT_EQ(at.y, 310);
}

TEST(Script, MissingWidgetEndsItWithTheLine) {
  Stage stage("\n{\"do\":\"click_widget\",\"name\":\"nothing\"}\n{\"do\":\"quit\"}");
  const auto actions = stage.play();
  ASSERT_TRUE(actions.error);
  EXPECT_THAT(*actions.error, HasSubstr("test.jsonl:2:"));
  EXPECT_FALSE(actions.quit);
  EXPECT_TRUE(stage.done());
}

TEST(Script, SetPostsWhatItNames) {
  Stage stage(R"({"do":"set","lambda":20,"batch":64})");
  const auto actions = stage.play();
  ASSERT_EQ(actions.commands.size(), 2u);
  EXPECT_EQ(std::get<SetKlWeight>(actions.commands[0]).kl_weight, 20);
  const auto& batch = std::get<SetParameter>(actions.commands[1]);
  EXPECT_EQ(batch.key, "batch");
  EXPECT_EQ(batch.text, "64");
}

TEST(Script, ModelTakesItsClassesFromTheData) {
  Stage stage(R"({"do":"model","kind":"cvae","hidden":[300,100]})");
  const auto actions = stage.play();
  ASSERT_EQ(actions.commands.size(), 1u);
  const ModelSpec& spec = std::get<ReplaceModel>(actions.commands[0]).spec;
  EXPECT_EQ(spec.classes, 10);
  EXPECT_EQ(spec.latent, 2);
  EXPECT_EQ(spec.hidden, (std::vector<int>{300, 100}));
  EXPECT_TRUE(validate(spec));
}

TEST(Script, KnowsEveryKindAndEveryParameterOfAModel) {
  for (const char* kind : {"ae", "dae", "mae", "vae", "cvae", "pca"}) {
    Stage stage(fmt::format(R"({{"do":"model","kind":"{}"}})", kind));
    const auto actions = stage.play();
    ASSERT_EQ(actions.commands.size(), 1u);
    EXPECT_EQ(name_of(std::get<ReplaceModel>(actions.commands[0]).spec.kind), kind);
  }
  Stage stage(
      R"({"do":"model","kind":"dae","noise":"gaussian:0.3","network":"conv","binarise":"dynamic"})");
  const auto actions = stage.play();
  const ModelSpec& spec = std::get<ReplaceModel>(actions.commands.at(0)).spec;
  EXPECT_EQ(spec.noise, (Noise{Noise::Kind::gaussian, 0.3}));
  EXPECT_EQ(spec.network, Network::conv);
  EXPECT_EQ(spec.binarise, Binarise::dynamic);
}

TEST(Script, WaitsForAnEpochOfTheNewRun) {
  Stage stage("{\"do\":\"reset\"}\n{\"do\":\"wait\",\"epoch\":2}\n{\"do\":\"quit\"}");
  stage.snapshot.revision = 5;
  stage.model().position.epoch = 9;  // of the run before: the reset has not come through yet
  for (int frame = 0; frame < 10; ++frame) stage.frame();
  EXPECT_FALSE(stage.done());
  stage.model().position.epoch = 0;
  stage.snapshot.revision = 8;
  for (int frame = 0; frame < 100; ++frame) stage.frame();
  EXPECT_FALSE(stage.done());
  stage.model().position.epoch = 2;
  EXPECT_TRUE(stage.play(5).quit);
}

TEST(Script, KeysHaveModifiersAndSigns) {
  const auto key = [](const std::string& name) {
    const auto parsed = parse_script_action("{\"do\":\"key\",\"name\":\"" + name + "\"}");
    return parsed ? std::get<script_action::Key>(*parsed) : script_action::Key{};
  };
  EXPECT_EQ(key("Ctrl+S").key, GLFW_KEY_S);
  EXPECT_EQ(key("Ctrl+S").mods, GLFW_MOD_CONTROL);
  EXPECT_EQ(key("Ctrl+S").codepoint, 0U);  // types nothing
  EXPECT_EQ(key("Ctrl+Shift+S").mods, GLFW_MOD_CONTROL | GLFW_MOD_SHIFT);
  EXPECT_EQ(key("F12").key, GLFW_KEY_F12);
  EXPECT_EQ(key(".").codepoint, unsigned{'.'});
  EXPECT_EQ(key("?").codepoint, unsigned{'?'});
  EXPECT_EQ(key("F13").key, 0);
  EXPECT_EQ(key("Ctrl+").key, 0);
}

TEST(Script, DropsAFileOnTheWindow) {
  const auto parsed = parse_script_action("{\"do\":\"drop\",\"file\":\"a.npy\"}");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<script_action::Drop>(*parsed).file, "a.npy");
  EXPECT_FALSE(parse_script_action("{\"do\":\"drop\"}"));
}

TEST(Script, WaitsUntilTheWorkerIsIdle) {
  Stage stage("{\"do\":\"wait\",\"idle\":true}");
  stage.snapshot.activity = Activity{1, "encoding", 0.5};
  for (int frame = 0; frame < 100; ++frame) stage.frame();
  EXPECT_FALSE(stage.done());
  stage.snapshot.activity.reset();
  stage.play(60);
  EXPECT_TRUE(stage.done());
}

TEST(Script, PausedMeansPausedBeforeItIsIdle) {
  Stage stage("{\"do\":\"pause\"}\n{\"do\":\"wait\",\"idle\":true}");
  stage.model().state = RunState::running;  // in the middle of a long step
  for (int frame = 0; frame < 600; ++frame) stage.frame();
  EXPECT_FALSE(stage.done());
  stage.model().state = RunState::paused;
  stage.play(60);
  EXPECT_TRUE(stage.done());
}

TEST(Script, APlaceThatNoPointerReachesIsAnError) {
  Stage stage(R"({"do":"drag","from":[0,0],"to":[9e5,0]})");
  const auto actions = stage.play(100);
  ASSERT_TRUE(actions.error);
  EXPECT_THAT(*actions.error, HasSubstr("test.jsonl:1: this place lies too far outside"));
  EXPECT_TRUE(stage.of_type<ButtonChanged>().empty());
}

TEST(Script, WaitThatNeverEndsIsAnError) {
  Stage stage(R"({"do":"wait","step":10,"timeout":1})");
  const auto actions = stage.play(100);
  ASSERT_TRUE(actions.error);
  EXPECT_THAT(*actions.error, HasSubstr("test.jsonl:1:"));
}

TEST(Script, ScreenshotIsTakenAfterThePointerCameToRest) {
  Stage stage("{\"do\":\"hover\",\"z\":[0,0]}\n{\"do\":\"screenshot\",\"file\":\"a.png\"}");
  std::size_t events = 0;
  int quiet = 0;
  while (true) {
    const auto actions = stage.frame();
    quiet = stage.events.size() == events ? quiet + 1 : 0;
    events = stage.events.size();
    if (actions.screenshot) {
      EXPECT_EQ(*actions.screenshot, "a.png");
      break;
    }
    ASSERT_FALSE(stage.done());
  }
  EXPECT_GE(quiet, 2);
}

TEST(Script, TypesTextAsCharacters) {
  Stage stage(R"({"do":"type","text":"4λ"})");
  stage.play();
  const auto typed = stage.of_type<CharTyped>();
  ASSERT_EQ(typed.size(), 2u);
  EXPECT_EQ(typed[1].codepoint, 0x3BBu);
}

TEST(Script, SkipsEmptyLinesAndComments) {
  const auto script = Script::parse("\n# a comment\n  \n", "x");
  ASSERT_TRUE(script);
  EXPECT_TRUE(script->done());
}

TEST(Script, NamesTheLineThatIsWrong) {
  const auto error_of = [](const std::string& line) {
    const auto script = Script::parse("{\"do\":\"start\"}\n" + line, "bad.jsonl");
    return script ? std::string("accepted") : script.error().message;
  };
  for (const char* line : {
           "{\"do\":\"jump\"}",
           "{\"do\":\"wait\"}",
           "{\"do\":\"wait\",\"epoch\":1,\"step\":2}",
           "{\"do\":\"wait\",\"epoch\":-1}",
           "{\"do\":\"wait\",\"epochs\":1}",
           "{\"do\":\"click\",\"z\":[1]}",
           "{\"do\":\"click\",\"z\":\"here\"}",
           "{\"do\":\"click\",\"z\":[1,-5.7e36]}",
           "{\"do\":\"drag\",\"from\":[0,0],\"to\":[1e39,0]}",
           "{\"do\":\"drag\",\"from\":[0,0]}",
           "{\"do\":\"wheel\",\"z\":[0,0]}",
           "{\"do\":\"key\",\"name\":\"Hyper\"}",
           "{\"do\":\"set\"}",
           "{\"do\":\"set\",\"lambda\":-1}",
           "{\"do\":\"set\",\"lambda\":\"1\"}",
           "{\"do\":\"model\",\"kind\":\"gan\"}",
           "{\"do\":\"model\",\"hidden\":[]}",
           "{\"do\":\"model\",\"hidden\":400}",
           "{\"do\":\"model\",\"batch\":400}",
           "{\"do\":\"set\",\"batch\":1.5}",
           "{\"do\":\"screenshot\"}",
           "{\"do\":\"start\",\"now\":true}",
           "{\"do\":3}",
           "[1,2]",
           "{\"do\":\"start\"",
       }) {
    EXPECT_THAT(error_of(line), HasSubstr("bad.jsonl:2: ")) << line;
  }
}

TEST(Script, KnowsEveryKindAndNamesThemAll) {
  for (const KindTraits& kind : kinds()) {
    const std::string line = "{\"do\":\"model\",\"kind\":\"" + std::string(kind.name) + "\"}";
    EXPECT_TRUE(Script::parse(line, "good.jsonl")) << line;
  }
  const auto unknown = Script::parse("{\"do\":\"model\",\"kind\":\"gan\"}", "bad.jsonl");
  ASSERT_FALSE(unknown);
  for (const KindTraits& kind : kinds()) {
    EXPECT_THAT(unknown.error().message, HasSubstr(std::string(kind.name))) << kind.name;
  }
}

TEST(Script, TourIsWellFormed) {
  const auto tour = Script::load(ZSCAPE_TOUR);
  EXPECT_TRUE(tour) << tour.error().message;
}

TEST(Script, MissingFileIsNamed) {
  const auto script = Script::load("/nowhere/at/all.jsonl");
  ASSERT_FALSE(script);
  EXPECT_THAT(script.error().message, HasSubstr("/nowhere/at/all.jsonl"));
}

TEST(Script, ATextWithoutEndIsRefused) {
  const auto script = Script::load("/dev/zero");
  ASSERT_FALSE(script);
  EXPECT_THAT(script.error().message, HasSubstr("more than the 64 MB"));
}

class EventLogTest : public ::testing::Test {
 protected:
  ~EventLogTest() override { std::filesystem::remove(path_); }

  std::vector<nlohmann::json> lines() const {
    std::ifstream file(path_);
    std::vector<nlohmann::json> result;
    for (std::string line; std::getline(file, line);) result.push_back(nlohmann::json::parse(line));
    return result;
  }

  const std::string path_ =
      (std::filesystem::temp_directory_path() /
       (std::string("zscape_") + ::testing::UnitTest::GetInstance()->current_test_info()->name() +
        ".jsonl"))
          .string();
};

TEST_F(EventLogTest, WritesEachEventAtOnce) {
  auto log = EventLog::open(path_);
  ASSERT_TRUE(log);
  log->write("pin", 1.5, 40, {{"z", std::vector<double>{0.5, -1}}, {"name", std::string("a\"b")}});
  auto first = lines();  // the log is still open
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0], nlohmann::json::parse(
                          R"({"event":"pin","time":1.5,"step":40,"z":[0.5,-1.0],"name":"a\"b"})"));
  log->write_command(SetKlWeight{ModelId{}, 20}, 2, 41);
  EXPECT_EQ(lines().at(1)["command"], "set_kl_weight");
  EXPECT_EQ(lines().at(1)["lambda"], 20);
}

TEST_F(EventLogTest, WritesNullForWhatIsNoNumber) {
  auto log = EventLog::open(path_);
  ASSERT_TRUE(log);
  log->write("probe", 0, 0,
             {{"kl", std::nan("")},
              {"z", std::vector<double>{std::numeric_limits<double>::infinity(), 1}},
              {"path", std::string("bad \xff utf8")}});
  EXPECT_TRUE(lines().at(0)["kl"].is_null());
  EXPECT_TRUE(lines().at(0)["z"][0].is_null());
}

TEST_F(EventLogTest, NamesAFileThatCannotBeWritten) {
  const auto log = EventLog::open("/nowhere/log.jsonl");
  ASSERT_FALSE(log);
  EXPECT_THAT(log.error().message, HasSubstr("/nowhere/log.jsonl"));
}

TEST(EventLog, WithoutAFileWritesNothing) {
  EventLog().write("pin", 0, 0);
}

}  // namespace
}  // namespace zscape
