// Sessions: written, brought back, set aside where they are broken, kept or asked about at the end.

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <gmock/gmock.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include "app/files/session_store.h"
#include "app/gui/view/latent/metadata_matches.h"
#include "app/gui/view/latent/comparison.h"
#include "engine/engine.h"
#include "engine/training/parameters.h"
#include "engine/training/plan_json.h"
#include "tests/session_fixture.h"

namespace zscape {
namespace {

using ::testing::ElementsAre;

TEST_F(SessionTest, ColoursAndFilterComeBackByTheNamesOfColumns) {
  const auto data_with = [](std::initializer_list<const char*> names) {
    auto data = std::make_shared<Dataset>(*fake_data(32, 32, {28, 28, 1}));
    for (Split* split : {&data->train, &data->test}) {
      for (const char* name : names) {
        MetadataColumn& column = split->metadata.emplace_back();
        column.name = name;
        if (column.name == "age") {
          column.numbers.assign(32, 4);
        } else {
          column.texts = std::make_shared<std::vector<std::string>>(
              std::vector<std::string>{"east", "north", "west"});
          column.places.assign(32, 1);
        }
      }
    }
    return data;
  };
  const std::string path = (folder_ / "work.json").string();
  const auto data = data_with({"age", "site"});
  snapshot_.data = data;
  latent_.color_by = {ColorBy::metadata, 0};
  latent_.metadata.data = data.get();
  latent_.metadata.filter.column = 1;
  latent_.metadata.filter.hidden.set(2);
  latent_.metadata.filter.hidden.set(missing_entry(data->train.metadata[1]));
  latent_.metadata.search = "nor";
  SessionKeeper writer{{}};
  save(writer, path);
  const auto session = read_session(path);
  ASSERT_TRUE(session) << session.error().message;

  // The same columns in another order, and one more text.
  const auto other = data_with({"site", "age"});
  for (Split* split : {&other->train, &other->test}) {
    split->metadata[0].texts = std::make_shared<std::vector<std::string>>(
        std::vector<std::string>{"centre", "east", "north", "west"});
  }
  LatentPanelState latent;
  restore_view(*session, scene_, latent, selection_, other.get());
  EXPECT_EQ(latent.color_by, (ColorChoice{ColorBy::metadata, 1}));
  EXPECT_EQ(latent.metadata.filter.column, 0);
  HiddenLabels hidden;
  hidden.set(3);
  hidden.set(missing_entry(other->train.metadata[0]));
  EXPECT_EQ(latent.metadata.filter.hidden, hidden);
  EXPECT_EQ(latent.metadata.search, "nor");

  // Data without them are shown whole.
  const auto plain = fake_data(32, 32, {28, 28, 1});
  restore_view(*session, scene_, latent, selection_, plain.get());
  EXPECT_EQ(latent.color_by, ColorChoice{});
  EXPECT_EQ(latent.metadata.filter, MetadataFilter{});
}

TEST_F(SessionTest, AChangedFilterIsAChangeOfTheSession) {
  const auto now = [this] {
    return session_of(snapshot_, view(), scene_, latent_, selection_, sizes_);
  };
  const Session before = now();
  latent_.color_by = {ColorBy::reconstruction_error};
  EXPECT_FALSE(same_marks(before, now()));
}

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
  sizes_.lower = 222;
  scene_.add_pin({0.25f, -1.5f}, PointRef{SplitName::test, 12}, 0);
  scene_.choose_axes({false, false, {1, 0, 2}});
  scene_.set_through({0.5f, 2});
  scene_.add_path({{0, 0}, {}}, {{1, 1}, PointRef{SplitName::train, 3}}, 0);
  scene_.edit([](MarkHistory& book) {
    book.rename_path(1, "from zero to one");
    book.set_mode(1, PathMode::spherical);
    book.insert_point(1, 1, {{0.5f, 0.25f}, {}});
    book.finish();
  });
  const Marks marks = scene_.marks().marks();
  latent_.layers.show(Layer::prior, false);
  latent_.layers.show(Layer::density);
  latent_.view.orbit = OrbitCamera{{}, 1, -1, 0.5f, 2, 60, -30};
  selection_.choose(SplitName::train, {2, 7, 9}, SelectMode::replace);
  selection_.toggle({SplitName::test, 4});
  SessionKeeper writer{{}};
  save(writer, path);

