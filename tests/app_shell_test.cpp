// Keys, settings, borders and files: what the window owes its person beside panels.

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include <cfloat>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "app/files/folders.h"
#include "app_shell_fixture.h"

namespace zscape {
namespace {

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
  EXPECT_TRUE(read_keys(Events{key(GLFW_KEY_C, GLFW_MOD_CONTROL)}, true).actions.empty());
  EXPECT_FALSE(read_keys(Events{key(GLFW_KEY_Z, GLFW_MOD_CONTROL)}, true).latent.undo);
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
    // A place without panels is not offered, so the help leaves its key out.
    const auto* place = std::get_if<Place>(&binding.meaning);
    told += binding.does != nullptr && (place == nullptr || is_offered(*place));
  }
  const auto lines = help_lines();
  EXPECT_EQ(std::ranges::count(lines, std::string("Keys"),
                               [](const HelpLine& line) { return std::string(line.group); }),
            static_cast<std::ptrdiff_t>(told));
}

TEST_F(AppShellTest, TheZOnShowIsCopied) {
  AppShell shell({});
  scene_.set_model(view().spec, nullptr);
  scene_.add_pin({0.5F, -2}, std::nullopt, 0);
  step(shell, {key(GLFW_KEY_C, GLFW_MOD_CONTROL)});
  EXPECT_STREQ(ImGui::GetClipboardText(), "0.5, -2");
}

TEST_F(AppShellTest, TwoModelsTrainPauseAndStepTogether) {
  AppShell shell({});
  ModelView second = view();
  second.id = ModelId{1};
  snapshot_.models.push_back(second);
  const auto asked = [&](InputQueue::Queued pressed) {
    step(shell, {pressed});
    return shell.take_requests().commands;
  };
  EXPECT_EQ(asked(key(GLFW_KEY_SPACE)).size(), 2U);
  EXPECT_EQ(asked({CharTyped{'.'}, 0}).size(), 2U);
  // One has ended by itself: the key pauses the other.
  view().state = RunState::running;
  const auto commands = asked(key(GLFW_KEY_SPACE));
  ASSERT_EQ(commands.size(), 1U);
  EXPECT_EQ(std::get<Pause>(commands[0]).model, kModel);
}

TEST_F(AppShellTest, TheKeyOfAnEmptyPlaceSaysThatItIsEmptyAndLeadsNowhere) {
  AppShell shell({});
  for (const auto& [pressed, place] :
       {std::pair{GLFW_KEY_F3, Place::understand}, std::pair{GLFW_KEY_F2, Place::explore}}) {
    const Place before = shell.place();
    step(shell, {key(pressed)});
    const auto notices = shell.take_requests().notices;
    EXPECT_EQ(shell.place(), is_offered(place) ? place : before);
    ASSERT_EQ(notices.size(), is_offered(place) ? 0U : 1U);
    for (const auto& notice : notices) {
      EXPECT_NE(notice.text.find(title_of(place)), std::string::npos);
    }
  }
}

TEST_F(AppShellTest, AKeyAsksForASecondModel) {
  AppShell shell({});
  step(shell, {key(GLFW_KEY_B)});
  EXPECT_TRUE(shell.take_requests().compare);
}

