// Questions, notices and fields, answered by keys as well as by the mouse.
#include <imgui_internal.h>

#include <filesystem>
#include <fstream>

#include "app/gui/panels/curves/evaluation_strip.h"
#include "app/gui/panels/frame/close_question.h"
#include "app/gui/panels/frame/path_prompt.h"
#include "app/gui/panels/frame/widgets.h"
#include "tests/fake_backend.h"
#include "tests/panels_fixture.h"

namespace zscape {
namespace {

constexpr Rect kWindow{{0, 0}, {1024, 700}};

class DialogsTest : public PanelsTest {
 protected:
  DialogsTest() {
#if IMGUI_VERSION_NUM < 18700
    for (const ImGuiKey key : {ImGuiKey_Enter, ImGuiKey_Tab, ImGuiKey_Escape}) {
      ImGui::GetIO().KeyMap[key] = 100 + key;
    }
#endif
  }

  static void hold(ImGuiKey key, bool down) {
#if IMGUI_VERSION_NUM >= 18700
    ImGui::GetIO().AddKeyEvent(key, down);
#else
    ImGui::GetIO().KeysDown[100 + key] = down;
#endif
  }

  // One frame with this key pressed and one with it released; the first answer of both.
  template <class Draw>
  auto press_key(ImGuiKey key, Draw draw) {
    hold(key, true);
    auto answer = draw();
    hold(key, false);
    auto later = draw();
    return answer ? answer : later;
  }

  std::optional<CloseAnswer> close_question(bool opens = false) {
    return frame(kWindow, [opens](const PanelFrame& panel) {
      return draw_close_question(opens, 4312, "model.safetensors", panel);
    });
  }
  std::optional<bool> question(bool opens = false) {
    return frame(kWindow, [opens](const PanelFrame& panel) {
      return draw_question(opens, {"replace", "Replace this file?", "m", "Replace it", "help"},
                           panel);
    });
  }

  // A field for a number from 0 to 2 that holds 1.
  std::optional<double> field() {
    return frame({{100, 100}, {200, 200}}, [this](const PanelFrame& panel) {
      begin_panel("##fields", panel);
      const auto typed = number_field(panel, "number", edit_, held_, 0, 2, 100, "help");
      const auto other = number_field(panel, "other", other_, 5, 0, 9, 100, "help");
      static_cast<void>(other);
      ImGui::End();
      return typed;
    });
  }
  void click_field(const std::string& name) {
    field();
    field();
    move(place_of(name));
    field();
    press(true);
    field();
    press(false);
    field();
  }

