// Latent view and preview without a window: a faked mouse, and what it puts into the scene.
#include <array>
#include <functional>

#include "app/gui/panels/inputs/own_image_panel.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "tests/latent_panel_fixture.h"

namespace zscape {
namespace {

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

TEST_F(LatentPanelTest, APointThatIsDimmedIsNotMeant) {
  click_widget("label_3");
  click(kLeft, at(2, 0));
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_FALSE(scene_.pins()[0].source);
}

TEST_F(LatentPanelTest, ADragThatLosesThePointerEndsWhereItWasLast) {
  const Vec2 from = at(-1, -1.5F), to = at(0.5F, 1.5F);
  drag_and_lose_the_pointer(kRight, from, to);
  ASSERT_EQ(scene_.paths().size(), 1U);
  EXPECT_NEAR(scene_.paths()[0].points[1].z[0], 0.5, 0.02);
  EXPECT_NEAR(scene_.paths()[0].points[1].z[1], 1.5, 0.02);

  drag_and_lose_the_pointer(kLeft, at(0.5F, 1.5F), at(1.2F, -0.6F));  // its end
  EXPECT_NEAR(scene_.paths()[0].points[1].z[0], 1.2, 0.02);
  EXPECT_NEAR(scene_.paths()[0].points[1].z[1], -0.6, 0.02);

  const LatentView before = state_.view;
  const Vec2 empty = at(-1.5F, -0.7F);
  drag_and_lose_the_pointer(kLeft, empty, {empty.x + 60, empty.y + 30});
  EXPECT_NEAR(state_.view.center.x, before.center.x - 60 / before.pixels_per_unit, 0.02);
  EXPECT_NEAR(state_.view.center.y, before.center.y + 30 / before.pixels_per_unit, 0.02);
}

TEST_F(LatentPanelTest, AStrokeThatLosesThePointerEndsWhereItWasLast) {
  snapshot_.data = fake_data(32, 32, {28, 28, 1});
  model().spec = reference_spec(ModelKind::vae, *snapshot_.data, 2);
  frame();
  OwnImage own(pictures_);
  own.open = true;
  const auto draw = [&] {
    ImGui::NewFrame();
    widgets_.clear();
    draw_own_image_panel(snapshot_, kModel, own, scene_, pictures_,
                         {theme_, widgets_, latent_place_, time_s_});
    ImGui::Render();
  };
  for (int i = 0; i < 3; ++i) draw();
  const auto canvas = widgets_.find("canvas");
  ASSERT_TRUE(canvas);
  move(canvas->center());
  draw();
  button(kLeft, true);
  draw();
  move({canvas->center().x + 46, canvas->center().y});  // a quarter of its side
  draw();
  leave();
  draw();
  button(kLeft, false);
  draw();
  ASSERT_EQ(own.drawing().strokes.size(), 1U);
  for (const Vec2 place : own.drawing().strokes[0]) {
    EXPECT_NEAR(place.x, 0.5 + (place == own.drawing().strokes[0].front() ? 0 : 0.25), 0.01);
    EXPECT_NEAR(place.y, 0.5, 0.01);
  }
}

TEST_F(LatentPanelTest, HowFarAHandMayGoTheViewStaysInReachAndHomeComesBackAtOnce) {
  frames(3);
  const LatentView fitted = state_.view;
  const Vec2 middle = state_.view.rect().center();
  move(middle);
  for (int notch = 0; notch < 90; ++notch) {
    wheel(-1);
    frame();
  }
  for (int times = 0; times < 40; ++times) drag(kLeft, middle, {middle.x + 300, middle.y});
  EXPECT_FLOAT_EQ(state_.view.center.x, -1e6F);
  drag(kRight, middle, {middle.x - 300, middle.y});
  ASSERT_EQ(scene_.paths().size(), 1U);
  EXPECT_FLOAT_EQ(scene_.paths()[0].points[1].z[0], -1e6F);
  frame({.fit = true});
  frame();
  EXPECT_TRUE(state_.view.same_plane(fitted)) << state_.view.center.x;
}

TEST_F(LatentPanelTest, ThePlotSaysOfWhichStepAndOfHowManyInputsItIs) {
  const auto text = [this] { return moment_text(snapshot_, model(), points_); };
  const std::string all = std::to_string(snapshot_.data->train.count);
  EXPECT_EQ(text(), "6 of " + all + " inputs");
  EXPECT_TRUE(widgets_.find("moment"));
  model().position.step = 208;
  EXPECT_EQ(text(), "6 of " + all + " inputs, step 0");
  std::vector<float> everything(2 * static_cast<std::size_t>(snapshot_.data->train.count));
  show_codes(everything);
  frame();
  EXPECT_EQ(text(), "points of step 0");
  model().position.step = 0;
  frame();
  EXPECT_EQ(text(), "");
  EXPECT_FALSE(widgets_.find("moment"));
  model().position.step = 11052;
  model().past_decoder = std::make_shared<FakeModel>();
  frame();
  EXPECT_EQ(text(), "step 11,052, past");
  EXPECT_TRUE(widgets_.find("moment"));
}

TEST_F(LatentPanelTest, CodesThatLambdaLetGoLeaveAnOutlineThatGoesWithLambdaZero) {
  frames(3);
  model().settings.kl_weight = 0;
  frame();
  EXPECT_FALSE(widgets_.find("former_extent"));  // the codes still fill it
  show_codes({-8, 0, 8, 0, 0, 4, 0, -4, 4, 4, 10, 8});
  frames(60);
  const auto outline = widgets_.find("former_extent");
  ASSERT_TRUE(outline);
  EXPECT_NEAR(outline->origin.x, at(-2, 0).x, 12);
  EXPECT_LT(outline->size.x, 0.5F * (at(10, 0).x - at(-8, 0).x));
  EXPECT_TRUE(widgets_.find("former_step"));
  // The prior holds them again, whatever λ is: the points are of the present λ, and no text says
  // of others.
  for (const double weight : {0.5, 100.0}) {
    model().settings.kl_weight = weight;
    show_codes({0, 0, 0, 0, 0, 0.001F, 0, 0, 0, 0, 0, 0});
    frames(3);
    EXPECT_FALSE(widgets_.find("former_extent"));
    EXPECT_FALSE(widgets_.find("former_step"));
  }
}

TEST(CentroidLabels, OfCentroidsOnOneAnotherAreOne) {
  using Groups = std::vector<std::vector<std::size_t>>;
  const std::vector<Vec2> apart{{0, 0}, {50, 0}, {0, 50}};
  EXPECT_EQ(groups_of(apart, 10), (Groups{{0}, {1}, {2}}));
  const std::vector<Vec2> chained{{0, 0}, {50, 0}, {12, 0}, {6, 0}};  // the last joins two
  EXPECT_EQ(groups_of(chained, 10), (Groups{{1}, {0, 2, 3}}));
  const std::vector<Vec2> collapsed(10, Vec2{300, 300});
  EXPECT_EQ(groups_of(collapsed, 10).size(), 1U);
  EXPECT_TRUE(groups_of({}, 10).empty());
  EXPECT_EQ(name_of_group({"3"}), "3");
  EXPECT_EQ(name_of_group({"3", "5"}), "3, 5");
  EXPECT_EQ(name_of_group(std::vector<std::string>(10, "ankle boot")), "10 classes");
}

TEST_F(LatentPanelTest, AnotherRunTakesOverNoOutline) {
  const auto drifts = [this] {
    show_codes({-8, 0, 8, 0, 0, 4, 0, -4, 4, 4, 10, 8});
    frames(3);
    return widgets_.find("former_extent").has_value();
  };
  const auto begin = [this] {
    ++model().returns;
    show_codes({-1, 0, 1, 0, 0, 1, 0, -1, 0, 0, 0, 0});
    frames(3);
  };
  model().settings.kl_weight = 0;
  const auto learn = [this](int points) {
    for (int i = 0; i < points; ++i) {
      CurvePoint point;
      point.step = i;
      model().curves.train.append(point);
    }
  };
  const auto others = std::to_array<std::function<void()>>({
      [this] { ++model().returns; },              // a stored run
      [this] { ++model().serial; },               // another pane's model
      [this] { model().opened = FileLosses{}; },  // a file
      [this] { model().curves.train = {}; },      // one after another
  });
  for (const auto& another : others) {
    model().curves.train.clear();
    learn(4);
    begin();
    ASSERT_TRUE(drifts());
    another();
    frames(3);
    EXPECT_FALSE(widgets_.find("former_extent"));
    EXPECT_FALSE(widgets_.find("former_step"));
  }
}

TEST_F(LatentPanelTest, TheLinesAtThePlotsTopCoverEachOtherNowhereAndNothingCoversThem) {
  model().settings.kl_weight = 0;
  show_codes({-1, 0, 1, 0, 0, 1, 0, -1, 0, 0, 0, 0});
  for (const float width : {700.0F, 420.0F, 260.0F}) {
    latent_place_.size.x = width;
    show_codes({-1, 0, 1, 0, 0, 1, 0, -1, 0, 0, 0, 0});
    frames(3);
    show_codes({-8, 0, 8, 0, 0, 8, 0, -8, 4, 4, 4, 8});
    model().position.step = 208;
    frames(90);
    const auto moment = widgets_.find("moment"), outline = widgets_.find("former_step");
    ASSERT_TRUE(moment && outline) << width;
    EXPECT_GE(outline->origin.y, moment->high().y);
    for (const auto& line : {*moment, *outline}) {
      EXPECT_GE(line.origin.x, state_.view.origin.x);
      EXPECT_LE(line.high().x, state_.view.rect().high().x);
    }
    // The uppermost point's card makes way.
    if (width < 700) continue;
    move(at(0, 8));
    frames(2);
    const auto card = widgets_.find("card");
    ASSERT_TRUE(card);
    EXPECT_GE(card->origin.y, outline->high().y);
    leave();
  }
}

TEST_F(LatentPanelTest, CodesThatNothingHoldsLeaveAnOutlineFromTheStart) {
  const auto outline_width = [this] {
    const auto outline = widgets_.find("former_extent");
    return outline ? outline->size.x / state_.view.pixels_per_unit : 0;
  };
  // λ = 0 from the first step on, then an autoencoder.
  for (const ModelKind kind : {ModelKind::vae, ModelKind::ae}) {
    state_.drift = {};
    model().spec = reference_spec(kind, *snapshot_.data, 2);
    model().settings.kl_weight = 0;
    show_codes({-1, 0, 1, 0, 0, 1, 0, -1, 0, 0, 0, 0});
    frames(3);
    EXPECT_FALSE(widgets_.find("former_extent"));
    for (const float reach : {2.0F, 4.0F, 8.0F, 16.0F}) {
      show_codes({-reach, 0, reach, 0, 0, reach, 0, -reach, 0, 0, 0, 0});
      frames(60);
      EXPECT_NEAR(outline_width(), reach, 0.15F * reach) << reach;  // half as wide as the codes
    }
    state_.auto_fit = false;
    frame();
    EXPECT_FALSE(widgets_.find("former_extent"));
    state_.auto_fit = true;
    model().past_decoder = std::make_shared<FakeModel>();
    frame();
    EXPECT_FALSE(widgets_.find("former_extent"));  // no mix of the past and the present
    model().past_decoder = nullptr;
  }
  // What the prior holds, and what is fitted at once, does not drift.
  model().spec = reference_spec(ModelKind::pca, *snapshot_.data, 2);
  frame();
  EXPECT_TRUE(state_.drift.extents.empty());
  model().spec = reference_spec(ModelKind::vae, *snapshot_.data, 2);
  model().settings.kl_weight = 1;
  frame();
  EXPECT_TRUE(state_.drift.extents.empty());
}

TEST_F(LatentPanelTest, TheLegendCountsTheWholeSplitWhateverIsShown) {
  EXPECT_EQ(points_.counts()[2], 1);
  int of_two = 0;
  for (std::int64_t row = 0; row < snapshot_.data->train.count; ++row) {
    of_two += snapshot_.data->train.label(row) == 2;
  }
  EXPECT_GT(of_two, 1);
  EXPECT_EQ(points_.totals()[2], of_two);
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
  EXPECT_THAT(path.points[0].z, ElementsAre(-2, 0));
  EXPECT_THAT(path.points[1].z, ElementsAre(2, 0));
  EXPECT_EQ(path.points[1].source, (PointRef{SplitName::train, 1}));
  EXPECT_EQ(path.film().z.size(), 12U);
}

TEST_F(LatentPanelTest, WithThePathToolTheLeftButtonDrawsAndEscapeLeavesIt) {
  frame({.toggle_path_tool = true});
  const Vec2 center = state_.view.center;
  drag(kLeft, at(-1, -1.5F), at(1, -1.5F));
  EXPECT_EQ(scene_.paths().size(), 1U);
  EXPECT_FLOAT_EQ(state_.view.center.x, center.x);
  frame({.escape = true});
  drag(kLeft, at(-1, -0.7F), at(1, -0.7F));
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
  ASSERT_TRUE(preview_.hovered);
  EXPECT_EQ(preview_.hovered->z, scene_.paths()[0].film().z[11]);
}

TEST_F(LatentPanelTest, AClickOnALegendEntryIsolatesItsLabelAndAnotherRestoresAll) {
  click_widget("label_3");
  EXPECT_FALSE(state_.hidden[3]);
  EXPECT_EQ(state_.hidden.count(), 9U);
  click_widget("label_4");
  EXPECT_TRUE(state_.hidden[3]);
  EXPECT_FALSE(state_.hidden[4]);
  click_widget("label_4");
  EXPECT_TRUE(state_.hidden.none());
}

TEST_F(LatentPanelTest, ACtrlClickSwitchesOneLabel) {
  hold_ctrl(true);
  click_widget("label_3");
  click_widget("label_5");
  EXPECT_EQ(state_.hidden.count(), 2U);
  EXPECT_TRUE(state_.hidden[3]);
  click_widget("label_3");
  EXPECT_EQ(state_.hidden.count(), 1U);
  EXPECT_TRUE(state_.hidden[5]);
  hold_ctrl(false);
  click_widget("label_5");  // the plain click isolates, whatever was switched off
  EXPECT_EQ(state_.hidden.count(), 9U);
}

TEST_F(LatentPanelTest, DigitsAndTheListSwitchLayers) {
  LatentKeys keys;
  keys.flip.set(2);
  frame(keys);
  EXPECT_TRUE(state_.layers.shown(Layer::manifold));
  EXPECT_FALSE(widgets_.find("layer_manifold"));
  click_widget("layers");
  frames(2);
  click_widget("layer_manifold");
  EXPECT_FALSE(state_.layers.shown(Layer::manifold));
  click_widget("layer_density");  // the list stays open
  EXPECT_TRUE(state_.layers.shown(Layer::density));
  click_widget("ellipses_all");
  EXPECT_TRUE(state_.layers.ellipses_of_all);
  EXPECT_TRUE(state_.layers.shown(Layer::ellipses));
  scene_.add_pin({0, 0}, std::nullopt, 0);
  frame({.escape = true});  // closes the list, and no more than that
  frames(2);
  EXPECT_FALSE(widgets_.find("layer_manifold"));
  EXPECT_TRUE(scene_.selected_pin());
}

TEST_F(LatentPanelTest, LayersWithoutAPriorAreGreyed) {
  model().spec = reference_spec(ModelKind::ae, *snapshot_.data, 2);
  frames(2);
  LatentKeys keys;
  keys.flip.set(1);
  frame(keys);
  EXPECT_FALSE(state_.layers.shown(Layer::ellipses));
  click_widget("layers");
  frames(2);
  click_widget("layer_ellipses");
  EXPECT_FALSE(state_.layers.shown(Layer::ellipses));
  EXPECT_FALSE(widgets_.find("ellipses_all"));
  click_widget("layer_points");
  EXPECT_FALSE(state_.layers.shown(Layer::points));
}

TEST_F(LatentPanelTest, WithoutThePointsLayerNothingSnapsAndWithoutPinsNoneIsMeant) {
  LatentKeys keys;
  keys.flip.set(0);
  frame(keys);
  click(kLeft, at(2, 0));
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_FALSE(scene_.pins()[0].source);
  keys.flip.reset();
  keys.flip.set(7);
  frame(keys);
  EXPECT_FALSE(state_.layers.shown(Layer::pins));
  click(kLeft, at(2, 0));  // the pin there is not on the screen: this is another one
  EXPECT_EQ(scene_.pins().size(), 2U);
  EXPECT_TRUE(state_.layers.shown(Layer::pins));  // and is seen
}

TEST_F(LatentPanelTest, PointsAreColouredByAChosenValueWithABar) {
  EXPECT_FALSE(widgets_.find("color_bar"));
  click_widget("color_by");
  frames(2);
  click_widget("color_by_1");
  frame();
  EXPECT_EQ(contents_.coloring.choice().by, ColorBy::nearest_centroid);
  EXPECT_TRUE(widgets_.find("agreement"));
  click_widget("color_by");
  frames(2);
  click_widget("color_by_2");
  frame();
  EXPECT_EQ(contents_.coloring.choice().by, ColorBy::reconstruction_error);
  EXPECT_TRUE(widgets_.find("color_bar"));
  EXPECT_TRUE(widgets_.find("label_9"));  // classes can still be isolated
  model().spec = reference_spec(ModelKind::ae, *snapshot_.data, 2);
  frames(2);
  click_widget("color_by");
  frames(2);
  click_widget("color_by_3");  // KL: greyed
  EXPECT_EQ(state_.color_by.by, ColorBy::reconstruction_error);
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

TEST_F(LatentPanelTest, TheAxesStayInsideANarrowPanel) {
  model().spec.latent = 20;
  show_codes(std::vector<float>(40, 0.25F));
  latent_place_.size.x = 438;  // in a window of 1024×700
  frames(3);
  for (const char* name : {"axis_x", "axis_y"}) {
    const auto place = widgets_.find(name);
    ASSERT_TRUE(place) << name;
    EXPECT_LE(place->origin.x + place->size.x, latent_place_.origin.x + latent_place_.size.x - 14);
  }
}

TEST_F(LatentPanelTest, ManyCoordinatesTakeThreeRowsAtMost) {
  model().spec.latent = 200;
  show_codes(std::vector<float>(400, 0.25F));
  frames(3);
  const auto place = widgets_.find("z_numbers");
  ASSERT_TRUE(place);
  EXPECT_LE(place->origin.x + place->size.x, 720 + 366 - 14);
  EXPECT_NEAR(place->size.y, 3 * theme_.small->FontSize, 1);
}

TEST_F(LatentPanelTest, TheLegendIsAsHighForFewCodesAsForMany) {
  for (float width = 300; width < 800; width += 10) {
    latent_place_.size.x = width;
    show_codes({-2, 0, 2, 0});
    frames(2);
    const float few = state_.view.origin.y;
    model().train_sample = nullptr;
    frames(2);
    EXPECT_EQ(state_.view.origin.y, few) << width;
    show_codes(std::vector<float>(2000, 0.25F));
    frames(2);
    EXPECT_EQ(state_.view.origin.y, few) << width;
  }
}

TEST_F(LatentPanelTest, NoLabelIsWrittenOverAnother) {
  frame();
  ImDrawList list(ImGui::GetDrawListSharedData());
  list._ResetForNewFrame();
  list.PushClipRectFullScreen();
  list.PushTextureID(ImGui::GetIO().Fonts->TexID);
  PlacedLabels labels(list, state_.view, theme_);
  const Vec2 at = state_.view.rect().center();
  const Vec2 beside{at.x + 3, at.y + 4}, free{at.x, at.y + 60};
  EXPECT_TRUE(labels.put({&at, 1}, "first", color::kText));
  EXPECT_FALSE(labels.put({&beside, 1}, "second", color::kText));
  const std::array corners{beside, free};
  EXPECT_TRUE(labels.put(corners, "third", color::kText));
  EXPECT_EQ(labels.taken().size(), 2U);
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