  const auto session = read_session(path);
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(session->weights, (folder_ / "work.safetensors").string());

  // Another window, in which the view is another one.
  scene_.remove_pin(scene_.pins()[0].id);
  scene_.choose_axes({false, false, {0, 1, 2}});
  scene_.set_through({});
  latent_ = {};
  latent_.view = {{0, 0}, {800, 600}, {0, 0}, 10};
  selection_.choose(SplitName::train, {1}, SelectMode::replace);
  sizes_ = {};
  view().kept = {};
  SessionKeeper reader{{}};
  const auto opened = reader.open(path, window());
  EXPECT_EQ(loads_and_opens(opened.commands).size(), 2U);
  EXPECT_TRUE(reader.advance(window()).commands.empty());  // the model is not there yet
  attempt(view(), session->weights, true);
  const auto commands = reader.advance(window()).commands;
  ASSERT_EQ(commands.size(), 1U);  // its settings came with the run
  EXPECT_TRUE(std::holds_alternative<Start>(commands[0]));
  EXPECT_EQ(session->plan.settings.kl_weight, 4);
  EXPECT_EQ(session->plan.settings.batch_size, 64);
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_EQ(scene_.pins()[0].z, (std::vector<float>{0.25f, -1.5f}));
  EXPECT_EQ(scene_.pins()[0].source, (PointRef{SplitName::test, 12}));
  EXPECT_EQ(scene_.marks().marks(), marks);  // names, modes and control points with them
  EXPECT_EQ(scene_.axes(), (Axes{1, 0}));
  EXPECT_EQ(scene_.through(), (std::vector<float>{0.5f, 2}));
  EXPECT_TRUE(scene_.through_by_hand());
  EXPECT_FALSE(latent_.layers.shown(Layer::prior));
  EXPECT_TRUE(latent_.layers.shown(Layer::density));
  EXPECT_EQ(latent_.split, SplitName::test);
  EXPECT_TRUE(latent_.hidden[3]);
  EXPECT_FALSE(latent_.auto_fit);
  EXPECT_EQ(latent_.view.center.x, 0.5f);
  EXPECT_FLOAT_EQ(latent_.view.pixels_per_unit, 200);  // the same part of the plane
  EXPECT_EQ(sizes_.lower, 222);
  EXPECT_THAT(selection_.rows(SplitName::train), ElementsAre(2, 7, 9));
  EXPECT_THAT(selection_.rows(SplitName::test), ElementsAre(4));
  ASSERT_TRUE(latent_.view.orbit);
  EXPECT_EQ(latent_.view.orbit->yaw, -1);
  EXPECT_EQ(latent_.view.orbit->pitch, 0.5f);
  EXPECT_EQ(latent_.view.orbit->zoom, 2);
  EXPECT_FLOAT_EQ(latent_.view.orbit->pan_x, 120);  // the plot is twice as high
  EXPECT_FLOAT_EQ(latent_.view.orbit->pan_y, -60);
}

// Written by zscape 0.1, before a plan stood in it.
TEST_F(SessionTest, AnOlderOneStillOpens) {
  const fs::path older = fs::path(ZSCAPE_FIXTURES) / "format1";
  for (const char* name : {"session", "pair"}) {
    fs::copy_file(older / (std::string(name) + ".json"), folder_ / (std::string(name) + ".json"));
  }
  for (const char* weights : {"work", "pair", "pair-2"}) {
    std::ofstream(folder_ / (std::string(weights) + ".safetensors")) << "weights";
  }
  const auto session = read_session((folder_ / "session.json").string());
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(session->plan.settings.kl_weight, 4);
  EXPECT_EQ(session->plan.settings.batch_size, 64);
  EXPECT_EQ(session->plan.settings.learning_rate, 1e-3);
  EXPECT_EQ(session->plan.seed, 7U);
  EXPECT_EQ(session->plan.data.source, "fake");
  EXPECT_TRUE(session->running);
  EXPECT_EQ(session->marks.pins.size(), 1U);
  // Its weights are a model; the settings are the session's.
  EXPECT_TRUE(std::holds_alternative<OpenModel>(loading_commands(*session, kModel).back()));
  EXPECT_EQ(std::get<SetKlWeight>(restoring_commands(*session, kModel).at(0)).kl_weight, 4);

  const auto pair = read_session((folder_ / "pair.json").string());
  ASSERT_TRUE(pair) << pair.error().message;
  ASSERT_EQ(pair->others.size(), 1U);
  EXPECT_EQ(pair->others[0].plan.spec.kind, ModelKind::cvae);
  EXPECT_EQ(pair->others[0].plan.spec.latent, 3);
  EXPECT_EQ(pair->others[0].plan.spec.hidden, (std::vector<int>{64, 32}));
  EXPECT_EQ(pair->others[0].plan.settings.kl_weight, 20);
}

TEST_F(SessionTest, TheSecondModelComesBackWithItsWeights) {
  const std::string path = (folder_ / "pair.json").string();
  ModelView second;
  second.id = ModelId{1};
  second.spec.latent = 3;
  second.spec.hidden = {64, 32};
  second.spec = with_kind(second.spec, ModelKind::cvae);
  second.settings.kl_weight = 20;
  second.weights = std::make_shared<FakeModel>();
  snapshot_.models.push_back(second);
  view().state = RunState::running;
  Scene other{pictures_};
  other.set_model(second.spec, snapshot_.data);
  other.add_pin({1, 2, 3}, {}, 0);
  scenes_ = {{kModel, &scene_}, {second.id, &other}};
  panes_ = {{1, 0}, SharedAxes::extent};
  SessionKeeper writer{{}};
  const auto begun = writer.save(path, window());
  ASSERT_EQ(begun.commands.size(), 2U);
  EXPECT_EQ(std::get<KeepRun>(begun.commands[1]).model, ModelId{1});
  const std::string weights = std::get<KeepRun>(begun.commands[0]).path;
  const std::string others = std::get<KeepRun>(begun.commands[1]).path;
  EXPECT_NE(weights, others);
  std::ofstream(weights) << "weights";
  attempt(view(), weights, true);
  EXPECT_FALSE(writer.advance(window()).written);  // the second's weights are still on their way
  attempt(snapshot_.models.back(), others, true);
  EXPECT_EQ(written(writer), path);

  const auto session = read_session(path);
  ASSERT_TRUE(session) << session.error().message;
  const auto commands = restoring_commands(*session, kModel);
  ASSERT_GE(commands.size(), 2U);
  const AddModel& added = std::get<AddModel>(commands[commands.size() - 2]);
  EXPECT_EQ(added.model, ModelId{1});
  EXPECT_EQ(added.spec, second.spec);
  EXPECT_EQ(added.kl_weight, 20);
  EXPECT_EQ(std::get<ResumeRun>(commands.back()).path, others);
  EXPECT_EQ(session->others[0].marks, other.marks().marks());
  // One that is open gives way to the session's.
  SessionKeeper reader{{}};
  EXPECT_TRUE(std::holds_alternative<RemoveModel>(reader.open(path, window()).commands.front()));
  snapshot_.models.pop_back();
  attempt(view(), weights, true);
  EXPECT_EQ(reader.advance(window()).commands.size(), 2U);
  snapshot_.models.push_back(second);
  EXPECT_TRUE(reader.advance(window()).commands.empty());  // its weights are not there yet
  EXPECT_TRUE(reader.opening());
  attempt(snapshot_.models.back(), others, true);
  other.remove_pin(1);
  panes_ = {};
  const auto opened = reader.advance(window());
  const auto& start = opened.commands;  // both on the same batches
  EXPECT_EQ(opened.panes, (PaneArrangement{{1, 0}, SharedAxes::extent}));
  EXPECT_EQ(opened.opened, path);
  EXPECT_EQ(other.marks().marks().pins, session->others[0].marks.pins);
  ASSERT_EQ(start.size(), 2U);
  EXPECT_EQ(std::get<Start>(start[0]).model, kModel);
  EXPECT_EQ(std::get<Start>(start[1]).model, ModelId{1});
  EXPECT_FALSE(reader.opening());
}

TEST_F(SessionTest, ASecondModelWhoseWeightsCannotBeWrittenComesBackUntrained) {
  const std::string path = (folder_ / "pair.json").string();
  ModelView second;
  second.id = ModelId{1};
  second.weights = std::make_shared<FakeModel>();
  snapshot_.models.push_back(second);
  SessionKeeper writer{{}};
  const auto begun = writer.save(path, window());
  std::ofstream(std::get<KeepRun>(begun.commands.at(0)).path) << "weights";
  attempt(view(), std::get<KeepRun>(begun.commands.at(0)).path, true);
  attempt(snapshot_.models.back(), std::get<KeepRun>(begun.commands.at(1)).path, false);
  EXPECT_EQ(written(writer), path);
  const auto session = read_session(path);
  ASSERT_TRUE(session) << session.error().message;
  ASSERT_EQ(session->others.size(), 1U);
  EXPECT_TRUE(session->others[0].weights.empty());
}

TEST_F(SessionTest, SeveralModelsComeBackInTheirOrder) {
  const std::string path = (folder_ / "three.json").string();
  for (const ModelId id : {ModelId{1}, ModelId{4}}) {
    ModelView other;
    other.id = id;
    other.settings.kl_weight = id.value;
    other.weights = std::make_shared<FakeModel>();
    snapshot_.models.push_back(other);
  }
  view().state = RunState::running;
  SessionKeeper keeper{{}};
  const auto begun = keeper.save(path, window());
  ASSERT_EQ(begun.commands.size(), 3U);
  std::vector<std::string> files;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(keeper.advance(window()).written);
    files.push_back(std::get<KeepRun>(begun.commands[i]).path);
    std::ofstream(files.back()) << "weights";
    attempt(snapshot_.models[i], files.back(), true);
  }
  EXPECT_EQ(written(keeper), path);
  const auto session = read_session(path);
  ASSERT_TRUE(session) << session.error().message;
  ASSERT_EQ(session->others.size(), 2U);
  EXPECT_EQ(session->others[1].plan.settings.kl_weight, 4);
  EXPECT_EQ(session->others[1].weights, files[2]);
  // They get the ids that follow the first's.
  const auto commands = restoring_commands(*session, kModel);
  EXPECT_EQ(std::get<ResumeRun>(commands.back()).model, ModelId{2});
}

