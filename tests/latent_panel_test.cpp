// Latent view and preview without a window: a faked mouse, and what it puts into the scene.

#include "app/gui/panels/latent_panel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <imgui.h>

#include <cfloat>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "app/gui/panels/preview_panel.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

using ::testing::ElementsAre;

constexpr ModelId kModel{};
constexpr int kLeft = ImGuiMouseButton_Left;
constexpr int kRight = ImGuiMouseButton_Right;

// A window without pixels, with six codes: row i has the label i.
class LatentPanelTest : public ::testing::Test {
 protected:
  LatentPanelTest() {
    ImGui::CreateContext();
    ImGui::GetIO().IniFilename = nullptr;
    ImGui::GetIO().DisplaySize = {1200, 900};
    theme_ = make_theme(1, false);
    snapshot_.data = fake_data();
    ModelView view;
    view.spec = reference_spec(ModelKind::vae, *snapshot_.data, 2);
    view.state = RunState::paused;
    snapshot_.models.push_back(view);
    show_codes({-2, 0, 2, 0, 0, 1, 0, -1, 1, 1, 2.5F, 2});
    leave();
    frames(3);
  }
  ~LatentPanelTest() override { ImGui::DestroyContext(); }

  ModelView& model() { return snapshot_.models.front(); }

  void show_codes(std::vector<float> mean) {
    static std::uint64_t revision = 0;
    auto codes = std::make_shared<Codes>();
    codes->latent = model().spec.latent;
    std::vector<std::int64_t> rows;
    for (std::size_t i = 0; i < mean.size() / static_cast<std::size_t>(codes->latent); ++i) {
      rows.push_back(static_cast<std::int64_t>(i));
    }
    codes->indices = std::make_shared<const std::vector<std::int64_t>>(std::move(rows));
    codes->mean = std::move(mean);
    codes->revision = ++revision;
    model().train_sample = std::move(codes);
  }

  void move(Vec2 to) {
#if IMGUI_VERSION_NUM >= 18700
    ImGui::GetIO().AddMousePosEvent(to.x, to.y);
#else
    ImGui::GetIO().MousePos = {to.x, to.y};
#endif
  }
  void leave() {
    move({-FLT_MAX, -FLT_MAX});
  }
  void button(int which, bool down) {
#if IMGUI_VERSION_NUM >= 18700
    ImGui::GetIO().AddMouseButtonEvent(which, down);
#else
    ImGui::GetIO().MouseDown[which] = down;
#endif
  }
  void wheel(float by) {
#if IMGUI_VERSION_NUM >= 18700
    ImGui::GetIO().AddMouseWheelEvent(0, by);
#else
    ImGui::GetIO().MouseWheel = by;
#endif
  }

  void frame(LatentKeys keys = {}) {
    time_s_ += 1.0 / 60;
    ImGui::GetIO().DeltaTime = 1.0F / 60;
    ImGui::NewFrame();
    widgets_.clear();
    scene_.set_model(model().spec, snapshot_.data);
    points_.update(model(), snapshot_.data, state_.split, scene_.axes(), time_s_);
    draw_latent_panel(snapshot_, kModel, {points_, pictures_, keys, {}}, scene_, state_,
                      {theme_, widgets_, {{10, 10}, {700, 800}}, time_s_});
    draw_preview_panel(snapshot_, kModel, pictures_, scene_, preview_,
                       {theme_, widgets_, {{720, 10}, {366, 880}}, time_s_});
    ImGui::Render();
  }
  void frames(int count) {
    for (int i = 0; i < count; ++i) frame();
  }

  Vec2 at(float x, float y) const {
    return state_.view.to_screen({x, y});
  }
  void press(int which, Vec2 place) {
    move(place);
    frame();
    button(which, true);
    frame();
  }
  void release(int which) {
    button(which, false);
    frame();
  }
  void click(int which, Vec2 place) {
    press(which, place);
    release(which);
  }
  void drag(int which, Vec2 from, Vec2 to) {
    press(which, from);
    for (int step = 1; step <= 4; ++step) {
      const float part = static_cast<float>(step) / 4;
      move({from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part});
      frame();
    }
    release(which);
  }
  void click_widget(const char* name, int which = kLeft) {
    const auto place = widgets_.find(name);
    ASSERT_TRUE(place) << name;
    click(which, place->center());
  }