TEST_F(AppShellTest, AFileOfOthersIsNotWrittenOverUnasked) {
  AppShell shell(kPerson);
  const std::string path = (folder_ / "there.safetensors").string();
  std::ofstream(path) << "weights";
  const auto saves = [&] {
    const auto commands = shell.take_requests().commands;
    return std::ranges::count_if(commands, [](const Command& command) {
      return std::holds_alternative<SaveModel>(command);
    });
  };
  const auto ask = [&] {
    shell.save_model({kModel, path});
    step(shell);
    step(shell);
    step(shell);
  };
  ask();
  EXPECT_EQ(saves(), 0);
  click_at(shell, place_of("replace_cancel"));
  EXPECT_EQ(saves(), 0);
  ask();
  click_at(shell, place_of("replace"));
  EXPECT_EQ(saves(), 1);
  const auto end = [&](const Command& command, bool is_done) {
    shell.note(command, shell_frame());
    step(shell);
    SavedWeights& saved = snapshot_.models[0].saved;
    saved = {saved.number + 1, is_done, path, 0, {}};
    step(shell);
  };
  end(SaveModel{kModel, path}, false);  // it failed: the file is still of others
  ask();
  EXPECT_EQ(saves(), 0);
  click_at(shell, place_of("replace_cancel"));
  end(SaveModel{kModel, path}, true);  // from now on its own
  ask();
  EXPECT_EQ(saves(), 1);
  shell.save_model({kModel, (folder_ / "new.safetensors").string()});
  EXPECT_EQ(saves(), 1);
  // What begins anew is something else than the file holds.
  for (const Command& anew : {Command(Reset{kModel}), Command(LoadData{kModel, "synthetic"}),
                              Command(ReplaceModel{kModel, {}}), Command(OpenModel{kModel, "x"}),
                              Command(ReturnTo{kModel, 3})}) {
    end(SaveModel{kModel, path}, true);
    shell.note(anew, shell_frame());
    step(shell);
    ask();
    EXPECT_EQ(saves(), 0) << anew.index();
    click_at(shell, place_of("replace_cancel"));
  }
  end(OpenModel{kModel, path}, true);  // somebody may want it as it was
  ask();
  EXPECT_EQ(saves(), 0);
  click_at(shell, place_of("replace"));
  EXPECT_EQ(saves(), 1);
}

TEST_F(AppShellTest, KeysBecomeCommands) {
  AppShell shell({});
  step(shell, {key(GLFW_KEY_SPACE)});
  auto requests = shell.take_requests();
  ASSERT_EQ(requests.commands.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<Start>(requests.commands[0]));
  view().state = RunState::running;
  step(shell, {key(GLFW_KEY_SPACE), {CharTyped{'.'}, 0}});
  requests = shell.take_requests();
  ASSERT_EQ(requests.commands.size(), 1U);  // no single step while it trains
  EXPECT_TRUE(std::holds_alternative<Pause>(requests.commands[0]));
  controls_.path = "here.safetensors";
  step(shell, {key(GLFW_KEY_S, GLFW_MOD_CONTROL)});
  requests = shell.take_requests();
  ASSERT_EQ(requests.commands.size(), 1U);
  EXPECT_EQ(std::get<SaveModel>(requests.commands[0]).path, "here.safetensors");
  view().state = RunState::loading;
  step(shell, {key(GLFW_KEY_S, GLFW_MOD_CONTROL)});
  requests = shell.take_requests();
  EXPECT_TRUE(requests.commands.empty());
  EXPECT_TRUE(requests.notices.at(0).is_error);
}

TEST_F(AppShellTest, TabHidesThePanelsAndIsKeptFromTextFields) {
  AppShell shell({});
  step(shell, {key(GLFW_KEY_TAB)});
  EXPECT_TRUE(shell.sizes().panels_hidden);
  step(shell, {key(GLFW_KEY_TAB)});
  EXPECT_FALSE(shell.sizes().panels_hidden);
  EXPECT_TRUE(AppShell::for_fields({key(GLFW_KEY_TAB)}, false).empty());
  EXPECT_EQ(AppShell::for_fields({key(GLFW_KEY_TAB)}, true).size(), 1U);  // on to the next field
}

TEST_F(AppShellTest, ASignalInTheFirstSecondsWaitsForSomethingToKeep) {
  const AppShell::Options keeps{.remembers = true, .keeps_session = true, .wake = {}};
  snapshot_.data = nullptr;  // it is being loaded
  AppShell shell(keeps);
  ShellFrame frame = shell_frame();
  frame.time_s = 0.4;
  shell.close_unasked(frame);
  EXPECT_FALSE(shell.take_requests().quit);
  frame.time_s = 3.5;  // data that take long are not waited for
  shell.close_unasked(frame);
  EXPECT_TRUE(shell.take_requests().quit);

  AppShell failed(keeps);
  snapshot_.notices = {{1, true, "no such file"}};
  frame.time_s = 0.4;
  failed.close_unasked(frame);
  EXPECT_TRUE(failed.take_requests().quit);
}

