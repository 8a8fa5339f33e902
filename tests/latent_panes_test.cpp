// Two latent views side by side: one toolbar, one cursor, one active pane.
#include "app/gui/panels/latent/latent_panes.h"

#include <array>

#include "app/gui/panels/controls/controls_panel.h"
#include "app/gui/view/latent/comparison.h"
#include "tests/latent_panel_fixture.h"

namespace zscape {
namespace {

// A pane without pixels.
struct PaneParts {
  Pictures pictures;
  Scene scene{pictures};
  Points points;
  LayerContents contents{pictures};
  LatentPanelState state;
};

class LatentPanesTest : public UnseenWindowTest {
 protected:
  LatentPanesTest() {
    open(ModelKind::vae, {-2, 0, 2, 0, 0, 1, 0, -1});
    open(ModelKind::vae, {1, 1, -1, 1, 1, -1, -1, -1});
    leave();
    frames(3);
  }

  void open(ModelKind kind, std::vector<float> mean) {
    ModelView view;
    view.id = ModelId{static_cast<std::uint32_t>(snapshot_.models.size())};
    view.spec = reference_spec(kind, *snapshot_.data, 2);
    view.state = RunState::paused;
    view.train_sample = codes_of(std::move(mean), 2, *snapshot_.data);
    snapshot_.models.push_back(std::move(view));
  }

  void draw_panels(const LatentKeys& keys) override {
    for (std::size_t i = 0; i < snapshot_.models.size(); ++i) {
      const ModelView& model = snapshot_.models[i];
      PaneParts& pane = parts_[i];
      pane.scene.set_model(model.spec, snapshot_.data);
      pane.points.update(model, snapshot_.data, pane.state.split, pane.scene.plane(), time_s_);
      pane.contents.follow(pane.points, model, *snapshot_.data, pane.state.color_by);
    }
    std::vector<LatentPane> panes;
    for (std::size_t i = 0; i < snapshot_.models.size(); ++i) panes.push_back(pane(i, keys));
    draw_latent_panes(panes, views_, {theme_, widgets_, {{10, 10}, {900, 600}}, time_s_});
    const Rect controls{{920, 10}, {270, 600}};
    draw_controls_panel(snapshot_, ModelId{static_cast<std::uint32_t>(views_.active)}, controls_,
                        {theme_, widgets_, controls, time_s_});
  }
  LatentPane pane(std::size_t i, const LatentKeys& keys) {
    PaneParts& parts = parts_[i];
    LatentPanelInput input{
        parts.points, parts.pictures, parts.contents, views_.active == i ? keys : LatentKeys{}, {}};
    input.compare = &compare_;
    return {snapshot_, snapshot_.models[i].id, input, parts.scene, parts.state};
  }
  Vec2 at(std::size_t pane, float x, float y) const {
    return parts_[pane].state.view.to_screen({x, y});
  }