  Theme theme_;
  WidgetMap widgets_;
  Snapshot snapshot_;
  Pictures pictures_;
  Scene scene_{pictures_};
  Points points_;
  LatentPanelState state_;
  PreviewPanelState preview_;
  double time_s_ = 1;
};

TEST_F(LatentPanelTest, TheFirstCodesAreFittedIntoThePlot) {
  for (std::size_t i = 0; i < points_.count(); ++i) {
    EXPECT_TRUE(state_.view.contains(state_.view.to_screen(points_.position(i))));
  }
}

TEST_F(LatentPanelTest, ThePointerDecidesTheZOfTheSameFrame) {
  move(at(0.5F, -1.5F));
  frame();
  ASSERT_TRUE(scene_.pointing());
  EXPECT_NEAR(scene_.shown_z()[0], 0.5, 1e-4);
  EXPECT_NEAR(scene_.shown_z()[1], -1.5, 1e-4);
}

TEST_F(LatentPanelTest, TheNearestInputIsShown) {
  move(at(1.9F, 0.1F));
  frame();
  EXPECT_EQ(scene_.shown_input(), (PointRef{SplitName::train, 1}));
}

TEST_F(LatentPanelTest, AClickPinsThatZ) {
  click(kLeft, at(-1, -1.5F));
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_NEAR(scene_.pins()[0].z[0], -1, 1e-3);
  EXPECT_FALSE(scene_.pins()[0].source);
}

TEST_F(LatentPanelTest, AClickWithinEightPixelsOfAPointPinsItsMean) {
  const Vec2 point = at(2, 0);
  click(kLeft, {point.x + 5, point.y - 6});  // 7.8 pixels away
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_THAT(scene_.pins()[0].z, ElementsAre(2, 0));
  EXPECT_EQ(scene_.pins()[0].source, (PointRef{SplitName::train, 1}));
  click(kLeft, {point.x - 7, point.y + 20});  // farther than that
  ASSERT_EQ(scene_.pins().size(), 2U);
  EXPECT_FALSE(scene_.pins()[1].source);
}

TEST_F(LatentPanelTest, APointThatIsHiddenIsNotMeant) {
  click_widget("label_1");
  click(kLeft, at(2, 0));
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_FALSE(scene_.pins()[0].source);
}

TEST_F(LatentPanelTest, LessThanFourPixelsOfTravelIsAClickAndFourAreADrag) {
  const Vec2 from = at(-1, -1.5F);
  const Vec2 center = state_.view.center;
  drag(kLeft, from, {from.x + 3, from.y});
  EXPECT_EQ(scene_.pins().size(), 1U);
  EXPECT_FLOAT_EQ(state_.view.center.x, center.x);
  drag(kLeft, {from.x + 60, from.y}, {from.x + 64, from.y});
  EXPECT_EQ(scene_.pins().size(), 1U);
  EXPECT_LT(state_.view.center.x, center.x);
}

TEST_F(LatentPanelTest, ADragThatComesBackIsNoClick) {
  press(kLeft, at(-1, -1.5F));
  move(at(0, 0));
  frame();
  move(at(-1, -1.5F));
  frame();
  release(kLeft);
  EXPECT_TRUE(scene_.pins().empty());
}

TEST_F(LatentPanelTest, ADragPansExactlyWithThePointer) {
  const Vec2 from = at(-1, -1.5F);
  drag(kLeft, from, {from.x + 80, from.y + 40});
  const Vec2 now = at(-1, -1.5F);
  EXPECT_NEAR(now.x, from.x + 80, 0.01);
  EXPECT_NEAR(now.y, from.y + 40, 0.01);
  EXPECT_FALSE(state_.auto_fit);
}