TEST_F(SessionTest, WhereTheWeightsCannotBeWrittenTheFormerSessionStays) {
  SessionKeeper keeper{{}};
  const std::string path = (folder_ / "work.json").string();
  save(keeper, path);
  view().settings.kl_weight = 20;
  const auto begun = keeper.save(path, window());
  attempt(view(), std::get<KeepRun>(begun.commands.at(0)).path, false);
  EXPECT_TRUE(keeper.advance(window()).notices.at(0).is_error);
  EXPECT_EQ(read_session(path)->plan.settings.kl_weight, 1);
}

TEST_F(SessionTest, ABrokenOneOfTheWindowsOwnIsSetAsideAndNotLost) {
  const fs::path sessions = state_folder() / "sessions";
  fs::create_directories(sessions);
  const std::string path = (sessions / "work.json").string();
  for (const char* text :
       {"{\"zscape_session\": 1", "{\"zscape_session\": 1}", "{\"zscape_session\": 99}"}) {
    std::ofstream(path) << text;
    SessionKeeper keeper{{}};
    const auto result = keeper.open(path, window());
    EXPECT_FALSE(keeper.opening());
    EXPECT_TRUE(result.notices.at(0).is_error);
    EXPECT_FALSE(fs::exists(path)) << text;
  }
  EXPECT_TRUE(fs::exists(path + ".broken"));
  EXPECT_TRUE(fs::exists(path + ".broken3"));
}

