// Two latent views side by side: one toolbar, one cursor, one active pane.
#include "app/gui/panels/latent/latent_pair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cfloat>

#include "app/gui/panels/controls/controls_panel.h"
#include "app/gui/panels/preview/preview_panel.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

using ::testing::ElementsAre;

// A pane without pixels.
struct PaneParts {
  Pictures pictures;
  Scene scene{pictures};
  Points points;
  LayerContents contents{pictures};
  LatentPanelState state;
};

class LatentPairTest : public ::testing::Test {
 protected:
  LatentPairTest() {
    ImGui::CreateContext();
    ImGui::GetIO().IniFilename = nullptr;
    ImGui::GetIO().DisplaySize = {1200, 900};
    theme_ = make_theme(1, false);
    snapshot_.data = fake_data();
    open(ModelKind::vae, {-2, 0, 2, 0, 0, 1, 0, -1});
    open(ModelKind::vae, {1, 1, -1, 1, 1, -1, -1, -1});
    move({-FLT_MAX, -FLT_MAX});
    frames(3);
  }
  ~LatentPairTest() override { ImGui::DestroyContext(); }

  void open(ModelKind kind, std::vector<float> mean) {
    static std::uint64_t revision = 0;
    ModelView view;
    view.id = ModelId{static_cast<std::uint32_t>(snapshot_.models.size())};
    view.spec = reference_spec(kind, *snapshot_.data, 2);
    view.state = RunState::paused;
    auto codes = std::make_shared<Codes>();
    codes->latent = 2;
    codes->indices =
        std::make_shared<const std::vector<std::int64_t>>(std::vector<std::int64_t>{0, 1, 2, 3});
    codes->mean = std::move(mean);
    codes->revision = ++revision;
    view.train_sample = std::move(codes);
    snapshot_.models.push_back(std::move(view));
  }

  void move(Vec2 to) {
#if IMGUI_VERSION_NUM >= 18700
    ImGui::GetIO().AddMousePosEvent(to.x, to.y);
#else
    ImGui::GetIO().MousePos = {to.x, to.y};
#endif
  }
  void button(bool down) {
#if IMGUI_VERSION_NUM >= 18700
    ImGui::GetIO().AddMouseButtonEvent(0, down);
#else
    ImGui::GetIO().MouseDown[0] = down;
#endif
  }

  void frame(LatentKeys keys = {}) {
    time_s_ += 1.0 / 60;
    ImGui::GetIO().DeltaTime = 1.0F / 60;
    ImGui::NewFrame();
    widgets_.clear();
    for (std::size_t i = 0; i < 2; ++i) {
      const ModelView& model = snapshot_.models[i];
      PaneParts& pane = parts_[i];
      pane.scene.set_model(model.spec, snapshot_.data);
      pane.points.update(model, snapshot_.data, pane.state.split, pane.scene.plane(), time_s_);
      pane.contents.follow(pane.points, model, *snapshot_.data, pane.state.color_by);
    }
    std::array<LatentPane, 2> panes{{pane(0, keys), pane(1, keys)}};
    draw_latent_pair(panes, pair_, {theme_, widgets_, {{10, 10}, {900, 600}}, time_s_});
    const Rect controls{{920, 10}, {270, 600}};
    draw_controls_panel(snapshot_, ModelId{static_cast<std::uint32_t>(pair_.active)}, controls_,
                        {theme_, widgets_, controls, time_s_});
    ImGui::Render();
  }
  LatentPane pane(std::size_t i, const LatentKeys& keys) {
    PaneParts& parts = parts_[i];
    LatentPanelInput input{
        parts.points, parts.pictures, parts.contents, pair_.active == i ? keys : LatentKeys{}, {}};
    input.compare = &compare_;
    return {snapshot_, snapshot_.models[i].id, input, parts.scene, parts.state};
  }
  void frames(int count) {
    for (int i = 0; i < count; ++i) frame();
  }
  void click(Vec2 place) {
    move(place);
    frame();
    button(true);
    frame();
    button(false);
    frame();
  }
  void click_widget(const char* name) {
    const auto place = widgets_.find(name);
    ASSERT_TRUE(place) << name;
    click(place->center());
  }
  Vec2 at(std::size_t pane, float x, float y) const {
    return parts_[pane].state.view.to_screen({x, y});
  }

  Theme theme_;
  WidgetMap widgets_;
  Snapshot snapshot_;
  std::array<PaneParts, 2> parts_;
  LatentPairState pair_;
  CompareMenuState compare_;
  ControlsPanelState controls_;
  double time_s_ = 1;
};

TEST_F(LatentPairTest, BothPlotsLieSideBySideAndDoNotOverlap) {
  const auto left = widgets_.find("plot"), right = widgets_.find("second_plot");
  ASSERT_TRUE(left && right);
  EXPECT_LT(left->origin.x + left->size.x, right->origin.x);
  EXPECT_NEAR(left->size.x, right->size.x, 2);
  EXPECT_EQ(left->origin.y, right->origin.y);
  EXPECT_LE(right->origin.x + right->size.x, 910);
  EXPECT_GT(left->size.y, 400);
}