TEST_F(AppShellTest, AScreenshotHasANameOfItsTime) {
  AppShell shell({});
  step(shell, {key(GLFW_KEY_F12)});
  const auto path = shell.take_requests().screenshot;
  ASSERT_TRUE(path);
  EXPECT_TRUE(fs::path(*path).filename().string().starts_with("zscape-2"));
  EXPECT_TRUE(path->ends_with(".png"));
}

TEST_F(AppShellTest, TheHelpIsClosedByAnyKeyWhichDoesNothingElse) {
  AppShell shell({});
  step(shell, {{CharTyped{'?'}, 0}});
  EXPECT_TRUE(widgets_.find("help"));
  EXPECT_TRUE(step(shell, {key(GLFW_KEY_SPACE)}).empty());
  EXPECT_FALSE(widgets_.find("help"));
  EXPECT_TRUE(shell.take_requests().commands.empty());
  step(shell, {key(GLFW_KEY_F1)});
  EXPECT_TRUE(widgets_.find("help"));
  EXPECT_TRUE(step(shell, {{ButtonChanged{0, true}, 0}}).empty());
  EXPECT_FALSE(widgets_.find("help"));
}

TEST_F(AppShellTest, SettingsAreRememberedForTheNextWindow) {
  {
    AppShell shell(kPerson);
    step(shell, {}, {.settings = true});
    step(shell);
    step(shell);
    click_at(shell, place_of("theme_light"));
    click_at(shell, place_of("text_130"));
    click_at(shell, place_of("motion_reduced"));
    click_at(shell, place_of("palette_tol-muted", 0.2f));
  }
  const Appearance appearance = AppShell(kPerson).appearance();
  EXPECT_TRUE(appearance.light);
  EXPECT_EQ(appearance.text_percent, 130);
  EXPECT_TRUE(appearance.reduced_motion);
  EXPECT_EQ(appearance.classes, ClassPalette::tol_muted);
  EXPECT_EQ(AppShell({}).appearance(), Appearance{});  // a scripted window
}

TEST_F(AppShellTest, BrokenSettingsAreSetAsideAndSaidSo) {
  const fs::path path = config_folder() / "settings.json";
  fs::create_directories(path.parent_path());
  std::ofstream(path) << "{\"theme\": ";
  AppShell shell(kPerson);
  EXPECT_EQ(shell.appearance(), Appearance{});
  EXPECT_TRUE(shell.take_requests().notices.at(0).is_error);
  EXPECT_TRUE(fs::exists(path.string() + ".broken"));
  std::ofstream(path) << R"({"theme": 7, "text_percent": 99, "palette": "x", "hint_seen": true})";
  const auto read = read_settings(path.string());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->appearance, Appearance{});
  EXPECT_TRUE(read->hint_seen);
}

TEST_F(AppShellTest, ABorderIsDraggedAndADoubleClickTakesItBack) {
  AppShell shell({});
  open_curves(shell);
  const Vec2 at = place_of("border_curves");
  move(at);
  step(shell);
  press(true);
  step(shell);
  move({at.x, at.y - 40});
  step(shell);
  EXPECT_FLOAT_EQ(shell.sizes().lower.value_or(0), 176 + 40);
  press(false);
  step(shell);
  move(place_of("border_curves"));
  for (const bool down : {true, false, true, false}) {
    press(down);
    step(shell);
  }
  EXPECT_FALSE(shell.sizes().lower);
  for (int i = 0; i < 40; ++i) step(shell);  // longer than a double click may take
  EXPECT_EQ(shell.sizes().open.of(Border::lower), true);
}