TEST_F(SessionTest, AFileOfThePersonsIsNeverMoved) {
  const std::string path = (folder_ / "work.json").string();
  SessionKeeper writer{{}};
  save(writer, path);
  const auto is_refused = [&](const std::string& why) {
    SessionKeeper keeper{{}};
    const auto result = keeper.open(path, window());
    EXPECT_FALSE(keeper.opening());
    EXPECT_TRUE(result.commands.empty());
    ASSERT_EQ(result.notices.size(), 1U);
    EXPECT_TRUE(result.notices[0].is_error);
    EXPECT_NE(result.notices[0].text.find(why), std::string::npos) << result.notices[0].text;
    EXPECT_TRUE(fs::exists(path));
    EXPECT_FALSE(fs::exists(path + ".broken"));
  };
  fs::rename(folder_ / "work.safetensors", folder_ / "away");
  is_refused("does not exist");
  fs::rename(folder_ / "away", folder_ / "work.safetensors");
  SessionKeeper again{{}};
  EXPECT_FALSE(again.open(path, window()).commands.empty());  // copied beside it later
  std::ofstream(path) << "{\"zscape_session\": 99}";
  is_refused("another version");
  std::ofstream(path) << "{\"zscape_session\": 1";
  is_refused("not a valid session");
}

// The person chooses X.json; X.safetensors may be a model that took days.
TEST_F(SessionTest, FilesBesideASessionAreReplacedOnlyAfterAQuestion) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);  // where the prompt offers session.json
  ModelView second;
  second.id = ModelId{1};
  second.weights = std::make_shared<FakeModel>();
  snapshot_.models.push_back(second);
  AppShell shell({});
  const auto save_as_offered = [&] {
    step(shell, {key(GLFW_KEY_S, GLFW_MOD_CONTROL | GLFW_MOD_SHIFT)});
    for (int i = 0; i < 3; ++i) step(shell);
    click_at(shell, place_of("prompt_accept"));
    for (int i = 0; i < 3; ++i) step(shell);
  };
  for (const char* taken : {"session.safetensors", "session-2.safetensors"}) {
    std::ofstream(folder_ / taken) << "a trained model";
    save_as_offered();
    EXPECT_TRUE(shell.take_requests().commands.empty()) << taken;
    click_at(shell, place_of("replace_session_cancel"));
    step(shell);
    EXPECT_TRUE(shell.take_requests().commands.empty()) << taken;
    save_as_offered();
    click_at(shell, place_of("replace_session"));
    const auto commands = shell.take_requests().commands;
    ASSERT_EQ(commands.size(), 2U) << taken;
    for (std::size_t i = 0; i < 2; ++i) {  // both runs are written
      const std::string path = std::get<KeepRun>(commands[i]).path;
      attempt(snapshot_.models[i], path, false);
    }
    step(shell);
    shell.take_requests();
    fs::remove(folder_ / taken);
  }
  save_as_offered();  // nothing is there
  EXPECT_EQ(shell.take_requests().commands.size(), 2U);
  fs::current_path(before);
}