TEST_F(LatentPairTest, TheOtherPaneShowsTheSameZInTheSameFrame) {
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
  ASSERT_TRUE(pair_.link);
  EXPECT_EQ(pair_.link->by, LinkBy::z);
}

TEST_F(LatentPairTest, ByInputTheOtherShowsTheCodeOfTheNearestInput) {
  snapshot_.models[1].spec = reference_spec(ModelKind::ae, *snapshot_.data, 2);
  frames(2);
  move(at(0, 1.9F, 0.1F));  // beside row 1
  frame();
  ASSERT_TRUE(pair_.link && pair_.link->input);
  EXPECT_EQ(pair_.link->input->index, 1);
  EXPECT_THAT(parts_[1].scene.shown_z(), ElementsAre(-1, 1));
  ASSERT_TRUE(parts_[1].state.nearest);
  EXPECT_EQ(parts_[1].state.nearest->point, 1U);
  EXPECT_EQ(parts_[1].scene.shown_input(), parts_[0].scene.shown_input());
}

TEST_F(LatentPairTest, AClickMakesAPaneTheActiveOneAndPinsOnlyThere) {
  EXPECT_EQ(pair_.active, 0U);
  click(at(1, 0.5F, 0.5F));
  EXPECT_EQ(pair_.active, 1U);
  EXPECT_EQ(parts_[1].scene.pins().size(), 1U);
  EXPECT_TRUE(parts_[0].scene.pins().empty());
  click_widget("pane_header");
  EXPECT_EQ(pair_.active, 0U);
  EXPECT_TRUE(parts_[0].scene.pins().empty());
}

TEST_F(LatentPairTest, TheToolbarIsForBoth) {
  click_widget("split_test");
  EXPECT_EQ(parts_[0].state.split, SplitName::test);
  EXPECT_EQ(parts_[1].state.split, SplitName::test);
  LatentKeys keys;
  keys.flip.set(static_cast<std::size_t>(Layer::density));
  frame(keys);
  EXPECT_TRUE(parts_[0].state.layers.shown(Layer::density));
  EXPECT_TRUE(parts_[1].state.layers.shown(Layer::density));
}

TEST_F(LatentPairTest, EachPaneKeepsItsOwnView) {
  const float before = parts_[1].state.view.pixels_per_unit;
  move(at(0, 0, 0));
  frame();
#if IMGUI_VERSION_NUM >= 18700
  ImGui::GetIO().AddMouseWheelEvent(0, 2);
#else
  ImGui::GetIO().MouseWheel = 2;
#endif
  frames(2);
  EXPECT_FALSE(parts_[0].state.auto_fit);
  EXPECT_TRUE(parts_[1].state.auto_fit);
  EXPECT_FLOAT_EQ(parts_[1].state.view.pixels_per_unit, before);
}

TEST_F(LatentPairTest, ADragKeepsItsPaneBeyondTheBorder) {
  move(at(0, 0, 0));
  frame();
  button(true);
  frame();
  const float center = parts_[0].state.view.center.x;
  move(at(1, 0, 0));
  frames(2);
  EXPECT_EQ(pair_.leader, 0U);
  EXPECT_NE(parts_[0].state.view.center.x, center);
  button(false);
  frame();
  EXPECT_TRUE(parts_[0].scene.pins().empty());
}

TEST_F(LatentPairTest, TheBorderBetweenThemCanBeDragged) {
  const Vec2 handle = widgets_.find("pane_border")->center();
  const float before = widgets_.find("plot")->size.x;
  move(handle);
  frame();
  button(true);
  frame();
  move({handle.x - 120, handle.y});
  frames(2);
  button(false);
  frame();
  EXPECT_NEAR(widgets_.find("plot")->size.x, before - 120, 3);
  EXPECT_NEAR(widgets_.find("second_plot")->size.x, before + 120, 3);
}

TEST_F(LatentPairTest, TheCrossAndTheButtonCloseTheSecond) {
  click_widget("second_compare_close");
  EXPECT_TRUE(pair_.close);
  click_widget("compare");
  EXPECT_TRUE(compare_.closes);
}

TEST_F(LatentPairTest, TheControlsSayWhichModelTheyAreAbout) {
  EXPECT_TRUE(widgets_.find("choose_model_0"));
  click_widget("choose_model_1");
  ASSERT_TRUE(controls_.chosen_model);
  EXPECT_EQ(*controls_.chosen_model, kSecondModel);
}

TEST_F(LatentPairTest, TheListOpensByItsKeyAndAsksForASecondModel) {
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
  button(true);
  single();
  button(false);
  single();
  ASSERT_EQ(compare_.commands.size(), 1U);
  const AddModel& asked = std::get<AddModel>(compare_.commands[0]);
  EXPECT_EQ(asked.model, kSecondModel);
  EXPECT_EQ(asked.kl_weight, 0);
  EXPECT_EQ(asked.spec, snapshot_.models[0].spec);
}

}  // namespace
}  // namespace zscape
