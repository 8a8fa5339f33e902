// More than two latent dimensions without a window: sliders, principal axes, three dimensions.
#include "app/gui/view/latent/code_axes.h"
#include "app/gui/view/latent/picking.h"
#include "tests/latent_panel_fixture.h"

namespace zscape {
namespace {

class AxesPanelTest : public LatentPanelTest {
 protected:
  AxesPanelTest() {
    latent_place_.size.x = 900;
    preview_place_.origin.x = 1000;
    show_four({2, 0, 0, 0, -2, 0, 0, 0, 0, 1, 0, 0, 0, -1, 0, 0, 0, 0, 3, 0, 0, 0, -3, 0});
  }
  void show_four(std::vector<float> mean) {
    model().spec.latent = 4;
    show_codes(std::move(mean));
    frame();
    fit(false);
    frames(40);
  }
  void fit(bool principal) {
    scene_.set_code_axes(
        std::make_shared<const CodeAxes>(fit_code_axes(*model().train_sample, principal)));
  }
  // Of the slider's track, in [0, 1].
  void set_slider(const char* name, float to) {
    const auto place = widgets_.find(name);
    ASSERT_TRUE(place) << name;
    const float inset = 8;
    click(kLeft, {place->origin.x + inset + to * (place->size.x - 2 * inset), place->center().y});
  }
  bool has(const char* name) { return widgets_.find(name).has_value(); }
  Vec2 on_screen(std::size_t point) { return screen_of_point(points_, state_.view, point); }
};

TEST_F(AxesPanelTest, OneSliderForEachDimensionThatIsNotShown) {
  EXPECT_TRUE(has("rest_3"));
  EXPECT_TRUE(has("rest_4"));
  EXPECT_FALSE(has("rest_1"));
  EXPECT_FALSE(has("rest_2"));
  const float narrow = state_.view.size.x;
  click_widget("sliders");
  frame();
  EXPECT_FALSE(has("rest_3"));
  EXPECT_GT(state_.view.size.x, narrow + 100);
}

TEST_F(AxesPanelTest, ASliderMovesThePlaneAndWhatThePreviewShows) {
  set_slider("rest_4", 1);
  EXPECT_NEAR(scene_.shown_z()[3], 3, 0.1);  // of the prior's 3 σ
  EXPECT_EQ(scene_.shown_z()[2], 0);
  move(at(0.5F, -0.5F));
  frame();
  EXPECT_NEAR(scene_.shown_z()[0], 0.5, 1e-3);
  EXPECT_NEAR(scene_.shown_z()[3], 3, 0.1);
  click(kLeft, at(-1, -0.5F));
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_NEAR(scene_.pins()[0].z[3], 3, 0.1);
  EXPECT_FALSE(scene_.through_by_hand());  // it leads through the pin now
  set_slider("rest_3", 0.9F);
  EXPECT_TRUE(scene_.through_by_hand());
  click_widget("rest_zero");
  leave();
  frame();
  EXPECT_EQ(scene_.shown_z()[3], 0);
  EXPECT_EQ(scene_.shown_z()[2], 0);
  EXPECT_NEAR(scene_.shown_z()[0], -1, 1e-3);  // the place in the plane stays
  click_widget("rest_pin");
  leave();
  frame();
  EXPECT_EQ(scene_.shown_z(), scene_.pins()[0].z);
}

TEST_F(AxesPanelTest, ASliderThatLosesThePointerStaysWhereItWasLast) {
  const auto track = widgets_.find("rest_3");
  ASSERT_TRUE(track);
  const Vec2 from = track->center();
  drag_and_lose_the_pointer(kLeft, from, {from.x + 20, from.y});
  const float moved = scene_.through()[2];
  EXPECT_GT(moved, 0.1F);
  drag(kLeft, from, {from.x + 20, from.y});
  EXPECT_FLOAT_EQ(scene_.through()[2], moved);
}

TEST_F(AxesPanelTest, OverAPointThePreviewDecodesThatPointsWholeCode) {
  show_four({2, 0, 0.5F, -1, -2, 0, 0, 0, 0, 1, 0, 0, 0, -1, 0, 0, 0, 0, 3, 0, 0, 0, -3, 0});
  EXPECT_EQ(cursor_name(scene_), "cursor, the rest 0");
  move(at(2, 0));
  frame();
  EXPECT_THAT(scene_.shown_z(), ElementsAre(2, 0, 0.5F, -1));
  EXPECT_EQ(cursor_name(scene_), "μ of this input");
  move(at(0.8F, 0.6F));
  frame();
  EXPECT_NEAR(scene_.shown_z()[0], 0.8, 1e-2);
  EXPECT_EQ(scene_.shown_z()[2], 0);
  set_slider("rest_4", 1);
  EXPECT_EQ(cursor_name(scene_), "cursor, the rest as set by sliders");
  click(kLeft, at(0.8F, 0.6F));
  frame();
  EXPECT_EQ(cursor_name(scene_), "cursor, the rest as in pin 1");
}

TEST_F(AxesPanelTest, PrincipalAxesShowTheLargestVariance) {
  click_widget("principal");
  fit(true);
  leave();
  frames(40);
  ASSERT_TRUE(scene_.plane().principal());
  EXPECT_NEAR(points_.position(4).x, 3, 1e-4);  // PC 1 is z3, PC 2 is z1
  EXPECT_NEAR(points_.position(0).y, 2, 1e-4);
  EXPECT_TRUE(state_.view.contains(at(3, 0)));
  EXPECT_TRUE(state_.view.contains(at(-3, 0)));
  frames(200);  // the view has come to rest
  move(at(1, -0.5F));
  frame();
  EXPECT_NEAR(scene_.shown_z()[2], 1, 0.02);  // a pointer is on a whole pixel
  EXPECT_NEAR(scene_.shown_z()[0], -0.5, 0.02);
  leave();
  frame();
  EXPECT_TRUE(has("rest_3"));  // PC 3, which is z2
  set_slider("rest_3", 1);
  EXPECT_GT(scene_.shown_z()[1], 2.5F);
}

TEST_F(AxesPanelTest, TheListOfManyDimensionsStaysBesideThePlot) {
  model().spec.latent = 50;
  show_codes(std::vector<float>(100, 0.25F));
  frames(3);
  const auto last = widgets_.find("rest_50"), plot = widgets_.find("plot");
  ASSERT_TRUE(last && plot);
  EXPECT_GE(last->origin.x, plot->origin.x + plot->size.x);
  EXPECT_LE(last->origin.x + last->size.x, latent_place_.origin.x + latent_place_.size.x);
  latent_place_.size.x = 438;  // where there is no room the plot has it
  frames(3);
  EXPECT_FALSE(has("rest_50"));
  for (const char* name : {"principal", "spatial", "sliders"}) {
    EXPECT_LE(widgets_.find(name)->origin.x + widgets_.find(name)->size.x, 10 + 438 - 12) << name;
  }
}

TEST_F(AxesPanelTest, InThreeDimensionsADragTurnsAndThePointerDecodesCodes) {
  LatentKeys keys;
  keys.toggle_spatial = true;
  frame(keys);
  frames(40);
  ASSERT_TRUE(state_.view.orbit);
  EXPECT_TRUE(has("axis_z"));
  for (std::size_t point = 0; point < points_.count(); ++point) {
    EXPECT_TRUE(state_.view.contains(on_screen(point))) << point;
  }
  const Vec2 third = on_screen(4);
  move({std::round(third.x), std::round(third.y)});
  frame();
  EXPECT_EQ(scene_.shown_input(), (PointRef{SplitName::train, 4}));
  EXPECT_THAT(scene_.shown_z(), ElementsAre(0, 0, 3, 0));
  click(kLeft, third);
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_EQ(scene_.pins()[0].source, (PointRef{SplitName::train, 4}));

  const Vec2 corner{state_.view.origin.x + 40, state_.view.origin.y + 40};
  const OrbitCamera before = *state_.view.orbit;
  click(kLeft, corner);  // no code lies there: nothing is pinned
  EXPECT_EQ(scene_.pins().size(), 1U);
  EXPECT_EQ(*state_.view.orbit, before);
  EXPECT_THAT(scene_.shown_z(), ElementsAre(0, 0, 3, 0));  // the pin's
  drag(kLeft, corner, {corner.x + 80, corner.y + 30});
  EXPECT_GT(state_.view.orbit->yaw, before.yaw + 0.3F);
  EXPECT_GT(state_.view.orbit->pitch, before.pitch + 0.1F);
  const OrbitCamera turned = *state_.view.orbit;
  drag_and_lose_the_pointer(kLeft, corner, {corner.x + 20, corner.y});
  EXPECT_NEAR(state_.view.orbit->yaw, turned.yaw + 0.16F, 0.01);
  EXPECT_EQ(state_.view.orbit->pitch, turned.pitch);
  drag_and_lose_the_pointer(kRight, corner, {corner.x + 50, corner.y});
  EXPECT_NEAR(state_.view.orbit->pan_x, 50, 1);
  move(corner);
  wheel(3);
  frame();
  EXPECT_GT(state_.view.orbit->zoom, 1.3F);
  LatentKeys home;
  home.fit = true;
  frame(home);
  EXPECT_EQ(*state_.view.orbit, before);
  EXPECT_TRUE(scene_.paths().empty());
  press(kLeft, corner);
  move({corner.x + 30, corner.y});
  frame();
  frame(keys);  // in the middle of a drag
  move({corner.x + 60, corner.y});
  frames(2);
  release(kLeft);
  frames(3);
  EXPECT_FALSE(state_.view.orbit);
  EXPECT_FALSE(has("axis_z"));
}

}  // namespace
}  // namespace zscape
