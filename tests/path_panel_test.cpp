// Paths in the latent view and in the preview without a window: a faked mouse on handles, lines,
// strips and buttons.
#include <fmt/format.h>

#include "app/gui/panels/paths/path_speed.h"
#include "tests/latent_panel_fixture.h"

namespace zscape {
namespace {

class PathPanelTest : public LatentPanelTest {
 protected:
  PathPanelTest() {
    ImGui::GetIO().DisplaySize = {1200, 1300};  // so that all of a path's view is seen
    preview_place_.size.y = 1200;
    drag(kRight, at(-1.5F, -1.5F), at(1.5F, -1.5F));
    leave();
    frames(3);
  }
  const Path& path() const { return scene_.paths().front(); }
  Vec2 middle() const { return at(0, -1.5F); }
  void double_click(Vec2 place) {
    click(kLeft, place);
    button(kLeft, true);
    frame();
    release(kLeft);
  }
  // Draws the preview alone and keeps what it asks for.
  std::vector<Command> click_for_commands(const char* name) {
    const auto place = widgets_.find(name);
    EXPECT_TRUE(place) << name;
    std::vector<Command> all;
    if (!place) return all;
    move(place->center());
    for (const bool down : {false, true, false, false}) {
      button(kLeft, down);
      time_s_ += 1.0 / 60;
      ImGui::NewFrame();
      widgets_.clear();
      for (Command& command : draw_preview_panel(snapshot_, kModel, pictures_, scene_, preview_,
                                                 {theme_, widgets_, preview_place_, time_s_})) {
        all.push_back(std::move(command));
      }
      ImGui::Render();
    }
    return all;
  }
};

TEST_F(PathPanelTest, APathSaysThatItsGeodesicIsHiddenInThePast) {
  EXPECT_FALSE(widgets_.find("geodesic_hidden"));
  model().past_decoder = std::make_shared<FakeModel>();
  scene_.set_past(true);
  frames(2);
  EXPECT_TRUE(widgets_.find("geodesic_hidden"));
  model().past_decoder = nullptr;
  scene_.set_past(false);
  frames(2);
  EXPECT_FALSE(widgets_.find("geodesic_hidden"));
}

TEST_F(PathPanelTest, AControlPointIsDraggedAndThatIsOneStep) {
  const float center = state_.view.center.x;
  drag(kLeft, at(1.5F, -1.5F), at(1.2F, 0.5F));
  ASSERT_EQ(scene_.paths().size(), 1U);
  EXPECT_NEAR(path().points[1].z[0], 1.2, 0.02);
  EXPECT_NEAR(path().points[1].z[1], 0.5, 0.02);
  EXPECT_FLOAT_EQ(state_.view.center.x, center);  // no panning
  frame({.undo = true});
  EXPECT_NEAR(path().points[1].z[1], -1.5, 1e-3);
  frame({.redo = true});
  EXPECT_NEAR(path().points[1].z[1], 0.5, 0.02);
  frame({.undo = true});
  frame({.undo = true});
  EXPECT_TRUE(scene_.paths().empty());
}

TEST_F(PathPanelTest, AnEndSnapsToAnInputAndComesOffAgain) {
  const Vec2 code = at(2, 0);
  drag(kLeft, at(1.5F, -1.5F), {code.x + 5, code.y + 3});
  EXPECT_THAT(path().points[1].z, ElementsAre(2, 0));
  EXPECT_EQ(path().points[1].source, (PointRef{SplitName::train, 1}));
  frames(2);
  EXPECT_TRUE(widgets_.find("path_1_input_to"));
  drag(kLeft, at(2, 0), at(1.2F, -0.6F));
  EXPECT_FALSE(path().points[1].source);
}

TEST_F(PathPanelTest, CtrlClickOnTheLineAddsAControlPointThatIsDraggedOn) {
  hold_ctrl(true);
  drag(kLeft, middle(), at(0.2F, -0.5F));
  hold_ctrl(false);
  ASSERT_EQ(path().points.size(), 3U);
  EXPECT_NEAR(path().points[1].z[0], 0.2, 0.02);
  EXPECT_NEAR(path().points[1].z[1], -0.5, 0.02);
  EXPECT_TRUE(scene_.pins().empty());
  frame({.undo = true});  // adding and dragging are one step
  EXPECT_EQ(path().points.size(), 2U);
}

TEST_F(PathPanelTest, ADoubleClickOnTheLineAddsAControlPointAndPinsNothing) {
  double_click(middle());
  EXPECT_EQ(path().points.size(), 3U);
  EXPECT_NEAR(path().points[1].z[0], 0, 0.02);
  EXPECT_NEAR(path().points[1].z[1], -1.5, 0.02);
  EXPECT_TRUE(scene_.pins().empty());
}

TEST_F(PathPanelTest, AClickOnALineSelectsThePath) {
  drag(kRight, at(-1.5F, 1.7F), at(1.5F, 1.7F));
  ASSERT_EQ(scene_.selected_path()->id, 2);
  click(kLeft, middle());
  EXPECT_EQ(scene_.selected_path()->id, 1);
  EXPECT_TRUE(scene_.pins().empty());
}

TEST_F(PathPanelTest, DeleteRemovesTheControlPointThatWasTakenLast) {
  double_click(middle());
  frame({.remove = true});
  EXPECT_EQ(path().points.size(), 2U);
  frame({.remove = true});
  EXPECT_TRUE(scene_.paths().empty());
  frame({.undo = true});
  frame({.undo = true});
  EXPECT_EQ(path().points.size(), 3U);
}

TEST_F(PathPanelTest, TheContextMenuRemovesAControlPointAndAddsOne) {
  click(kRight, middle());
  frames(2);
  click_widget("menu_add_point");
  ASSERT_EQ(path().points.size(), 3U);
  frames(2);
  click(kRight, middle());
  frames(2);
  click_widget("menu_remove_point");
  EXPECT_EQ(path().points.size(), 2U);
}

TEST_F(PathPanelTest, EscapeAndUndoPutAControlPointInHandBack) {
  for (const LatentKeys keys : {LatentKeys{.escape = true}, LatentKeys{.undo = true}}) {
    press(kLeft, at(1.5F, -1.5F));
    move(at(0.5F, 0.5F));
    frame();
    EXPECT_NEAR(path().points[1].z[1], 0.5, 0.02);
    frame(keys);
    release(kLeft);
    ASSERT_EQ(scene_.paths().size(), 1U);
    EXPECT_NEAR(path().points[1].z[1], -1.5, 1e-3);
  }
}

TEST_F(PathPanelTest, OffTheShownPlaneAControlPointKeepsItsOtherCoordinates) {
  model().spec.latent = 4;
  show_codes({-2, 0, 9, 9, 2, 0, 9, 9, 0, 1, 9, 9});
  frames(30);
  scene_.add_path({{-1, -1, 3, 4}, {}}, {{1, -1, 5, 6}, {}}, 0);
  frames(2);
  drag(kLeft, at(1, -1), at(0.5F, 0.5F));
  ASSERT_EQ(scene_.paths().size(), 1U);
  const std::vector<float>& z = path().points[1].z;
  EXPECT_NEAR(z[0], 0.5, 0.05);
  EXPECT_NEAR(z[1], 0.5, 0.05);
  EXPECT_EQ(z[2], 5);
  EXPECT_EQ(z[3], 6);
}

TEST_F(PathPanelTest, AStripsNameChoosesItsMode) {
  EXPECT_EQ(path().line.size(), 2U);
  click_widget("path_mode_spherical");
  EXPECT_EQ(path().mode, PathMode::spherical);
  EXPECT_GT(path().line.size(), 10U);  // an arc in the plot
  frame({.undo = true});
  EXPECT_EQ(path().mode, PathMode::linear);
}

TEST_F(PathPanelTest, AllFourStripsStandUnderOneAnother) {
  float before = 0;
  for (const char* name : {"linear", "spherical", "geodesic", "fade"}) {
    const auto first = widgets_.find(fmt::format("path_1_{}_frame_0", name));
    const auto last = widgets_.find(fmt::format("path_1_{}_frame_11", name));
    ASSERT_TRUE(first && last) << name;
    EXPECT_EQ(first->origin.y, last->origin.y);
    EXPECT_EQ(first->origin.x, widgets_.find("path_1_linear_frame_0")->origin.x);
    EXPECT_GT(first->origin.y, before);
    before = first->origin.y;
  }
}

TEST_F(PathPanelTest, PlayLoopAndScrubMoveTheMarkerAndThePicture) {
  click_widget("path_play");
  EXPECT_TRUE(scene_.playback().playing());
  click_widget("path_play");
  EXPECT_FALSE(scene_.playback().playing());
  click_widget("path_loop");
  EXPECT_TRUE(scene_.playback().loops());
  const auto track = widgets_.find("path_scrub");
  ASSERT_TRUE(track);
  click(kLeft, track->center());
  EXPECT_NEAR(scene_.playback().position(), 0.5, 0.01);
  frame();
  const auto marker = widgets_.find("path_marker");
  ASSERT_TRUE(marker);
  EXPECT_NEAR(marker->center().x, middle().x, 2);
  EXPECT_NEAR(scene_.shown_z()[0], 0, 0.03);
}

TEST_F(PathPanelTest, ExportNamesTheFileTheModeAndTheFrames) {
  const auto gif = click_for_commands("path_export_gif");
  ASSERT_EQ(gif.size(), 1U);
  const auto& animation = std::get<ExportPath>(gif[0]);
  EXPECT_EQ(animation.path, "path-1.gif");
  EXPECT_EQ(animation.frames, 12);
  EXPECT_EQ(animation.mode, PathMode::linear);
  EXPECT_EQ(animation.stops, path().stops());
  scene_.edit([](MarkHistory& marks) { marks.rename_path(1, "Six to: four"); });
  const auto png = click_for_commands("path_export_png");
  ASSERT_EQ(png.size(), 1U);
  EXPECT_EQ(std::get<ExportPath>(png[0]).path, "six-to-four.png");
}

TEST_F(PathPanelTest, ADoubleClickOnTheNameRenames) {
  const auto place = widgets_.find("path_1");
  ASSERT_TRUE(place);
  double_click({place->origin.x + 20, place->center().y});
  frames(2);
  ImGui::GetIO().AddInputCharactersUTF8("from nine to one");
  frames(2);
  click(kLeft, at(-2, 2));  // elsewhere
  frames(2);
  EXPECT_EQ(path().name, "from nine to one");
  EXPECT_TRUE(scene_.pins().empty());  // that click only closed the field
}

TEST(FileStem, IsSafeAndNeverEmpty) {
  EXPECT_EQ(file_stem("path 1"), "path-1");
  EXPECT_EQ(file_stem("../../etc/passwd"), "etc-passwd");
  EXPECT_EQ(file_stem("Übung: 3 → 8"), "Übung-3-→-8");
  EXPECT_EQ(file_stem("..."), "path");
  EXPECT_EQ(file_stem("???"), "path");
}

TEST(StripRows, AreAlikeAndAtMostTwelveWide) {
  for (int frames = 2; frames < 100; ++frames) {
    const StripRows rows = strip_rows(frames);
    EXPECT_LE(rows.columns, 12);
    EXPECT_GE(rows.columns * rows.rows, frames);
    EXPECT_LT((rows.rows - 1) * rows.columns, frames);
  }
}

}  // namespace
}  // namespace zscape