// A save that waits for another one was asked about the models of then.
TEST_F(SessionTest, ASaveThatWaitsReplacesNoFileThatWasNotNamed) {
  const std::string path = (folder_ / "later.json").string();
  SessionKeeper keeper{{}};
  const auto begun = keeper.save((folder_ / "first.json").string(), window());
  keeper.save(path, window());
  std::ofstream(folder_ / "later.safetensors") << "a trained model";
  const std::string weights = std::get<KeepRun>(begun.commands.at(0)).path;
  std::ofstream(weights) << "weights";
  attempt(view(), weights, true);
  const auto result = keeper.advance(window());
  EXPECT_TRUE(result.commands.empty());
  ASSERT_EQ(result.notices.size(), 1U);
  EXPECT_NE(result.notices[0].text.find("later.safetensors"), std::string::npos);
}

std::shared_ptr<const Dataset> data_at(const std::string& source) {
  auto data = std::make_shared<Dataset>(*fake_data(32, 32, {28, 28, 1}));
  data->source = source;
  return data;
}

TEST_F(SessionTest, DataMayBeNamedWhereTheyLieNow) {
  const std::string path = (folder_ / "work.json").string();
  SessionKeeper writer{{}};
  save(writer, path);
  SessionKeeper reader{{}};
  const auto commands = loads_and_opens(reader.open(path, window(), "/new/place").commands);
  ASSERT_EQ(commands.size(), 2U);
  EXPECT_EQ(std::get<LoadData>(commands[0]).request.source, "/new/place");
}

