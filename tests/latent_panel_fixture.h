#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <imgui.h>

#include <cfloat>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "app/gui/panels/latent/latent_panel.h"
#include "app/gui/panels/preview/preview_panel.h"
#include "tests/fake_backend.h"

namespace zscape {

using ::testing::ElementsAre;

constexpr ModelId kModel{};
constexpr int kLeft = ImGuiMouseButton_Left;
constexpr int kRight = ImGuiMouseButton_Right;

// Codes of the first inputs of the training part.
inline CodesPtr codes_of(std::vector<float> mean, int latent, const Dataset& data) {
  static std::uint64_t revision = 0;
  auto codes = std::make_shared<Codes>();
  codes->latent = latent;
  std::vector<std::int64_t> rows;
  for (std::size_t i = 0; i < mean.size() / static_cast<std::size_t>(latent); ++i) {
    rows.push_back(static_cast<std::int64_t>(i) % data.train.count);
  }
  codes->indices = std::make_shared<const std::vector<std::int64_t>>(std::move(rows));
  codes->mean = std::move(mean);
  codes->revision = ++revision;
  return codes;
}

// A window without pixels, and a faked mouse in it.
class UnseenWindowTest : public ::testing::Test {
 protected:
  UnseenWindowTest() {
    ImGui::CreateContext();
    ImGui::GetIO().IniFilename = nullptr;
    ImGui::GetIO().DisplaySize = {1200, 900};
    theme_ = make_theme(1, false);
    snapshot_.data = fake_data();
  }
  ~UnseenWindowTest() override { ImGui::DestroyContext(); }

  virtual void draw_panels(const LatentKeys& keys) = 0;

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

  void hold_ctrl(bool down) {
#if IMGUI_VERSION_NUM >= 18900
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Ctrl, down);
#elif IMGUI_VERSION_NUM >= 18700
    ImGui::GetIO().AddKeyEvent(ImGuiKey_ModCtrl, down);
#else
    ImGui::GetIO().KeyCtrl = down;
#endif
  }

  void frame(const LatentKeys& keys = {}) {
    time_s_ += 1.0 / 60;
    ImGui::GetIO().DeltaTime = 1.0F / 60;
    ImGui::NewFrame();
    widgets_.clear();
    draw_panels(keys);
    ImGui::Render();
  }
  void frames(int count) {
    for (int i = 0; i < count; ++i) frame();
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
  void click_widget(const char* name, int which = kLeft) {
    const auto place = widgets_.find(name);
    ASSERT_TRUE(place) << name;
    click(which, place->center());
  }

  Theme theme_;
  WidgetMap widgets_;
  Snapshot snapshot_;
  double time_s_ = 1;
};

// Six codes: row i has the label i.
class LatentPanelTest : public UnseenWindowTest {
 protected:
  LatentPanelTest() {
    ModelView view;
    view.spec = reference_spec(ModelKind::vae, *snapshot_.data, 2);
    view.state = RunState::paused;
    snapshot_.models.push_back(view);
    show_codes({-2, 0, 2, 0, 0, 1, 0, -1, 1, 1, 2.5F, 2});
    leave();
    frames(3);
  }

  ModelView& model() { return snapshot_.models.front(); }

  void show_codes(std::vector<float> mean) {
    model().train_sample = codes_of(std::move(mean), model().spec.latent, *snapshot_.data);
  }

  void draw_panels(const LatentKeys& keys) override {
    scene_.set_model(model().spec, snapshot_.data);
    points_.update(model(), snapshot_.data, state_.split, scene_.plane(), time_s_);
    if (snapshot_.data) {
      follow_data(state_.metadata, snapshot_.data.get());
      contents_.follow(points_, model(), *snapshot_.data, state_.color_by, state_.metadata);
    }
    draw_latent_panel(snapshot_, kModel,
                      {points_, pictures_, contents_, keys, {}, false, nullptr, &selection_},
                      scene_, state_, {theme_, widgets_, latent_place_, time_s_});
    contents_.fill(state_.layers, points_, state_.hidden, scene_,
                   {state_.view, 1, time_s_, false, &selection_});
    draw_preview_panel(snapshot_, kModel, pictures_, scene_, preview_,
                       {theme_, widgets_, preview_place_, time_s_});
  }

  Vec2 at(float x, float y) const { return state_.view.to_screen({x, y}); }
  void drag(int which, Vec2 from, Vec2 to) {
    press(which, from);
    for (int step = 1; step <= 4; ++step) {
      const float part = static_cast<float>(step) / 4;
      move({from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part});
      frame();
    }
    release(which);
  }
  // As when the window is minimised in mid-drag: the pointer is nowhere when the button comes up.
  void drag_and_lose_the_pointer(int which, Vec2 from, Vec2 to) {
    press(which, from);
    move(to);
    frame();
    leave();
    frame();
    release(which);
  }
  Pictures pictures_;
  Scene scene_{pictures_};
  Points points_;
  LayerContents contents_{pictures_};
  Selection selection_;
  LatentPanelState state_;
  PreviewPanelState preview_;
  // So high that the plot's middle is a whole pixel: a pointer is nowhere else.
  Rect latent_place_{{10, 10}, {700, 801}};
  Rect preview_place_{{720, 10}, {366, 880}};
};

}  // namespace zscape