  std::array<PaneParts, 3> parts_;
  LatentPanesState views_;
  CompareMenuState compare_;
  ControlsPanelState controls_;
};

TEST_F(LatentPanesTest, BothPlotsLieSideBySideAndDoNotOverlap) {
  const auto left = widgets_.find("plot"), right = widgets_.find("second_plot");
  ASSERT_TRUE(left && right);
  EXPECT_LT(left->origin.x + left->size.x, right->origin.x);
  EXPECT_NEAR(left->size.x, right->size.x, 2);
  EXPECT_EQ(left->origin.y, right->origin.y);
  EXPECT_LE(right->origin.x + right->size.x, 910);
  EXPECT_GT(left->size.y, 400);
}

TEST_F(LatentPanesTest, TheOtherPaneShowsTheSameZInTheSameFrame) {
  move(at(0, 0.5F, -0.75F));
  frame();
  EXPECT_TRUE(parts_[0].state.pointer_inside);
  EXPECT_FALSE(parts_[1].state.pointer_inside);
  EXPECT_EQ(parts_[1].scene.shown_z(), parts_[0].scene.shown_z());
  EXPECT_NEAR(parts_[1].scene.shown_z()[0], 0.5F, 0.02F);
  // And the other way round.
  move(at(1, -0.25F, 1));
  frame();
  EXPECT_TRUE(parts_[1].state.pointer_inside);
  EXPECT_NEAR(parts_[0].scene.shown_z()[0], -0.25F, 0.02F);
  EXPECT_EQ(parts_[1].scene.shown_z(), parts_[0].scene.shown_z());
  ASSERT_TRUE(views_.link());
  EXPECT_EQ(views_.link()->by, LinkBy::z);
}

TEST_F(LatentPanesTest, ByInputTheOtherShowsTheCodeOfTheNearestInput) {
  snapshot_.models[1].spec = reference_spec(ModelKind::ae, *snapshot_.data, 2);
  frames(2);
  move(at(0, 1.9F, 0.1F));  // beside row 1
  frame();
  ASSERT_TRUE(views_.links[1] && views_.links[1]->input);
  EXPECT_EQ(views_.links[1]->input->index, 1);
  EXPECT_THAT(parts_[1].scene.shown_z(), ElementsAre(-1, 1));
  ASSERT_TRUE(parts_[1].state.nearest);
  EXPECT_EQ(parts_[1].state.nearest->point, 1U);
  EXPECT_EQ(parts_[1].scene.shown_input(), parts_[0].scene.shown_input());
}

TEST_F(LatentPanesTest, AClickMakesAPaneTheActiveOneAndPinsOnlyThere) {
  EXPECT_EQ(views_.active, 0U);
  click(kLeft, at(1, 0.5F, 0.5F));
  EXPECT_EQ(views_.active, 1U);
  EXPECT_EQ(parts_[1].scene.pins().size(), 1U);
  EXPECT_TRUE(parts_[0].scene.pins().empty());
  click_widget("pane_header");
  EXPECT_EQ(views_.active, 0U);
  EXPECT_TRUE(parts_[0].scene.pins().empty());
}

TEST_F(LatentPanesTest, TheToolbarIsForBoth) {
  click_widget("split_test");
  EXPECT_EQ(parts_[0].state.split, SplitName::test);
  EXPECT_EQ(parts_[1].state.split, SplitName::test);
  LatentKeys keys;
  keys.flip.set(static_cast<std::size_t>(Layer::density));
  frame(keys);
  EXPECT_TRUE(parts_[0].state.layers.shown(Layer::density));
  EXPECT_TRUE(parts_[1].state.layers.shown(Layer::density));
}

TEST_F(LatentPanesTest, EachPaneKeepsItsOwnView) {
  const float before = parts_[1].state.view.pixels_per_unit;
  move(at(0, 0, 0));
  frame();
  wheel(2);
  frames(2);
  EXPECT_FALSE(parts_[0].state.auto_fit);
  EXPECT_TRUE(parts_[1].state.auto_fit);
  EXPECT_FLOAT_EQ(parts_[1].state.view.pixels_per_unit, before);
}

TEST_F(LatentPanesTest, ADragKeepsItsPaneBeyondTheBorder) {
  move(at(0, 0, 0));
  frame();
  button(kLeft, true);
  frame();
  const float center = parts_[0].state.view.center.x;
  move(at(1, 0, 0));
  frames(2);
  EXPECT_EQ(views_.leader, 0U);
  EXPECT_NE(parts_[0].state.view.center.x, center);
  button(kLeft, false);
  frame();
  EXPECT_TRUE(parts_[0].scene.pins().empty());
}

TEST_F(LatentPanesTest, TheBorderBetweenThemCanBeDragged) {
  const Vec2 handle = widgets_.find("pane_border")->center();
  const float before = widgets_.find("plot")->size.x;
  move(handle);
  frame();
  button(kLeft, true);
  frame();
  move({handle.x - 120, handle.y});
  frames(2);
  button(kLeft, false);
  frame();
  EXPECT_NEAR(widgets_.find("plot")->size.x, before - 120, 3);
  EXPECT_NEAR(widgets_.find("second_plot")->size.x, before + 120, 3);
}

TEST_F(LatentPanesTest, TheCrossAndTheButtonCloseTheSecond) {
  click_widget("second_compare_close");
  EXPECT_EQ(views_.close, 1U);
  click_widget("compare");
  frames(2);
  click_widget("compare_close_1");
  EXPECT_EQ(compare_.closing, ModelId{1});
}

TEST_F(LatentPanesTest, PanesSwapPlacesAndKeepTheirModels) {
  const float left = widgets_.find("plot")->origin.x,
              right = widgets_.find("second_plot")->origin.x;
  click_widget("compare");
  frames(2);
  click_widget("compare_swap");
  leave();
  frames(2);
  EXPECT_EQ(widgets_.find("second_plot")->origin.x, left);
  EXPECT_NEAR(widgets_.find("plot")->origin.x, right, 2);
  EXPECT_THAT(order_of(views_, 2), ElementsAre(1, 0));
  move(at(1, 0, 0));
  frame();
  EXPECT_TRUE(parts_[1].state.pointer_inside);        // the model at the left now
  open(ModelKind::ae, {2, 2, -2, 2, 2, -2, -2, -2});  // a third: as they come
  frames(3);
  EXPECT_LT(widgets_.find("plot")->origin.x, widgets_.find("second_plot")->origin.x);
  compare_.swaps = true;
  frames(2);
  EXPECT_THAT(order_of(views_, 3), ElementsAre(1, 2, 0));
  EXPECT_LT(widgets_.find("pane3_plot")->origin.x, widgets_.find("plot")->origin.x);
}

TEST_F(LatentPanesTest, AxesShareTheirScaleOrTheirExtent) {
  snapshot_.models[0].spec = reference_spec(ModelKind::ae, *snapshot_.data, 2);
  snapshot_.models[1].spec = snapshot_.models[0].spec;
  snapshot_.models[1].train_sample = std::make_shared<Codes>([this] {
    Codes far = *snapshot_.models[1].train_sample;
    far.mean = {10, 10, 18, 10, 10, 14, 18, 14};
    far.revision = 1000;
    return far;
  }());
  const auto rest = [this] {
    leave();
    frames(120);
  };
  const LatentView& first = parts_[0].state.view;
  const LatentView& second = parts_[1].state.view;
  rest();
  EXPECT_GT(first.pixels_per_unit, 1.5F * second.pixels_per_unit);
  compare_.axes = SharedAxes::scale;
  rest();
  EXPECT_NEAR(first.pixels_per_unit, second.pixels_per_unit, 0.01F * second.pixels_per_unit);
  EXPECT_NEAR(first.center.x, 0, 0.1F);
  EXPECT_NEAR(second.center.x, 14, 0.1F);
  EXPECT_TRUE(parts_[1].state.auto_fit);
  compare_.axes = SharedAxes::extent;
  rest();
  EXPECT_NEAR(first.pixels_per_unit, second.pixels_per_unit, 0.01F * second.pixels_per_unit);
  EXPECT_NEAR(first.center.x, second.center.x, 0.05F);
  EXPECT_LT(at(0, 18, 14).x, first.rect().high().x);  // both see the codes of both
  EXPECT_GT(at(1, -2, 0).x, second.origin.x);
  // Whoever is moved takes the other along.
  move(at(1, 10, 5));
  frame();
  wheel(3);
  frames(2);
  EXPECT_FALSE(parts_[0].state.auto_fit);
  EXPECT_EQ(first.pixels_per_unit, second.pixels_per_unit);
  EXPECT_EQ(first.center, second.center);
  compare_.axes = SharedAxes::own;
  leave();
  LatentKeys home;
  home.fit = true;
  frame(home);
  frames(120);
  EXPECT_NEAR(first.center.x, 0, 0.1F);
}

TEST_F(LatentPanesTest, ThreeLieSideBySideWithOneCursor) {
  open(ModelKind::ae, {2, 2, -2, 2, 2, -2, -2, -2});
  frames(3);
  const auto second = widgets_.find("second_plot"), third = widgets_.find("pane3_plot");
  ASSERT_TRUE(second && third);
  EXPECT_LT(second->origin.x + second->size.x, third->origin.x);
  EXPECT_NEAR(second->size.x, third->size.x, 2);
  EXPECT_LE(third->origin.x + third->size.x, 910);
  move(at(0, 1.9F, 0.1F));  // beside row 1
  frame();
  EXPECT_EQ(parts_[1].scene.shown_z(), parts_[0].scene.shown_z());  // by z
  ASSERT_TRUE(views_.links[2] && views_.links[2]->input);           // by input
  EXPECT_EQ(views_.links[2]->input->index, 1);
  EXPECT_THAT(parts_[2].scene.shown_z(), ElementsAre(-2, 2));
  click(kLeft, at(2, 0, 0));
  EXPECT_EQ(views_.active, 2U);
  const float before = third->size.x;
  const Vec2 border = widgets_.find("pane_border_2")->center();
  move(border);
  frame();
  button(kLeft, true);
  frame();
  move({border.x - 60, border.y});
  frames(2);
  button(kLeft, false);
  frame();
  EXPECT_NEAR(widgets_.find("pane3_plot")->size.x, before + 60, 3);
  EXPECT_NEAR(widgets_.find("second_plot")->size.x, before - 60, 3);
  click_widget("pane3_compare_close");
  EXPECT_EQ(views_.close, 2U);
}

TEST_F(LatentPanesTest, TheControlsSayWhichModelTheyAreAbout) {
  EXPECT_TRUE(widgets_.find("choose_model_0"));
  click_widget("choose_model_1");
  ASSERT_TRUE(controls_.chosen_model);
  EXPECT_EQ(*controls_.chosen_model, ModelId{1});
}

TEST_F(LatentPanesTest, TheListOpensByItsKeyAndAsksForASecondModel) {
  snapshot_.models.pop_back();
  const auto single = [this] {
    time_s_ += 1.0 / 60;
    ImGui::NewFrame();
    widgets_.clear();
    LatentPane first = pane(0, {});
    draw_latent_panel(snapshot_, kFirstModel, first.input, first.scene, first.state,
                      {theme_, widgets_, {{10, 10}, {900, 600}}, time_s_});
    ImGui::Render();
  };
  compare_.opens = true;
  for (int i = 0; i < 3; ++i) single();
  const auto row = widgets_.find("compare_lambda_0");
  ASSERT_TRUE(row);
  move(row->center());
  single();
  button(kLeft, true);
  single();
  button(kLeft, false);
  single();
  ASSERT_EQ(compare_.commands.size(), 1U);
  const AddModel& asked = std::get<AddModel>(compare_.commands[0]);
  EXPECT_EQ(asked.model, ModelId{1});
  EXPECT_EQ(asked.kl_weight, 0);
  EXPECT_EQ(asked.spec, snapshot_.models[0].spec);
}

}  // namespace
}  // namespace zscape
