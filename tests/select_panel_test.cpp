// Tools, selection, card and lists of inputs without a window: a faked mouse.
#include <filesystem>

#include "app/gui/input_browser.h"
#include "tests/latent_panel_fixture.h"

namespace zscape {
namespace {

// Rows 0 … 5 lie at (−2,0) (2,0) (0,1) (0,−1) (1,1) (2.5,2).
class SelectPanelTest : public LatentPanelTest {
 protected:
  void hold_shift(bool down) {
#if IMGUI_VERSION_NUM >= 18900
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, down);
#elif IMGUI_VERSION_NUM >= 18700
    ImGui::GetIO().AddKeyEvent(ImGuiKey_ModShift, down);
#else
    ImGui::GetIO().KeyShift = down;
#endif
  }
  const std::vector<std::int64_t>& rows() const {
    return selection_.rows(SplitName::train);
  }
  void shift_drag(Vec2 from, Vec2 to) {
    hold_shift(true);
    drag(kLeft, from, to);
    hold_shift(false);
    frame();
  }
  void lasso(const std::vector<Vec2>& corners) {
    press(kLeft, corners.front());
    for (const Vec2 corner : corners) {
      move(corner);
      frame();
    }
    release(kLeft);
  }
};

TEST_F(SelectPanelTest, AShiftDragSelectsByABoxFromAnyTool) {
  const Vec2 center = state_.view.center;
  shift_drag(at(-0.5F, 1.5F), at(1.5F, -1.5F));
  EXPECT_THAT(rows(), ElementsAre(2, 3, 4));
  frame({.toggle_path_tool = true});
  shift_drag(at(-3, -0.5F), at(-1, 0.5F));
  EXPECT_THAT(rows(), ElementsAre(0));
  EXPECT_TRUE(scene_.paths().empty());
  EXPECT_TRUE(scene_.pins().empty());
  EXPECT_FLOAT_EQ(state_.view.center.x, center.x);
}

TEST_F(SelectPanelTest, ABoxThatLosesThePointerEndsWhereItWasLast) {
  hold_shift(true);
  drag_and_lose_the_pointer(kLeft, at(-0.5F, 1.5F), at(1.5F, -1.5F));
  hold_shift(false);
  EXPECT_THAT(rows(), ElementsAre(2, 3, 4));
}

TEST_F(SelectPanelTest, ALassoThatLosesThePointerTakesNoCornerOfThePlotIn) {
  hold_shift(true);
  hold_ctrl(true);
  press(kLeft, at(-0.5F, 1.3F));
  for (const Vec2 corner : {at(0.5F, 1.3F), at(0.5F, 0.7F), at(-0.5F, 0.7F)}) {
    move(corner);
    frame();
  }
  leave();
  frame();
  ASSERT_FALSE(state_.drag.lasso.empty());
  EXPECT_NEAR(state_.drag.lasso.back().x, -0.5, 0.02);
  EXPECT_NEAR(state_.drag.lasso.back().y, 0.7, 0.02);
  release(kLeft);
  hold_ctrl(false);
  hold_shift(false);
  EXPECT_THAT(rows(), ElementsAre(2));
}

TEST_F(SelectPanelTest, AShiftCtrlDragSelectsByALasso) {
  hold_shift(true);
  hold_ctrl(true);
  // Around (2,0) and (0,1), and not (0,−1), (1,1).
  lasso({at(-0.5F, 1.5F), at(0.5F, 1.5F), at(0.6F, 0.4F), at(2.4F, 0.4F), at(2.4F, -0.4F),
         at(-0.5F, -0.4F), at(-0.5F, 1.4F)});
  hold_ctrl(false);
  hold_shift(false);
  EXPECT_THAT(rows(), ElementsAre(1, 2));
}

TEST_F(SelectPanelTest, TheSelectToolDrawsBoxesAndTheRightButtonStillDrawsPaths) {
  click_widget("select_tool");
  EXPECT_EQ(state_.tool, Tool::select);
  drag(kLeft, at(-0.5F, 1.5F), at(1.5F, 0.5F));
  EXPECT_THAT(rows(), ElementsAre(2, 4));
  drag(kRight, at(-2, 0), at(2, 0));
  EXPECT_EQ(scene_.paths().size(), 1U);
  EXPECT_THAT(rows(), ElementsAre(2, 4));
  frame({.toggle_select_tool = true});
  EXPECT_EQ(state_.tool, Tool::explore);
  frame({.toggle_select_tool = true});
  frame({.explore_tool = true});
  EXPECT_EQ(state_.tool, Tool::explore);
}

TEST_F(SelectPanelTest, TogglesAddAndSubtract) {
  shift_drag(at(-0.5F, 1.5F), at(1.5F, 0.5F));
  click_widget("select_add");
  shift_drag(at(-3, -0.5F), at(-1, 0.5F));
  EXPECT_THAT(rows(), ElementsAre(0, 2, 4));
  click_widget("select_subtract");
  EXPECT_EQ(state_.select_mode, SelectMode::subtract);
  shift_drag(at(-0.5F, 1.5F), at(0.5F, 0.5F));
  EXPECT_THAT(rows(), ElementsAre(0, 4));
  click_widget("select_subtract");
  EXPECT_EQ(state_.select_mode, SelectMode::replace);
  frame({.toggle_add = true});
  EXPECT_EQ(state_.select_mode, SelectMode::add);
}

TEST_F(SelectPanelTest, WithTheSelectToolAClickTakesAPointAndOneBesideAllClears) {
  click_widget("select_tool");
  click(kLeft, at(2, 0));
  EXPECT_THAT(rows(), ElementsAre(1));
  hold_shift(true);
  click(kLeft, at(-2, 0));
  EXPECT_THAT(rows(), ElementsAre(0, 1));
  click(kLeft, at(2, 0));
  EXPECT_THAT(rows(), ElementsAre(0));
  hold_shift(false);
  click(kLeft, at(-1, -1.5F));
  EXPECT_TRUE(selection_.empty());
  EXPECT_TRUE(scene_.pins().empty());
}

TEST_F(SelectPanelTest, EscapeClearsTheSelectionAndThenLeavesTheTool) {
  click_widget("select_tool");
  drag(kLeft, at(-0.5F, 1.5F), at(1.5F, 0.5F));
  press(kLeft, at(-3, -3));
  move(at(3, 3));
  frame();
  frame({.escape = true});  // gives up the box in hand
  release(kLeft);
  EXPECT_THAT(rows(), ElementsAre(2, 4));
  frame({.escape = true});
  EXPECT_TRUE(selection_.empty());
  EXPECT_EQ(state_.tool, Tool::select);
  frame({.escape = true});
  EXPECT_EQ(state_.tool, Tool::explore);
}

TEST_F(SelectPanelTest, ABoxDoesNotTakeWhatTheLegendHasDimmed) {
  click_widget("label_2");  // alone
  shift_drag(at(-3, -3), at(3, 3));
  EXPECT_THAT(rows(), ElementsAre(2));
}

TEST_F(SelectPanelTest, TheCardStandsBesideThePointThatIsMeantAndNowhereElse) {
  move(at(2, 0));
  frame();
  EXPECT_EQ(state_.card_input, (PointRef{SplitName::train, 1}));
  const auto card = widgets_.find("card");
  ASSERT_TRUE(card);
  EXPECT_TRUE(widgets_.find("card_input") && widgets_.find("card_reconstruction"));
  EXPECT_TRUE(state_.view.contains(card->origin));
  EXPECT_TRUE(
      state_.view.contains({card->origin.x + card->size.x - 1, card->origin.y + card->size.y - 1}));
  const auto point_in_card = [&] {
    const auto place = widgets_.find("card");
    return place && at(2, 0).x >= place->origin.x && at(2, 0).y >= place->origin.y &&
           at(2, 0).x < place->origin.x + place->size.x &&
           at(2, 0).y < place->origin.y + place->size.y;
  };
  EXPECT_FALSE(point_in_card());
  move(at(-1, -1.5F));  // near no point
  frame();
  EXPECT_FALSE(widgets_.find("card"));
  EXPECT_FALSE(state_.card_input);
  move(at(2, 0));
  frame({.toggle_card = true});
  EXPECT_FALSE(widgets_.find("card"));
  frame({.toggle_card = true});
  EXPECT_TRUE(widgets_.find("card"));
  press(kLeft, at(2, 0));
  move(at(2.05F, 0.02F));
  frame();
  EXPECT_FALSE(widgets_.find("card"));  // not in the way of a drag
  release(kLeft);
}

class InputListTest : public SelectPanelTest {
 protected:
  InputListTest() {
    pictures_.set_shape(snapshot_.data->shape);
    auto errors = std::make_shared<InputErrors>();
    errors->indices = model().train_sample->indices;
    errors->mse = {0.1F, 0.6F, 0.2F, 0.5F, 0.3F, 0.4F};
    model().errors = errors;
    model().weights = std::make_shared<FakeModel>();
  }