TEST_F(SessionTest, ASessionWaitsForDataThatAreNotThere) {
  const std::string path = (folder_ / "work.json").string();
  scene_.add_pin({0.25f, -1.5f}, PointRef{SplitName::test, 12}, 0);
  SessionKeeper writer{{}};
  save(writer, path);
  const std::string weights = read_session(path)->weights;
  scene_.remove_pin(1);

  snapshot_.data = nullptr;
  SessionKeeper reader{{}};
  reader.open(path, window());
  attempt(view(), weights, false);
  auto told = reader.advance(window());
  EXPECT_FALSE(reader.opening());
  EXPECT_EQ(told.restored, SessionKeeper::Restored::waiting);
  ASSERT_EQ(told.notices.size(), 1U);
  EXPECT_TRUE(reader.advance(window()).commands.empty());

  // Others come first: the engine refuses them, and they stay on the screen.
  const auto tries = [&](const std::string& source) {
    snapshot_.data = data_at(source);
    const auto commands = reader.advance(window()).commands;
    ASSERT_EQ(commands.size(), 1U);
    EXPECT_EQ(std::get<ResumeRun>(commands[0]).path, weights);
  };
  tries("others");
  attempt(view(), weights, false);
  told = reader.advance(window());
  EXPECT_TRUE(told.notices.empty());
  EXPECT_TRUE(reader.advance(window()).commands.empty());
  EXPECT_TRUE(scene_.pins().empty());

  tries("/new/place");
  attempt(view(), weights, true);
  told = reader.advance(window());
  EXPECT_EQ(told.restored, SessionKeeper::Restored::whole);
  EXPECT_EQ(told.opened, path);
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_EQ(scene_.pins()[0].source, (PointRef{SplitName::test, 12}));
  snapshot_.data = data_at("more");
  EXPECT_TRUE(reader.advance(window()).commands.empty());  // it is over
}

TEST_F(SessionTest, ASessionThatWaitsGivesWayToOtherWork) {
  const std::string path = (folder_ / "work.json").string();
  SessionKeeper writer{{}};
  save(writer, path);
  const std::string weights = read_session(path)->weights;
  AppShell shell(kPerson);
  for (const Command& work : std::vector<Command>{Start{kModel}, OpenModel{kModel, "m"}}) {
    for (const bool is_early : {true, false}) {  // before the engine has answered, or after
      snapshot_.data = data_at("others");
      EXPECT_TRUE(shell.begin(path, shell_frame()));
      shell.take_requests();
      if (is_early) shell.note(work, shell_frame());
      attempt(view(), weights, false);
      step(shell);
      if (!is_early) shell.note(work, shell_frame());
      shell.take_requests();
      snapshot_.data = data_at("more");
      step(shell);
      EXPECT_TRUE(shell.take_requests().commands.empty()) << name_of(work) << is_early;
    }
  }
}

TEST_F(SessionTest, NoPlaceBeyondReachComesOutOfAFile) {
  const std::string path = (folder_ / "work.json").string();
  scene_.add_pin({0.25f, -1.5f}, {}, 0);
  latent_.auto_fit = false;
  latent_.view = {{0, 0}, {400, 300}, {0.125f, -1}, 100};
  SessionKeeper writer{{}};
  save(writer, path);
  std::ostringstream whole;
  whole << std::ifstream(path).rdbuf();
  for (const std::string number : {"0.25", "0.125"}) {  // the pin's, the view's
    std::string text = whole.str();
    ASSERT_EQ(text.find(number), text.rfind(number));
    text.replace(text.find(number), number.size(), "-5.7e36");
    std::ofstream(path) << text;
    const auto session = read_session(path);
    ASSERT_FALSE(session) << number;
    EXPECT_NE(session.error().message.find("a number lies beyond ±1,000,000"), std::string::npos);
    EXPECT_EQ(session.error().message.find('\n'), std::string::npos);
  }
}