TEST_F(AppShellTest, AClickOnABordersTabFoldsItsRegionUpAndOneOnTheRailOpensIt) {
  AppShell shell({});
  step(shell);
  step(shell);
  click_at(shell, place_of("fold_controls"));
  for (int i = 0; i < 40; ++i) step(shell);
  EXPECT_EQ(shell.sizes().open.of(Border::left), false);
  EXPECT_FALSE(widgets_.find("border_controls"));
  click_at(shell, place_of("rail_controls"));
  step(shell);
  EXPECT_EQ(shell.sizes().open.of(Border::left), true);
  EXPECT_TRUE(widgets_.find("border_controls"));
}

TEST_F(AppShellTest, WhatIsFoldedUpIsASetting) {
  {
    AppShell shell(kPerson);
    step(shell);
    step(shell);
    click_at(shell, place_of("fold_controls"));
    for (int i = 0; i < 40; ++i) step(shell);
  }
  AppShell shell(kPerson);
  EXPECT_EQ(shell.sizes().open.of(Border::left), false);
  EXPECT_FALSE(shell.sizes().open.of(Border::right));
}

TEST_F(AppShellTest, ABorderFollowsADragThatIsOverBeforeTheNextFrame) {
  AppShell shell({});
  open_curves(shell);
  const Vec2 at = place_of("border_curves");
  InputQueue queue;
  queue.push(PointerMoved{at}, 0);
  queue.push(ButtonChanged{0, true}, 0);
  queue.push(PointerMoved{{at.x, at.y - 15}}, 0);
  queue.push(PointerMoved{{at.x, at.y - 40}}, 0);
  queue.push(ButtonChanged{0, false}, 0);
  while (!queue.empty()) {
    for (const auto& [event, time] : queue.take_frame()) {
      if (const auto* moved = std::get_if<PointerMoved>(&event)) move(moved->position);
      if (const auto* button = std::get_if<ButtonChanged>(&event)) press(button->down);
    }
    step(shell);
  }
  EXPECT_FLOAT_EQ(shell.sizes().lower.value_or(0), 176 + 40);
}

TEST_F(AppShellTest, ABorderThatLosesThePointerStaysWhereItWasLast) {
  AppShell shell({});
  open_curves(shell);
  const Vec2 at = place_of("border_curves");
  move(at);
  step(shell);
  press(true);
  step(shell);
  move({at.x, at.y - 40});
  step(shell);
  move({-FLT_MAX, -FLT_MAX});  // the window is minimised
  step(shell);
  press(false);
  step(shell);
  EXPECT_FLOAT_EQ(shell.sizes().lower.value_or(0), 176 + 40);
}

TEST_F(AppShellTest, AClickOnABorderChangesNothing) {
  AppShell shell({});
  step(shell);
  step(shell);
  const Rect border = *widgets_.find("border_controls");
  click_at(shell, {border.center().x, border.origin.y + 0.2F * border.size.y});
  for (int i = 0; i < 40; ++i) step(shell);
  EXPECT_EQ(shell.sizes(), LayoutSizes{});
}

TEST_F(AppShellTest, WhatIsDroppedIsTakenForWhatItIs) {
  AppShell shell({});
  const auto drop = [&](const fs::path& path) {
    step(shell, {{FilesDropped{{path.string()}}, 0}});
    return shell.take_requests();
  };
  const fs::path digits = folder_ / "digits";
  fs::create_directories(digits);
  auto requests = drop(digits);
  ASSERT_EQ(loads_and_opens(requests.commands).size(), 1U);
  EXPECT_EQ(std::get<LoadData>(requests.commands.at(0)).request.source, digits.string());

  const fs::path picture = folder_ / "seven.png";
  std::ofstream(picture) << "x";
  requests = drop(picture);
  EXPECT_TRUE(requests.commands.empty());
  EXPECT_EQ(requests.picture, picture.string());

  const fs::path text = folder_ / "note.txt";
  std::ofstream(text) << "hello";
  EXPECT_TRUE(drop(text).notices.at(0).is_error);
  EXPECT_TRUE(drop(folder_ / "gone").notices.at(0).is_error);
}