  std::vector<Command> draw_list(bool draw_latent = true) {
    if (draw_latent) frame();
    time_s_ += 1.0 / 60;
    ImGui::NewFrame();
    widgets_.clear();
    shell_.begin_frame(snapshot_.data, state_);
    auto commands =
        shell_.draw(snapshot_, kModel, scene_, state_, contents_.dimming.selected().size(), tab_,
                    {theme_, widgets_, {{10, 600}, {1000, 250}}, time_s_});
    ImGui::Render();
    return commands;
  }
  std::vector<Command> click_in_list(const char* widget, Vec2 off = {0, 0}) {
    draw_list(false);
    draw_list(false);
    std::vector<Command> all;
    const auto place = widgets_.find(widget);
    EXPECT_TRUE(place) << widget;
    if (!place) return all;
    move({place->center().x + off.x, place->center().y + off.y});
    draw_list(false);
    for (const bool down : {true, false}) {
      button(kLeft, down);
      for (Command& command : draw_list(false)) all.push_back(std::move(command));
    }
    for (Command& command : draw_list(false)) all.push_back(std::move(command));
    return all;
  }

  InputBrowser shell_{pictures_, selection_};
  LowerTab tab_ = LowerTab::worst;
};

TEST_F(InputListTest, AClickOnTheWorstInputSendsTheViewThereAndMarksIt) {
  click_in_list("worst_0");
  EXPECT_EQ(state_.flight, (PointRef{SplitName::train, 1}));
  EXPECT_EQ(state_.marked, (PointRef{SplitName::train, 1}));
  EXPECT_EQ(state_.pointed, (PointRef{SplitName::train, 1}));
  const float before = state_.view.pixels_per_unit;
  leave();
  frames(2);
  EXPECT_TRUE(state_.view_moving);
  frames(200);
  EXPECT_FALSE(state_.view_moving);
  EXPECT_NEAR(state_.view.center.x, 2, 0.01);
  EXPECT_NEAR(state_.view.center.y, 0, 0.01);
  EXPECT_GT(state_.view.pixels_per_unit, 2 * before);
  frame({.escape = true});
  EXPECT_FALSE(state_.marked);
}

TEST_F(InputListTest, WithReducedMotionTheViewIsThereAtOnceAndTheWheelEndsAFlight) {
  theme_.reduced_motion = true;
  click_in_list("worst_1");
  frame();
  EXPECT_NEAR(state_.view.center.y, -1, 1e-4);
  theme_.reduced_motion = false;
  click_in_list("worst_0");
  move(at(0, 0));
  frame();
  wheel(1);
  frame();
  EXPECT_FALSE(state_.flight);
}

TEST_F(InputListTest, AnInputThatIsNotInThePlotIsMissed) {
  fly_to(state_, {SplitName::train, 400});
  frame();
  EXPECT_FALSE(state_.flight);
  EXPECT_EQ(state_.missed, (PointRef{SplitName::train, 400}));
}

TEST_F(InputListTest, OtherDataEndWhatWasMarked) {
  click_in_list("worst_0");
  ASSERT_TRUE(state_.marked);
  shell_.begin_frame(fake_data(), state_);
  EXPECT_FALSE(state_.marked || state_.pointed || state_.flight);
}

TEST_F(InputListTest, TheWorstListKeepsItsOrderUnderThePointer) {
  draw_list();
  draw_list();
  move(widgets_.find("worst_3")->center());
  draw_list(false);
  auto errors = std::make_shared<InputErrors>(*model().errors);
  errors->mse[0] = 9;
  model().errors = errors;
  draw_list(false);
  draw_list(false);
  EXPECT_EQ(state_.pointed, (PointRef{SplitName::train, 4}));
  leave();
  draw_list(false);
  draw_list(false);
  click_in_list("worst_0");
  EXPECT_EQ(state_.marked, (PointRef{SplitName::train, 0}));
}

TEST_F(InputListTest, TheSelectionIsShownAndExported) {
  tab_ = LowerTab::selection;
  selection_.choose(SplitName::train, {1, 3, 4}, SelectMode::replace);
  for (int i = 0; i < 3; ++i) draw_list();
  for (const char* widget : {"selection_mean", "selection_count", "selection_sheet",
                             "selection_image", "selection_labels"}) {
    EXPECT_TRUE(widgets_.find(widget)) << widget;
  }
  click_in_list("selection_image");
  EXPECT_EQ(state_.flight, (PointRef{SplitName::train, 1}));
  click_in_list("export_selection");
  const auto commands = click_in_list("write_selection");
  ASSERT_EQ(commands.size(), 1U);
  const auto& exported = std::get<ExportInputs>(commands.front());
  EXPECT_THAT(exported.train, ElementsAre(1, 3, 4));
  EXPECT_TRUE(exported.test.empty());
  EXPECT_EQ(exported.path, std::filesystem::absolute("selection.csv").string());
  click_in_list("tab_worst");
  EXPECT_EQ(tab_, LowerTab::worst);
}

TEST_F(InputListTest, VeryManySelectedImagesNeedFewPictures) {
  tab_ = LowerTab::selection;
  snapshot_.data = fake_data(100000, 10);
  std::vector<std::int64_t> rows(100000);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int64_t>(i);
  shell_.begin_frame(snapshot_.data, state_);
  selection_.follow(snapshot_.data);
  selection_.choose(SplitName::train, rows, SelectMode::replace);
  for (int i = 0; i < 3; ++i) draw_list(false);
  EXPECT_LE(pictures_.height() / 8 * (pictures_.width() / 8), 2048);
}

}  // namespace
}  // namespace zscape