  FieldEdit edit_, other_;
  double held_ = 1;
};

TEST_F(DialogsTest, EnterSavesEscCancelsAndTabGoesOnInTheClosingQuestion) {
  close_question(true);
  close_question();
  EXPECT_EQ(press_key(ImGuiKey_Enter, [&] { return close_question(); }), CloseAnswer::save);
  close_question(true);
  close_question();
  EXPECT_EQ(press_key(ImGuiKey_Escape, [&] { return close_question(); }), CloseAnswer::cancel);
  close_question();
  close_question(true);
  close_question();
  // Cancel, Close without saving, Save: Tab leads from the last to the first and to the second.
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(press_key(ImGuiKey_Tab, [&] { return close_question(); }));
  }
  EXPECT_EQ(press_key(ImGuiKey_Enter, [&] { return close_question(); }), CloseAnswer::discard);
}

TEST_F(DialogsTest, EnterTakesTheSafeAnswerOfAQuestion) {
  question(true);
  question();
  EXPECT_EQ(press_key(ImGuiKey_Enter, [&] { return question(); }), std::optional(false));
  question();
  question(true);
  question();
  EXPECT_FALSE(press_key(ImGuiKey_Tab, [&] { return question(); }));
  EXPECT_EQ(press_key(ImGuiKey_Enter, [&] { return question(); }), std::optional(true));
}

TEST_F(DialogsTest, EnterReplacesAFileOnlyAfterAWarning) {
  PathPromptState state;
  const auto prompt = [&] {
    return frame(kWindow,
                 [&](const PanelFrame& panel) { return draw_path_prompt(state, {}, panel); });
  };
  const std::string here = testing::TempDir() + "zscape-prompt/";
  std::filesystem::create_directories(here);
  std::ofstream(here + "there.json") << "x";
  ask_for_path(state, "Save the session", here + "there.json", true);
  for (int i = 0; i < 4; ++i) prompt();
  EXPECT_FALSE(press_key(ImGuiKey_Enter, prompt));
  prompt();
  prompt();
  EXPECT_EQ(press_key(ImGuiKey_Enter, prompt), here + "there.json");
  std::filesystem::remove_all(here);
}

TEST_F(DialogsTest, ARefusedNumberStaysInItsFieldAndSaysTheRange) {
  click_field("number");
  type("7");
  field();
  EXPECT_FALSE(press_key(ImGuiKey_Enter, [&] { return field(); }));
  field();
  EXPECT_EQ(edit_.refused, "7");
  EXPECT_TRUE(widgets_.find("number_refused"));

  click_field("number");
  type("0,5");
  field();
  EXPECT_EQ(press_key(ImGuiKey_Enter, [&] { return field(); }), 0.5);
  field();
  EXPECT_FALSE(edit_.refused);
  EXPECT_FALSE(widgets_.find("number_refused"));
}

TEST_F(DialogsTest, ARefusedNumberGoesWithEscapeAndWithANewValue) {
  click_field("number");
  type("x");
  field();
  click_field("other");  // leaving the field is as Enter
  EXPECT_EQ(edit_.refused, "x");
  click_field("number");
  press_key(ImGuiKey_Escape, [&] { return field(); });
  field();
  EXPECT_FALSE(edit_.refused);

  click_field("number");
  type("99");
  field();
  click_field("other");
  EXPECT_EQ(edit_.refused, "99");
  held_ = 1.5;
  field();
  field();
  EXPECT_FALSE(edit_.refused);
  EXPECT_EQ(edit_.text, "1.5");
}

TEST_F(DialogsTest, ANoticeWrapsBeforeItsCross) {
  NoticesPanelState state;
  snapshot_.notices = {
      {1, true, "/a/folder/with-a-very-long-name-that-does-not-end/and-another.safetensors: no"}};
  for (const float width : {900.0f, 400.0f, 240.0f}) {
    for (int i = 0; i < 2; ++i) {
      frame({{10, 10}, {width, 400}},
            [&](const PanelFrame& panel) { return draw_notices_panel(snapshot_, state, panel); });
    }
    const auto text = widgets_.find("notice_0"), cross = widgets_.find("dismiss_0");
    ASSERT_TRUE(text && cross);
    EXPECT_LE(text->high().x, cross->origin.x) << width;
    EXPECT_LE(cross->high().x, 10 + width);
  }
}

TEST_F(DialogsTest, AClickOnANoticeCopiesAllOfIt) {
  NoticesPanelState state;
  const std::string text = "m.pt: run torch.load(\"" + std::string(80, 'x') + "\")";
  snapshot_.notices = {{1, true, text}};
  const auto draw = [&] {
    frame({{10, 10}, {500, 400}},
          [&](const PanelFrame& panel) { return draw_notices_panel(snapshot_, state, panel); });
  };
  draw();
  draw();
  move(place_of("notice_0"));
  draw();
  press(true);
  draw();
  press(false);
  draw();
  EXPECT_EQ(ImGui::GetClipboardText(), text);
}

TEST_F(DialogsTest, TheFilesLossesSayOfWhichStepTheyAre) {
  ModelView& model = view();
  EXPECT_EQ(file_losses_text(model), "");
  model.opened = FileLosses{{106, 100, 2, 0.1}, 9380, 9380, "synthetic"};
  EXPECT_EQ(file_losses_text(model), "Saved at step 9,380: test loss 106.0 = 100.0 + λ · 2.000");
  model.opened->step = 9000;
  EXPECT_EQ(file_losses_text(model),
            "Saved at step 9,380: test loss 106.0 = 100.0 + λ · 2.000, of step 9,000");
  model.opened->step = -1;
  EXPECT_NE(file_losses_text(model).find("earlier step perhaps"), std::string::npos);
  model.opened->other_data = true;
  EXPECT_NE(file_losses_text(model).find("2.000 on synthetic"), std::string::npos);
  model.opened->test = kNotMeasured;
  EXPECT_EQ(file_losses_text(model), "Saved at step 9,380, not measured");
}

TEST_F(DialogsTest, AnEvaluationNamesItsInputsAndAnotherStep) {
  ModelView& model = view();
  model.steps_before = 500;
  Evaluation evaluation;
  evaluation.step = 500;
  evaluation.figures.images = 10000;
  evaluation.figures.elbo = -96.8123;
  evaluation.figures.elbo_standard_error = 0.2146;
  evaluation.figures.log_likelihood = -93.4;
  model.evaluation = std::make_shared<const Evaluation>(evaluation);
  EXPECT_EQ(evaluation_text(model), "ELBO -96.81 ± 0.21   log p(x) -93.40   10,000 test inputs");
  model.position.step = 7;
  EXPECT_NE(evaluation_text(model).find("at step 500"), std::string::npos);
}

TEST_F(DialogsTest, ASavedModelIsEvaluatedFromTheCurves) {
  view().opened = FileLosses{{106, 100, 2, 0.1}, 9380, 9380, "synthetic"};
  view().weights = std::make_shared<const FakeModel>();
  std::vector<Command> asked;
  const auto draw = [&] {
    frame(kCurvesPlace, [&](const PanelFrame& panel) {
      for (Command& command : draw_curves_panel(snapshot_, kModel, curves_, panel)) {
        asked.push_back(std::move(command));
      }
    });
  };
  const auto click_evaluate = [&] {
    draw();
    draw();
    move(place_of("evaluate"));
    draw();
    press(true);
    draw();
    press(false);
    draw();
  };
  draw();
  EXPECT_TRUE(widgets_.find("file_losses"));
  click_evaluate();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(std::get<Evaluate>(asked[0]).importance_samples, 64);
  view().is_evaluating = true;
  click_evaluate();
  EXPECT_EQ(asked.size(), 1U);
  view().opened.reset();  // a new model: the first start is not busier
  draw();
  EXPECT_FALSE(widgets_.find("evaluate"));
}

// What was typed into the field of this name, and Enter.
TEST_F(DialogsTest, EnterInTheDataFieldLoadsWhatIsTyped) {
  const auto sources = [](const std::vector<Command>& commands) {
    std::vector<std::string> all;
    for (const Command& command : commands) {
      if (const auto* load = std::get_if<LoadData>(&command)) all.push_back(load->request.source);
    }
    return all;
  };
  const auto enter = [&](const std::string& text) {
    controls();
    controls();
    move(place_of("source"));
    controls();
    press(true);
    controls();
    press(false);
    controls();
    type(text);
    controls();
    hold(ImGuiKey_Enter, true);
    auto all = sources(controls());
    hold(ImGuiKey_Enter, false);
    for (std::string& later : sources(controls())) all.push_back(std::move(later));
    return all;
  };
  EXPECT_THAT(enter("mnist"), testing::ElementsAre("mnist"));
  EXPECT_THAT(enter(""), testing::ElementsAre("mnist"));  // again, unchanged
  setenv("HOME", "/people/somebody", 1);
  EXPECT_THAT(enter("~/digits"), testing::ElementsAre("/people/somebody/digits"));
}

TEST_F(DialogsTest, RefusedNumbersGoWithAnotherRunModelOrData) {
  FieldEdit& seed = controls_.seed;
  const auto refuse = [&] {
    controls();
    seed.refused = "-3";
    seed.refused_for = "0";
    controls_.listed["lr_end"].refused = "x";
    controls();
    ASSERT_TRUE(seed.refused);
  };
  const auto has_gone = [&] {
    controls();
    return !seed.refused && !controls_.listed["lr_end"].refused;
  };
  refuse();
  view().ghost = std::make_shared<const Curves>();  // a Reset
  EXPECT_TRUE(has_gone());
  refuse();
  snapshot_.data = std::make_shared<Dataset>(*snapshot_.data);
  EXPECT_TRUE(has_gone());
  refuse();
  ++view().returns;
  EXPECT_TRUE(has_gone());
  refuse();
  view().spec.hidden = {100};
  EXPECT_TRUE(has_gone());
}

TEST_F(DialogsTest, AnErrorIsOverOnceWhatHadFailedWorks) {
  NoticesPanelState state;
  const auto draw = [&] {
    frame(kWindow,
          [&](const PanelFrame& panel) { return draw_notices_panel(snapshot_, state, panel); });
  };
  snapshot_.notices = {{1, true, "no data", "data"}, {2, true, "no model", "opening 0"}};
  add_notice(state, {"no screenshot", true, "screenshot"}, time_s_);
  draw();
  EXPECT_EQ(state.shown.size(), 3U);
  snapshot_.settled = {{"data", 3}};
  draw();
  ASSERT_EQ(state.shown.size(), 2U);
  snapshot_.notices.push_back({4, true, "no data again", "data"});  // after it had worked
  draw();
  EXPECT_EQ(state.shown.size(), 3U);
  settle_notices(state, "screenshot");
  draw();
  ASSERT_EQ(state.shown.size(), 2U);
  EXPECT_EQ(state.shown[0].text, "no model");
  // What says that something was done gives way to the next of its kind.
  add_notice(state, {"Undone: Pin 1 is gone.", false, "undo"}, time_s_);
  add_notice(state, {"There is nothing more to undo.", false, "undo"}, time_s_);
  draw();
  EXPECT_EQ(state.shown.size(), 3U);
}

TEST_F(DialogsTest, APathFromTheRootOrHomeTakesThePlaceOfTheOfferedFolder) {
  setenv("HOME", "/people/somebody", 1);
  EXPECT_EQ(without_offer("/here//data/x", "/here/"), "/data/x");
  EXPECT_EQ(without_offer("/here/~/x", "/here/"), "~/x");
  EXPECT_EQ(without_offer("/here/~x", "/here/"), "/here/~x");
  EXPECT_EQ(without_offer("/here/x//y", "/here/"), "/here/x//y");
  EXPECT_EQ(with_home("~"), "/people/somebody");
  EXPECT_EQ(with_home("~x"), "~x");
  PathPromptState state;
  const auto prompt = [&] {
    return frame(kWindow,
                 [&](const PanelFrame& panel) { return draw_path_prompt(state, {}, panel); });
  };
  const auto entered = [&](const std::string& text) {
    ask_for_path(state, "Open", "/here/", false);
    for (int i = 0; i < 4; ++i) prompt();
    type(text);
    prompt();
    const auto path = press_key(ImGuiKey_Enter, prompt);
    prompt();
    prompt();
    return path;
  };
  EXPECT_EQ(entered("there"), "/here/there");
  EXPECT_EQ(entered("/data/digits"), "/data/digits");
  EXPECT_EQ(entered("~/digits"), "/people/somebody/digits");
  EXPECT_EQ(entered("~"), "/people/somebody");
}

TEST_F(DialogsTest, ARecentFileThatIsGoneCannotBeChosen) {
  PathPromptState state;
  const std::string there = testing::TempDir() + "zscape-there";
  std::ofstream(there) << "x";
  const std::vector<std::string> recent = {testing::TempDir() + "zscape-gone", there};
  const auto prompt = [&] {
    return frame(kWindow,
                 [&](const PanelFrame& panel) { return draw_path_prompt(state, recent, panel); });
  };
  ask_for_path(state, "Open", "/here/", false);
  for (int i = 0; i < 4; ++i) prompt();
  std::optional<std::string> chosen;
  for (const char* entry : {"prompt_recent_0", "prompt_recent_1"}) {
    EXPECT_FALSE(chosen);
    move(place_of(entry));
    for (const bool down : {false, true, false, false}) {
      press(down);
      if (const auto path = prompt()) chosen = path;
    }
  }
  EXPECT_EQ(chosen, there);
  std::filesystem::remove(there);
}

TEST_F(DialogsTest, NoHelpCoversWhatFollowsEnter) {
  const auto shows_help = [] {
    const ImGuiWindow* tooltip = ImGui::FindWindowByName("##Tooltip_00");
    return tooltip != nullptr && tooltip->Active;
  };
  click_field("number");
  field();
  EXPECT_TRUE(shows_help());
  type("2");
  field();
  press_key(ImGuiKey_Enter, [&] { return field(); });
  field();
  EXPECT_FALSE(shows_help());
  move({900, 600});
  field();
  field();
  move(place_of("number"));
  field();
  field();
  EXPECT_TRUE(shows_help());
}

TEST_F(DialogsTest, ANoticeBreaksNoNumber) {
  NoticesPanelState state;
  const std::string text = "Kept at step 1,876";
  snapshot_.notices = {{1, false, text}};
  float width = 0, first_line = 0;
  const auto draw = [&](float room) {
    frame({{10, 10}, {room, 400}}, [&](const PanelFrame& panel) {
      {
        const Styled styled(theme_.body);
        ImGui::Begin("measure");
        width = ImGui::CalcTextSize(text.c_str()).x;
        first_line = ImGui::CalcTextSize("Kept at step").x;
        ImGui::End();
      }
      draw_notices_panel(snapshot_, state, panel);
    });
  };
  draw(900);
  for (int i = 0; i < 2; ++i) draw(width + 40);  // its edges and its cross take more
  ASSERT_TRUE(widgets_.find("notice_0"));
  EXPECT_NEAR(widgets_.find("notice_0")->size.x, first_line, 1);
}

// Fast typing brings the last letters and Enter in one frame.
TEST_F(DialogsTest, EnterLoadsTheDataWithTheLettersOfItsOwnFrame) {
  controls();
  click("source");
  type("data/mnis");
  controls();
  type("t");
  hold(ImGuiKey_Enter, true);
  const auto commands = controls();
  ASSERT_EQ(commands.size(), 1U);
  EXPECT_EQ(std::get<LoadData>(commands[0]).request.source, "data/mnist");
}

}  // namespace
}  // namespace zscape