TEST_F(SessionTest, OnlyWhatIsOursIsMoved) {
  const std::string path = (folder_ / "package.json").string();
  std::ofstream(path) << "{\"name\": ";
  SessionKeeper keeper{{}};
  EXPECT_TRUE(keeper.open(path, window()).notices.at(0).is_error);
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(SessionTest, WhatItSetsIsAccepted) {
  for (const Command& command : loading_commands(Session{}, kModel)) {
    const auto* setting = std::get_if<SetParameter>(&command);
    RunPlan plan;
    if (setting != nullptr) {
      EXPECT_TRUE(set(plan, *find_parameter(setting->key), setting->text)) << setting->key;
    }
  }
}

// A session of an older version says nothing of a fit: it had stretched its pictures.
TEST_F(SessionTest, LoadsPicturesAsTheyWereLoaded) {
  const auto loaded = [](const Session& session) {
    DataRequest request;
    for (const Command& command : loading_commands(session, kModel)) {
      if (const auto* load = std::get_if<LoadData>(&command)) request = load->request;
    }
    return request;
  };
  EXPECT_EQ(loaded(Session{}).fit, Fit::stretch);
  Dataset pictures = *fake_data();
  pictures.shape = {48, 64, 3};
  pictures.pictures = PictureRules{Fit::pad, Ground::white};
  Session session;
  session.plan.data = as_loaded({.source = "folder"}, pictures);
  const DataRequest again = loaded(session);
  EXPECT_EQ(again.source, "folder");
  EXPECT_EQ(again.image_size, (ImageSize{48, 64}));
  EXPECT_EQ(again.fit, Fit::pad);
  EXPECT_EQ(again.ground, Ground::white);
}

TEST_F(SessionTest, LoadsSequencesAsSuch) {
  Dataset sequences = *fake_data();
  sequences.steps = 8;
  Session session;
  session.plan.data = as_loaded({.source = "folder"}, sequences);
  session.plan = *plan_from_json(to_json(session.plan));
  bool asked = false;
  for (const Command& command : loading_commands(session, kModel)) {
    const auto* load = std::get_if<LoadData>(&command);
    if (load != nullptr) asked = load->request.sequence;
  }
  EXPECT_TRUE(asked);
}

// With a real engine, whose save throws: the first wish to close is enough.
TEST_F(SessionTest, AWindowWhoseSessionCannotBeKeptClosesAllTheSame) {
  const auto backend = std::make_shared<FakeBackend>();
  Engine engine(backend, {});
  engine.post(LoadData{kModel, "fake"});
  while (engine.snapshot()->models[0].state == RunState::loading) std::this_thread::yield();
  backend->save_throws = true;
  snapshot_ = *engine.snapshot();
  AppShell shell({.remembers = true, .keeps_session = true, .wake = {}});
  step(shell, {key(GLFW_KEY_Q, GLFW_MOD_CONTROL)});
  bool quits = false;
  for (int i = 0; i < 5000 && !quits; ++i) {
    auto requests = shell.take_requests();
    quits = requests.quit;
    for (Command& command : requests.commands) engine.post(std::move(command));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    snapshot_ = *engine.snapshot();
    step(shell);
  }
  EXPECT_TRUE(quits);
  EXPECT_EQ(snapshot_.models[0].kept.error, "the disk threw");
}

TEST_F(SessionTest, ClosingAsksAboutWorkThatWouldBeLost) {
  AppShell shell(kPerson);
  view().state = RunState::running;
  view().position.step = 900;
  step(shell, {key(GLFW_KEY_Q, GLFW_MOD_CONTROL)});
  EXPECT_TRUE(shell.take_requests().quit);  // a moment's work

  for (int second = 0; second < 30; ++second) {
    time_s_ += 1;
    step(shell);
  }
  step(shell, {key(GLFW_KEY_Q, GLFW_MOD_CONTROL)});
  step(shell);
  step(shell);
  EXPECT_FALSE(shell.take_requests().quit);
  click_at(shell, place_of("close_cancel"));
  step(shell);
  EXPECT_FALSE(widgets_.find("close_save"));

  step(shell, {key(GLFW_KEY_Q, GLFW_MOD_CONTROL)});
  step(shell);
  step(shell);
  click_at(shell, place_of("close_save"));
  auto requests = shell.take_requests();
  ASSERT_EQ(requests.commands.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<SaveModel>(requests.commands[0]));
  EXPECT_FALSE(requests.quit);
  ++view().saved.number;
  view().saved.is_done = true;
  view().saved.path = controls_.path;
  step(shell);
  EXPECT_TRUE(shell.take_requests().quit);
}

TEST_F(SessionTest, AScriptedWindowNeverAsks) {
  AppShell shell({});
  view().state = RunState::running;
  view().position.step = 900;
  for (int second = 0; second < 30; ++second) {
    time_s_ += 1;
    step(shell);
  }
  step(shell, {key(GLFW_KEY_Q, GLFW_MOD_CONTROL)});
  EXPECT_TRUE(shell.take_requests().quit);
}

}  // namespace
}  // namespace zscape