TEST_F(AppShellTest, ThePromptCompletesAndOpens) {
  fs::create_directories(folder_ / "digits-a");
  fs::create_directories(folder_ / "digits-b");
  const std::vector<PathPromptState::Entry> entries = {
      {"digits-a", true}, {"digits-b", true}, {"model.safetensors", false}};
  EXPECT_EQ(completed("/x/d", entries), "/x/digits-");
  EXPECT_EQ(completed("/x/m", entries), "/x/model.safetensors");
  EXPECT_EQ(completed("/x/q", entries), "/x/q");

  AppShell shell({});  // without the desktop's chooser
  step(shell, {key(GLFW_KEY_O, GLFW_MOD_CONTROL)});
  for (int i = 0; i < 4; ++i) step(shell);
  ASSERT_TRUE(widgets_.find("prompt_path"));
  click_at(shell, place_of("prompt_cancel"));
  step(shell);
  EXPECT_FALSE(widgets_.find("prompt_path"));
}

TEST_F(AppShellTest, RecentFilesAreRememberedOnceEachNewestFirst) {
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

TEST_F(AppShellTest, AFileBecomesRecentOnceItHasOpened) {
  const fs::path bad = folder_ / "bad.npy", good = folder_ / "good.npy";
  std::ofstream(bad) << "x";
  std::ofstream(good) << "x";
  AppShell shell(kPerson);
  step(shell);
  for (const fs::path& path : {bad, good}) {
    shell.note(LoadData{kModel, path.string()}, shell_frame());
    step(shell);
  }
  EXPECT_TRUE(controls_.files.recent.empty());
  auto data = std::make_shared<Dataset>(*snapshot_.data);
  data->source = good.string();
  snapshot_.data = data;
  step(shell);
  step(shell);
  EXPECT_EQ(controls_.files.recent, std::vector<std::string>{good.string()});
}

TEST_F(AppShellTest, ASavedModelIsAskedForAndOpensBeside) {
  const fs::path model = folder_ / "model.safetensors", text = folder_ / "note.txt";
  {
    std::ofstream file(model, std::ios::binary);
    file.write("\x02\0\0\0\0\0\0\0{}", 10);
  }
  std::ofstream(text) << "hello";
  AppShell shell({});  // without the desktop's chooser
  const auto choose = [&](const fs::path& path) {
    shell.open_beside();
    for (int i = 0; i < 4; ++i) step(shell);
    type(path.string());
    step(shell);
    step(shell);
    click_at(shell, place_of("prompt_accept"));
    step(shell);
    return shell.take_requests();
  };
  auto asked = choose(model);
  ASSERT_EQ(asked.commands.size(), 1U);
  EXPECT_EQ(std::get<AddModel>(asked.commands[0]).path, model.string());
  EXPECT_EQ(std::get<AddModel>(asked.commands[0]).model, ModelId{1});
  asked = choose(text);
  EXPECT_TRUE(asked.commands.empty());
  EXPECT_TRUE(asked.notices.at(0).is_error);
  // Another file is opened in place of the model again.
  step(shell, {key(GLFW_KEY_O, GLFW_MOD_CONTROL)});
  for (int i = 0; i < 4; ++i) step(shell);
  type(model.string());
  step(shell);
  step(shell);
  click_at(shell, place_of("prompt_accept"));
  step(shell);
  asked = shell.take_requests();
  ASSERT_EQ(loads_and_opens(asked.commands).size(), 1U);
  EXPECT_EQ(std::get<OpenModel>(loads_and_opens(asked.commands)[0]).path, model.string());
}

}  // namespace
}  // namespace zscape