TEST_F(LatentPanelTest, TheWheelZoomsAtThePointer) {
  const Vec2 pointer = at(1, 1);
  const float before = state_.view.pixels_per_unit;
  move(pointer);
  frame();
  wheel(2);
  frame();
  EXPECT_GT(state_.view.pixels_per_unit, 1.2F * before);
  EXPECT_NEAR(at(1, 1).x, pointer.x, 0.01);
  EXPECT_NEAR(at(1, 1).y, pointer.y, 0.01);
}

TEST_F(LatentPanelTest, TheViewFollowsTheCodesUntilThePersonMovesItAndHomeBringsItBack) {
  show_codes({-20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  frames(200);
  EXPECT_TRUE(state_.view.contains(at(20, 0)));
  move(at(0, 0));
  frame();
  wheel(8);
  frames(60);
  EXPECT_FALSE(state_.view.contains(at(20, 0)));
  frame({.fit = true});
  frames(200);
  EXPECT_TRUE(state_.view.contains(at(20, 0)));
  EXPECT_FALSE(state_.view_moving);
}

TEST_F(LatentPanelTest, ARightDragDrawsAPathWhoseEndsSnapToPoints) {
  const Vec2 from = at(-2, 0);
  const Vec2 to = at(2, 0);
  drag(kRight, {from.x + 4, from.y}, {to.x, to.y + 6});
  ASSERT_EQ(scene_.paths().size(), 1U);
  const Path& path = scene_.paths()[0];
  EXPECT_THAT(path.from.z, ElementsAre(-2, 0));
  EXPECT_THAT(path.to.z, ElementsAre(2, 0));
  EXPECT_EQ(path.to.source, (PointRef{SplitName::train, 1}));
  EXPECT_EQ(path.frames.size(), 12U);
}

TEST_F(LatentPanelTest, WithThePathToolTheLeftButtonDrawsAndEscapeLeavesIt) {
  frame({.toggle_path_tool = true});
  const Vec2 center = state_.view.center;
  drag(kLeft, at(-1, -1.5F), at(1, -1.5F));
  EXPECT_EQ(scene_.paths().size(), 1U);
  EXPECT_FLOAT_EQ(state_.view.center.x, center.x);
  frame({.escape = true});
  drag(kLeft, at(-1, -1.5F), at(1, -1.5F));
  EXPECT_EQ(scene_.paths().size(), 1U);
  EXPECT_NE(state_.view.center.x, center.x);
}

TEST_F(LatentPanelTest, EscapeGivesUpAPathInHand) {
  press(kRight, at(-1, -1.5F));
  move(at(1, -1.5F));
  frame({.escape = true});
  release(kRight);
  EXPECT_TRUE(scene_.paths().empty());
}

TEST_F(LatentPanelTest, LeavingThePlotBringsBackThePinnedZ) {
  click(kLeft, at(-1, -1.5F));
  move(at(1, 1));
  frame();
  EXPECT_NEAR(scene_.shown_z()[0], 1, 1e-3);
  leave();
  frame();
  EXPECT_FALSE(scene_.pointing());
  EXPECT_EQ(scene_.shown_z(), scene_.pins()[0].z);
}

TEST_F(LatentPanelTest, AClickOnAPinSelectsItAndDeleteRemovesIt) {
  click(kLeft, at(-1, -1.5F));
  click(kLeft, at(1, -1.5F));
  ASSERT_EQ(scene_.pins().size(), 2U);
  click(kLeft, at(-1, -1.5F));
  ASSERT_EQ(scene_.pins().size(), 2U);
  EXPECT_EQ(scene_.selected_pin()->id, 1);
  frame({.remove = true});
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_EQ(scene_.pins()[0].id, 2);
}

TEST_F(LatentPanelTest, PinsAreSelectedAndRemovedInThePreview) {
  click(kLeft, at(-1, -1.5F));
  click(kLeft, at(1, -1.5F));
  frame();
  click_widget("pin_1");
  EXPECT_EQ(scene_.selected_pin()->id, 1);
  const auto place = widgets_.find("pin_2");
  ASSERT_TRUE(place);
  click(kLeft, {place->origin.x + place->size.x - 4, place->origin.y + 4});  // its cross
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_EQ(scene_.pins()[0].id, 1);
}

TEST_F(LatentPanelTest, APathIsRemovedInThePreview) {
  drag(kRight, at(-1, -1.5F), at(1, -1.5F));
  frame();
  click_widget("remove_path_1");
  EXPECT_TRUE(scene_.paths().empty());
}

TEST_F(LatentPanelTest, RestingOnAPictureShowsItsZ) {
  drag(kRight, at(-1, -1.5F), at(1, -1.5F));
  frame();
  const auto place = widgets_.find("path_1_frame_11");
  ASSERT_TRUE(place);
  move(place->center());
  frame();
  ASSERT_TRUE(preview_.peek);
  EXPECT_EQ(preview_.peek->z, scene_.paths()[0].frames[11]);
}

TEST_F(LatentPanelTest, ALegendEntrySwitchesItsLabelOffAndARightClickShowsItAlone) {
  click_widget("label_3");
  EXPECT_TRUE(state_.hidden[3]);
  EXPECT_EQ(state_.hidden.count(), 1U);
  click_widget("label_3");
  EXPECT_TRUE(state_.hidden.none());
  click_widget("label_4", kRight);
  EXPECT_FALSE(state_.hidden[4]);
  EXPECT_TRUE(state_.hidden[3]);
  click_widget("label_4", kRight);
  EXPECT_TRUE(state_.hidden.none());
}

TEST_F(LatentPanelTest, TheSplitIsSwitched) {
  click_widget("split_test");
  EXPECT_EQ(state_.split, SplitName::test);
  frame();
  EXPECT_TRUE(points_.empty());  // there are no codes of it
  click_widget("split_train");
  frame();
  EXPECT_EQ(points_.count(), 6U);
}

TEST_F(LatentPanelTest, CvaePinsAPointWithItsLabelAndAChoiceChangesIt) {
  model().spec = reference_spec(ModelKind::cvae, *snapshot_.data, 2);
  frames(2);
  click(kLeft, at(2, 0));
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_EQ(scene_.pins()[0].label, 1);
  frame();
  click_widget("choose_label_7");
  EXPECT_EQ(scene_.label(), 7);
  EXPECT_EQ(scene_.pins()[0].label, 7);
}

TEST_F(LatentPanelTest, OneAndTwentyDimensionsAreUsable) {
  model().spec.latent = 1;
  show_codes({-1, 0, 1, 2});
  frames(30);
  click(kLeft, at(-0.5F, 0.7F));
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_EQ(scene_.pins()[0].z.size(), 1U);

  model().spec.latent = 20;
  std::vector<float> mean(40, 0.25F);
  mean[20] = 2;
  show_codes(mean);
  frames(30);
  EXPECT_TRUE(scene_.pins().empty());
  EXPECT_TRUE(widgets_.find("axis_x"));
  click(kLeft, at(2, 0.25F));
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_EQ(scene_.pins()[0].z.size(), 20U);
  EXPECT_FLOAT_EQ(scene_.pins()[0].z[19], 0.25F);
}

TEST_F(LatentPanelTest, DrawsBeforeAnythingIsLoadedAndWithoutLabels) {
  snapshot_ = {};
  snapshot_.models.emplace_back();
  points_.clear();
  frames(2);
  click(kLeft, at(0, 0));
  auto data = std::make_shared<Dataset>(*fake_data());
  data->class_names.clear();
  data->train.labels.clear();
  snapshot_.data = data;
  model().spec = reference_spec(ModelKind::vae, *data, 2);
  show_codes({-2, 0, 2, 0});
  frames(2);
  move(at(2, 0));
  frame();
  EXPECT_FALSE(widgets_.find("label_0"));
  EXPECT_EQ(scene_.shown_input(), (PointRef{SplitName::train, 1}));
}

TEST_F(LatentPanelTest, TheLargePictureStandsOnWholePixels) {
  frame();
  const auto place = widgets_.find("preview_picture");
  ASSERT_TRUE(place);
  const float scale = place->size.x / static_cast<float>(pictures_.shape().width);
  EXPECT_GE(scale, 8);
  EXPECT_EQ(scale, std::floor(scale));
  EXPECT_EQ(place->origin.x, std::floor(place->origin.x));
}

}  // namespace
}  // namespace zscape
